from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, IdentificationError, UnknownNodeError
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification.mediators import mediation
from tests.identification.structural_models import StructuralModel, Table, random_graph

N_GRAPHS = 600


def parse(statements, latent=""):
    hidden = "".join(f"{node} [latent];" for node in latent.split())
    return read_dagitty(f"dag {{ {hidden} {statements} }}")


def test_the_mediation_formula():
    # Pearl 2001: with one set c for all, sum over c and m of P(y | x, m, c) P(m | x0, c) P(c).
    found = mediation(parse("c -> {x m y}; x -> {m y}; m -> y"), "x", "y", "m")
    assert str(found.natural.expression) == "Σ_{c, m} P(y | x, m, c) P(m | x₀, c) P(c)"
    assert str(found.controlled.expression) == "Σ_{c} P(c) P(y | c, x, m)"
    assert str(found.total.expression) == "Σ_{c} P(y | x, c) P(c)"


def test_each_confounding_has_its_own_set():
    # Pearl 2014, figure 5: a closes off mediator and outcome, b treatment and mediator, c treatment and outcome.
    found = mediation(parse("a -> {m y}; b -> {x m}; c -> {x y}; x -> {m y}; m -> y"), "x", "y", "m")
    sets = dict(found.natural.sets)
    assert sets["between m and y"] == ("a",)
    assert set(sets["between x and m"]) == {"a", "b"}
    assert set(sets["between x, m and y"]) == {"a", "c"}


def test_a_set_for_one_confounding_opens_another_that_is_closed_too():
    # w closes m and y off from each other, and ties x to m through the latent c: a must be there as well.
    graph = parse("x -> {m y}; m -> y; c -> {w m}; w -> y; a -> {x w}", "c")
    found = mediation(graph, "x", "y", "m").natural
    assert dict(found.sets)["between m and y"] == ("w",)
    assert set(dict(found.sets)["between x and m"]) == {"a", "w"}
    assert_true(found.expression, StructuralModel(graph, 0), natural, "x", "y", ("m",), 0)


def test_a_confounder_that_the_treatment_moves_leaves_interventional_effects_only():
    # VanderWeele, Vansteelandt, Robins 2014, figure 1.
    found = mediation(parse("x -> {l m y}; l -> {m y}; m -> y"), "x", "y", "m")
    assert not found.natural
    assert "'l' lies on x -> l -> y, which belongs to the effect, and on x -> l -> m -> y" in found.natural.reason
    assert found.total
    assert found.controlled
    assert dict(found.controlled.sets) == {"at x": (), "at m": ("l",)}
    assert str(found.interventional.expression) == "Σ_{m} P(m | x₀) Σ_{l} P(l | x) P(y | x, l, m)"


def test_hidden_confounding_of_the_mediator_leaves_the_total_effect_only():
    found = mediation(parse("x -> {m y}; m -> y; u -> {m y}", "u"), "x", "y", "m")
    assert [bool(e) for e in (found.total, found.controlled, found.natural, found.interventional)] == [True] + [
        False
    ] * 3
    assert "not identified" in str(found)


def test_bad_input_is_refused():
    graph = parse("x -> {m y}; m -> {y z}; c -> y; u -> y; x -> u", "u")
    with pytest.raises(GraphError, match=r"'z' is no mediator.*Nodes between them are \['m', 'u'\]"):
        mediation(graph, "x", "y", ["z", "m"])
    with pytest.raises(GraphError, match="mediator 'u' is latent"):
        mediation(graph, "x", "y", "u")
    with pytest.raises(GraphError, match="needs a mediator"):
        mediation(graph, "x", "y", ())
    with pytest.raises(GraphError, match="'y' is no mediator"):
        mediation(graph, "x", "y", "y")
    with pytest.raises(UnknownNodeError, match="'q'"):
        mediation(graph, "x", "y", "q")


def test_selected_rows_are_refused():
    graph = CausalGraph([("x", "m"), ("m", "y"), ("s", "y"), ("w", "y")], roles={"w": "selected"})
    with pytest.raises(IdentificationError, match="Every row has 'w'"):
        mediation(graph, "x", "y", "m")


@pytest.mark.parametrize("first", range(0, N_GRAPHS, 150))
def test_every_effect_that_is_identified_is_true(first):
    n_true = dict.fromkeys(("total", "controlled", "natural", "interventional"), 0)
    n_false = dict(n_true)
    n_by_sets = 0
    for seed in range(first, first + 150):
        graph, x, y, m = random_query(seed)
        found = mediation(graph, x, y, m)
        witness = recants(graph, x, y, m)
        assert ("recanting witness" in found.natural.reason) == witness, seed
        if not graph.bidirected and not graph.latent:
            assert bool(found.natural) != witness, seed
            assert found.total, seed
            assert found.controlled, seed
            assert found.interventional, seed
        if pearls_sets(graph, x, y, m):
            assert found.natural, seed
        n_by_sets += bool(found.natural.sets)
        model = StructuralModel(graph, seed)
        for name in n_true:
            effect = getattr(found, name)
            (n_true if effect else n_false)[name] += 1
            if effect:
                assert_true(effect.expression, model, TRUTHS[name], x, y, m, (seed, name))
    assert min(n_true.values()) > 20
    assert min(n_false.values()) > 3
    assert n_by_sets > 20


def total(model, x, y, m, at, reference, level):
    return model.probability(y, model.worlds(**{x: at})[y])


def controlled(model, x, y, m, at, reference, level):
    return model.probability(y, model.worlds(**{x: at}, **level)[y])


def natural(model, x, y, m, at, reference, level):
    before = model.worlds(**{x: reference})
    return model.probability(y, model.worlds(**{x: at}, **{node: before[node] for node in m})[y])


def interventional(model, x, y, m, at, reference, level):
    drawn = model.joint(m, **{x: reference})
    cells = product((0, 1), repeat=len(m))
    return sum(
        drawn[cell] * controlled(model, x, y, m, at, reference, dict(zip(m, cell, strict=True))) for cell in cells
    )


TRUTHS = {"total": total, "controlled": controlled, "natural": natural, "interventional": interventional}


def assert_true(expression, model, truth, x, y, m, seed):
    observed = [node for node in model.graph.nodes if node not in model.graph.latent]
    formula = Table.of(expression.evaluate(Table(observed, model.joint(observed)).distribution()))
    for at, reference, *cell in product((0, 1), repeat=2 + len(m)):
        level = dict(zip(m, cell, strict=True))
        values = {x: at, f"{x}₀": reference, **level}
        table = formula.at(**{name: value for name, value in values.items() if name in formula.names})
        expected = truth(model, x, y, m, at, reference, level)
        np.testing.assert_allclose(table.sum_to([y]).array[1], expected, atol=1e-9, err_msg=str(seed))


def random_query(seed):
    """Graph of 4 to 6 nodes with a treatment, one or two mediators, and an outcome."""
    rng = np.random.default_rng(seed)
    while True:
        names = list("abcdef"[: rng.integers(4, 7)])
        hidden = rng.choice([0, 0.12])
        latent = [name for name in names[:-1] if rng.random() < 0.12] if hidden else []
        graph = random_graph(rng, names, density=rng.uniform(0.3, 0.8), hidden=hidden, latent=latent)
        measured = [name for name in names if name not in latent]
        for x in measured[:2]:
            y = measured[-1]
            between = graph.descendants(x) & graph.ancestors(y) - graph.latent - {x, y}
            if between:
                m = rng.permutation(sorted(between)).tolist()[: 1 + (rng.random() < 0.3)]
                return graph, x, y, tuple(node for node in names if node in m)


def recants(graph, x, y, m):
    """A node other than a mediator from which paths go on to the outcome through the mediators and past them."""
    dag = nx.DiGraph(graph.edges)
    every = list(map(tuple, nx.all_simple_paths(dag, x, y)))
    return any(
        one[1] == other[1] and bool(set(one) & set(m)) != bool(set(other) & set(m))
        for one, other in combinations(every, 2)
    )


def pearls_sets(graph, x, y, m):
    """One set, not moved by treatment or mediators, that closes all three kinds of confounding; by networkx."""
    twins = [(f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b)]
    dag = nx.DiGraph([*graph.edges, *twins])
    dag.add_nodes_from(graph.nodes)
    moved = set().union(*({node, *nx.descendants(dag, node)} for node in (x, *m)))
    free = sorted(set(graph.nodes) - graph.latent - moved)
    without_x = nx.DiGraph(edge for edge in dag.edges if x not in edge and edge[0] not in m)
    without_x.add_nodes_from(dag)
    from_x = nx.DiGraph(edge for edge in dag.edges if edge[0] != x)
    from_x.add_nodes_from(dag)
    from_both = nx.DiGraph(edge for edge in dag.edges if edge[0] not in {x, *m})
    from_both.add_nodes_from(dag)
    subsets = chain.from_iterable(combinations(free, size) for size in range(len(free) + 1))
    return any(
        nx.is_d_separator(without_x, set(m), {y}, set(w))
        and nx.is_d_separator(from_x, {x}, set(m), set(w))
        and nx.is_d_separator(from_both, {x, *m}, {y}, set(w))
        for w in subsets
    )

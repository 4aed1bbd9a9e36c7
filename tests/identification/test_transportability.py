from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, IdentificationError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification.id_algorithm import id_expression
from causalrec.identification.transportability import transport
from tests.identification.structural_models import ConditionalTables, Table, random_graph

N_GRAPHS = 600


def parse(statements, latent=""):
    hidden = "".join(f"{node} [latent];" for node in latent.split())
    return read_dagitty(f"dag {{ {hidden} {statements} }}")


NAMED = {  # statements, latent: kind, adjustment, formula
    # Pearl, Bareinboim 2011, figure 4: age differs; a proxy of age differs; a mediator differs.
    "age differs": (
        "s -> z -> {x y}; x -> y; x <-> y",
        ("reweighed", ("z",), "Σ_{z} P_source(y | do(x), z) P_target(z)"),
    ),
    "only the proxy differs": ("s -> z; u -> {z y}; x -> y; x <-> y", ("direct", (), "P_source(y | do(x))")),
    "a mediator differs": (
        "s -> z; x -> z -> y; x <-> y",
        ("by districts", (), "Σ_{z} P_target(z | x) P_source(y | do(x), z)"),
    ),
    "how the treatment is given differs": ("s -> x -> y; x <-> y", ("direct", (), "P_source(y | do(x))")),
    "the target's observations suffice": (
        "s -> y; z -> {x y}; x -> y",
        ("observed", (), "Σ_{z} P_target(y | x, z) P_target(z)"),
    ),
}


@pytest.mark.parametrize(("statements", "expected"), NAMED.values(), ids=NAMED)
def test_named_graph(statements, expected):
    graph = parse(statements, "u" if "u ->" in statements else "")
    found = transport(graph, "x", "y", domain="s")
    assert (found.kind, found.adjustment, str(found.expression)) == expected


def test_a_part_that_differs_and_is_confounded_is_refused():
    # Bareinboim, Pearl 2013: s-hedge; the effect itself differs, and the target confounds it.
    with pytest.raises(NotIdentifiableError, match=r"'y' may differ.*P\(y \| do\(x\)\) must come.*s-hedge") as caught:
        transport(parse("s -> y; x -> y; x <-> y"), "x", "y", domain="s")
    assert caught.value.hedge == ({"x", "y"}, {"y"})


def test_bad_input_is_refused():
    graph = parse("s -> y; x -> y; c -> s; t -> x")
    with pytest.raises(GraphError, match="No node marks what differs"):
        transport(graph, "x", "y")
    with pytest.raises(GraphError, match="'s' marks a difference: it has no causes"):
        transport(graph, "x", "y", domain="s")
    with pytest.raises(GraphError, match="neither treatment nor outcome"):
        transport(graph, "t", "y", domain="t")
    with pytest.raises(UnknownNodeError, match="'q'"):
        transport(graph, "x", "y", domain="q")


def test_the_role_is_the_default():
    graph = CausalGraph([("x", "y"), ("s", "x")], roles={"s": "domain"})
    assert transport(graph, "x", "y").domain == ("s",)


def test_selected_rows_are_refused():
    graph = CausalGraph([("x", "m"), ("m", "y"), ("s", "y"), ("w", "y")], roles={"w": "selected"})
    with pytest.raises(IdentificationError, match="Every row has 'w'"):
        transport(graph, "x", "y", domain="s")


@pytest.mark.parametrize("first", range(0, N_GRAPHS, 150))
def test_what_is_transported_is_the_effect_in_the_target(first):
    kinds = dict.fromkeys(("direct", "reweighed", "observed", "by districts", "refused"), 0)
    n_differ = 0
    for seed in range(first, first + 150):
        graph, x, y, marks = random_query(seed)
        found, reason = answer(graph, x, y, marks)
        kinds[found.kind if found else "refused"] += 1
        if found is None:
            assert "s-hedge" in reason, seed
            assert not identifiable(graph, x, y, marks), seed
            assert not admissible_sets(graph, x, y, marks), seed
            continue
        if found.kind in ("direct", "reweighed"):
            assert frozenset(found.adjustment) in admissible_sets(graph, x, y, marks), seed
        source, target = two_populations(graph, marks, seed)
        names = [node for node in source.graph.nodes if node not in graph.latent]
        formula = Table.of(
            found.expression.evaluate(
                {"source": trial(source, names, x), "target": Table(names, target.joint(names)).distribution()}
            )
        )
        for values in product((0, 1), repeat=len(x)):
            do = dict(zip(x, values, strict=True))
            table = formula.at(**{name: value for name, value in do.items() if name in formula.names})
            truth = target.joint(y, **do)
            np.testing.assert_allclose(table.sum_to(y).array, truth, atol=1e-9, err_msg=str((seed, found)))
            n_differ += found.kind != "direct" and np.abs(source.joint(y, **do) - truth).max() > 1e-3
    assert min(kinds.values()) > 5, kinds
    assert n_differ > 40


def answer(graph, x, y, marks):
    try:
        return transport(graph, x, y, domain=marks), ""
    except NotIdentifiableError as error:
        return None, str(error)


def random_query(seed):
    """Selection diagram of 4 or 5 nodes and one or two domain nodes; one or two treatments and outcomes."""
    rng = np.random.default_rng(seed)
    names = list("abcde"[: rng.integers(4, 6)])
    latent = [name for name in names[:-1] if rng.random() < 0.12]
    graph = random_graph(rng, names, density=rng.uniform(0.3, 0.8), hidden=rng.uniform(0, 0.3), latent=latent)
    measured = [name for name in names if name not in latent]
    if len(measured) < 2:
        return random_query(seed + 10_000)
    y = tuple(measured[-1:] if len(measured) < 4 or rng.random() < 0.8 else measured[-2:])
    left = [name for name in measured if name not in y]
    x = tuple(sorted(rng.permutation(left).tolist()[: 1 + (rng.random() < 0.25 and len(left) > 1)]))
    marks = ("s", "t")[: 1 + (rng.random() < 0.4)]
    edges = [(mark, node) for mark in marks for node in names if rng.random() < 1.3 / len(names)]
    return (
        CausalGraph([*edges, *graph.edges], bidirected=graph.bidirected, nodes=[*names, *marks], latent=latent),
        x,
        y,
        marks,
    )


def without(graph, marks):
    return graph.induced(node for node in graph.nodes if node not in marks)


def two_populations(graph, marks, seed):
    source = ConditionalTables(without(graph, marks), seed)
    return source, source.changed({node for mark in marks for node in graph.children(mark)}, seed + 1)


def trial(model, names, x):
    """Joint distribution where x is drawn by the toss of a coin."""
    others = [name for name in names if name not in x]
    table = np.empty((2,) * len(names))
    for values in product((0, 1), repeat=len(x)):
        table[values] = model.joint(others, **dict(zip(x, values, strict=True))) / 2 ** len(x)
    return Table([*x, *others], table).distribution()


def identifiable(graph, x, y, marks):
    try:
        id_expression(without(graph, marks), x, y)
    except NotIdentifiableError:
        return False
    return True


def admissible_sets(graph, x, y, marks):
    """Sets not moved by the treatment that separate the outcome from the domain where x is set; by networkx."""
    twins = [(f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b)]
    dag = nx.DiGraph([*graph.edges, *twins])
    dag.add_nodes_from(graph.nodes)
    moved = set().union(*({node, *nx.descendants(dag, node)} for node in x))
    dag.remove_edges_from([edge for edge in dag.edges if edge[1] in x])
    free = sorted(set(graph.nodes) - graph.latent - moved - {*y, *marks})
    subsets = chain.from_iterable(combinations(free, size) for size in range(len(free) + 1))
    return {frozenset(z) for z in subsets if nx.is_d_separator(dag, set(y), set(marks), {*x, *z})}

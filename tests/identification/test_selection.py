from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification.selection import recover_from_selection
from tests.identification.structural_models import ConditionalTables, Table, random_graph

N_GRAPHS = 1000
N_EVERY_PAIR = 60


def parse(statements, latent=""):
    hidden = "".join(f"{node} [latent];" for node in latent.split())
    return read_dagitty(f"dag {{ {hidden} {statements} }}")


NAMED = {  # statements, latent, external: expected (adjustment, external)
    "selection by the treatment alone needs nothing": ("x -> y; x -> s", "", "", ((), ())),
    # Bareinboim, Tian, Pearl 2014: a cause of the outcome that selects must be known of everybody.
    "a cause of the outcome selects": ("x -> y; w -> {s y}", "", "w", (("w",), ("w",))),
    "a confounder selects": ("z -> {x y s}; x -> y", "", "z", (("z",), ("z",))),
    "no more is known than needed": ("z -> {x y}; w -> {y s}; x -> y", "", "z w", (("z", "w"), ("w",))),
    "selection opens a collider that another node closes": ("x -> s <- w -> y; x -> y", "", "w", (("w",), ("w",))),
}


@pytest.mark.parametrize(("statements", "latent", "external", "expected"), NAMED.values(), ids=NAMED)
def test_named_graph(statements, latent, external, expected):
    found = recover_from_selection(parse(statements, latent), "x", "y", selected="s", external=external.split())
    assert (set(found.adjustment), set(found.external)) == tuple(map(set, expected))


REFUSED = {  # statements, latent, external: pattern
    "the outcome selects": ("x -> y -> s", "", "x", r"s <- y ties the outcome to the selection"),
    "nothing is known": ("x -> y; w -> {s y}", "", "", r"path s <- w -> y ties.*Find out how 'w' is distributed"),
    "a mediator selects": ("x -> m -> y; m -> s", "", "m", r"path s <- m -> y ties.*'m' carries the effect"),
    "latent taste selects": ("x -> y; u -> {s y}", "u", "", r"path s <- u -> y ties.*Ask for the effect among"),
    "confounding": ("x -> y; u -> {x y}; x -> s", "u", "", r"s <- x <- u -> y ties"),
    "confounding alone": ("x -> y; u -> {x y}; s", "u", "", r"leaves the path x <- u -> y open"),
}


@pytest.mark.parametrize(("statements", "latent", "external", "pattern"), REFUSED.values(), ids=REFUSED)
def test_refusals_name_the_path(statements, latent, external, pattern):
    with pytest.raises(NotIdentifiableError, match=pattern) as caught:
        recover_from_selection(parse(statements, latent), "x", "y", selected="s", external=external.split())
    assert caught.value.open_path


def test_bad_input_is_refused():
    graph = parse("x -> y; x -> s; u -> s", "u")
    with pytest.raises(GraphError, match="No node is selected"):
        recover_from_selection(graph, "x", "y")
    with pytest.raises(GraphError, match="latent and selected"):
        recover_from_selection(graph, "x", "y", selected="u")
    with pytest.raises(GraphError, match="does not vary"):
        recover_from_selection(graph, "x", "y", selected="x")
    with pytest.raises(GraphError, match="`external` holds 'u'"):
        recover_from_selection(graph, "x", "y", selected="s", external="u")
    with pytest.raises(GraphError, match="both `selected` and `external`"):
        recover_from_selection(graph, "x", "y", selected="s", external="s")
    with pytest.raises(UnknownNodeError, match="'q'"):
        recover_from_selection(graph, "x", "y", selected="q")


def test_the_role_is_the_default():
    graph = CausalGraph([("x", "y"), ("x", "s")], roles={"s": "selected"})
    assert recover_from_selection(graph, "x", "y").selected == ("s",)


@pytest.mark.parametrize("first", range(0, N_GRAPHS, 250))
def test_recovery_is_found_whenever_it_exists_and_gives_the_effect_in_the_whole_population(first):
    answers = {True: 0, False: 0}
    biased = 0
    for seed in range(first, first + 250):
        graph, x, y, s, known = random_query(seed)
        pairs = [pair for pair in every_pair(graph, x, y, s, known) if admissible(graph, x, y, s, *pair)]
        answers[bool(pairs)] += 1
        if not pairs:
            with pytest.raises(NotIdentifiableError) as caught:
                recover_from_selection(graph, x, y, selected=s, external=known)
            assert caught.value.open_path, seed
            continue
        found = recover_from_selection(graph, x, y, selected=s, external=known)
        pair = (frozenset(found.adjustment), frozenset(found.external))
        assert pair in pairs, seed
        assert not any(smaller[1] < pair[1] for smaller in pairs), seed
        assert not any(smaller[0] < pair[0] and smaller[1] == pair[1] for smaller in pairs), seed
        model = ConditionalTables(graph, seed)
        error, naive = errors(model, x, y, s, *pair)
        assert error < 1e-9, (seed, error)
        assert_evaluates_to_the_truth(found, model)
        biased += naive > 1e-3
    assert min(answers.values()) > 40
    assert biased > 10


@pytest.mark.parametrize("first", range(0, N_EVERY_PAIR, 20))
def test_the_formula_is_true_for_the_pairs_that_the_criterion_admits_and_for_no_other(first):
    answers = set()
    for seed in range(first, first + 20):
        graph, x, y, s, known = random_query(seed, n_treatments=1)
        model = ConditionalTables(graph, seed)
        for pair in every_pair(graph, x, y, s, known):
            answer = admissible(graph, x, y, s, *pair)
            answers.add(answer)
            assert (errors(model, x, y, s, *pair)[0] < 1e-9) == answer, (seed, graph.edges, x, y, s, pair)
    assert answers == {True, False}


def assert_evaluates_to_the_truth(found, model):
    everybody = Table(model.graph.nodes, model.joint(model.graph.nodes))
    rows = everybody.at(**dict.fromkeys(found.selected, 1)).given(
        [n for n in everybody.names if n not in found.selected]
    )
    sources = {"selected": rows.distribution(), "population": everybody.distribution()}
    formula = Table.of(found.expression.evaluate(sources))
    for values in product((0, 1), repeat=len(found.treatment)):
        do = dict(zip(found.treatment, values, strict=True))
        table = formula.at(**{name: value for name, value in do.items() if name in formula.names})
        np.testing.assert_allclose(table.sum_to(found.outcome).array, model.joint(found.outcome, **do), atol=1e-9)


def random_query(seed, n_treatments=2):
    rng = np.random.default_rng(seed)
    names = list("abcdef"[: rng.integers(4, 7)])
    s = ["f1", "f2"][: 1 + (rng.random() < 0.15)]
    latent = [name for name in names if rng.random() < 0.15]
    graph = random_graph(rng, [*names, *s], density=rng.uniform(0.2, 0.6), hidden=rng.uniform(0, 0.1), latent=latent)
    measured = [name for name in names if name not in latent]
    while len(measured) < 2:
        graph, latent, measured = CausalGraph(graph.edges, bidirected=graph.bidirected, nodes=graph.nodes), [], names
    ends = rng.permutation(measured).tolist()
    n_ends = min(n_treatments, len(ends) - 1, 1 + (rng.random() < 0.25))
    x, y = ends[1 : 1 + n_ends], ends[:1]
    known = [name for name in measured if name not in (*x, *y) and rng.random() < 0.7]
    return graph, tuple(x), tuple(y), tuple(s), tuple(known)


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def every_pair(graph, x, y, s, known):
    measured = set(graph.nodes) - graph.latent - {*x, *y, *s}
    for z in map(frozenset, subsets(measured)):
        for external in map(frozenset, subsets(z.intersection(known))):
            yield z, external


def admissible(graph, x, y, s, z, external):
    """Definition of type 3 in Correa, Tian, Bareinboim 2018, by networkx and by listing the causal paths."""
    twins = [(f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b)]
    dag = nx.DiGraph([*graph.edges, *twins])
    dag.add_nodes_from(graph.nodes)
    every = chain.from_iterable(nx.all_simple_paths(dag, a, b) for a in x for b in y)
    causal = [path for path in every if not set(path[1:]) & set(x)]
    if any(z & {node, *nx.descendants(dag, node)} for path in causal for node in path[1:]):
        return False
    dag.remove_edges_from({(path[0], path[1]) for path in causal})
    return nx.is_d_separator(dag, set(x), set(y), set(z | set(s))) and nx.is_d_separator(
        dag, set(y), set(s), set(external)
    )


def errors(model, x, y, s, z, external):
    """Largest errors of the formula, and of P(y | x) among the selected, against P(y | do(x))."""
    names = model.graph.nodes
    everybody = Table(names, model.joint(names))
    rows = everybody.at(**dict.fromkeys(s, 1))
    rest = sorted(z - external)
    formula = rows.given(y, [*x, *sorted(z)])
    if rest:
        formula = formula.times(rows.given(rest, sorted(external)))
    if external:
        formula = formula.times(everybody.given(sorted(external)))
    formula, naive = formula.sum_to([*x, *y]), rows.given(y, x)
    worst = [0.0, 0.0]
    for values in product((0, 1), repeat=len(x)):
        do = dict(zip(x, values, strict=True))
        truth = model.joint(y, **do)
        for number, table in enumerate((formula, naive)):
            worst[number] = max(worst[number], np.abs(table.at(**do).sum_to(y).array - truth).max())
    return worst

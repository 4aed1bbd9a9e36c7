"""ID and IDC: results of the literature, hedges by their definition, and the effect itself in random models."""

from itertools import chain, combinations, pairwise

import numpy as np
import pytest

from causalrec.errors import GraphError, NotIdentifiableError, UndecidedError, UnknownNodeError
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification.expression import Expression, adjustment_expression, frontdoor_expression
from causalrec.identification.id_algorithm import id_expression, idc_expression
from tests.identification.discrete_models import DiscreteModel, random_graph

N_MODELS = 1000
N_GRAPHS = 2000

IDENTIFIABLE = {  # name: (graph, treatment, outcome, expression)
    "no confounding": ("x -> m -> y; x -> y", "x", "y", "P(y | x)"),
    "back door": ("z -> x -> y; z -> y", "x", "y", "Σ_{z} P(y | z, x) P(z)"),
    "front door, Pearl 1995": (
        "smoking -> tar -> cancer; smoking <-> cancer",
        "smoking",
        "cancer",
        "Σ_{tar} P(tar | smoking) Σ_{smoking'} P(cancer | smoking', tar) P(smoking')",
    ),
    "napkin": (
        "w1 -> w2 -> x -> y; x <-> w1 <-> y",
        "x",
        "y",
        "Σ_{w2} P(w2) [[Σ_{w1} P(y | w1, w2, x) P(x | w1, w2) P(w1)] / [Σ_{w1} P(x | w1, w2) P(w1)]]",
    ),
    "M-bias": ("x -> y; x <-> m <-> y", "x", "y", "P(y | x)"),
    "Verma": (
        "a -> b -> c -> d; b <-> d",
        "c",
        "d",
        "Σ_{a} P(a) Σ_{b} P(d | a, b, c) P(b | a)",
    ),
    "two districts that share no sum": (
        "w1 -> x -> y1; w2 -> y2; w1 <-> y1; w1 <-> w2; x <-> w2; w1 <-> y2",
        "x",
        ["y1", "y2"],
        "P(y2) Σ_{w1} P(y1 | x, w1) P(w1)",
    ),
    "an effect on a cause is none": ("y -> x; x <-> y", "x", "y", "P(y)"),
    "no path": ("x -> a; y -> b", "x", "y", "P(y)"),
}

HEDGES = {  # name: (graph, treatment, outcome, F, F')
    "bow": ("x -> y; x <-> y", "x", "y", "x y", "y"),
    "hidden mediator's cause": ("x -> z -> y; x <-> z", "x", "y", "x z", "z"),
    "Tian, Pearl 2002, child confounded": ("x -> z -> y; x <-> z; z <-> y", "x", "y", "x z", "z"),
    "two roots are needed": ("x -> y1; x -> y2; x <-> y1 <-> y2", "x", ["y1", "y2"], "x y1", "y1"),
    "confounded cause of the treatment": ("z -> x -> y; x <-> z <-> y", "x", "y", "x y z", "y"),
}


@pytest.mark.parametrize(("edges", "treatment", "outcome", "expected"), IDENTIFIABLE.values(), ids=IDENTIFIABLE)
def test_identifiable_in_the_literature(edges, treatment, outcome, expected):
    assert str(id_expression(parse(edges), treatment, outcome)) == expected


@pytest.mark.parametrize(("edges", "treatment", "outcome", "larger", "smaller"), HEDGES.values(), ids=HEDGES)
def test_hedges_in_the_literature(edges, treatment, outcome, larger, smaller):
    with pytest.raises(NotIdentifiableError, match="hedge") as caught:
        id_expression(parse(edges), treatment, outcome)
    assert caught.value.hedge == (frozenset(larger.split()), frozenset(smaller.split()))


def test_latent_nodes_are_projected_out():
    drawn = parse("x -> z -> y; x <-> y")
    hidden = CausalGraph(
        [("x", "h"), ("h", "z"), ("z", "y"), ("taste", "mood"), ("mood", "x"), ("taste", "y")],
        latent=["h", "taste", "mood"],
    )
    assert id_expression(hidden, "x", "y") == id_expression(drawn, "x", "y")
    bow = CausalGraph([("taste", "x"), ("taste", "y"), ("x", "y")], latent=["taste"])
    with pytest.raises(NotIdentifiableError, match="What makes the hedge: 'taste'") as caught:
        id_expression(bow, "x", "y")
    assert caught.value.latent == {"taste"}


def test_effect_within_values_of_an_effect_of_the_treatment():
    # Shpitser, Pearl 2006, UAI: rule 2 moves z behind do(), which makes the rest identifiable.
    graph = parse("x -> z -> y; x <-> z")
    with pytest.raises(NotIdentifiableError):
        id_expression(graph, "x", "y")
    assert str(idc_expression(graph, "x", "y", "z")) == "P(y | z)"


def test_a_condition_can_make_an_effect_not_identifiable():
    # A collider between the hidden causes: without it the effect is P(y | x).
    graph = parse("x -> y; x <-> m <-> y")
    assert str(id_expression(graph, "x", "y")) == "P(y | x)"
    with pytest.raises(NotIdentifiableError):
        idc_expression(graph, "x", "y", "m")


def test_no_condition_is_the_effect_itself():
    graph = parse("z -> x -> y; z -> y")
    assert idc_expression(graph, "x", "y", ()) == id_expression(graph, "x", "y")


def test_random_models_give_the_truncated_factorisation():
    n_checked = {"id": 0, "idc": 0}
    for seed in range(N_MODELS):
        rng = np.random.default_rng(seed)
        graph, x, y, z = random_query(rng)
        model = DiscreteModel.random(graph, rng)
        for name, given, expression in answers(graph, x, y, z):
            assert_equal(expression, model, x, y, given)
            n_checked[name] += 1
    assert n_checked["id"] > 0.7 * N_MODELS, n_checked
    assert n_checked["idc"] > 0.6 * N_MODELS, n_checked


def test_random_models_whose_formula_has_quotients():
    n_checked = 0
    for seed in range(N_MODELS):
        rng = np.random.default_rng(seed)
        graph, x, y, z = chained_query(rng)
        for _, given, expression in answers(graph, x, y, z):
            if "/" in str(expression) and len(graph.bidirected) < 12:
                assert_equal(expression, DiscreteModel.random(graph, rng, n_levels=[2]), x, y, given)
                n_checked += 1
    assert n_checked > 0.15 * N_MODELS


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "edges",
    [
        "w1 -> w2 -> x -> y; x <-> w1 <-> y",
        "w1 -> w2 -> x -> y; x <-> w1 <-> y; w2 -> y2; x -> y2",
        "a -> w1 -> w2 -> x -> m -> y; x <-> w1 <-> y; a -> y",
        "w0 -> w1 -> w2 -> x -> y; w0 <-> x <-> w1 <-> y; w0 <-> w1",
        "a -> b -> c -> d; a <-> c <-> d",
        "v1 -> v2 -> w2 -> x -> y; x <-> v1 <-> w2; v1 <-> y",
    ],
)
def test_derived_distributions_need_quotients(edges, seed):
    graph = parse(edges)
    treatment, outcome = ("x", "y") if "x" in graph else ("c", "d")
    try:
        expression = id_expression(graph, treatment, outcome)
    except NotIdentifiableError:
        assert brute_force(graph, [treatment], [outcome])
        return
    model = DiscreteModel.random(graph, np.random.default_rng(seed))
    assert_equal(expression, model, [treatment], [outcome])


def test_adjustment_and_front_door_give_the_truncated_factorisation():
    graphs = parse("a -> x; a -> y; b -> y; a <-> b; x -> y"), parse("x -> m -> y; x -> n -> y; m -> n; x <-> y")
    for seed in range(100):
        rng = np.random.default_rng(seed)
        confounded, mediated = (DiscreteModel.random(graph, rng) for graph in graphs)
        assert_equal(adjustment_expression("x", "y", ["a"]), confounded, ["x"], ["y"])
        assert_equal(adjustment_expression("x", "y", ["a"], ["b"]), confounded, ["x"], ["y"], ["b"])
        assert_equal(frontdoor_expression("x", "y", ["m", "n"]), mediated, ["x"], ["y"])


def test_identifiable_exactly_where_no_hedge_exists():
    n_refused = 0
    for seed in range(N_GRAPHS):
        rng = np.random.default_rng(10_000 + seed)
        graph, x, y, _ = random_query(rng, n_nodes=(4, 7), n_latent=0, twins=(0.2, 0.7))
        hedge_exists = brute_force(graph, x, y)
        try:
            id_expression(graph, x, y)
        except NotIdentifiableError as error:
            n_refused += 1
            assert hedge_exists, (seed, graph.edges, graph.bidirected, x, y)
            assert_hedge(graph, x, y, *error.hedge)
        else:
            assert not hedge_exists, (seed, graph.edges, graph.bidirected, x, y)
    assert 0.2 * N_GRAPHS < n_refused < 0.8 * N_GRAPHS


def test_the_answer_does_not_depend_on_the_order_of_edges():
    edges = [("w1", "w2"), ("w2", "x"), ("x", "y"), ("x", "m"), ("m", "y")]
    twins = [("w1", "x"), ("w1", "y")]
    nodes = ["w1", "w2", "x", "m", "y"]
    expected = id_expression(CausalGraph(edges, bidirected=twins, nodes=nodes), "x", "y")
    turned = CausalGraph(edges[::-1], bidirected=[pair[::-1] for pair in twins[::-1]], nodes=nodes)
    assert id_expression(turned, "x", "y") == expected


def test_sparse_graph_of_a_thousand_nodes():
    rng = np.random.default_rng(0)
    names = [f"v{number}" for number in range(1000)]
    edges = [(names[a], names[b]) for a, b in np.sort(rng.integers(0, 1000, (2500, 2))) if a != b]
    hidden = [(names[a], names[a + 1]) for a in range(0, 998, 3)]
    graph = CausalGraph(edges, bidirected=hidden, nodes=names)
    causes = sorted(graph.ancestors("v999") - {"v999"})
    assert len(causes) > 100
    n_found = 0
    for treatment in causes[::10]:
        try:
            expression = id_expression(graph, treatment, "v999", deadline=10)
        except NotIdentifiableError:
            continue
        n_found += 1
        assert expression.free == {treatment, "v999"}
        assert expression.names <= graph.ancestors("v999")
    assert n_found > 5


def test_a_hidden_cause_of_ten_thousand_nodes_is_one_group():
    names = [f"v{number}" for number in range(10_000)]
    edges = [("taste", name) for name in (*names, "x", "y")] + [("x", "m"), ("m", "y"), ("y", "v0"), ("v0", "v1")]
    graph = CausalGraph(edges, latent=["taste"])
    assert id_expression(graph, "x", "y", deadline=10) == frontdoor_expression("x", "y", "m")
    with pytest.raises(NotIdentifiableError) as caught:
        id_expression(graph, "v0", "v1")
    assert caught.value.hedge == ({"v0", "v1"}, {"v1"})


def test_a_deadline_ends_undecided():
    with pytest.raises(UndecidedError, match="yes nor no"):
        id_expression(parse("x -> y; x <-> y"), "x", "y", deadline=0)
    with pytest.raises(UndecidedError, match="given 'z'"):
        idc_expression(parse("z -> x -> y"), "x", "y", "z", deadline=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x", "x"), "in both"),
        ((["x", "y"], "y"), "in both"),
        (("x", "u"), "latent"),
        (("u", "y"), "latent"),
        (("x", "y", "u"), "latent"),
        (("x", "y", "x"), "in both `treatment` and `conditional`"),
        (("x", "y", ["z", "y"]), "in both `outcome` and `conditional`"),
        (((), "y"), "`treatment` names no node"),
        (("x", ()), "`outcome` names no node"),
        (("x", 3), "Expected a node's name"),
    ],
)
def test_questions_that_make_no_sense(arguments, message):
    graph = CausalGraph([("u", "x"), ("u", "y"), ("x", "y"), ("z", "y")], latent=["u"])
    with pytest.raises(GraphError, match=message):
        (idc_expression if len(arguments) == 3 else id_expression)(graph, *arguments)


def test_unknown_names_are_listed_at_once():
    with pytest.raises(UnknownNodeError, match=r"'displai' \(did you mean 'display'\?\), nor 'boughd'"):
        idc_expression(parse("display -> bought"), "displai", "boughd", ())


def parse(edges: str) -> CausalGraph:
    return read_dagitty(f"dag {{ {edges} }}")


def random_query(rng, n_nodes=(3, 8), n_latent=2, twins=(0, 0.4)):
    size = int(rng.integers(*n_nodes))
    hidden = int(rng.integers(0, n_latent + 1)) if size > 4 else 0
    shares = {"density": rng.uniform(0.15, 0.65), "bidirected": rng.uniform(*twins)}
    graph = random_graph(rng, size, n_latent=hidden, **shares)
    nodes = [str(node) for node in rng.permutation([node for node in graph.nodes if node not in graph.latent])]
    ends = np.cumsum([1 + int(rng.random() < 0.3 and len(nodes) > 3), 1 + int(rng.random() < 0.3), rng.integers(1, 3)])
    x, y, z = (nodes[start:end] for start, end in zip([0, *ends], ends, strict=False))
    return graph, x, y, z


def chained_query(rng):
    """Long chains whose nodes share hidden causes two steps apart: there, districts must be split again and again."""
    names = [f"v{number}" for number in range(int(rng.integers(6, 10)))]
    steps = [pair for pair in pairwise(names) if rng.random() < 0.8]
    apart = [pair for pair in combinations(names, 2) if pair not in set(pairwise(names))]
    edges = steps + [pair for pair in apart if rng.random() < 0.08]
    graph = CausalGraph(edges, bidirected=[pair for pair in apart if rng.random() < 0.3], nodes=names)
    x, y = [names[int(rng.integers(len(names) // 2, len(names) - 1))]], [names[-1]]
    x += [names[int(rng.integers(len(names) // 2))]] if rng.random() < 0.3 else []
    rest = [str(node) for node in rng.permutation([node for node in names if node not in (*x, *y)])]
    return graph, x, y, rest[: int(rng.integers(2))]


def answers(graph, x, y, z):
    queries = [("id", (), lambda: id_expression(graph, x, y))]
    queries += [("idc", z, lambda: idc_expression(graph, x, y, z))] if z else []
    for name, given, ask in queries:
        try:
            yield name, given, ask()
        except NotIdentifiableError:
            continue


def assert_equal(expression: Expression, model: DiscreteModel, x, y, given=()):
    found, expected = expression.evaluate(model.observed()), model.effect(x, y, given)
    assert set(found.names) <= set(expected.names)  # a treatment without an effect may be left out
    shape = [model.size(name) if name in found.names else 1 for name in expected.names]
    np.testing.assert_allclose(found.table.reshape(shape) + 0 * expected.table, expected.table, rtol=0, atol=1e-9)


def brute_force(graph, x, y) -> bool:
    """Whether a hedge for P_x(y) exists: Shpitser, Pearl 2006, definitions 5 and 6, set by set.

    Edges need no enumeration. A set of nodes carries a C-forest with root set R exactly when
    bidirected edges connect it and each node outside R has a child in it on a way to R: keep that
    one child, and none for nodes of R. A forest of F' extends to one of F by the nodes of F less F'.
    """
    roots = frozenset(ancestors_by_hand(graph, y, without=x))
    larger = [nodes for nodes in subsets(graph.nodes) if nodes & set(x) and is_connected(graph, nodes)]
    smaller = [nodes for nodes in subsets(graph.nodes) if not nodes & set(x) and is_connected(graph, nodes)]
    return any(
        inner <= outer and reach(graph, inner, root) and reach(graph, outer, root)
        for inner in smaller
        if (root := inner & roots)  # any other root set is a part of this one, which then does as well
        for outer in larger
    )


def assert_hedge(graph, x, y, larger, smaller):
    root = smaller & frozenset(ancestors_by_hand(graph, y, without=x))
    assert smaller < larger
    assert larger & set(x)
    assert not smaller & set(x)
    for forest in (larger, smaller):
        assert is_connected(graph, forest)
        assert reach(graph, forest, root)


def subsets(nodes):
    return map(frozenset, chain.from_iterable(combinations(nodes, size) for size in range(1, len(nodes) + 1)))


def ancestors_by_hand(graph, nodes, without=()):
    """Ancestors in the graph less all arrows into `without`."""
    found = set(nodes)
    while more := {a for a, b in graph.edges if b in found and b not in without and a not in found}:
        found |= more
    return found


def is_connected(graph, nodes) -> bool:
    found = {min(nodes)}
    while more := {c for a, b in graph.bidirected for c in (a, b) if {a, b} <= nodes and {a, b} & found} - found:
        found |= more
    return found == nodes


def reach(graph, nodes, root) -> bool:
    """Whether each of `nodes` has a directed path to `root` within `nodes`."""
    found = set(root)
    while more := {a for a, b in graph.edges if a in nodes and b in found} - found:
        found |= more
    return found >= nodes

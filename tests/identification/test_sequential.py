from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.sequential import sequential_backdoor
from tests.identification.structural_models import StructuralModel, Table, random_graph

N_GRAPHS = 400


def parse(statements, latent=""):
    hidden = "".join(f"{node} [latent];" for node in latent.split())
    return read_dagitty(f"dag {{ {hidden} {statements} }}")


def test_a_confounder_that_the_first_treatment_moves():
    # Robins 1986: l confounds x2 and y, and is an effect of x1; no set adjusts for both at once.
    graph = parse("x1 -> l -> {x2 y}; x1 -> x2; x2 -> y; u -> {l y}", "u")
    with pytest.raises(NotIdentifiableError):
        adjustment_set(graph, ["x1", "x2"], "y")
    assert sequential_backdoor(graph, ["x1", "x2"], "y").adjustment == ((), ("l",))


def test_a_history_that_is_not_measured():
    # In the manner of Pearl, Robins 1995: z opens x1 to a latent history, and must be adjusted for at x2 only.
    graph = parse("u1 -> {x1 z}; u2 -> {z y}; x1 -> {z x2 y}; z -> x2 -> y", "u1 u2")
    assert sequential_backdoor(graph, ["x1", "x2"], "y").adjustment == ((), ("z",))


def test_the_refusal_names_the_treatment_and_the_path():
    graph = parse("x1 -> l -> {x2 y}; x2 -> y; u -> {x2 y}", "u")
    with pytest.raises(NotIdentifiableError, match=r"at 'x2'.* x2 <- u -> y open, where 'u' is not measured") as caught:
        sequential_backdoor(graph, ["x1", "x2"], "y")
    assert caught.value.open_path == ("x2", "u", "y")
    assert caught.value.latent == {"u"}


def test_plans_out_of_time_and_unknown_names_are_refused():
    graph = parse("x1 -> l -> {x2 y}; x2 -> y")
    with pytest.raises(GraphError, match=r"not in time: 'x1' comes after 'x2', but causes it: x1 -> l -> x2"):
        sequential_backdoor(graph, ["x2", "x1"], "y")
    with pytest.raises(UnknownNodeError) as caught:
        sequential_backdoor(graph, ["x1", "x3"], "z")
    assert caught.value.unknown == ("x3", "z")


@pytest.mark.parametrize("first", range(0, N_GRAPHS, 100))
def test_plans_are_found_whenever_there_are_any_and_give_the_effect(first):
    answers = {True: 0, False: 0}
    beyond_one_set = 0
    for seed in range(first, first + 100):
        graph, x, y = random_plan(seed)
        exists = any(sequences(graph, x, y))
        answers[exists] += 1
        if not exists:
            with pytest.raises(NotIdentifiableError) as caught:
                sequential_backdoor(graph, x, y)
            path = caught.value.open_path
            assert path[0] in x, seed
            assert path[-1] in y, seed
            continue
        plan = sequential_backdoor(graph, x, y)
        assert admissible(graph, x, y, plan.adjustment), seed
        assert minimal(graph, x, y, plan.adjustment), seed
        model = StructuralModel(graph, seed)
        observed = Table(graph.nodes, model.joint(graph.nodes))
        estimate = g_formula(observed, x, y, plan.adjustment)
        evaluated = Table.of(plan.expression.evaluate(observed.distribution()))
        for values in product((0, 1), repeat=len(x)):
            do = dict(zip(x, values, strict=True))
            truth = model.joint(y, **do)
            np.testing.assert_allclose(estimate.at(**do).sum_to(y).array, truth, atol=1e-9)
            np.testing.assert_allclose(evaluated.at(**do).sum_to(y).array, truth, atol=1e-9)
        beyond_one_set += not adjustable(graph, x, y)
    assert min(answers.values()) > 20
    assert beyond_one_set > 3


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_among_the_selected_plans_are_found_whenever_there_are_any_and_give_the_effect(first):
    answers = {True: 0, False: 0}
    for seed in range(first, first + 100):
        graph, x, y = random_plan(seed)
        free = sorted(set(graph.nodes) - graph.latent - graph.descendants(*x) - {*y})
        if not free:
            continue
        rows = free[:1]
        measured = set(graph.nodes) - graph.latent - {*x, *y, *rows}
        every = product(*(list(subsets(measured)) for _ in x))
        exists = any(admissible(graph, x, y, sets, rows) for sets in every)
        answers[exists] += 1
        if not exists:
            with pytest.raises(NotIdentifiableError):
                sequential_backdoor(graph, x, y, selected=rows)
            continue
        plan = sequential_backdoor(graph, x, y, selected=rows)
        assert admissible(graph, x, y, plan.adjustment, rows), seed
        model = StructuralModel(graph, seed)
        observed = Table(graph.nodes, model.joint(graph.nodes))
        evaluated = Table.of(plan.expression.evaluate(observed.distribution())).at(**{rows[0]: 1})
        for values in product((0, 1), repeat=len(x)):
            do = dict(zip(x, values, strict=True))
            truth = Table([*y, *rows], model.joint([*y, *rows], **do)).given(y, rows).at(**{rows[0]: 1})
            np.testing.assert_allclose(evaluated.at(**do).sum_to(y).array, truth.array, atol=1e-9, err_msg=str(seed))
    assert min(answers.values()) > 8


def test_rows_that_a_treatment_selects_are_refused():
    graph = CausalGraph([("x1", "x2"), ("x1", "y"), ("x2", "s"), ("x2", "y")], roles={"s": "selected"})
    with pytest.raises(NotIdentifiableError, match=r"Every row has 's', which 'x2' moves: x2 -> s"):
        sequential_backdoor(graph, ["x1", "x2"], "y")
    assert sequential_backdoor(graph, ["x1", "x2"], "y", selected=()).adjustment == ((), ())


def test_two_hundred_treatments():
    steps = range(200)
    edges = [(f"x{k}", f"l{k + 1}") for k in steps] + [(f"l{k}", f"x{k}") for k in steps]
    edges += [(f"l{k}", f"l{k + 1}") for k in steps] + [("l200", "y"), ("l0", "y")]
    plan = sequential_backdoor(CausalGraph(edges), [f"x{k}" for k in steps], "y")
    assert plan.adjustment == (("l0",), *((f"l{k}",) for k in steps[1:]))


def adjustable(graph, x, y):
    try:
        adjustment_set(graph, x, y)
    except NotIdentifiableError:
        return False
    return True


def random_plan(seed):
    """Graph of 5 or 6 nodes with two or three treatments in time, and one or two outcomes."""
    rng = np.random.default_rng(seed)
    names = list("abcdef"[: rng.integers(5, 7)])
    latent = [name for name in names[:-1] if rng.random() < 0.1]
    graph = random_graph(rng, names, density=rng.uniform(0.2, 0.8), hidden=rng.uniform(0, 0.2), latent=latent)
    measured = [name for name in names if name not in latent]
    n_ends = min(len(measured), 3 + (rng.random() < 0.3))
    ends = sorted(rng.permutation(measured[:-1]).tolist()[: n_ends - 1]) + measured[-1:]
    split = -2 if len(ends) > 3 and rng.random() < 0.4 else -1
    return graph, tuple(ends[:split]), tuple(ends[split:])


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def sequences(graph, x, y):
    measured = set(graph.nodes) - graph.latent - {*x, *y}
    for sets in product(*(list(subsets(measured)) for _ in x)):
        if admissible(graph, x, y, sets):
            yield sets


def admissible(graph, x, y, sets, rows=()):
    """Conditions (3) and (4) of Pearl, Robins 1995, by networkx."""
    twins = [(f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b)]
    dag = nx.DiGraph([*graph.edges, *twins])
    dag.add_nodes_from(graph.nodes)
    before = set(rows)
    for k, treatment in enumerate(x):
        if any(set(sets[k]) & nx.descendants(dag, later) for later in x[k:]):
            return False
        before |= set(sets[k])
        cut = nx.DiGraph(edge for edge in dag.edges if edge[0] != treatment and edge[1] not in x[k + 1 :])
        cut.add_nodes_from(dag)
        if not nx.is_d_separator(cut, {treatment}, set(y), before | set(x[:k])):
            return False
    return True


def minimal(graph, x, y, sets):
    """No node can be left out of the set of a treatment, all before it kept."""
    for k in range(len(x)):
        for smaller in combinations(sets[k], max(0, len(sets[k]) - 1)):
            if sets[k] and admissible_at(graph, x, y, [*sets[:k], smaller], k):
                return False
    return True


def admissible_at(graph, x, y, sets, k):
    cut = graph.mutilated(*x[k + 1 :])
    cut = cut.without_edges((x[k], child) for child in cut.children(x[k]))
    return cut.is_separated(x[k], y, {*x[:k]}.union(*sets))


def g_formula(observed, x, y, sets):
    """P(y | x, z) and the product of P(z_k | before), summed over z; axes x and y."""
    past = []
    product_of = None
    for k, names in enumerate(sets):
        if names:
            factor = observed.given(names, past)
            product_of = factor if product_of is None else product_of.times(factor)
        past += [*names, x[k]]
    outcome = observed.given(y, past)
    full = outcome if product_of is None else outcome.times(product_of)
    return full.sum_to([*x, *y])

"""All minimal sets, the cheapest one, the best one, and what to measure: against every subset and linear models."""

import time
from itertools import combinations, islice

import numpy as np
import pytest

from causalrec.errors import GraphError, NotIdentifiableError, UndecidedError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.identification import adjustment_set, adjustment_sets, minimum_adjustment_set, optimal_adjustment_set
from tests.identification.oracles import by_definition, linear_model, measured, parse, random_query, subsets


def random_limits(graph, x, y, seed):
    rng = np.random.default_rng(seed)
    draws = {name: rng.random() for name in sorted(measured(graph, x, y))}
    include = {name for name, draw in draws.items() if draw < 0.1}
    exclude = {name for name, draw in draws.items() if 0.1 <= draw < 0.2}
    return include, exclude, {name: int(rng.integers(0, 4)) for name in draws}


def valid_sets(graph, x, y, include, exclude):
    every = (set(z) for z in subsets(measured(graph, x, y)))
    return [z for z in every if include <= z and not exclude & z and by_definition(graph, x, y, z)]


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_lists_and_minima_equal_brute_force(first):
    n_found = 0
    for seed in range(first, first + 100):
        graph, x, y = random_query(seed)
        include, exclude, costs = random_limits(graph, x, y, seed)
        valid = valid_sets(graph, x, y, include, exclude)
        try:
            listed = list(adjustment_sets(graph, x, y, include=include, exclude=exclude))
        except NotIdentifiableError:
            assert not valid, seed
            continue
        minimal = [z for z in valid if not any(other < z for other in valid)]
        assert len(listed) == len(set(listed)), seed
        assert {frozenset(z) for z in minimal} == set(listed), seed
        if not valid:
            with pytest.raises(NotIdentifiableError):
                minimum_adjustment_set(graph, x, y, include=include, exclude=exclude)
            continue
        n_found += len(listed)
        fewest = minimum_adjustment_set(graph, x, y, include=include, exclude=exclude)
        assert fewest in minimal, seed
        assert len(fewest) == min(map(len, valid)), seed
        cheapest = minimum_adjustment_set(graph, x, y, include=include, exclude=exclude, costs=costs)
        total = [sum(costs[node] for node in z - include) for z in valid]
        assert cheapest in valid, seed
        assert sum(costs[node] for node in cheapest - include) == min(total), seed
    assert n_found > 30


def test_no_set_at_all_lists_nothing():
    graph = CausalGraph([("x", "y")], bidirected=[("x", "y")])
    assert list(adjustment_sets(graph, "x", "y")) == []


def test_sets_that_are_exponentially_many_come_one_by_one():
    edges = [edge for i in range(40) for edge in (("x", f"a{i}"), (f"a{i}", f"b{i}"), (f"b{i}", "y"))]
    graph = CausalGraph([(b, a) if a == "x" else (a, b) for a, b in edges] + [("x", "y")])
    first = list(islice(adjustment_sets(graph, "x", "y"), 50))
    assert len(set(first)) == 50
    assert all(len(found) == 40 for found in first)


def test_a_listing_ends_at_its_deadline_undecided():
    edges = [edge for i in range(40) for edge in ((f"a{i}", "x"), (f"a{i}", f"b{i}"), (f"b{i}", "y"))]
    sets = adjustment_sets(CausalGraph([*edges, ("x", "y")]), "x", "y", deadline=0.05)
    started = time.monotonic()
    with pytest.raises(UndecidedError, match="Undecided: listing the adjustment sets"):
        for _ in sets:
            pass
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_what_to_measure_is_a_smallest_set_that_suffices(first):
    answers = {True: 0, False: 0}
    for seed in range(first, first + 100):
        graph, x, y = random_query(seed)
        try:
            adjustment_set(graph, x, y)
            continue
        except NotIdentifiableError as error:
            measure = error.measure
        fewest = smallest_measurement(graph, x, y)
        answers[fewest is not None] += 1
        assert len(measure) == (fewest or 0), (seed, measure)
        if measure:
            explicit, twins = with_causes_drawn(graph)
            latent = explicit.latent - {twins.get(name, name) for name in measure}
            shown = CausalGraph(explicit.edges, nodes=explicit.nodes, latent=latent)
            adjustment_set(shown, x, y)
            assert all(name in str(error_of(graph, x, y)) for name in measure)
    assert min(answers.values()) > 2, answers


def error_of(graph, x, y):
    with pytest.raises(NotIdentifiableError) as caught:
        adjustment_set(graph, x, y)
    # A path may name the two ends of a pair in the other order.
    pairs = {f"a common cause of {a!r} and {b!r}": f"a common cause of {b!r} and {a!r}" for a, b in graph.bidirected}
    text = str(caught.value)
    return text + "".join(one for one, other in pairs.items() if other in text)


def with_causes_drawn(graph):
    twins = {f"a common cause of {a!r} and {b!r}": f"{a}{b}" for a, b in graph.bidirected}
    edges = [(a + b, end) for a, b in graph.bidirected for end in (a, b)]
    latent = graph.latent | set(twins.values())
    return CausalGraph([*graph.edges, *edges], nodes=graph.nodes, latent=latent), twins


def smallest_measurement(graph, x, y):
    explicit, _ = with_causes_drawn(graph)
    for size in range(1, len(explicit.latent) + 1):
        for shown in combinations(sorted(explicit.latent), size):
            rest = CausalGraph(explicit.edges, nodes=explicit.nodes, latent=explicit.latent.difference(shown))
            if any(by_definition(rest, x, y, set(z)) for z in subsets(measured(rest, x, y))):
                return size
    return None


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_no_valid_set_beats_the_optimal_one(first):
    """In linear models with random weights; among minimal sets only, where a cause is latent."""
    n_compared = 0
    for seed in range(first, first + 100):
        graph, x, y = random_query(seed)
        x = x[:1]
        valid = valid_sets(graph, x, y, set(), set())
        if not valid or y[0] not in graph.descendants(*x):
            continue
        best = optimal_adjustment_set(graph, x, y)
        assert best in valid, seed
        if graph.latent or graph.bidirected:
            valid = [z for z in valid if not any(other < z for other in valid)]
        covariance, _ = linear_model(graph, x, y, seed)
        least = variance(covariance, x[0], y[0], best)
        others = [variance(covariance, x[0], y[0], z) for z in valid]
        assert least <= min(others) * (1 + 1e-9), (seed, best)
        n_compared += len(others)
    assert n_compared > 30


def variance(covariance, x, y, z):
    """Asymptotic variance of the slope: Var(y | x, z) / Var(x | z)."""
    return residual(covariance, y, [x, *sorted(z)]) / residual(covariance, x, sorted(z))


def residual(covariance, node, given):
    at, columns = covariance.index(node), [covariance.index(name) for name in given]
    inner, cross = covariance.matrix[np.ix_(columns, columns)], covariance.matrix[columns, at]
    return covariance.matrix[at, at] - (cross @ np.linalg.solve(inner, cross) if columns else 0)


def test_the_optimal_set_of_the_paper():
    # Henckel, Perkovic, Maathuis 2022, figure 1: what explains the outcome is in, what explains the treatment is out.
    graph = parse("v1 -> x; v1 -> v2 -> y; v3 -> x; x -> m -> y; v4 -> m; v5 -> y; x -> v6")
    assert optimal_adjustment_set(graph, "x", "y") == {"v2", "v4", "v5"}


def test_a_set_is_made_of_what_may_be_measured():
    graph = parse("a -> x; a -> b -> y; x -> y")
    assert adjustment_set(graph, "x", "y") == {"a"}
    assert adjustment_set(graph, "x", "y", exclude="a") == {"b"}
    with pytest.raises(NotIdentifiableError, match="x <- a -> b -> y"):
        adjustment_set(graph, "x", "y", exclude=["a", "b"])
    with pytest.raises(UnknownNodeError, match="'aa'"):
        adjustment_set(graph, "x", "y", exclude="aa")


@pytest.mark.parametrize("cost", [-1, float("nan"), float("inf")])
def test_costs_that_are_none_are_refused(cost):
    with pytest.raises(GraphError, match="must be 0 or more and finite: 'a' costs"):
        minimum_adjustment_set(parse("a -> x; a -> y; x -> y"), "x", "y", costs={"a": cost})

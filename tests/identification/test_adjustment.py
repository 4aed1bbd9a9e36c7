"""Adjustment sets: named graphs, and on small random graphs the criterion by enumeration and the effect itself."""

from itertools import pairwise

import numpy as np
import pytest

from causalrec.errors import AdjustmentError, GraphError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph, load_graph
from causalrec.identification import adjustment_set, check_adjustment, is_adjustment_set
from tests.identification.oracles import by_definition, linear_model, measured, parse, random_query, subsets

FIGURE_3_4 = "x1 -> x3; x1 -> x4; x2 -> x4; x2 -> x5; x3 -> xi; x4 -> xi; x4 -> xj; x5 -> xj; xi -> x6 -> xj"
"""Pearl 2009, Causality, figure 3.4: back-door sets are {x3, x4} and {x4, x5}; {x4} is none."""

NAMED = {  # name: (graph, latent, answer known from the literature)
    "popularity confounds": ("exposed <- pop -> watched", "", {"pop"}),
    "m-bias needs nothing": ("exposed <- u -> c <- v -> watched", "u v", set()),
    "mediator is not adjusted for": ("exposed -> click -> watched", "", set()),
    "butterfly": ("exposed <- u -> c <- v -> watched; exposed <- c -> watched", "u", {"c", "v"}),
    "instrument is left out": ("coin -> exposed <- pop -> watched", "", {"pop"}),
    "proxy on the path": ("exposed <- seen <- taste -> watched", "taste", {"seen"}),
    "collider is left out": ("exposed -> review <- watched", "", set()),
    "chain of causes, nearest": ("exposed <- a <- b <- c -> watched", "", {"a"}),
    "chain of causes, hidden": ("exposed <- a <- b <- c -> watched", "a", {"b"}),
}


@pytest.mark.parametrize(("edges", "latent", "expected"), NAMED.values(), ids=NAMED)
def test_named_graph(edges, latent, expected):
    graph = parse(f"exposed -> watched; {edges}", latent)
    assert adjustment_set(graph, "exposed", "watched") == expected


def test_pearls_back_door_example():
    graph = parse(FIGURE_3_4)
    assert adjustment_set(graph, "xi", "xj") == {"x3", "x4"}
    assert is_adjustment_set(graph, "xi", "xj", ["x4", "x5"])
    with pytest.raises(
        AdjustmentError, match=r"xi <- x3 <- x1 -> x4 <- x2 -> x5 -> xj.*Add 'x1' or 'x2' or 'x3' or 'x5'"
    ):
        check_adjustment(graph, "xi", "xj", ["x4"])


def test_a_descendant_of_the_treatment_off_the_causal_paths_may_be_adjusted_for():
    # Shpitser, VanderWeele, Robins 2010: beyond the back-door criterion, which forbids it.
    graph = parse("exposed -> watched; exposed -> seen <- taste -> watched")
    assert is_adjustment_set(graph, "exposed", "watched", ["seen", "taste"])
    assert not is_adjustment_set(graph, "exposed", "watched", ["seen"])
    assert adjustment_set(graph, "exposed", "watched", include="seen") == {"seen", "taste"}


def test_two_treatments_set_together():
    # The path x1 -> x2 -> y is causal but not proper: its first edge stays in the back-door graph.
    graph = parse("a -> {x1 y}; x1 -> {x2 y}; b -> {x2 y}; x2 -> y")
    assert adjustment_set(graph, ["x1", "x2"], "y") == {"a", "b"}
    assert adjustment_set(graph, "x1", "y") == {"a"}


@pytest.mark.parametrize(("edges", "latent"), [("exposed <- taste -> watched", "taste"), ("exposed <-> watched", "")])
def test_hidden_confounding_is_refused(edges, latent):
    with pytest.raises(NotIdentifiableError, match="not measured"):
        adjustment_set(parse(f"exposed -> watched; {edges}", latent), "exposed", "watched")


def test_the_refusal_draws_the_open_path_and_says_the_next_step():
    graph = parse(
        "exposed -> watched; exposed <- taste -> ad -> watched; taste -> watched; pop -> {exposed watched}", "taste"
    )
    with pytest.raises(NotIdentifiableError) as caught:
        adjustment_set(graph, "exposed", "watched")
    error = caught.value
    assert (error.treatment, error.outcome) == (("exposed",), ("watched",))
    assert error.open_path == ("exposed", "taste", "watched")
    assert error.latent == {"taste"}
    assert str(error) == (
        "The effect of 'exposed' on 'watched' is not identifiable by adjustment: conditioning on ['ad', 'pop'] leaves "
        "the path exposed <- taste -> watched open, where 'taste' is not measured. Measure 'taste', or add a mediator "
        "or an instrument to the graph."
    )


def test_the_refusal_names_what_holds_a_collider_open():
    graph = parse("exposed -> watched; exposed -> visit <- taste -> watched", "taste")
    assert adjustment_set(graph, "exposed", "watched") == frozenset()
    with pytest.raises(
        NotIdentifiableError, match=r"exposed -> visit <- taste -> watched open \(every row has 'visit'\)"
    ):
        adjustment_set(graph, "exposed", "watched", include=["visit"])


def test_a_treatment_after_the_effect_of_another_is_refused():
    # Robins 1986: l confounds the second treatment and carries the first one's effect.
    graph = parse("x1 -> l -> {x2 y}; x2 -> y")
    with pytest.raises(NotIdentifiableError, match=r"x2 <- l -> y open. 'l' would close it, but.*sequence in time"):
        adjustment_set(graph, ["x1", "x2"], "y")
    graph = parse("x1 -> l -> x2 -> y; x1 -> y; u -> {l y}", "u")
    with pytest.raises(NotIdentifiableError, match=r"x1 -> l <- u -> y open.*Measure 'u'.*sequence in time"):
        adjustment_set(graph, ["x1", "x2"], "y")


def test_an_outcome_that_causes_the_treatment_is_refused():
    with pytest.raises(NotIdentifiableError, match=r"exposed <- taste <- watched open.* 'watched' is a cause"):
        adjustment_set(parse("watched -> taste -> exposed", "taste"), "exposed", "watched")


def test_many_candidates_are_not_all_listed():
    graph = CausalGraph([(f"c{i}", node) for i in range(500) for node in "xy"] + [("x", "y")], bidirected=[("x", "y")])
    with pytest.raises(NotIdentifiableError, match=r"and 488 more .*a common cause of 'x' and 'y'"):
        adjustment_set(graph, "x", "y")


REASONS = {  # name: (adjustment, pattern)
    "mediator": (["price"], r"'price' lies on the causal path mailer -> price -> purchased"),
    "effect of a mediator": (["tag"], r"'tag' is an effect of 'price' \(price -> tag\).*mailer -> price -> purchased"),
    "effect of the outcome": (["review"], r"'review' is an effect of 'purchased'"),
    "open path": ([], r"path mailer <- season -> purchased stays open\. Add 'season'"),
    "opened": (
        ["season", "visit"],
        r"mailer -> visit <- taste -> purchased stays open, opened by .*'visit'.*No measured",
    ),
    "latent": (["taste"], r"'taste' is not measured"),
    "treatment": (["mailer"], "is the treatment or the outcome itself"),
}


@pytest.mark.parametrize(("adjustment", "pattern"), REASONS.values(), ids=REASONS)
def test_wrong_sets_are_refused_with_the_reason(adjustment, pattern):
    graph = parse(
        "mailer <- season -> purchased; mailer -> price -> purchased -> review; price -> tag; "
        "mailer -> visit <- taste -> purchased",
        "taste",
    )
    with pytest.raises(AdjustmentError, match=pattern):
        check_adjustment(graph, "mailer", "purchased", adjustment)
    assert not is_adjustment_set(graph, "mailer", "purchased", adjustment)
    assert is_adjustment_set(graph, "mailer", "purchased", ["season"])


def test_the_causal_path_that_is_named_goes_through_no_other_treatment():
    graph = parse("x1 -> m -> x2 -> y; m -> a -> b -> y")
    with pytest.raises(AdjustmentError, match="'m' lies on the causal path x1 -> m -> a -> b -> y"):
        check_adjustment(graph, ["x1", "x2"], "y", ["m"])


def test_nodes_that_cannot_be_asked_about_are_refused():
    graph = parse("a -> b -> c", "c")
    with pytest.raises(UnknownNodeError) as caught:
        adjustment_set(graph, ["a", "p"], "q")
    assert caught.value.unknown == ("p", "q")
    with pytest.raises(UnknownNodeError, match="'z'"):
        adjustment_set(graph, "a", "b", include=["z"])
    with pytest.raises(UnknownNodeError, match="'z'"):
        is_adjustment_set(graph, "a", "b", ["z"])
    for x, y, match in (("a", "c", "latent"), ("a", "a", "both"), ((), "b", "at least one")):
        with pytest.raises(GraphError, match=match):
            adjustment_set(graph, x, y)


def test_the_promotion_graph():
    graph = load_graph("promotion")
    include = ["visit"]
    expected = {"item_store_availability", "item_week_demand", "mailer", "visit"}
    assert adjustment_set(graph, "display", "purchased", include=include) == expected
    assert not is_adjustment_set(graph, "display", "purchased", expected - {"mailer"})


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_sets_are_found_whenever_there_are_any_and_are_minimal(first):
    answers = {True: 0, False: 0}
    for seed in range(first, first + 50):
        graph, x, y = random_query(seed)
        rng = np.random.default_rng(seed)
        include = {name for name in measured(graph, x, y) if rng.random() < 0.15}
        supersets = [set(z) for z in subsets(measured(graph, x, y)) if include <= set(z)]
        valid = [z for z in supersets if by_definition(graph, x, y, z)]
        answers[bool(valid)] += 1
        if valid:
            found = adjustment_set(graph, x, y, include=include)
            assert found in valid, (seed, x, y, found)
            assert not any(smaller < found for smaller in valid), (seed, x, y, found)
        else:
            with pytest.raises(NotIdentifiableError) as caught:
                adjustment_set(graph, x, y, include=include)
            assert_witness(graph, caught.value, (seed, x, y))
    assert min(answers.values()) > 5


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_check_equals_the_definition_for_every_set(first):
    answers = set()
    for seed in range(first, first + 50):
        graph, x, y = random_query(seed)
        for z in subsets(measured(graph, x, y)):
            answer = bool(is_adjustment_set(graph, x, y, z))
            answers.add(answer)
            assert answer == by_definition(graph, x, y, set(z)), (seed, x, y, z)
    assert answers == {True, False}


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_check_equals_the_effect_of_a_linear_model_for_every_set(first):
    """Population regression on X and Z gives the effect of do(X), in a model with random weights, if Z is valid.

    For one treatment it does so only then: random weights cancel with probability zero.
    """
    n_valid = 0
    for seed in range(first, first + 50):
        graph, x, y = random_query(seed)
        covariance, effect = linear_model(graph, x, y, seed)
        for z in subsets(measured(graph, x, y)):
            columns = [covariance.index(node) for node in (*x, *z)]
            gram = covariance.matrix[np.ix_(columns, columns)]
            slope = np.linalg.solve(gram, covariance.matrix[columns, covariance.index(y[0])])[: len(x)]
            agrees = np.allclose(slope, effect, atol=1e-8, rtol=0)
            valid = bool(is_adjustment_set(graph, x, y, z))
            n_valid += valid
            assert agrees == valid or (agrees and len(x) > 1), (seed, x, y, z, slope, effect)
    assert n_valid > 50


def test_ten_thousand_confounders():
    edges = [(f"c{number}", node) for number in range(10_000) for node in ("display", "purchased")]
    graph = CausalGraph([*edges, ("display", "purchased")])
    found = adjustment_set(graph, "display", "purchased")
    assert len(found) == 10_000
    with pytest.raises(AdjustmentError, match="display <- c77 -> purchased"):
        check_adjustment(graph, "display", "purchased", found - {"c77"})


def test_twenty_thousand_nodes():
    rng = np.random.default_rng(0)
    effects = np.repeat(np.arange(1, 20_000), 4)
    pairs = zip(rng.integers(0, effects).tolist(), effects.tolist(), strict=True)
    graph = CausalGraph([(f"n{cause}", f"n{effect}") for cause, effect in pairs])
    x = "n10000"
    y = next(node for node in reversed(graph.topological_order) if node in graph.descendants(x))
    assert is_adjustment_set(graph, x, y, adjustment_set(graph, x, y))


def assert_witness(graph, error, seed):
    path = error.open_path
    skeleton = {frozenset(pair) for pair in (*graph.edges, *graph.bidirected)}
    assert path, seed
    assert len(set(path)) == len(path), seed
    assert all(frozenset(pair) in skeleton for pair in pairwise(path)), seed
    assert path[0] in error.treatment, seed
    assert error.latent == graph.latent & set(path), seed
    assert path[0] in str(error)
    assert path[-1] in str(error)

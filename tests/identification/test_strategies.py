import pytest

from causalrec.errors import (
    DataError,
    GraphError,
    IdentificationError,
    NotIdentifiableError,
    UndecidedError,
    UnknownNodeError,
)
from causalrec.graph import CausalGraph, PartialGraph, load_graph, read_dagitty
from causalrec.identification import (
    Estimand,
    frontdoor_set,
    id_expression,
    identify,
    instruments,
    sequential_backdoor,
)


@pytest.fixture
def promotion():
    return load_graph("promotion")


def test_display_among_visits(promotion):
    estimand = identify(promotion, "display", "purchased")
    assert estimand.treatment == ("display",)
    assert estimand.outcome == "purchased"
    assert estimand.strategy == "adjustment"
    assert estimand.tried == ("adjustment",)
    assert estimand.target == "ATE"
    assert estimand.adjustment == ("item_store_availability", "item_week_demand", "mailer")
    assert estimand.selected == ("visit",)
    assert estimand.mediators == estimand.instruments == ()
    text = " ".join(estimand.assumptions)
    words = ("no unmeasured confounding", "positivity", "no interference", "among visit only")
    assert all(word in text for word in words)


def test_display_and_mailer_together_where_the_mailer_brings_nobody(promotion):
    graph = promotion.without_edges([("mailer", "visit")])
    estimand = identify(graph, ("display", "mailer"), "purchased")
    assert estimand.treatment == ("display", "mailer")
    assert estimand.adjustment == ("item_store_availability", "item_week_demand")
    assert identify(graph, ["mailer"], "purchased").adjustment == ("item_week_demand",)


def test_the_mailer_is_refused_among_visits(promotion):
    with pytest.raises(NotIdentifiableError) as caught:
        identify(promotion, "mailer", "purchased")
    message = str(caught.value)
    assert "'visit' lies on the causal path mailer -> visit -> purchased" in message
    assert "mailer -> visit <- household_taste -> purchased, where 'household_taste' is not measured" in message
    assert "The effect among 'visit' is not the effect of 'mailer'." in message
    assert "rows without 'visit'" in message
    assert caught.value.open_path == ("mailer", "visit", "household_taste", "purchased")
    assert caught.value.latent == {"household_taste"}


def test_the_mailer_without_selection(promotion):
    estimand = identify(promotion, "mailer", "purchased", selected=())
    assert estimand.adjustment == ("item_week_demand",)
    assert estimand.selected == ()
    assert not any("among" in sentence for sentence in estimand.assumptions)


def test_a_selected_effect_of_a_mediator_is_refused_without_a_path_that_is_not_there():
    graph = read_dagitty("dag { ad -> click -> bought; click -> survey [beta=1]; survey [selected] }")
    with pytest.raises(NotIdentifiableError) as caught:
        identify(graph, "ad", "bought")
    assert "'survey' is an effect of 'click' (click -> survey)" in str(caught.value)
    assert "also opens" not in str(caught.value)
    assert caught.value.open_path == ("ad", "click", "survey")


def test_of_two_selected_nodes_the_first_on_the_way_is_named():
    graph = read_dagitty("dag { ad -> visit -> basket -> bought; visit <-> bought; {visit basket} [selected] }")
    with pytest.raises(NotIdentifiableError, match="ad -> visit <-> bought, where a common cause of") as caught:
        identify(graph, "ad", "bought")
    assert caught.value.open_path == ("ad", "visit", "bought")


CLOSED = {  # name: (edges, treatments): a path into the selected visit that is not open
    "by another treatment": ("{ad price} -> {visit bought}; visit -> bought", ("ad", "price")),
    "by another selected node": ("ad -> {visit zone}; zone -> {visit bought}; visit -> bought; zone [selected]", "ad"),
}


@pytest.mark.parametrize(("edges", "treatments"), CLOSED.values(), ids=CLOSED)
def test_a_closed_path_is_not_said_to_open(edges, treatments):
    with pytest.raises(NotIdentifiableError) as caught:
        identify(read_dagitty(f"dag {{ visit [selected]; {edges} }}"), treatments, "bought")
    assert "also opens" not in str(caught.value)
    assert caught.value.open_path == ("ad", "visit")


def test_selection_that_only_opens_a_measured_path_is_adjusted_for():
    graph = read_dagitty("dag { ad -> bought; ad -> visit <- taste -> bought; visit [selected] }")
    estimand = identify(graph, "ad", "bought")
    assert (estimand.adjustment, estimand.selected) == (("taste",), ("visit",))


def test_the_path_that_selection_opens_is_refused():
    graph = read_dagitty("dag { ad -> bought; ad -> visit <- taste -> bought; visit [selected]; taste [latent] }")
    with pytest.raises(NotIdentifiableError, match=r"ad -> visit <- taste -> bought open \(every row has 'visit'\)"):
        identify(graph, "ad", "bought")
    assert identify(graph, "ad", "bought", selected=[]).adjustment == ()


def test_an_estimand_without_adjustment_reads_plainly():
    estimand = identify(CausalGraph([("coin", "bought")]), "coin", "bought")
    assert estimand.expression == "P(bought | coin)"
    assert "adjust for   nothing" in str(estimand)


def graph_of(text):
    return read_dagitty(f"dag {{ {text} }}")


def test_the_front_door_comes_second_and_says_why_adjustment_failed():
    estimand = identify(graph_of("shown -> seen -> bought; shown <-> bought"), "shown", "bought")
    assert (estimand.strategy, estimand.mediators, estimand.adjustment) == ("frontdoor", ("seen",), ())
    assert estimand.expression == "Σ_{seen} P(seen | shown) Σ_{shown'} P(bought | shown', seen) P(shown')"
    assert estimand.tried[0].startswith("adjustment: conditioning on")
    assert "shown <-> bought" in estimand.tried[0]
    assert estimand.tried[1:] == ("frontdoor",)
    assert "the whole effect of shown passes through seen" in estimand.assumptions
    assert "not by       adjustment" in str(estimand)


def test_id_comes_third():
    # The napkin, Pearl, Mackenzie 2018, The Book of Why, figure 7.5.
    estimand = identify(graph_of("w -> z -> x -> y; w <-> x; w <-> y"), "x", "y")
    assert (estimand.strategy, estimand.target) == ("id", "ATE")
    assert [reason.split(":")[0] for reason in estimand.tried] == ["adjustment", "frontdoor", "id"]
    assert estimand.formula.free >= {"x", "y"}


def test_an_instrument_comes_last_and_names_its_own_target():
    estimand = identify(graph_of("noise -> rank -> click; rank <-> click; season -> {noise click}"), "rank", "click")
    assert (estimand.strategy, estimand.instruments, estimand.adjustment) == ("instrument", ("noise",), ("season",))
    assert estimand.target == "LATE, or the linear effect"
    assert estimand.expression == "Cov(click, noise | season) / Cov(rank, noise | season)"
    assert estimand.formula is None
    assert any("monotonicity" in sentence for sentence in estimand.assumptions)
    assert any("hedge" in reason for reason in estimand.tried)


def test_a_node_with_the_role_is_the_first_choice_of_an_instrument():
    graph = graph_of("b [instrument]; a -> x; w -> {b y}; b -> x -> y; x <-> y")
    assert identify(graph, "x", "y").instruments == ("b",)


def test_all_strategies_are_told_when_none_works():
    with pytest.raises(NotIdentifiableError) as caught:
        identify(graph_of("x -> y; x <-> y"), "x", "y")
    message = str(caught.value)
    assert "leaves the path x <-> y open" in message
    assert all(f" {name}: " in message for name in ("frontdoor", "id", "instrument"))
    assert caught.value.hedge == ({"x", "y"}, {"y"})
    assert caught.value.measure == ("a common cause of 'x' and 'y'",)
    assert caught.value.open_path == ("x", "y")


@pytest.mark.parametrize("strategy", ["frontdoor", "id", "instrument"])
def test_one_strategy_can_be_asked_for(strategy):
    graph = graph_of("z -> x -> m -> y; x <-> y")
    estimand = identify(graph, "x", "y", strategy=strategy)
    assert (estimand.strategy, estimand.tried) == (strategy, (strategy,))
    assert Estimand.from_dict(estimand.to_dict()) == estimand
    with pytest.raises(NotIdentifiableError):
        identify(graph_of("x -> y; x <-> y"), "x", "y", strategy=strategy)


def test_the_effect_within_the_values_of_a_covariate():
    graph = graph_of("segment -> {x y}; season -> {x y}; x -> y")
    estimand = identify(graph, "x", "y", conditional="segment")
    assert (estimand.adjustment, estimand.conditional) == (("season",), ("segment",))
    assert estimand.expression == "Σ_{season} P(y | x, season, segment) P(season | segment)"
    assert "Effect of x on y within segment" in str(estimand)


def test_the_effect_within_an_effect_of_the_treatment_takes_idc():
    estimand = identify(graph_of("x -> {m y}; m -> y"), "x", "y", conditional="m")
    assert (estimand.strategy, estimand.expression) == ("id", "P(y | x, m)")


def test_adjustment_is_not_taken_within_an_effect_of_the_treatment_off_the_causal_paths():
    # {m, u} meets the criterion for the whole population, and yet gives another number within m.
    graph = graph_of("x -> y; x -> m <- u -> y")
    estimand = identify(graph, "x", "y", conditional="m")
    assert estimand.strategy == "id"
    assert "'m' is an effect of the treatment" in estimand.tried[0]


def test_a_class_of_graphs_is_adjusted_in():
    graph = PartialGraph([("season", "shown"), ("shown", "bought")], undirected=[("season", "price")])
    graph = graph.with_orientations([])
    assert identify(graph, "shown", "bought").adjustment == ()
    with pytest.raises(NotIdentifiableError, match="undirected edges, and only adjustment"):
        identify(graph, "shown", "bought", strategy="id")
    with pytest.raises(IdentificationError, match="effect is zero"):
        identify(graph, "bought", "price")


def test_a_deadline_gives_undecided():
    graph = graph_of("w -> z -> x -> y; w <-> x; w <-> y")
    with pytest.raises(UndecidedError, match=r"Undecided.*neither yes nor no"):
        identify(graph, "x", "y", strategy="id", deadline=0)
    with pytest.raises(UndecidedError, match="Undecided"):
        identify(graph_of("x -> y; x <-> y"), "x", "y", deadline=0)
    assert identify(graph_of("x -> y"), "x", "y", deadline=0).strategy == "adjustment"


REFUSED = {  # name: (arguments, keywords, error, pattern)
    "effect backwards": (("bought", "ad"), {}, IdentificationError, "'ad' is a cause of 'bought'.*ad -> bought.*round"),
    "no effect": (("ad", "price"), {}, IdentificationError, "no directed path from 'ad' to 'price'.*zero"),
    "one of two is an effect": ((("ad", "review"), "bought"), {}, IdentificationError, "bought -> review"),
    "treatment is the outcome": (("ad", "ad"), {}, GraphError, "both treatment and outcome"),
    "latent treatment": (("taste", "bought"), {}, GraphError, "treatment 'taste' is latent"),
    "latent outcome": (("ad", "taste"), {}, GraphError, "outcome 'taste' is latent"),
    "no treatment": (((), "bought"), {}, GraphError, "at least one node"),
    "two outcomes": (("ad", ["bought", "review"]), {}, GraphError, "one outcome"),
    "unknown": (("adv", "buoght"), {"selected": "sesson"}, UnknownNodeError, "'adv'.*'buoght'.*'bought'.*'sesson'"),
    "unknown strategy": (("ad", "bought"), {"strategy": "adjust"}, GraphError, "did you mean 'adjustment'"),
    "treatment selected": (("ad", "bought"), {"selected": "ad"}, IdentificationError, "'ad', so it does not vary"),
    "outcome selected": (("ad", "bought"), {"selected": "bought"}, IdentificationError, "'bought', so it does not"),
    "conditional on the treatment": (("ad", "bought"), {"conditional": "ad"}, IdentificationError, "'ad' is the treat"),
    "conditional is latent": (("ad", "bought"), {"conditional": "taste"}, IdentificationError, "'taste' is latent"),
    "no deadline": (("ad", "bought"), {"strategy": "id", "deadline": -1}, DataError, "seconds, 0 or more"),
    "latent selected": (("ad", "bought"), {"selected": "taste"}, IdentificationError, "latent and selected at once"),
}


@pytest.mark.parametrize(("arguments", "keywords", "error", "pattern"), REFUSED.values(), ids=REFUSED)
def test_refusals(arguments, keywords, error, pattern):
    edges = "season -> {ad bought}; price -> bought; ad -> bought -> review; taste -> bought"
    graph = read_dagitty(f"dag {{ taste [latent]; {edges} }}")
    with pytest.raises(error, match=pattern):
        identify(graph, *arguments, **keywords)


def test_a_text_is_not_a_graph():
    with pytest.raises(GraphError, match=r"Expected a CausalGraph.*got str"):
        identify("promotion", "display", "purchased")


def test_a_class_of_one_graph_is_that_graph():
    graph = PartialGraph([("z", "x"), ("x", "y"), ("u", "x"), ("u", "y")], latent=["u"])
    assert identify(graph, "x", "y").instruments == ("z",)


def test_positivity_names_what_is_held_fixed():
    estimand = identify(graph_of("w -> {x y}; x -> y"), "x", "y", conditional="w")
    assert "positivity: each value of x occurs in every stratum of w" in estimand.assumptions


@pytest.mark.parametrize("search", [frontdoor_set, instruments, id_expression, sequential_backdoor])
@pytest.mark.parametrize("graph", [None, "dag", PartialGraph([("x", "y")])])
def test_what_is_no_directed_graph_is_refused(search, graph):
    with pytest.raises(GraphError, match="Expected a CausalGraph"):
        search(graph, "x", "y")

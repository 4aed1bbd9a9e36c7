import pytest

from causalrec.errors import GraphError, IdentificationError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph, list_graphs, load_graph, read_dagitty, read_header
from causalrec.identification import identify


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


@pytest.mark.parametrize("name", list_graphs())
def test_each_shipped_graph_gives_what_its_header_expects(name):
    header = read_header(name)
    treatment = tuple(header["treatment"].split(", "))
    estimand = identify(load_graph(name), treatment, header["outcome"])
    assert f"{estimand.strategy} {', '.join(estimand.adjustment)}" == header["expected"]


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
    assert estimand.expression == "E[bought | coin]"
    assert "adjust for   nothing" in str(estimand)


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
    "unknown strategy": (("ad", "bought"), {"strategy": "adjust"}, IdentificationError, "did you mean 'adjustment'"),
    "treatment selected": (("ad", "bought"), {"selected": "ad"}, IdentificationError, "'ad', so it does not vary"),
    "outcome selected": (("ad", "bought"), {"selected": "bought"}, IdentificationError, "'bought', so it does not"),
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

"""Each shipped graph says in its header what identifies its effect; here that is proved from the definitions.

The public functions are then held to the same answers.
"""

import re
from itertools import chain, pairwise
from pathlib import Path

import networkx as nx
import pytest

from causalrec.errors import NotIdentifiableError
from causalrec.graph import list_graphs, load_graph, read_dagitty, read_header, write_dagitty
from causalrec.identification import identify, is_adjustment_set
from tests.graph.definitions import (
    Case,
    adjustable,
    below,
    case,
    drawn,
    frontdoors,
    hedged,
    identified,
    instruments,
    is_adjustment,
    less,
    open_along,
    question,
    separated,
    subsets,
)

FOLDER = Path(__file__).parents[2] / "graphs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.dag"))
REQUIRED = {
    *("popularity", "position", "exposure", "conformity", "promotion", "item_text", "social_influence"),
    *("frontdoor_attention", "instrument_ranking_noise", "instrument_promotion_calendar", "duration", "clickbait"),
    *("feedback_loop", "selection_rated", "transport_cross_domain", "sensitive_attribute"),
}
N_NODES = range(5, 16)
EVERY_GRAPH = pytest.mark.parametrize("name", NAMES)


def names_with(*strategies):
    return [name for name in NAMES if read_header(name)["expected"].split(" ")[0] in strategies]


# What a file holds.


def test_the_catalogue_lists_each_file_with_one_line():
    listed = list_graphs()
    assert sorted(listed) == NAMES
    assert set(NAMES) >= REQUIRED
    assert all(listed.values())
    assert len(set(listed.values())) == len(set(map(case, NAMES))) == len(NAMES)
    assert len({case(name).graph for name in NAMES}) == len(NAMES)


@EVERY_GRAPH
def test_the_header_is_complete_and_fits_the_graph(name):
    header, graph = read_header(name), load_graph(name)
    assert {"bias", "source", "treatment", "outcome", "expected"} <= set(header)
    assert all(header.values())
    for role in ("treatment", "outcome", "selected"):
        assert ", ".join(graph.nodes_with(role)) == header.get(role, "")
    assert case(name).strategy in PROOFS
    mentioned = {*case(name).nodes, *chain(*case(name).given)}
    if case(name).strategy not in {"none", "id"}:
        assert mentioned <= set(graph.nodes) - graph.latent
    for role, strategy in (("mediator", "frontdoor"), ("mediator", "mediation"), ("instrument", "instrument")):
        if case(name).strategy == strategy:
            assert list(graph.nodes_with(role)) == case(name).nodes


@EVERY_GRAPH
def test_every_node_and_every_group_of_edges_has_its_reason(name):
    text = (FOLDER / f"{name}.dag").read_text(encoding="utf-8")
    declared = dict(re.findall(r"^  (\w+)(?: \[[\w, ]+\])? +# (\S.*)$", text, re.MULTILINE))
    assert list(declared) == list(load_graph(name).nodes)
    body = [line.strip() for line in text.split("dag {")[1].splitlines()]
    for before, line in pairwise(body):
        if "->" in line and not line.startswith("#"):
            assert before.startswith("#") or "->" in before, line
    assert re.search(r"^# One row is ", text, re.MULTILINE)


@EVERY_GRAPH
def test_the_graph_is_of_one_piece_and_can_be_looked_at(name):
    graph = load_graph(name)
    assert len(graph) in N_NODES
    assert nx.is_weakly_connected(case(name).dag)
    for treatment in case(name).x:
        assert graph.directed_path(treatment, case(name).y)
    assert read_dagitty(write_dagitty(graph)) == graph


# What is expected, from the definitions.


@EVERY_GRAPH
def test_what_the_header_expects_follows_from_the_definition(name):
    PROOFS[case(name).strategy](case(name))


def prove_adjustment(it):
    chosen = set(it.nodes)
    assert is_adjustment(it, chosen)
    assert not any(is_adjustment(it, set(smaller)) for smaller in subsets(chosen) if len(smaller) < len(chosen))


def prove_frontdoor(it):
    assert set(it.nodes) in frontdoors(it)[:1]
    assert not adjustable(it)


def prove_id(it):
    assert not hedged(it)
    assert not adjustable(it)
    assert not frontdoors(it)


def prove_instrument(it):
    assert not adjustable(it)
    assert not frontdoors(it)
    assert hedged(it)
    pairs = instruments(it)
    assert (*it.nodes, it.given[0]) in pairs
    assert not any(given < it.given[0] for node, given in pairs if node == it.nodes[0])


def prove_mediation(it):
    # Pearl 2014, Psychological Methods 19(4): W is no effect of X, closes M - Y beside X, and identifies
    # the effect of X on M and that of X and M together on Y.
    (x,), (m,), w = it.x, it.nodes, it.given[0]
    assert not w & below(it.dag, {x})
    assert separated(less(it.dag, it.dag.out_edges(m)), m, it.y, w | {x})
    assert is_adjustment(question(it, (x,), m), w)
    assert is_adjustment(question(it, (x, m), it.y), w)
    assert any(m in path for path in it.causal_paths)
    assert not all(m in path for path in it.causal_paths)
    assert not any(natural(it, set(smaller)) for smaller in subsets(w) if len(smaller) < len(w))


def natural(it, w):
    (x,), (m,) = it.x, it.nodes
    return is_adjustment(question(it, (x,), m), w) and is_adjustment(question(it, (x, m), it.y), w)


def prove_sequential(it):
    # Pearl, Robins 1995, UAI, theorem 1: L_k holds no effects of X_k or later ones, and closes X_k off where its
    # own arrows are cut and nobody sets the later ones.
    assert not adjustable(it)
    assert sequential(it, it.given)
    for k, chosen in enumerate(it.given):
        for smaller in subsets(chosen):
            if len(smaller) < len(chosen):
                assert not sequential(it, [*it.given[:k], set(smaller), *it.given[k + 1 :]])


def sequential(it, given):
    known = set()
    for k, x in enumerate(it.x):
        known |= given[k]
        cut = less(it.dag, [*it.dag.out_edges(x), *it.dag.in_edges(it.x[k + 1 :])])
        early = not given[k] & below(it.dag, set(it.x[k:]))
        if not early or not separated(cut, x, it.y, known | set(it.x[:k])):
            return False
    return True


def prove_selection(it):
    # Correa, Tian, Bareinboim 2018, AAAI: generalized adjustment, type 3, with all of Z known of everybody.
    chosen = set(it.nodes)
    assert is_adjustment(it, chosen)
    assert recovers(it, chosen)
    assert not any(
        is_adjustment(it, set(smaller)) and recovers(it, set(smaller))
        for smaller in subsets(chosen)
        if len(smaller) < len(chosen)
    )


def recovers(it, known):
    return separated(it.backdoor, it.kept, it.y, known)


def prove_transport(it):
    # Pearl, Bareinboim 2014, Statistical Science: S-admissible covariates that are no effects of the treatment.
    chosen, domain = set(it.nodes), set(it.graph.nodes_with("domain"))
    set_by_us = less(it.dag, it.dag.in_edges(it.x))
    assert not chosen & below(it.dag, set(it.x))
    assert separated(set_by_us, domain, it.y, chosen | set(it.x))
    for smaller in subsets(chosen):
        assert set(smaller) == chosen or not separated(set_by_us, domain, it.y, {*smaller, *it.x})
    assert not identified(it)


def prove_none(it):
    nodes = re.split(r" (?:->|<-|<->) ", it.text)
    assert nodes == [node for node in nodes if node in it.graph]
    assert " ".join(drawn(it.dag, nodes)) == it.text
    allowed = it.measured - it.forbidden
    assert all(open_along(it.dag, nodes, it.kept.difference(nodes[-1:]) | set(given)) for given in subsets(allowed))
    assert not identified(it)
    assert not recovers(it, it.measured - it.forbidden)


PROOFS = {
    "adjustment": prove_adjustment,
    "frontdoor": prove_frontdoor,
    "id": prove_id,
    "instrument": prove_instrument,
    "mediation": prove_mediation,
    "sequential": prove_sequential,
    "selection": prove_selection,
    "transport": prove_transport,
    "none": prove_none,
}


# What the functions find.


@EVERY_GRAPH
def test_identify_finds_just_what_the_header_says(name):
    it, strategy = case(name), identified(case(name))
    if it.strategy in {"adjustment", "frontdoor", "id", "instrument"}:
        assert strategy == it.strategy
    if not strategy:
        with pytest.raises(NotIdentifiableError) as caught:
            identify(it.graph, it.x, it.y)
        if it.strategy == "none":
            assert " ".join(drawn(it.dag, caught.value.open_path)) == it.text
        return
    estimand = identify(it.graph, it.x, it.y)
    assert estimand.strategy == strategy
    if strategy == "adjustment":
        assert is_adjustment(it, set(estimand.adjustment))
        assert not any(is_adjustment(it, set(estimand.adjustment) - {node}) for node in estimand.adjustment)
    if it.strategy == "adjustment":
        assert list(estimand.adjustment) == it.nodes
    if it.strategy == "frontdoor":
        assert list(estimand.mediators) == it.nodes
    if it.strategy == "instrument":
        assert (list(estimand.instruments), set(estimand.adjustment)) == (it.nodes, it.given[0])


@pytest.mark.parametrize("name", names_with("selection"))
def test_selection_is_recovered_from(name):
    from causalrec.identification.selection import recover_from_selection

    it = case(name)
    found = recover_from_selection(it.graph, it.x, it.y, external=it.nodes)
    assert set(found.adjustment) == set(found.external) == set(it.nodes)
    with pytest.raises(NotIdentifiableError):
        recover_from_selection(it.graph, it.x, it.y, external=it.nodes[:-1])
    with pytest.raises(NotIdentifiableError):
        recover_from_selection(it.with_edges((it.y, *it.kept)).graph, it.x, it.y, external=it.nodes)


@pytest.mark.parametrize("name", names_with("mediation"))
def test_natural_effects_are_found_with_these_sets(name):
    from causalrec.identification.mediators.effects import mediation

    it = case(name)
    (x,), (m,) = it.x, it.nodes
    found = mediation(it.graph, x, it.y, m).natural
    assert found
    assert set().union(*(names for _, names in found.sets)) == it.given[0]
    assert not mediation(it.with_edges((x, late_confounder(it, x, m))).graph, x, it.y, m).natural


def late_confounder(it, x, m):
    """A node of the set which causes mediator and outcome: a recanting witness, were it an effect of the treatment."""
    both = it.graph.parents(m) & it.graph.parents(it.y) & it.given[0]
    return next(node for node in sorted(both) if x not in nx.descendants(it.dag, node))


@pytest.mark.parametrize("name", names_with("transport"))
def test_the_effect_is_transported_with_this_set(name):
    from causalrec.identification.transportability import transport

    it = case(name)
    found = transport(it.graph, it.x, it.y)
    assert (found.kind, sorted(found.adjustment)) == ("reweighed", sorted(it.nodes))
    (domain,) = it.graph.nodes_with("domain")
    with pytest.raises(NotIdentifiableError):
        transport(it.with_edges((domain, it.y)).graph, it.x, it.y)


@pytest.mark.parametrize("name", names_with("sequential"))
def test_treatments_in_time_are_adjusted_for_one_after_the_other(name):
    from causalrec.identification.sequential import sequential_backdoor

    it = case(name)
    found = sequential_backdoor(it.graph, it.x, it.y)
    assert [set(names) for names in found.adjustment] == it.given


# What the comments of the files claim.


def test_the_same_effects_in_other_data():
    it = case("conversion")
    estimand = identify(it.graph, it.x, it.y, selected=())
    assert estimand.adjustment == ("past_orders", "product_price")
    it = case("popularity")
    assert not is_adjustment_set(it.graph, it.x, it.y, [*it.nodes, "later_popularity"])
    it = case("m_bias")
    assert not is_adjustment_set(it.graph, it.x, it.y, [*it.nodes, "profile_completeness"])


@pytest.mark.parametrize(
    ("name", "edge", "left"),
    [
        ("frontdoor_attention", ("session_intent", "seconds_in_view"), "instrument"),
        ("attention_by_device", ("session_intent", "seconds_in_view"), ""),
        ("instrument_ranking_noise", ("ranking_noise", "booked"), ""),
        ("peer_encouragement", ("friend_voucher", "adopted"), ""),
        ("instrument_promotion_calendar", ("promotion_calendar", "purchased"), ""),
        ("demand_shock", ("demand_shock", "related_visits"), ""),
        ("position", ("relevance", "position"), "instrument"),
        ("exposure", ("item_quality", "watched"), ""),
        ("item_text", ("topic", "featured"), ""),
        ("logging_policy", ("user_taste", "action"), "instrument"),
    ],
)
def test_the_assumption_that_the_comments_name_is_needed(name, edge, left):
    it, without = case(name), case(name).with_edges(edge)
    assert identified(it) == it.strategy
    assert identified(without) == left
    if left:
        assert identify(without.graph, it.x, it.y).strategy == left
    else:
        with pytest.raises(NotIdentifiableError):
            identify(without.graph, it.x, it.y)


LITERATURE = {  # name: (edges, latent, strategy known)
    "bow": ("x -> y; u -> {x y}", "u", ""),
    "front door": ("x -> m -> y; u -> {x y}", "u", "frontdoor"),
    "napkin": ("w -> z -> x -> y; u -> {w x}; v -> {w y}", "u v", "id"),
    "instrument": ("z -> x -> y; u -> {x y}", "u", "instrument"),
    "conditional instrument": ("z -> x -> y; u -> {x y}; w -> {z y}", "u", "instrument"),
    "confounded mediator": ("x -> m -> y; u -> {x y}; v -> {x m}", "u v", ""),
    "hidden collider": ("x -> y; u -> {x c}; v -> {c y}", "u v", "adjustment"),
}


@pytest.mark.parametrize(("edges", "latent", "strategy"), LITERATURE.values(), ids=LITERATURE)
def test_the_proofs_know_the_graphs_of_the_literature(edges, latent, strategy):
    hidden = " ".join(f"{node} [latent]" for node in latent.split())
    graph = read_dagitty(f"dag {{ {hidden} {edges} }}")
    assert identified(Case(graph, {"treatment": "x", "outcome": "y", "expected": "none"})) == strategy

"""What is weighed, printed and refused."""

import json

import numpy as np
import pytest

from causalrec.charts.export import figure_png_bytes
from causalrec.errors import DataError, GraphError, NotFittedError, NotIdentifiableError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.structural import ConditionalTable, LinearGaussian, StructuralModel
from causalrec.structural.influence import influence_weights, natural_effects, path_effect
from tests.structural.influence.shops import TWICE, binary_shop
from tests.structural.worlds import SHOP, linear_shop

LINES = dict.fromkeys(("display", "visits", "sales"), LinearGaussian())


@pytest.fixture(scope="module")
def shop():
    return StructuralModel(SHOP, LINES, n_refits=30).fit(linear_shop(0, 800))


@pytest.fixture(scope="module")
def tables():
    return StructuralModel(TWICE, n_refits=5).fit(binary_shop(0, 2_000))


def test_the_largest_stands_first_and_contrasts_are_ordinary(shop):
    found = influence_weights(shop, "sales")
    assert [effect.treatment for effect in found.effects] == ["display", "visits", "season"]
    sizes = [abs(effect.standardized.value) for effect in found.effects]
    assert sizes == sorted(sizes, reverse=True)
    table = linear_shop(0, 800)
    for effect in found.effects:
        values = table[effect.treatment]
        assert (effect.start + effect.to) / 2 == pytest.approx(values.mean(), abs=0.1)
        assert effect.to - effect.start == pytest.approx(values.std(), rel=0.1)


def test_the_weight_does_not_hang_on_the_contrast_of_a_linear_model(shop):
    first = influence_weights(shop, "sales")["display"].standardized
    second = influence_weights(shop, "sales", contrasts={"display": (3, -1)})["display"].standardized
    assert abs(second.value) == pytest.approx(abs(first.value), rel=1e-10)
    assert second.value < 0 < first.value


def test_units_do_not_change_the_weight():
    table = linear_shop(0, 300)
    cents = table | {"display": 100 * table["display"] + 7, "sales": table["sales"] / 10}
    plain, scaled = (
        influence_weights(StructuralModel(SHOP, LINES, n_refits=10).fit(rows), "sales")["display"].standardized
        for rows in (table, cents)
    )
    assert scaled.value == pytest.approx(plain.value, rel=1e-9)
    assert scaled.stderr == pytest.approx(plain.stderr, rel=1e-6)


def test_what_is_no_cause_weighs_nothing_and_that_is_said(shop):
    found = influence_weights(shop, "visits", treatments=["sales", "display"])
    assert (found["sales"].total.value, found["sales"].total.stderr) == (0, 0)
    assert "0 by the graph, not by the data: no directed path leads from sales to visits" in str(found)
    assert found["display"].total.value > 1
    alone = path_effect(shop, "sales", "visits", edges=[])
    assert alone.total.value == 0
    effect = shop.effect("sales", "visits")
    assert effect.value == 0
    assert "0 by the graph" in str(effect)


def test_text_without_order_is_left_out_and_that_is_said():
    rng = np.random.default_rng(0)
    genre = rng.choice(["drama", "crime", "news"], 600)
    views = (genre == "crime") + rng.normal(size=600)
    table = {"genre": genre, "views": views, "clicks": views + rng.normal(size=600)}
    graph = CausalGraph([("genre", "views"), ("views", "clicks")])
    model = StructuralModel(graph, n_refits=20).fit(table)
    found = influence_weights(model, "clicks")
    assert [effect.treatment for effect in found.effects] == ["views"]
    assert "no weight: genre, it is text with 3 values" in str(found)
    named = influence_weights(model, "clicks", contrasts={"genre": ("drama", "crime")})
    assert abs(named["genre"].total.value - 1) < 4 * named["genre"].total.stderr
    both = np.isin(genre, ["drama", "crime"])
    expected = named["genre"].total.value * (genre[both] == "crime").std() / table["clicks"].std()
    assert named["genre"].standardized.value == pytest.approx(expected, rel=0.05)
    with pytest.raises(DataError, match=r"No behaviour.*'genre'.*no order"):
        influence_weights(model, "clicks", treatments="genre")


def test_a_block_can_stand_between_but_has_no_size():
    rng = np.random.default_rng(0)
    searches = rng.normal(size=250)
    words = searches[:, None] * [1.0, -0.5] + rng.normal(size=(250, 2))
    table = {"searches": searches, "w1": words[:, 0], "w2": words[:, 1]}
    table["clicks"] = words @ [1.0, 1.0] + 0.5 * searches + 0.5 * rng.normal(size=250)
    graph = CausalGraph([("searches", "words"), ("words", "clicks"), ("searches", "clicks")])
    mechanisms = {"clicks": LinearGaussian()}
    model = StructuralModel(graph, mechanisms, n_refits=2).fit(table, columns={"words": ["w1", "w2"]})
    found = influence_weights(model, "clicks", contrasts={"searches": (0, 1)})
    assert found["searches"].method.startswith("nested")
    assert found["searches"].parts["direct"].value == pytest.approx(0.5, abs=0.2)
    assert found["searches"].parts["through words"].value == pytest.approx(0.5, abs=0.2)
    assert "no weight: words, it is a block of 2 columns" in str(found)
    with pytest.raises(DataError, match="'words' is a block of 2 columns"):
        path_effect(model, "words", "clicks", edges=[("words", "clicks")])


def test_rows_in_another_order_give_the_same(tables):
    table = binary_shop(0, 2_000)
    order = np.random.default_rng(1).permutation(2_000)
    for array in table.values():
        array.setflags(write=False)
    again = StructuralModel(TWICE, n_refits=5).fit({node: array[order] for node, array in table.items()})
    assert str(influence_weights(again, "bought")) == str(influence_weights(tables, "bought"))


def test_clusters_are_resampled_whole():
    once = linear_shop(3, 200)
    copies = {node: np.repeat(array, 5) for node, array in once.items()} | {"user": np.repeat(np.arange(200), 5)}
    alone, together, ignored = (
        influence_weights(StructuralModel(SHOP, LINES).fit(rows, clusters=name), "sales")["display"]
        for rows, name in ((once, None), (copies, "user"), (copies, None))
    )
    assert together.n_clusters == {"user": 200}
    assert abs(together.total.stderr / alone.total.stderr - 1) < 0.3
    assert ignored.total.stderr < 0.6 * alone.total.stderr
    assert "resampled by 200 user" in str(together)


def test_it_prints_and_turns_into_plain_numbers(tables):
    found = influence_weights(tables, "bought")
    text = str(found)
    assert text.startswith("Influence on bought: weight in its standard deviations")
    assert "shown: through clicked +0" in text
    assert "by interaction +0" in text
    assert "nested counterfactuals, 10,000 simulated units; 2,000 rows, 5 refits" in text
    frame = found.to_frame()
    assert list(frame[frame["behaviour"] == "shown"]["part"]) == [
        "total", "direct", "through clicked", "interaction", "all but direct", "standardized total",
    ]  # fmt: skip
    assert ((frame["lower"] <= frame["value"]) & (frame["value"] <= frame["upper"])).all()
    told = json.loads(found.to_json())
    assert told["effects"][0]["parts"]["direct"]["stderr"] > 0
    assert "| behaviour |" in found.to_markdown()
    one = found["shown"]
    assert "all but direct" in str(one)
    assert list(one.to_frame()["part"]) == list(one.sizes)
    assert figure_png_bytes(found.draw(title="shown moves bought")).startswith(b"\x89PNG")
    with pytest.raises(UnknownNodeError, match="did you mean 'shown'"):
        found["show"]


def test_a_recanting_witness_is_refused_where_mechanisms_are_not_linear(tables):
    with pytest.raises(NotIdentifiableError, match=r"'shown' lies on .*recanting witness"):
        path_effect(tables, "taste", "bought", paths=[("taste", "shown", "bought")])
    with pytest.raises(NotIdentifiableError, match="recanting witness"):
        natural_effects(tables, "taste", "bought", "clicked")
    assert natural_effects(tables, "taste", "bought", ["shown", "clicked"]).parts["direct"].value > 0


def test_a_hidden_cause_of_mediator_and_outcome_is_refused():
    graph = CausalGraph(SHOP.edges, bidirected=[("visits", "sales")])
    with pytest.raises(NotIdentifiableError, match="'sales' and 'visits' share a hidden cause"):
        StructuralModel(graph).fit(linear_shop(0))


def test_wrong_questions_are_refused(shop):
    refused = [
        (lambda: influence_weights(StructuralModel(SHOP), "sales"), NotFittedError, "not fitted"),
        (lambda: influence_weights(shop, "sale"), UnknownNodeError, "did you mean 'sales'"),
        (lambda: influence_weights(shop, "sales", treatments=["shown"]), UnknownNodeError, "shown"),
        (lambda: influence_weights(shop, "sales", contrasts={"shown": (0, 1)}), UnknownNodeError, "shown"),
        (lambda: influence_weights(shop, "sales", contrasts={"display": 1}), DataError, "pair"),
        (lambda: influence_weights(shop, "sales", contrasts={"display": (1, 1)}), DataError, "twice"),
        (lambda: influence_weights(shop, "sales", contrasts={"display": ("a", "b")}), DataError, "holds text"),
        (lambda: influence_weights(shop, "sales", treatments=["sales"]), DataError, "at once"),
        (lambda: influence_weights(shop, "sales", treatments=[]), DataError, "`treatments` names none"),
        (lambda: influence_weights(shop, "sales", treatments=3), GraphError, "name"),
        (lambda: influence_weights(shop, "sales", contrasts=[("display", 0, 1)]), DataError, "maps nodes to pairs"),
        (lambda: influence_weights(shop, ["sales"]), UnknownNodeError, "sales"),
        (lambda: path_effect(shop, "display", "sales", edges=3), GraphError, "`edges` is 3"),
        (lambda: path_effect(shop, "display", "sales", edges=[], paths=[]), GraphError, "one of `edges` and `paths`"),
        (lambda: path_effect(shop, "display", "sales", edges=[], start=None), DataError, "missing"),
        (lambda: influence_weights(shop, "season"), DataError, "It has no causes"),
        (lambda: influence_weights(shop, "sales", n_samples=1), DataError, "`n_samples` is 1"),
        (lambda: path_effect(shop, "display", "sales"), GraphError, "one of `edges` and `paths`"),
        (lambda: path_effect(shop, "display", "sales", edges=[("sales", "display")]), GraphError, "sales"),
        (lambda: path_effect(shop, "display", "sales", paths=[("season", "sales")]), GraphError, "goes from 'display'"),
        (lambda: path_effect(shop, "display", "sales", paths=[3]), GraphError, "name"),
        (lambda: path_effect(shop, "display", "display", edges=[]), DataError, "at once"),
        (lambda: natural_effects(shop, "display", "sales", "season"), GraphError, "no mediator"),
        (lambda: natural_effects(shop, "display", "sales", ()), GraphError, "needs a mediator"),
    ]
    for ask, error, words in refused:
        with pytest.raises(error, match=words):
            ask()
    without = StructuralModel(SHOP, LINES, n_refits=0).fit(linear_shop(0))
    with pytest.raises(DataError, match="n_refits=100"):
        influence_weights(without, "sales")


def test_an_outcome_of_text_and_a_level_never_seen_are_refused():
    table = {name: values.astype(str) if name == "bought" else values for name, values in binary_shop(0, 300).items()}
    model = StructuralModel(TWICE, {"bought": ConditionalTable()}, n_refits=2).fit(table)
    with pytest.raises(DataError, match="'bought' is text"):
        influence_weights(model, "bought")
    with pytest.raises(DataError, match="never 2"):
        path_effect(model, "shown", "clicked", edges=[("shown", "clicked")], to=2)


def test_extrapolation_is_said(shop):
    assert "extrapolated" in str(natural_effects(shop, "display", "sales", "visits", to=40))
    assert "extrapolated" not in str(natural_effects(shop, "display", "sales", "visits", to=0.5))

"""do(), effects and sampling of structural models against what was planted."""

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, text
from causalrec.errors import (
    DataError,
    EstimationError,
    GraphError,
    MissingColumnsError,
    NotFittedError,
    NotIdentifiableError,
    UnknownNodeError,
)
from causalrec.graph import CausalGraph
from causalrec.structural import Boosting, ConditionalTable, GaussianRoot, LinearGaussian, Logistic, StructuralModel
from tests.estimation.planted import exact_interval
from tests.structural.worlds import BINARY_TOTAL, SHOP, TOTAL, binary_shop, linear_shop

N_RUNS = 150
BOOSTED = "boosting, additive noise"
CONFOUNDED = CausalGraph([("season", "display"), ("season", "sales"), ("display", "sales")])


@pytest.fixture(scope="module")
def shop():
    return StructuralModel(SHOP, n_refits=20).fit(linear_shop(0, 2_000))


def test_mechanisms_are_chosen_by_type():
    rng = np.random.default_rng(0)
    n = 1_000
    genre, age = rng.choice(["a", "b", "c"], n), rng.normal(size=n)
    shown = (rng.random(n) < 0.5).astype(int)
    bent = age**2 + rng.normal(size=n)
    device = np.where(rng.random(n) < 1 / (1 + np.exp(-age)), "phone", np.where(rng.random(n) < 0.5, "tv", "web"))
    clicked = rng.random(n) < 0.2 + 0.5 * shown
    bought = rng.random(n) < 1 / (1 + np.exp(-age - clicked))
    spent = age + 2.0 * bought + rng.normal(size=n)
    table = {"genre": genre, "age": age, "shown": shown, "bent": bent, "device": device, "clicked": clicked,
             "bought": bought, "spent": spent}  # fmt: skip
    graph = CausalGraph([("genre", "clicked"), ("shown", "clicked"), ("age", "bent"), ("age", "device"),
                         ("age", "bought"), ("clicked", "bought"), ("age", "spent"), ("bought", "spent")])  # fmt: skip
    names = {k: m.name for k, m in StructuralModel(graph, n_refits=0).fit(table).equations_.mechanisms.items()}
    assert names == {
        "genre": "conditional table", "shown": "conditional table", "age": "empirical", "bent": BOOSTED,
        "device": "logistic", "clicked": "conditional table", "bought": "logistic", "spent": "linear Gaussian",
    }  # fmt: skip


def test_the_effect_of_linear_mechanisms_is_the_product_of_their_coefficients(shop):
    found = shop.effect("display", "sales", start=-1, to=2)
    m = shop.equations_.mechanisms
    direct, visits, _ = m["sales"].coef_[1:][[0, 2, 1]]  # display, season, visits by name
    assert shop.equations_.parents["sales"] == ("display", "season", "visits")
    np.testing.assert_allclose(found.value, 3 * (direct + visits * m["visits"].coef_[1]), rtol=1e-10)
    assert abs(found.value / 3 - TOTAL) < 4 * found.stderr / 3


def test_do_has_the_closed_form_of_a_table():
    """Discrete: E[y | do(d)] = sum over s of P(s) E[y | d, s], exactly the plug-in of the same counts."""
    rng = np.random.default_rng(0)
    season = rng.integers(0, 3, 900)
    display = rng.random(900) < 0.2 + 0.3 * season
    sales = rng.random(900) < 0.1 + 0.2 * season + 0.3 * display
    plain = {"sales": ConditionalTable(prior_rows=0)}
    model = StructuralModel(CONFOUNDED, plain, n_refits=2).fit({"season": season, "display": display, "sales": sales})
    truth = sum(
        (season == s).mean() * (sales[(season == s) & display].mean() - sales[(season == s) & ~display].mean())
        for s in range(3)
    )
    found = model.effect("display", "sales", start=False, to=True, n_samples=400_000)
    assert abs(found.value - truth) < 2e-3


def test_the_effect_agrees_with_adjustment_and_with_dowhy():
    import pandas as pd
    from dowhy import gcm

    from causalrec import api

    table = binary_shop(1, 3_000)
    model = StructuralModel(SHOP, n_refits=30).fit(table)
    found = model.effect("display", "sales", n_samples=20_000)
    frame = pd.DataFrame(table)
    adjusted = api.estimate(api.identify(SHOP, "display", "sales"), Dataset.from_frames(frame))
    assert abs(found.value - adjusted.value) < 2 * found.stderr
    from causalrec.structural.gcm import gcm_model, seeded

    with seeded(0):
        theirs = gcm_model(model.equations_, model.nodes_, "sales")
        means = [
            gcm.interventional_samples(theirs, {"display": lambda x, level=level: level}, num_samples_to_draw=100_000)
            for level in (0.0, 1.0)
        ]
    np.testing.assert_allclose(found.value, means[1]["sales"].mean() - means[0]["sales"].mean(), atol=0.03)
    ours = model.do({"display": 1}, 100_000)
    np.testing.assert_allclose(ours["sales"].mean(), means[1]["sales"].mean(), atol=0.03)
    np.testing.assert_allclose(ours["sales"].std(), means[1]["sales"].std(), atol=0.03)


WORLDS = {"linear": (linear_shop, TOTAL), "binary": (binary_shop, BINARY_TOTAL)}


@pytest.mark.parametrize(("world", "truth"), WORLDS.values(), ids=WORLDS)
def test_intervals_cover(world, truth):
    covered, errors, said = 0, [], []
    for seed in range(N_RUNS):
        model = StructuralModel(SHOP, {"sales": LinearGaussian()}, n_refits=15).fit(world(seed, 250))
        found = model.effect("display", "sales", n_samples=500)
        low, high = found.interval()
        covered += low <= truth <= high
        errors.append(found.value - truth)
        said.append(found.stderr)
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high, covered
    assert 0.85 < np.std(errors) / np.sqrt(np.mean(np.square(said))) < 1.15


def test_the_error_holds_that_of_simulation():
    """Many rows, few simulated units: the spread over seeds of the simulation is about the error that is said."""
    found = []
    for seed in range(30):
        model = StructuralModel(SHOP, {"sales": LinearGaussian()}, n_refits=5, random_state=seed)
        found.append(model.fit(binary_shop(0, 20_000)).effect("display", "sales", n_samples=100))
    said = np.sqrt(np.mean([one.stderr**2 for one in found]))
    assert 0.7 < np.std([one.value for one in found]) / said < 1.4
    assert said > 0.05


def test_clusters_are_resampled_whole():
    """Rows that are copies of each other say no more: the error is that of the first copies."""
    once = linear_shop(3, 300)
    copies = {node: np.repeat(array, 5) for node, array in once.items()}
    copies["user"] = np.repeat(np.arange(300), 5)
    lines = dict.fromkeys(("display", "visits", "sales"), LinearGaussian())
    alone, together, ignored = (
        StructuralModel(SHOP, lines, n_refits=100).fit(rows, clusters=name).effect("display", "sales", n_samples=1_000)
        for rows, name in ((once, None), (copies, "user"), (copies, None))
    )
    assert together.n_clusters == {"user": 300}
    assert abs(together.stderr / alone.stderr - 1) < 0.3
    assert ignored.stderr < 0.6 * alone.stderr


def test_samples_look_like_the_table(shop):
    drawn, table = shop.sample(20_000), linear_shop(0, 2_000)
    frame = drawn.to_frame()
    np.testing.assert_allclose(frame.mean(), [np.mean(table[node]) for node in frame], atol=0.1)
    ours, theirs = frame.corr().to_numpy(), np.corrcoef([table[node] for node in frame])
    np.testing.assert_allclose(ours, theirs, atol=0.03)
    assert "20,000 samples" in str(drawn)


def test_do_takes_a_value_an_array_or_a_function(shop):
    assert (shop.do({"display": 3.0}, 10)["display"] == 3).all()
    np.testing.assert_array_equal(shop.do({"display": np.arange(10.0)}, 10)["display"], np.arange(10))
    shifted, plain = shop.do({"display": lambda display: display + 1}, 10), shop.sample(10)
    np.testing.assert_allclose(shifted["display"], plain["display"] + 1)
    np.testing.assert_array_equal(shifted["season"], plain["season"])
    np.testing.assert_allclose(
        shifted["sales"] - plain["sales"], shop.effect("display", "sales").value * np.ones(10), rtol=1e-9
    )


def test_rows_in_another_order_give_the_same(shop):
    table = linear_shop(0, 2_000)
    order = np.random.default_rng(1).permutation(2_000)
    for array in table.values():
        array.setflags(write=False)
    again = StructuralModel(SHOP, n_refits=20).fit({node: array[order] for node, array in table.items()})
    first, second = (model.effect("display", "sales") for model in (shop, again))
    assert (first.value, first.stderr) == (second.value, second.stderr)


def test_a_named_mechanism_is_taken_and_not_touched():
    given = {"season": GaussianRoot(), "sales": Boosting(n_trees=20)}
    model = StructuralModel(SHOP, given, n_refits=0).fit(linear_shop(0))
    assert model.equations_.mechanisms["season"].name == "Gaussian"
    assert model.equations_.mechanisms["sales"].name.startswith("boosting")
    assert not hasattr(given["sales"], "trees_")


def test_a_dataset_says_which_columns_are_which_nodes():
    table = linear_shop(0, 400)
    renamed = {"w": table["season"], "display": table["display"], "visits": table["visits"], "y": table["sales"]}
    data = Dataset.from_frames(pa.table(renamed), columns={"season": "w", "sales": "y"})
    ours = StructuralModel(SHOP, n_refits=5).fit(data).effect("display", "sales")
    theirs = StructuralModel(SHOP, n_refits=5).fit(table).effect("display", "sales")
    assert (ours.value, ours.stderr) == (theirs.value, theirs.stderr)


class Letters:
    """An encoder of three columns."""

    def encode(self, texts):
        return np.array([[len(one), one.count("a"), one.count("ab")] for one in texts], dtype=float)


def test_text_is_a_block_with_a_network():
    rng = np.random.default_rng(0)
    genre = rng.integers(0, 2, 400)
    words = ["".join(rng.choice(["a", "b"], p=[0.8 - 0.6 * g, 0.2 + 0.6 * g], size=rng.integers(4, 8))) for g in genre]
    counts = Letters().encode(words)
    clicked = counts[:, 1] - 0.5 * counts[:, 2] + rng.normal(size=400)
    graph = CausalGraph([("genre", "words"), ("words", "clicked")])
    data = Dataset.from_frames(
        pa.table({"genre": genre, "words": words, "clicked": clicked}),
        columns={"words": text("words", model=Letters())},
    )
    model = StructuralModel(graph, n_refits=5).fit(data)
    assert model.nodes_["words"].n_columns == 3
    assert model.equations_.mechanisms["words"].name == "neural, additive noise"
    means = [counts[genre == g] @ [0, 1, -0.5] for g in (0, 1)]
    found = model.effect("genre", "clicked")
    assert abs(found.value - (means[1].mean() - means[0].mean())) < 0.4
    assert "smooths bends" in str(found)
    would_be = model.counterfactual(data, {"genre": 1})
    assert would_be.nodes.keys() == {"clicked"}
    assert any("smooths bends" in note for note in would_be.notes)


REFUSED = {  # name: (graph, columns to change, error, words)
    "latent": (CausalGraph([("u", "a"), ("u", "b")], latent=["u"]), {}, GraphError, "a <-> b"),
    "latent between": (CausalGraph([("a", "u"), ("u", "b")], latent=["u"]), {}, GraphError, "latent_projection"),
    "shared cause": (CausalGraph([("a", "b")], bidirected=[("a", "b")]), {}, NotIdentifiableError, "'a' and 'b'"),
    "no column": (CausalGraph([("a", "b"), ("a", "sees")]), {}, MissingColumnsError, "sees"),
    "missing values": (CausalGraph([("a", "b")]), {"b": [1.5, np.nan] * 20}, DataError, "'b' 20"),
    "collinear": (CausalGraph([("a", "b"), ("c", "b")]), {}, EstimationError, "'b'.*'a', 'c'.*rank 1 of 2"),
    "separated": (CausalGraph([("a", "d")]), {}, EstimationError, "'d'.*logistic"),
    "constant": (CausalGraph([("a", "k")]), {}, EstimationError, "'k'.*two categories"),
    "no rows": (CausalGraph([("a", "b")]), {k: [] for k in "abcdk"}, DataError, "no rows"),
    "lengths": (CausalGraph([("a", "b")]), {"a": [1.0]}, DataError, "one length"),
}


@pytest.mark.parametrize(("graph", "changed", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_fitted_is_refused(graph, changed, error, words):
    rng = np.random.default_rng(0)
    a = rng.normal(size=40)
    table = {"a": a, "b": a + rng.normal(size=40), "c": 2 * a, "d": a > 0, "k": np.ones(40)} | changed
    with pytest.raises(error, match=words):
        StructuralModel(graph, n_refits=2).fit({name: np.array(column) for name, column in table.items()})


def test_text_where_numbers_are_needed_is_refused():
    table = linear_shop(0) | {"sales": np.array(["much", "little"] * 250)}
    with pytest.raises(DataError, match=r"'sales' holds.*no numbers"):
        StructuralModel(SHOP).fit(table, kinds={"sales": "continuous"})


def test_wrong_questions_are_refused(shop):
    with pytest.raises(UnknownNodeError, match="did you mean 'sales'"):
        shop.effect("display", "sale")
    with pytest.raises(DataError, match="at once"):
        shop.effect("sales", "sales")
    with pytest.raises(DataError, match="n_refits=100"):
        StructuralModel(SHOP, n_refits=0).fit(linear_shop(0)).effect("display", "sales")
    with pytest.raises(NotFittedError):
        StructuralModel(SHOP).sample(3)
    with pytest.raises(DataError, match="whole number"):
        shop.sample(0)
    with pytest.raises(UnknownNodeError):
        shop.do({"shown": 1}, 10)
    with pytest.raises(DataError, match="maps nodes"):
        shop.do({}, 10)
    with pytest.raises(DataError, match="one value"):
        shop.effect("display", "sales", start=lambda display: display)
    with pytest.raises(DataError, match="holds text"):
        shop.do({"display": "much"}, 10)
    with pytest.raises(DataError, match=r"array \(3,\)"):
        shop.do({"display": [1, 2, 3]}, 10)
    with pytest.raises(UnknownNodeError):
        StructuralModel(SHOP, {"nobody": LinearGaussian()}).fit(linear_shop(0))


WRONG = {  # name: (arguments of the model, arguments of `fit`, error, words)
    "graph": ({"graph": [("season", "sales")]}, {}, GraphError, "CausalGraph"),
    "empty graph": ({"graph": CausalGraph([])}, {}, GraphError, "no nodes"),
    "mechanisms": ({"mechanisms": ["sales"]}, {}, DataError, "`mechanisms` maps"),
    "a name": ({"mechanisms": {"sales": "linear"}}, {}, DataError, "'sales' is 'linear'"),
    "a class": ({"mechanisms": {"sales": LinearGaussian}}, {}, DataError, r"LinearGaussian\(\)"),
    "random_state": ({"random_state": "a"}, {}, DataError, "`random_state` is 'a'"),
    "negative": ({"random_state": -1}, {}, DataError, "`random_state` is -1"),
    "kinds": ({}, {"kinds": "continuous"}, DataError, "`kinds` maps"),
    "columns": ({}, {"columns": "season"}, DataError, "`columns` maps"),
    "short clusters": ({}, {"clusters": "short"}, DataError, "'short' has 9 rows"),
    "holes in clusters": ({}, {"clusters": "holes"}, DataError, "'holes' has 100 missing"),
}


@pytest.mark.parametrize(("given", "asked", "error", "words"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused(given, asked, error, words):
    table = linear_shop(0) | {"short": np.arange(9), "holes": np.where(np.arange(500) < 100, np.nan, np.arange(500))}
    with pytest.raises(error, match=words):
        StructuralModel(**{"graph": SHOP, "n_refits": 2} | given).fit(table, **asked)


def test_a_level_that_was_never_seen_is_refused():
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, 300)
    table = {"stars": stars, "sales": stars + rng.normal(size=300)}
    model = StructuralModel(CausalGraph([("stars", "sales")]), n_refits=5).fit(table)
    with pytest.raises(DataError, match=r"never 2\.5.*continuous"):
        model.effect("stars", "sales", start=1, to=2.5)
    told = StructuralModel(CausalGraph([("stars", "sales")]), n_refits=5).fit(table, kinds={"stars": "continuous"})
    assert abs(told.effect("stars", "sales", start=1, to=2.5).value - 1.5) < 0.3


def test_extrapolation_is_said():
    model = StructuralModel(SHOP, n_refits=5).fit(linear_shop(0, 300))
    far = model.effect("display", "sales", start=0, to=30)
    assert far.extrapolated["sales"] == far.extrapolated["visits"] == 1
    assert "extrapolated" in str(far)
    assert "extrapolated" not in str(model.effect("display", "sales", start=0, to=0.5))


def test_logistic_of_three_is_that_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 2))
    odds = np.column_stack([np.zeros(800), x @ [1, -1], 0.5 + x @ [0, 1]]) + rng.gumbel(size=(800, 3))
    table = {"a": x[:, 0], "b": x[:, 1], "y": np.array(["u", "v", "w"])[odds.argmax(axis=1)]}
    model = StructuralModel(CausalGraph([("a", "y"), ("b", "y")]), {"y": Logistic()}, n_refits=0).fit(table)
    theirs = sm.MNLogit(odds.argmax(axis=1), sm.add_constant(x)).fit(disp=0)
    np.testing.assert_allclose(model.equations_.mechanisms["y"].coef_[1:], theirs.params.T, atol=2e-4)

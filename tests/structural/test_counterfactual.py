"""Counterfactuals against units whose noise, and so whose other outcome, was planted."""

import numpy as np
import pytest

from causalrec.errors import DataError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.structural import Boosting, LinearGaussian, Logistic, StructuralModel
from tests.estimation.planted import exact_interval
from tests.structural.worlds import SHOP, binary_shop, linear_shop

N_RUNS = 100
LINES = dict.fromkeys(("display", "visits", "sales"), LinearGaussian())


def test_linear_counterfactuals_are_exact():
    """Noise orthogonal to the parents: least squares finds the planted coefficients, and abduction the noise."""
    was, would = linear_shop(0, exact=True), linear_shop(0, exact=True, display=2.0)
    found = StructuralModel(SHOP, n_refits=0).fit(was).counterfactual(was, {"display": 2.0})
    assert found.is_exact
    for node in ("visits", "sales"):
        np.testing.assert_allclose(found[node].value, would[node], atol=1e-6)
        np.testing.assert_array_equal(found[node].factual, was[node])
        np.testing.assert_allclose(found[node].difference, would[node] - was[node], atol=1e-6)


def test_an_action_that_changes_nothing_gives_the_units_back():
    for world in (linear_shop, binary_shop):
        was = world(0)
        model = StructuralModel(SHOP, n_refits=5).fit(was)
        found = model.counterfactual(was, {"display": lambda display: display}, n_draws=40)
        for node in ("display", "visits", "sales"):
            np.testing.assert_allclose(found[node].value, was[node].astype(float), atol=1e-9)
            np.testing.assert_allclose(found[node].upper, was[node].astype(float), atol=1e-9)


def test_dowhy_says_the_same_of_additive_noise():
    import pandas as pd
    from dowhy import gcm

    from causalrec.structural.gcm import gcm_model

    was = linear_shop(0)
    model = StructuralModel(SHOP, n_refits=0).fit(was)
    theirs = gcm.counterfactual_samples(
        gcm_model(model.equations_, model.nodes_, "sales"), {"display": lambda _: 1.0}, observed_data=pd.DataFrame(was)
    )
    ours = model.counterfactual(was, {"display": 1.0}, outcome="sales")
    np.testing.assert_allclose(ours["sales"].value, theirs["sales"], rtol=1e-10)


def test_intervals_of_linear_counterfactuals_cover():
    """One unit a run, a new one: the interval holds what least squares does not know."""
    covered = 0
    for seed in range(2 * N_RUNS):
        model = StructuralModel(SHOP, LINES, n_refits=40).fit(linear_shop(seed, 150))
        noise = np.random.default_rng(10_000 + seed).normal(size=(4, 1))
        was, would = linear_shop(0, 1, noise=noise), linear_shop(0, 1, noise=noise, display=2.0)
        one = model.counterfactual(was, {"display": 2.0}, outcome="sales")["sales"]
        covered += one.lower[0] <= would["sales"][0] <= one.upper[0]
    low, high = exact_interval(covered, 2 * N_RUNS)
    assert low <= 0.95 <= high, covered


def test_draws_of_categories_are_calibrated():
    """A unit's would-be visit: of those said to have a chance of p, a share p has it; sales within their interval."""
    said, true, inside = [], [], []
    for seed in range(12):
        was, would = binary_shop(seed, 500), binary_shop(seed, 500, display=1)
        found = StructuralModel(SHOP, n_refits=20).fit(was).counterfactual(was, {"display": 1}, n_draws=100)
        open_ = (was["display"] == 0) & (was["visits"] == 0)
        said.append(found["visits"].value[open_])
        true.append(would["visits"][open_])
        sales = found["sales"]
        changed = was["display"] == 0
        inside.append(((sales.lower <= would["sales"]) & (would["sales"] <= sales.upper))[changed])
    said, true, inside = map(np.concatenate, (said, true, inside))
    assert len(said) > 1_000
    assert abs(said.mean() - true.mean()) < 4 * np.sqrt(0.25 / len(said))
    # The planted chance that noise above 1 - p(0) turns out above 1 - p(1), given that it lies below 1 - p(0).
    before, after = 1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-0.7))
    assert abs(said.mean() - (after - before) / (1 - before)) < 0.03
    assert inside.mean() > 0.93


def test_monotone_noise_never_takes_a_visit_away():
    was = binary_shop(0, 1_000)
    model = StructuralModel(SHOP, n_refits=0).fit(was)
    found = model.counterfactual(was, {"display": 1}, outcome="visits")
    assert (found["visits"].value[was["visits"] == 1] == 1).all()
    assert found.notes[-1].endswith("visits monotone")
    assert (found["visits"].likeliest[was["visits"] == 1] == 1).all()


def curved(seed, n=600, x=None, noise=None):
    rng = np.random.default_rng(seed)
    z, e, u = (rng.uniform(-1, 1, n), rng.normal(size=n), rng.uniform(-0.7, 0.7, n)) if noise is None else noise
    natural = z + u
    shown = natural if x is None else np.full(len(z), x)
    return {"z": z, "x": shown, "y": 2 * np.sin(2 * shown) + z**2 + 0.5 * e}


def test_boosted_counterfactuals_cover_and_are_nearer_than_a_line():
    graph = CausalGraph([("z", "x"), ("z", "y"), ("x", "y")])
    inside, errors, of_line = [], [], []
    for seed in range(2):
        was, would = curved(seed), curved(seed, x=0.5)
        model = StructuralModel(graph, {"x": LinearGaussian(), "y": Boosting(n_trees=60)}, n_refits=25).fit(was)
        found = model.counterfactual(was, {"x": 0.5}, outcome="y")["y"]
        held = (found.lower <= would["y"]) & (would["y"] <= found.upper)
        inside.append(held[~found.extrapolated])  # flagged units promise nothing, and do worse
        errors.append(found.value - would["y"])
        line = StructuralModel(graph, {"y": LinearGaussian()}, n_refits=0).fit(was)
        of_line.append(line.counterfactual(was, {"x": 0.5}, outcome="y")["y"].value - would["y"])
    assert np.square(errors).mean() < 0.25 * np.square(of_line).mean()
    assert np.concatenate(inside).mean() > 0.92
    assert np.concatenate(inside).size > 600


def test_gumbel_noise_gives_the_categories_that_were_seen():
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    odds = np.column_stack([np.zeros(600), x, -x]) + rng.gumbel(size=(600, 3))
    was = {"x": x, "device": np.array(["phone", "tv", "web"])[odds.argmax(axis=1)]}
    model = StructuralModel(CausalGraph([("x", "device")]), n_refits=10).fit(was)
    same = model.counterfactual(was, {"x": lambda natural: natural})["device"]
    assert (same.likeliest == was["device"]).all()
    found = model.counterfactual(was, {"x": 2.0})["device"]
    assert found.probabilities.shape == (600, 3)
    truth = (np.array([0, 2, -2]) + odds - np.column_stack([np.zeros(600), x, -x])).argmax(axis=1)
    assert abs(found.probabilities[:, 1].mean() - (truth == 1).mean()) < 0.05
    likely = np.array(["phone", "tv", "web"])[truth] == found.likeliest
    assert likely.mean() > 0.75
    # More of what raises the odds of tv alone turns no tv into something else.
    assert (found.likeliest[(was["device"] == "tv") & (x < 2)] == "tv").all()
    assert "web (" in str(model.counterfactual(was, {"x": -3.0})) or "web" in found.node.levels


def test_extrapolation_is_flagged_by_unit_and_node():
    was = linear_shop(0)
    model = StructuralModel(SHOP, n_refits=0).fit(was)
    inside = model.counterfactual(was, {"display": lambda display: display * 0.99})
    assert inside.extrapolated.mean() < 0.05
    far = model.counterfactual(was, {"display": 20.0})
    assert far["sales"].extrapolated.all()
    assert far["visits"].extrapolated.all()
    assert "extrapolated units, by node: visits 500, sales 500" in str(far)
    strange = {
        node: np.append(array[:3], value) for (node, array), value in zip(was.items(), (0, 0, 0, 99), strict=True)
    }
    # An odd outcome is noise of its own, no extrapolation: its parents are ordinary.
    assert not model.counterfactual(strange, {"display": 0.5}, outcome="sales")["sales"].extrapolated[3]
    strange["season"][3] = 50
    assert model.counterfactual(strange, {"display": 0.5}, outcome="sales")["sales"].extrapolated[3]


def test_extrapolation_on_the_way_to_the_outcome_is_told():
    """Visits of 0 or 1 are ordinary for sales, whatever made them; the mechanism of visits was never that far."""
    graph = CausalGraph([("season", "display"), ("display", "visits"), ("visits", "sales"), ("season", "sales")])
    was = binary_shop(0)
    was["display"] = was["season"] + was["display"]
    model = StructuralModel(graph, {"visits": Logistic()}, n_refits=0).fit(was)
    for outcome in ("sales", None):
        found = model.counterfactual(was, {"display": 20.0}, outcome=outcome, n_draws=20)
        assert found["sales"].extrapolated.mean() < 0.05
        assert found.extrapolated.all()
        assert "visits 500" in str(found)


def test_a_combination_never_seen_is_extrapolation():
    rng = np.random.default_rng(0)
    phone = rng.integers(0, 2, 400)
    shown = phone * rng.integers(0, 2, 400)  # shown on phones alone
    was = {"phone": phone, "shown": shown, "y": phone + shown + rng.normal(size=400)}
    graph = CausalGraph([("phone", "shown"), ("phone", "y"), ("shown", "y")])
    found = StructuralModel(graph, n_refits=0).fit(was).counterfactual(was, {"shown": 1}, outcome="y")
    np.testing.assert_array_equal(found["y"].extrapolated, phone == 0)


def test_units_in_another_order_and_many_at_once(monkeypatch):
    was = binary_shop(0, 300)
    model = StructuralModel(SHOP, n_refits=10).fit(was)
    order = np.random.default_rng(1).permutation(300)
    first = model.counterfactual(was, {"display": 1})
    again = model.counterfactual({node: array[order] for node, array in was.items()}, {"display": 1})
    np.testing.assert_array_equal(again["sales"].value, first["sales"].value[order])
    np.testing.assert_array_equal(again["sales"].upper, first["sales"].upper[order])
    monkeypatch.setattr("causalrec.structural.unit_counterfactuals.UNITS_AT_ONCE", 70)
    parts = model.counterfactual(was, {"display": 1})
    np.testing.assert_allclose(parts["sales"].value, first["sales"].value, atol=0.5)
    np.testing.assert_array_equal(parts["sales"].factual, was["sales"])


def test_it_prints_and_turns_into_plain_numbers():
    was = binary_shop(0, 30)
    found = StructuralModel(SHOP, n_refits=30).fit(binary_shop(1)).counterfactual(was, {"display": 1})
    assert "30 units under do(display = 1), 200 draws" in str(found)
    assert "... 20 more units" in str(found)
    told = found.to_dict()
    assert len(told["units"]) == 60
    mean = told["average"]["sales"]
    assert mean["lower"] < mean["difference"] < mean["upper"]
    assert len(found.to_frame()) == 60
    assert '"is_exact": false' in found.to_json()


def test_wrong_questions_are_refused():
    was = linear_shop(0)
    model = StructuralModel(SHOP, n_refits=5).fit(was)
    with pytest.raises(DataError, match="'season' is no effect of 'display'"):
        model.counterfactual(was, {"display": 1}, outcome="season")
    with pytest.raises(UnknownNodeError):
        model.counterfactual(was, {"display": 1}, outcome="sale")
    with pytest.raises(DataError, match="n_draws"):
        model.counterfactual(was, {"display": 1}, n_draws=3)
    with pytest.raises(DataError, match="level"):
        model.counterfactual(was, {"display": 1}, level=95)
    with pytest.raises(DataError, match="missing"):
        model.counterfactual(was | {"sales": np.full(500, np.nan)}, {"display": 1})
    with pytest.raises(DataError, match="array"):
        model.counterfactual(was, {"display": [1, 2]})

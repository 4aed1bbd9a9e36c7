"""Effects and interventions."""

import numpy as np
import pytest

from causalrec.errors import DataError, GraphError, UnknownNodeError
from causalrec.structural.linear_sem import LinearSEM
from tests.structural.linear_sem.planted_path import TEXT, planted_rows


@pytest.fixture(scope="module")
def fit():
    return LinearSEM(TEXT).fit(planted_rows(0, 500))


def test_effects_are_the_defined_products(fit):
    found = fit.effect("taste", "purchase")
    for name, effect in (("indirect", found.indirect), ("total", found.total), ("purchase ~ taste", found.direct)):
        expected = fit.parameter(name).estimate
        assert (effect.value, effect.stderr) == pytest.approx((expected.value, expected.stderr), abs=1e-12)


def test_delta_error_of_a_product_is_sobels(fit):
    a, b = fit.parameter("exposure ~ taste").estimate, fit.parameter("purchase ~ exposure").estimate
    cross = fit._covariance[_place(fit, "a"), _place(fit, "b")]
    sobel = np.sqrt((a.value * b.stderr) ** 2 + (b.value * a.stderr) ** 2 + 2 * a.value * b.value * cross)
    assert fit.effect("taste", "purchase").indirect.stderr == pytest.approx(sobel, abs=1e-12)


def _place(fit, name):
    return fit._solution.shape.parameters.index(name)


def test_through_one_mediator_and_not_the_other():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    m, k = 0.5 * x + rng.normal(size=400), -0.7 * x + rng.normal(size=400)
    y = m + 0.3 * k + 0.2 * x + rng.normal(size=400)
    text = "m ~ a1*x\nk ~ a2*x\ny ~ b1*m + b2*k + c*x\nthrough_m := a1*b1\npast_m := c + a2*b2"
    fit = LinearSEM(text).fit({"x": x, "m": m, "k": k, "y": y})
    found = fit.effect("x", "y", through="m")
    for name, effect in (("through_m", found.indirect), ("past_m", found.direct)):
        expected = fit.parameter(name).estimate
        assert (effect.value, effect.stderr) == pytest.approx((expected.value, expected.stderr), abs=1e-12)
    both = fit.effect("x", "y", through=["m", "k"])
    assert both.direct.value == pytest.approx(fit.parameter("y ~ x").estimate.value, abs=1e-12)


def test_a_standardised_total_effect_of_one_regression_is_the_correlation():
    rows = planted_rows(1)
    found = LinearSEM("purchase ~ exposure").fit(rows).effect("exposure", "purchase").standardized
    r = np.corrcoef(rows["exposure"], rows["purchase"])[0, 1]
    assert found.value == pytest.approx(r, abs=1e-10)
    assert found.stderr == pytest.approx((1 - r**2) / np.sqrt(300), rel=1e-9)


def test_no_path_no_effect(fit):
    found = fit.effect("purchase", "exposure")
    assert (found.total.value, found.total.stderr) == (0, 0)


def test_do_in_one_regression_is_its_prediction():
    from statsmodels.api import OLS, add_constant

    rows = planted_rows(2)
    found = LinearSEM("purchase ~ exposure").fit(rows).do({"exposure": 2.0})
    oracle = OLS(rows["purchase"], add_constant(rows["exposure"])).fit().get_prediction([[1.0, 2.0]])
    mean = found.means["purchase"]
    assert mean.value == pytest.approx(oracle.predicted_mean[0], abs=1e-9)
    assert mean.stderr == pytest.approx(oracle.se_mean[0] * np.sqrt(298 / 300), abs=1e-9)


def test_do_moves_what_follows_and_nothing_before(fit):
    rows = planted_rows(0, 500)
    found = fit.do({"exposure": 2.0})
    slope = fit.parameter("purchase ~ exposure").estimate.value
    moved = rows["purchase"].mean() + slope * (2 - rows["exposure"].mean())
    assert found.means["purchase"].value == pytest.approx(moved, abs=1e-9)
    assert found.means["clicks"].value == pytest.approx(rows["clicks"].mean(), abs=1e-9)
    assert found.means["taste"].value == pytest.approx(0, abs=1e-12)
    assert found.variances["purchase"] < rows["purchase"].var()


def test_do_covers_the_planted_mean():
    from tests.estimation.planted import exact_interval

    covered = 0
    for seed in range(100):
        found = LinearSEM(TEXT, errors="robust").fit(planted_rows(seed)).do({"exposure": 2.0}).means["purchase"]
        low, high = found.interval()
        covered += low <= 1.0 <= high  # .5 * 2
    low, high = exact_interval(covered, 100)
    assert low <= 0.95 <= high


def test_a_loop_is_cut_where_it_is_set():
    rng = np.random.default_rng(0)
    u, v, x, z = rng.normal(size=(4, 4000))
    # y = .5 w + x + u; w = .4 y + z + v
    y = (x + u + 0.5 * (z + v)) / 0.8
    w = 0.4 * y + z + v
    fit = LinearSEM("y ~ w + x\nw ~ y + z\ny ~~ 0*w").fit({"y": y, "w": w, "x": x, "z": z})
    assert fit.effect("w", "y").total.value == pytest.approx(fit.parameter("y ~ w").estimate.value, abs=1e-12)
    through = fit.parameter("y ~ x").estimate.value / (
        1 - fit.parameter("y ~ w").estimate.value * fit.parameter("w ~ y").estimate.value
    )
    assert fit.effect("x", "y").total.value == pytest.approx(through, abs=1e-12)
    assert fit.effect("w", "y").total.value == pytest.approx(0.5, abs=0.1)


def test_far_values_are_an_extrapolation(fit):
    assert "standard deviations from its mean: an extrapolation" in str(fit.do({"exposure": 50.0}))
    assert fit.do({"exposure": 1.0}).notes == ()


def test_it_prints(fit):
    text = str(fit.effect("taste", "purchase"))
    assert text.startswith("Effect of taste on purchase\n  total         +0.")
    assert "through exposure" in str(fit.effect("taste", "purchase", through="exposure"))
    assert fit.effect("taste", "purchase").to_dict()["total"]["lower"] < fit.effect("taste", "purchase").total.value


def test_refusals(fit):
    with pytest.raises(UnknownNodeError, match=r"no node 'exposur'.*did you mean 'exposure'"):
        fit.effect("exposur", "purchase")
    with pytest.raises(GraphError, match="must all differ"):
        fit.effect("taste", "taste")
    with pytest.raises(GraphError, match="must all differ"):
        fit.effect("taste", "purchase", through="taste")
    with pytest.raises(GraphError, match="got 5"):
        fit.effect("taste", "purchase", through=5)
    with pytest.raises(UnknownNodeError, match="price"):
        fit.do({"price": 1.0})
    with pytest.raises(DataError, match="set to 'much'"):
        fit.do({"exposure": "much"})
    with pytest.raises(DataError, match="is a mapping"):
        fit.do({})
    covariance = LinearSEM("y ~ x").fit_covariance([[2, 1], [1, 2]], ["x", "y"], 100)
    with pytest.raises(DataError, match="means are not known"):
        covariance.do({"x": 1.0})

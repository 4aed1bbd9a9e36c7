import json

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.longitudinal import LagEffects
from causalrec.estimation.longitudinal.almon import lag_basis

SPREAD = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.16]])
FOUND = LagEffects(
    "display",
    "bought",
    "week",
    (-1, 0, 1),
    np.array([0.1, 4.0, -1.0]),
    SPREAD,
    30.0,
    500,
    "least squares",
    "items",
    {"shop": 31},
)


def test_sums_have_the_error_of_sums():
    assert FOUND.total.value == pytest.approx(3.0)
    assert FOUND.total.stderr == pytest.approx(np.sqrt(0.09 + 0.16 - 0.04))
    sums = FOUND.cumulative()
    assert sums.lags == (0, 1)
    np.testing.assert_allclose(sums.value, [4.0, 3.0])
    np.testing.assert_allclose(sums.stderr, [0.3, FOUND.total.stderr])


def test_the_share_paid_back_has_the_error_of_a_ratio():
    back = FOUND.paid_back()
    assert back.value == pytest.approx(0.25)
    draws = np.random.default_rng(0).multivariate_normal(FOUND.value, SPREAD, 200_000)
    assert back.stderr == pytest.approx(np.std(-draws[:, 2] / draws[:, 1]), rel=0.03)


def test_leads_are_tested_jointly():
    assert FOUND.leads_test.statistic == pytest.approx(0.1**2 / 0.04)
    late = LagEffects("d", "b", "week", (0,), np.ones(1), np.eye(1), 30.0, 5, "")
    assert late.leads_test is None


def test_it_is_written_in_four_ways():
    text = str(FOUND)
    assert "lead" in text
    assert "total over 2 weeks: +3" in text
    assert "clustered by 31 shop" in text
    frame = FOUND.to_frame()
    assert frame["lag"].tolist() == [-1, 0, 1]
    assert np.isnan(frame["cumulative"][0])
    assert json.loads(json.dumps(FOUND.to_dict()))["total"]["value"] == pytest.approx(3.0)
    assert FOUND.chart().axes[0].get_ylabel() == "items"


def test_shares_of_nothing_are_refused():
    weak = LagEffects("d", "b", "week", (0, 1), np.array([0.1, 1.0]), np.eye(2), 30.0, 5, "")
    with pytest.raises(EstimationError, match="not clearly other than 0"):
        weak.paid_back()
    with pytest.raises(EstimationError, match="only lag 0"):
        weak.cumulative().__class__("d", "b", "week", (0,), np.ones(1), np.eye(1) / 100, 30.0, 5, "").paid_back()
    with pytest.raises(DataError, match="level"):
        FOUND.interval(95)


def test_a_polynomial_through_the_lags():
    basis = lag_basis(5, 2, 2)
    assert basis.shape == (8, 6)
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-12)
    square = np.array([0.0, 0.0, 9.0, *(1 + lag - 0.5 * lag**2 for lag in range(1, 6))])  # today is off the curve
    np.testing.assert_allclose(basis @ (basis.T @ square), square, atol=1e-12)

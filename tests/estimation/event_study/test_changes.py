import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.event_study.changes import difference_of_changes
from causalrec.estimation.nuisances.logistic import logistic, sigmoid


def sample(seed=0, n=400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    treated = rng.random(n) < sigmoid(0.5 * x)
    return 1 + x + treated + rng.normal(size=n), treated, np.column_stack([np.ones(n), x]), np.ones(n)


def test_equals_its_formula():
    """Sant'Anna, Zhao 2020, equation 3.1, written out."""
    change, treated, X, weight = sample()
    value, _ = difference_of_changes(change, treated, X, weight)
    p = sigmoid(X @ logistic(X, treated.astype(float), 0.0))
    left = change - X @ np.linalg.lstsq(X[~treated], change[~treated], rcond=None)[0]
    odds = np.where(treated, 0, p / (1 - p))
    assert value == pytest.approx(left[treated].mean() - odds @ left / odds.sum(), rel=1e-9)


def test_influence_is_what_leaving_a_unit_out_changes():
    change, treated, X, weight = sample()
    value, influence = difference_of_changes(change, treated, X, weight)
    assert influence.sum() == pytest.approx(0, abs=1e-10)
    for unit in range(0, 400, 37):
        less = weight.copy()
        less[unit] = 1 - 1e-5
        moved = difference_of_changes(change, treated, X, less)[0]
        assert (value - moved) / 1e-5 == pytest.approx(influence[unit], rel=2e-3, abs=1e-7)


def test_copied_and_scaled_covariates_change_nothing():
    change, treated, X, weight = sample()
    value, influence = difference_of_changes(change, treated, X, weight)
    again, same = difference_of_changes(change, treated, np.column_stack([X, 5 * X[:, 1]]), weight)
    assert again == pytest.approx(value, rel=1e-7)
    np.testing.assert_allclose(same, influence, rtol=1e-5, atol=1e-9)


def test_no_overlap_is_refused():
    change, treated, X, weight = sample()
    X[:, 1] += 3.5 * treated
    with pytest.raises(EstimationError, match="overlap"):
        difference_of_changes(change, treated, X * [1, 3], weight)

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from causalrec.estimation.uncertainty.multiplicity import holm, step_down_p

N_DRAWS = 200_000


def test_holm_agrees_with_statsmodels():
    p = np.random.default_rng(0).random(9) ** 4
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


def test_without_correlation_it_is_the_step_down_of_sidak():
    p = np.array([0.2, 0.004, 0.03, 0.6])
    np.testing.assert_allclose(step_down_p(p, np.eye(4)), multipletests(p, method="holm-sidak")[1], atol=2e-3)


def test_with_one_statistic_in_many_names_nothing_is_corrected():
    np.testing.assert_allclose(step_down_p(np.full(5, 0.03), np.ones((5, 5))), 0.03, atol=1e-3)


def test_never_above_holm_and_never_below_the_test_alone():
    rng = np.random.default_rng(1)
    for _ in range(20):
        root = rng.normal(size=(6, 6))
        covariance = root @ root.T
        spread = np.sqrt(np.diag(covariance))
        p = rng.random(6) ** 3
        found = step_down_p(p, covariance / np.outer(spread, spread))
        assert (found <= holm(p)).all()
        assert (found >= p).all()


def test_beyond_all_points_holm_stands():
    assert step_down_p(np.array([1e-30, 0.5]), np.eye(2))[0] == pytest.approx(2e-30)


def test_false_alarms_of_the_table_come_at_the_level():
    from scipy.optimize import brentq
    from scipy.stats import norm

    correlation = np.where(np.eye(5), 1.0, [[0.9] * 2 + [-0.3] * 3] * 2 + [[-0.3] * 2 + [0.4] * 3] * 3)
    critical = brentq(lambda p: step_down_p(np.full(5, p), correlation)[0] - 0.05, 0.005, 0.05)
    z = np.random.default_rng(2).normal(size=(N_DRAWS, 5)) @ np.linalg.cholesky(correlation).T
    alarms = (np.abs(z).max(axis=1) >= norm.isf(critical / 2)).mean()
    assert alarms == pytest.approx(0.05, abs=0.003)
    assert critical > 0.0105  # Holm's would be .01

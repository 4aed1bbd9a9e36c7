import numpy as np
import pytest

from causalrec.estimation import InteractiveDML, PartiallyLinearDML
from causalrec.refutation.placebo.dummy_confounder import MARGIN, _p_value, dummy_confounder
from tests.refutation.refuter_worlds import attacked, few_covariates, many_covariates, plain, rate

N_RUNS = 5


def test_few_covariates_pass_and_nearly_as_many_as_rows_fail():
    assert rate(dummy_confounder, few_covariates, N_RUNS, n_draws=30) == 0
    assert rate(dummy_confounder, many_covariates, N_RUNS, n_draws=99) >= 0.8


def test_least_squares_moves_by_one_over_the_root_of_its_degrees_of_freedom():
    """A change is the product of two independent normal variables over that root, in standard errors."""
    size = np.median(np.abs(np.prod(np.random.default_rng(0).normal(size=(2, 100_000)), axis=0)))
    changes = [
        dummy_confounder(attacked(plain(seed, n=64, differs=0), n_draws=60)).details["change in errors"]
        for seed in range(8)
    ]
    assert np.mean(changes) == pytest.approx(size / np.sqrt(64 - 6), rel=0.3)


@pytest.mark.parametrize("estimator", [PartiallyLinearDML(), InteractiveDML()], ids=repr)
def test_folds_stay_so_that_noise_moves_little(estimator):
    found = dummy_confounder(attacked(plain(1), estimator=estimator, n_draws=20))
    assert found.verdict == "passed"
    assert found.details["change in errors"] < 0.15


def test_the_test_has_its_level_at_the_edge_of_the_null():
    """99 draws, each above the margin with probability one half: 58 or more are too many."""
    rng = np.random.default_rng(0)
    rejected = np.mean([_p_value(2 * MARGIN * rng.random(99)) < 0.05 for _ in range(2000)])
    assert 0.03 < rejected < 0.06
    assert _p_value(np.zeros(20)) == 1.0
    assert _p_value(np.ones(20)) == pytest.approx(0.5**20)

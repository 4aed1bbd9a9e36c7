import numpy as np
import pytest

from causalrec.estimation import IPW, OLS, InteractiveDML, Matching, PartiallyLinearDML
from causalrec.refutation.stability.bootstrap import bootstrap_spread
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import apart, attacked, grouped, plain, rate, together

N_RUNS = 20
N_POWER = 8
N_CLUSTERED = 20


def test_it_is_quiet_where_groups_share_no_error_and_fires_where_they_do():
    low, high = exact_interval(round(rate(bootstrap_spread, apart, N_RUNS, n_draws=39) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(bootstrap_spread, together, N_POWER, n_draws=39) >= 0.75


def test_the_spread_is_that_of_a_bootstrap_of_rows():
    """Of least squares, against the textbook's pairs bootstrap."""
    under = attacked(plain(0, n=300), n_draws=300)
    rng, design = np.random.default_rng(1), under.design
    A = np.column_stack([design.treatments, np.ones(design.n), design.covariates])
    pairs = [
        np.linalg.lstsq(A[rows], design.outcome[rows], rcond=None)[0][0] for rows in rng.integers(0, 300, (1000, 300))
    ]
    assert bootstrap_spread(under).stderr == pytest.approx(np.std(pairs), rel=0.15)


@pytest.mark.parametrize("estimator", [PartiallyLinearDML(), InteractiveDML(), IPW()], ids=repr)
def test_every_estimator_with_weights_can_be_attacked(estimator):
    found = bootstrap_spread(attacked(plain(3), estimator=estimator, n_draws=25))
    assert found.verdict == "passed"
    assert 0.6 < found.details["spread over error"] < 1.4
    assert 0 < found.details["share of the variance by the largest row"] < 0.2


def test_declared_clusters_are_drawn_and_hold():
    found = bootstrap_spread(attacked(grouped(1, shock=1.0, clustered=True), n_draws=40))
    assert found.verdict == "passed"
    assert "60 store, spread" in found.reason


def test_what_cross_fitting_few_clusters_adds_is_no_sign_of_a_small_error():
    """The intercept and a quarter of two covariates, whose rows differ within the eight of a store, in five folds."""
    found = [
        bootstrap_spread(attacked(grouped(s, n_groups=40, shock=0.6, clustered=True), estimator=one, n_draws=40))
        for one in (PartiallyLinearDML(), OLS()) for s in range(N_CLUSTERED)
    ]  # fmt: skip
    ratios = np.array([one.details["spread over error"] ** 2 for one in found]).reshape(2, -1).mean(axis=1)
    p_values = np.array([one.p_value for one in found]).reshape(2, -1)
    assert ratios[0] > ratios[1] + 0.1
    assert 0.3 < p_values[0].mean() < 0.7


def test_matching_and_few_units_are_refused_with_the_reason():
    found = bootstrap_spread(attacked(plain(0), estimator=Matching()))
    assert (found.verdict, "Abadie" in found.reason) == ("not applicable", True)
    found = bootstrap_spread(attacked(grouped(0, n_groups=12, clustered=True)))
    assert (found.verdict, "12 store" in found.reason) == ("not applicable", True)

import numpy as np
import pytest

from causalrec.estimation import Matching
from causalrec.refutation.stability.shared_groups import _tested, shared_groups
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import apart, attacked, grouped, panel, plain, rate, together

N_RUNS = 100
N_POWER = 15


def test_it_is_quiet_where_groups_share_no_error_and_fires_where_they_do():
    low, high = exact_interval(round(rate(shared_groups, apart, N_RUNS) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(shared_groups, together, N_POWER) == 1.0


def test_the_error_it_shows_is_that_of_the_clusters():
    alone, clustered = attacked(together(0)), attacked(grouped(0, shock=0.6, clustered=True))
    assert shared_groups(alone).stderr == pytest.approx(clustered.effect.stderr, rel=0.03)


def test_two_units_in_each_group_have_the_known_distribution():
    """Signs of pairs agree or not: of k equal pairs the p-value is that of a fair coin."""
    from scipy.stats import binom

    score = np.repeat([1.0, -1.0], 10)
    p, ratio = _tested(score, np.repeat(np.arange(10), 2), np.random.default_rng(0))
    assert ratio == pytest.approx(np.sqrt(2))
    assert p == pytest.approx(binom.sf(9, 10, 0.5), abs=0.02)


def test_what_cannot_be_tested_is_said():
    assert "No column" in shared_groups(attacked(plain(0))).reason
    assert "No column" in shared_groups(attacked(grouped(0, clustered=True))).reason
    assert "No column" in shared_groups(attacked(panel(0))).reason
    found = shared_groups(attacked(plain(0), estimator=Matching()))
    assert (found.verdict, "no influence" in found.reason) == ("not applicable", True)

from dataclasses import replace

import numpy as np
import pytest

from causalrec.estimation import IPW, InteractiveDML, Matching, TwoStageLeastSquares
from causalrec.identification import Estimand
from causalrec.refutation.stability.subset import random_subset
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import attacked, classical, grouped, plain, rate, robust

N_RUNS = 20
N_POWER = 8


def test_it_is_quiet_with_robust_errors_and_fires_with_those_of_equal_variance():
    low, high = exact_interval(round(rate(random_subset, robust, N_RUNS, n_draws=39) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(random_subset, classical, N_POWER, n_draws=99) >= 0.75


def test_the_spread_of_parts_gives_back_the_error():
    found = random_subset(attacked(plain(0), n_draws=200))
    assert found.stderr == pytest.approx(attacked(plain(0)).effect.stderr, rel=0.2)
    assert found.details["share"] == pytest.approx(0.8)


@pytest.mark.parametrize("estimator", [InteractiveDML(), IPW()], ids=repr)
def test_every_kind_of_estimator_can_be_attacked(estimator):
    found = random_subset(attacked(plain(3), estimator=estimator, n_draws=25))
    assert found.verdict == "passed"
    assert 0.6 < found.details["implied error over reported"] < 1.3


def test_two_stages_can_be_attacked():
    world = plain(0, binary=False)
    estimand = Estimand(("t",), "y", "instrument", ("age", "taste"), instruments=("price",))
    found = random_subset(attacked(replace(world, estimand=estimand), estimator=TwoStageLeastSquares(), n_draws=25))
    assert found.verdict == "passed"


def test_clusters_are_drawn_whole():
    found = random_subset(attacked(grouped(0, shock=1.0, clustered=True), n_draws=40))
    assert "48 of 60 store" in found.reason
    assert 0.7 < found.details["implied error over reported"] < 1.3


def test_few_clusters_are_not_applicable():
    under = attacked(grouped(0, n_groups=12, clustered=True))
    found = random_subset(under)
    assert (found.verdict, "12 store" in found.reason) == ("not applicable", True)
    assert np.isnan(found.refuted)


def test_matching_is_refused_with_the_reason():
    found = random_subset(attacked(plain(3), estimator=Matching()))
    assert (found.verdict, "neighbours" in found.reason) == ("not applicable", True)

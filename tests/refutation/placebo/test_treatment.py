from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.estimation import InteractiveDML, Matching, PartiallyLinearDML
from causalrec.refutation.placebo.strata import permuted_within, treatment_strata
from causalrec.refutation.placebo.treatment import placebo_treatment
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import apart, attacked, grouped, plain, rate, together

N_RUNS = 20
N_POWER = 8


def test_it_is_quiet_where_groups_share_no_error_and_fires_where_they_do():
    low, high = exact_interval(round(rate(placebo_treatment, apart, N_RUNS, n_draws=39) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(placebo_treatment, together, N_POWER, n_draws=39) >= 0.75


def test_declared_clusters_are_exchanged_whole_and_their_errors_hold():
    world = grouped(1, shock=0.6, clustered=True)
    found = placebo_treatment(attacked(world, n_draws=60))
    assert found.verdict == "passed"
    assert "'store'" in found.reason
    assert found.details["units exchanged"] == 60
    assert 0.75 < found.details["spread over error"] < 1.25


@pytest.mark.parametrize("estimator", [PartiallyLinearDML(), InteractiveDML(), Matching()], ids=repr)
def test_every_kind_of_estimator_can_be_attacked(estimator):
    found = placebo_treatment(attacked(plain(3), estimator=estimator, n_draws=25))
    assert found.verdict == "passed"
    assert len(found.reference) == 25
    assert abs(found.refuted) < found.stderr
    assert 0.6 < found.details["spread over error"] < 1.4


def test_permutations_stay_within_strata():
    strata = np.array([2, 0, 1, 0, 2, 1, 0, 2])
    moved = permuted_within(strata, np.random.default_rng(0))
    assert sorted(moved) == list(range(8))
    assert (strata[moved] == strata).all()


def test_strata_follow_curves_of_the_covariates():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 1))
    t = (rng.random(1000) < np.where(np.abs(x[:, 0]) > 1, 0.8, 0.2)).astype(float)
    strata = treatment_strata(Design(t, t[:, None], x, (), {}), np.arange(1000))
    assert np.bincount(strata).tolist() == [200] * 5
    assert np.abs(x[strata == 4]).min() > np.abs(x[strata == 0]).max()


def test_an_instrument_and_absorbed_groups_are_refused_with_the_reason():
    under = attacked(plain(0), n_draws=20)
    by_instrument = replace(under.effect.estimand, strategy="instrument", instruments=("price",))
    found = placebo_treatment(replace(under, effect=replace(under.effect, estimand=by_instrument)))
    assert (found.verdict, "instrument" in found.reason) == ("not applicable", True)
    held = replace(under.design, absorbed=(np.arange(under.design.n) % 5,))
    found = placebo_treatment(replace(under, design=held))
    assert (found.verdict, "held fixed" in found.reason) == ("not applicable", True)

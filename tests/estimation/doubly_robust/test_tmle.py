from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.tmle import TMLE, fluctuation
from tests.estimation.doubly_robust.test_ratios import risks
from tests.estimation.planted import Line, Logit, planted, refuse_contract, refuse_coverage

N_RUNS = 100


def linear(**given):
    return lambda: TMLE(Line(), Logit(), n_folds=2, **given)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize("worlds", [{}, {"curve_outcome": True}, {"curve_propensity": True}], ids=str)
def test_intervals_cover_with_either_nuisance_wrong(target, worlds):
    refuse_coverage(lambda seed: planted(seed, **worlds), linear(target=target), 1.0, N_RUNS, max_width=1.2)


def test_intervals_cover_a_difference_of_risks():
    off, on = risks()

    def make(seed):
        return planted(seed, binary=True)

    refuse_coverage(make, lambda: TMLE(Logit(), Logit(), n_folds=2), on - off, N_RUNS, max_width=0.3)


def test_intervals_cover_under_clusters():
    refuse_coverage(lambda seed: planted(seed, n=900, n_per_cluster=6), linear(), 1.0, N_RUNS)


def test_agrees_with_aipw_on_many_rows():
    rows = planted(0, n=20_000)
    ours, peer = linear()().fit(rows), AIPW(Line(), Logit(), n_folds=2).fit(rows)
    assert ours.value_[0] == pytest.approx(peer.value_[0], abs=0.2 * peer.stderr_[0])
    assert ours.stderr_[0] == pytest.approx(peer.stderr_[0], rel=0.05)


def test_risks_stay_within_zero_and_one_where_aipw_leaves():
    rows = planted(0, n=60, binary=True)
    rare = replace(rows, outcome=((rows.covariates[:, 0] > 1.2) & (rows.treatments[:, 0] == 1)).astype(float))
    rare.outcome[np.flatnonzero(rows.treatments[:, 0] == 0)[0]] = 1.0
    found = linear(bounds=(0, 1))().fit(rare)
    assert ((found.arm_means_ > 0) & (found.arm_means_ < 1)).all()


def test_residuals_are_targeted_to_zero():
    y, offset, weight = np.array([0.0, 0.3, 1.0]), np.array([-1.0, 0.2, 0.5]), np.array([1.0, 2.0, 4.0])
    shift = fluctuation(y, offset, weight)
    assert weight @ (y - 1 / (1 + np.exp(-offset - shift))) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_the_contract(target):
    refuse_contract(linear(target=target), planted(0))


def test_refusals():
    rows = planted(0, n=200)
    with pytest.raises(DataError, match="ATE, ATT"):
        TMLE(target="ATO").fit(rows)
    with pytest.raises(DataError, match="bounds"):
        TMLE(bounds=(1, 0)).fit(rows)
    with pytest.raises(EstimationError, match="are beyond 0 to 1"):
        TMLE(bounds=(0, 1)).fit(rows)
    with pytest.raises(EstimationError, match="is 2 in all 200 rows"):
        TMLE().fit(replace(rows, outcome=np.full(200, 2.0)))
    one = np.where(rows.treatments[:, 0] == 1, 1.0, np.arange(200) % 2)
    with pytest.raises(EstimationError, match="at one end"):
        TMLE(Line(), Logit()).fit(replace(rows, outcome=one))

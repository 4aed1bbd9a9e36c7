from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.formulas.plug_in import PlugIn
from causalrec.estimation.frontdoor.doubly_robust import FrontDoor
from causalrec.estimation.frontdoor.linear import LinearFrontDoor
from tests.estimation.mediated import BENT, NEXT, PATH, THROUGH, binary_mediated, mediated
from tests.estimation.planted import Line, Logit, refuse_coverage

N_RUNS = 200


class Flat(Line):
    """A model that sees no column."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(np.zeros((len(X), 0)), y, sample_weight)

    def predict(self, X):
        return np.full(len(X), self.coef_[0])


class FlatLogit(Logit):
    """A propensity that sees no column."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(np.zeros((len(X), 0)), y, sample_weight)

    def predict_proba(self, X):
        return super().predict_proba(np.zeros((len(X), 0)))


def estimator():
    return FrontDoor(Line(), Logit())


@pytest.mark.parametrize(
    ("given", "truth"),
    [
        ({}, PATH * NEXT),
        ({"bent": True}, PATH * (NEXT + BENT / 2)),
        ({"covariate": True}, PATH * NEXT),
        ({"per_cluster": 5}, PATH * NEXT),
    ],
    ids=["plain", "bent", "covariate", "clusters"],
)
def test_intervals_cover_and_are_not_conservative(given, truth):
    refuse_coverage(lambda seed: mediated(seed, **given), estimator, truth, N_RUNS, max_width=1.0)


def test_the_linear_one_misses_what_is_bent():
    rows = mediated(0, n=100_000, bent=True)
    truth = PATH * (NEXT + BENT / 2)
    robust, linear = estimator().fit(rows), LinearFrontDoor().fit(rows)
    assert abs(robust.value_[0] - truth) < 4 * robust.stderr_[0]
    assert linear.stderr_[0] < 0.02


@pytest.mark.parametrize("wrong", ["outcome", "propensities", "nothing"])
def test_one_wrong_model_does_no_harm(wrong):
    rows = mediated(3, n=60_000, covariate=True)
    outcome = Flat() if wrong == "outcome" else Line()
    treatment = FlatLogit() if wrong == "propensities" else Logit()
    found = FrontDoor(outcome, treatment).fit(rows)
    assert abs(found.value_[0] - PATH * NEXT) < 4 * found.stderr_[0] < 0.15


def test_both_wrong_is_wrong():
    found = FrontDoor(Flat(), FlatLogit()).fit(mediated(3, n=60_000, covariate=True))
    assert abs(found.value_[0] - PATH * NEXT) > 10 * found.stderr_[0]


def test_binary_rows_agree_with_the_plug_in_and_the_truth():
    rows, truth = binary_mediated(0, n=20_000)
    robust, shares = estimator().fit(rows), PlugIn().fit(rows)
    np.testing.assert_allclose(robust.value_, shares.value_, atol=0.1 * shares.stderr_[0])
    np.testing.assert_allclose(robust.stderr_, shares.stderr_, rtol=0.02)
    assert abs(robust.value_[0] - truth) < 4 * robust.stderr_[0]


def test_an_effect_of_default_models():
    rows = mediated(5, n=2_000, covariate=True)
    found = FrontDoor().fit(rows).effect(THROUGH)
    assert abs(found.value - PATH * NEXT) < 4 * found.stderr
    assert "front door" in str(found)


def test_refusals():
    rows = mediated(0)
    with pytest.raises(EstimationError, match="needs mediators"):
        FrontDoor().fit(replace(rows, mediators=np.empty((rows.n, 0)), mediator_names=()))
    with pytest.raises(EstimationError, match="tell the two values of 'shown' apart"):
        FrontDoor().fit(replace(rows, mediators=rows.treatments * 50 + rows.mediators))
    with pytest.raises(EstimationError, match="compares two arms"):
        FrontDoor().fit(mediated(0, continuous=True))
    with pytest.raises(DataError, match="clip"):
        FrontDoor(clip=0.5).fit(rows)

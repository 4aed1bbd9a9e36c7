"""Doubly robust in time: intervals hold if either set of models is right."""

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.longitudinal import SequentialAIPW
from tests.estimation.longitudinal.in_time import IF_LOW, JOINT, RULE, binary, design, linear, refuse_coverage

N_RUNS = 200
WORLDS = {  # rows by seed, estimator, regimes, truth
    "both right": (linear, SequentialAIPW(), None, JOINT),
    "clusters": (lambda s: linear(s, 800, n_per_cluster=4), SequentialAIPW(), None, JOINT),
    "wrong outcome models": (lambda s: linear(s, 800, curved_outcome=True), SequentialAIPW(), None, JOINT),
    "wrong treatment models": (lambda s: linear(s, curved_treatment=True), SequentialAIPW(), None, JOINT),
    "a rule": (binary, SequentialAIPW(n_products=2), IF_LOW, RULE),
}


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover(name):
    refuse_coverage(*WORLDS[name], N_RUNS)


def test_small_chances_are_bounded_and_counted():
    found = SequentialAIPW(clip=0.3).fit(design(linear(0)))
    assert "taken as that" in found.notes_[0]
    assert found.diagnostics_["largest weight of 'always'"] <= 1 / 0.3**2 + 1e-9


def test_a_regime_that_nobody_followed_is_refused():
    columns = linear(0)
    other = {"other": (lambda past: 1 - columns["a0"], 0), "never": 0}
    with pytest.raises(EstimationError, match="No unit followed 'other' up to 'a0'"):
        SequentialAIPW().fit(design(columns), other)
    assert np.isfinite(SequentialAIPW().fit(design(columns)).stderr_).all()

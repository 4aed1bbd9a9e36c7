"""Intervals of weighted estimates hold a planted truth as often as they say."""

import numpy as np
import pytest

from causalrec.estimation.longitudinal import MarginalStructuralModel
from tests.estimation.longitudinal.in_time import JOINT, STATIC, binary, linear, refuse_coverage, runs

N_RUNS = 200
MSM = MarginalStructuralModel
WORLDS = {  # rows by seed, estimator, truth
    "each": (linear, MSM(), JOINT),
    "clusters": (lambda s: linear(s, n_per_cluster=4), MSM(), JOINT),
    "saturated": (binary, MSM(form="saturated"), STATIC),
    "stacked": (binary, MSM(form="saturated", errors="stacked"), STATIC),
}


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover(name):
    make, estimator, truth = WORLDS[name]
    refuse_coverage(make, estimator, None, truth, N_RUNS)


def test_it_is_biased_where_the_treatments_models_are_wrong():
    value, _, _ = runs(lambda s: linear(s, 800, curved_treatment=True), MSM(), None, 100)
    assert abs(value.mean() - JOINT) > 6 * value.std() / 10


def test_errors_that_take_the_weights_as_known_are_the_wider_ones():
    _, known, _ = runs(lambda s: linear(s, 2000), MSM(), None, 20)
    _, stacked, _ = runs(lambda s: linear(s, 2000), MSM(errors="stacked"), None, 20)
    assert np.mean(known) > 1.05 * np.mean(stacked)

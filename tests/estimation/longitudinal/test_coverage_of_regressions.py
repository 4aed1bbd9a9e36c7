"""Intervals of iterated regressions hold a planted truth as often as they say; plain regression is biased."""

import numpy as np
import pytest

from causalrec.estimation import OLS
from causalrec.estimation.longitudinal import ICE
from tests.estimation.longitudinal.in_time import (
    IF_LOW,
    JOINT,
    RULE,
    binary,
    design,
    linear,
    refuse_coverage,
    runs,
)

N_RUNS = 200


def test_intervals_cover():
    refuse_coverage(linear, ICE(), None, JOINT, N_RUNS)


def test_intervals_by_cluster_cover():
    refuse_coverage(lambda seed: linear(seed, n_per_cluster=4), ICE(), None, JOINT, N_RUNS)


def test_intervals_of_a_rule_cover():
    refuse_coverage(binary, ICE(n_products=2), IF_LOW, RULE, N_RUNS)


@pytest.mark.parametrize("covariates", [(("l0",), ()), (("l0", "l1"), ())])
def test_plain_regression_is_biased_with_the_later_confounder_and_without_it(covariates):
    found = [OLS().fit(design(linear(seed), covariates=covariates)).value_.sum() for seed in range(100)]
    assert abs(np.mean(found) - JOINT) > 8 * np.std(found) / 10


def test_a_confounder_left_out_biases_it_too():
    value, _, _ = runs(lambda seed: {**linear(seed), "l1": np.zeros(400)}, ICE(), None, 100)
    assert abs(value.mean() - JOINT) > 8 * value.std() / 10

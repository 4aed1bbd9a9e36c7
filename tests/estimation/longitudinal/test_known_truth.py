"""What If, table 20.1: treatments that do nothing, a confounder that the first of them moves."""

import numpy as np
import pytest

import causalrec as cr
from causalrec.estimation import OLS, estimate_effect
from causalrec.estimation.longitudinal import (
    ICE,
    GFormula,
    MarginalStructuralModel,
    SequentialAIPW,
    estimate_plan,
)
from causalrec.identification import Estimand, sequential_backdoor
from tests.estimation.longitudinal.in_time import textbook

GRAPH = cr.CausalGraph([("A0", "L1"), ("U", "L1"), ("U", "Y"), ("L1", "A1")], latent=["U"])
ALL = {"both": 1, "first": (1, 0), "second": (0, 1), "none": 0}
EXACT = {
    "ICE": ICE(n_products=3),
    "AIPW": SequentialAIPW(n_products=3),
    "MSM": MarginalStructuralModel(n_products=2),
    "saturated MSM": MarginalStructuralModel(form="saturated", n_products=2, errors="stacked"),
    "unstabilised MSM": MarginalStructuralModel(stabilised=False, n_products=2),
}


@pytest.fixture(scope="module")
def data():
    return cr.Dataset.from_frames(textbook())


@pytest.fixture(scope="module")
def plan():
    return sequential_backdoor(GRAPH, ["A0", "A1"], "Y")


@pytest.mark.parametrize("name", EXACT)
def test_all_four_regimes_have_the_mean_60_exactly(name, data, plan):
    found = estimate_plan(plan, data, regimes=ALL, estimator=EXACT[name], graph=GRAPH)
    np.testing.assert_allclose(found.value, 60, atol=1e-9)
    assert abs(found.difference().value) < 1e-9


def test_the_simulation_has_it_but_for_its_noise(data, plan):
    few = cr.Dataset.from_frames({name: column[::16] for name, column in textbook().items()})
    found = estimate_plan(plan, few, regimes=ALL, estimator=GFormula(n_products=3, n_draws=20_000, n_bootstrap=20))
    np.testing.assert_allclose(found.value, 60, atol=0.3)


def test_regression_with_and_without_the_confounder_finds_effects_that_are_not_there(data):
    def plain(*adjusted):
        return estimate_effect(Estimand(("A0", "A1"), "Y", "adjustment", adjusted), data, estimator=OLS()).value

    assert plain("L1") == pytest.approx(-8, abs=1e-6)  # the book: 8 less in each stratum of L1
    assert plain() < -5

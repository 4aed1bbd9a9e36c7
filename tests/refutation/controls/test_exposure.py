from dataclasses import replace

import numpy as np
import pytest

from causalrec.estimation.uncertainty.multiplicity import holm
from causalrec.graph import CausalGraph
from causalrec.refutation.controls.exposure import negative_control_exposure
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import GRAPH, attacked, controlled, controlled_strong, rate

N_RUNS = 60
N_POWER = 20


def test_it_is_quiet_without_a_hidden_cause_and_fires_with_one():
    low, high = exact_interval(round(rate(negative_control_exposure, controlled, N_RUNS) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(negative_control_exposure, controlled_strong, N_POWER) >= 0.8


def test_controls_are_what_treatment_and_adjustment_separate_from_the_outcome():
    found = negative_control_exposure(attacked(controlled(0)))
    assert set(found.details) == {"p of push", "p of nudge", "p of past", "p of views"}
    confounded = CausalGraph([*GRAPH.edges, ("u", "t"), ("u", "y")], latent=["u"])
    found = negative_control_exposure(attacked(replace(controlled(0), graph=confounded)))
    assert set(found.details) == {"p of past", "p of views"}, "the treatment is a collider between push and u"


def test_what_cannot_be_tested_is_said():
    world = controlled(0)
    assert "No graph" in negative_control_exposure(attacked(replace(world, graph=None))).reason
    alone = CausalGraph([("x", "t"), ("x", "y"), ("t", "y")])
    found = negative_control_exposure(attacked(replace(world, graph=alone)))
    assert (found.verdict, "separate no measured" in found.reason) == ("not applicable", True)
    by_door = replace(world.estimand, strategy="frontdoor")
    under = attacked(world)
    found = negative_control_exposure(replace(under, effect=replace(under.effect, estimand=by_door)))
    assert "frontdoor" in found.reason


def test_holms_method_agrees_with_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).random(7) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert holm([0.2])[0] == pytest.approx(0.2)

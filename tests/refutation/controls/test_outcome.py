from dataclasses import replace

import numpy as np
import pytest

from causalrec.estimation import InteractiveDML, TwoStageLeastSquares
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.refutation.controls.outcome import negative_control_outcome
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import attacked, controlled, controlled_hidden, rate

N_RUNS = 100
N_POWER = 20


def test_it_is_quiet_without_a_hidden_cause_and_fires_with_one():
    low, high = exact_interval(round(rate(negative_control_outcome, controlled, N_RUNS) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(negative_control_outcome, controlled_hidden, N_POWER) >= 0.8


def test_its_effect_is_that_of_least_squares_on_the_control():
    import statsmodels.api as sm

    world = controlled_hidden(0)
    found = negative_control_outcome(attacked(world))
    assert set(found.details) == {"p of past", "p of views"}
    table = world.data.tables["interactions"].to_pandas()
    fit = sm.OLS(table["past"], sm.add_constant(table[["t", "x"]])).fit(cov_type="HC1")
    scale = table["y"].std() / table["past"].std()
    assert found.refuted == pytest.approx(fit.params["t"] * scale)
    assert found.stderr == pytest.approx(fit.bse["t"] * scale)
    assert "'past'" in found.reason


def test_a_logistic_estimator_gives_way_for_a_number():
    world = controlled(0)
    table = world.data.tables["interactions"]
    clicked = (np.asarray(table["y"]) > 0).astype(float)
    at = table.column_names.index("y")
    data = replace(world.data, tables={"interactions": table.set_column(at, "y", [clicked])})
    found = negative_control_outcome(attacked(replace(world, data=data), estimator=InteractiveDML("logistic")))
    assert found.verdict in ("passed", "failed")
    assert found.stderr > 0


def test_an_instrument_is_the_source_that_must_be_separated():
    world = controlled(0)
    estimand = Estimand(("t",), "y", "instrument", ("x",), instruments=("push",))
    found = negative_control_outcome(attacked(replace(world, estimand=estimand), estimator=TwoStageLeastSquares()))
    assert set(found.details) == {"p of past", "p of views", "p of nudge"}


def test_what_cannot_be_tested_is_said():
    world = controlled(0)
    assert "No graph" in negative_control_outcome(attacked(replace(world, graph=None))).reason
    no_control = CausalGraph([("x", "t"), ("x", "y"), ("t", "y"), ("t", "past")])
    found = negative_control_outcome(attacked(replace(world, graph=no_control)))
    assert (found.verdict, "separates no measured" in found.reason) == ("not applicable", True)
    stranger = CausalGraph([("t", "y")])
    assert "has no 'x'" in negative_control_outcome(attacked(replace(world, graph=stranger))).reason
    hidden = CausalGraph([("x", "t"), ("x", "y"), ("t", "y"), ("x", "past")], latent=["past"])
    assert negative_control_outcome(attacked(replace(world, graph=hidden))).verdict == "not applicable"

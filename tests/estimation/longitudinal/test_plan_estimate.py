import json

import numpy as np
import pandas as pd
import pytest

import causalrec as cr
from causalrec.errors import DataError, EstimationError, MissingColumnsError, NotFittedError
from causalrec.estimation import OLS, estimate_effect
from causalrec.estimation.longitudinal import (
    ICE,
    GFormula,
    MarginalStructuralModel,
    SequentialAIPW,
    estimate_plan,
)
from causalrec.estimation.longitudinal.sequential_design import plan_estimand, sequential_design
from causalrec.identification import Estimand, sequential_backdoor
from tests.estimation.longitudinal.in_time import GRAPH, JOINT, linear

PLAN = sequential_backdoor(GRAPH, ["a0", "a1"], "y")
COLUMNS = linear(0, 600)
DATA = cr.Dataset.from_frames(COLUMNS)
IF_LOW = {"if low": (1, lambda past: past["l1"] < 0), "never": 0}


def plan_of(data=DATA, **asked):
    return estimate_plan(PLAN, data, **asked)


def test_the_graph_decides_what_is_adjusted_for_at_each_time():
    assert PLAN.adjustment == (("l0",), ("l1",))
    found = plan_of(graph=GRAPH)
    assert found.method.startswith("doubly robust in time")
    difference = found.difference()
    low, high = difference.interval()
    assert low < JOINT < high
    assert difference.estimand.adjustment == ("l0", "l1")
    assert "always against never" in str(difference)
    noisy = cr.Dataset.from_frames(COLUMNS | {"other": np.random.default_rng(0).normal(size=600)})
    np.testing.assert_array_equal(plan_of(noisy).value, found.value)  # what the plan does not name plays no part


def test_regimes_by_name_and_their_differences():
    found = plan_of(regimes={"both": 1, "late": (0, 1), "none": 0})
    late = found.difference("late", "none")
    assert late.value == pytest.approx(found.value[1] - found.value[2])
    assert late.stderr == pytest.approx(late.influence.std() / np.sqrt(599), rel=1e-6)
    assert found.difference("none", "late").value == pytest.approx(-late.value)
    with pytest.raises(DataError, match="no regime 'early'; there are 'both'"):
        found.difference("early")


def test_a_rule_needs_the_graph_and_reads_what_is_known_alone():
    with pytest.raises(DataError, match="pass graph="):
        plan_of(regimes=IF_LOW)
    found = plan_of(regimes=IF_LOW, graph=GRAPH)
    assert found.diagnostics["units that followed 'if low' throughout"] == float(
        ((COLUMNS["a0"] == 1) & (COLUMNS["a1"] == (COLUMNS["l1"] < 0))).sum()
    )
    with pytest.raises(DataError, match="reads 'l1', and the plan has 'l0' by then"):
        plan_of(regimes={"odd": (lambda past: past["l1"] > 0, 1), "never": 0}, graph=GRAPH)
    with pytest.raises(DataError, match="gave shape"):
        plan_of(regimes={"odd": (1, lambda past: np.ones(3)), "never": 0}, graph=GRAPH)
    with pytest.raises(DataError, match="rule of 'odd' at treatment 2 gave 'yes', which is no column of numbers"):
        plan_of(regimes={"odd": (1, lambda past: "yes"), "never": 0}, graph=GRAPH)


def test_a_design_without_rows_is_refused():
    with pytest.raises(EstimationError, match="The table is empty"):
        ICE().fit(sequential_design(PLAN, DATA).rows(np.zeros(600, dtype=bool)))


def test_estimators_of_rules_agree_where_all_are_right():
    big = cr.Dataset.from_frames(linear(1, 4000))
    found = [
        estimate_plan(PLAN, big, regimes=IF_LOW, graph=GRAPH, estimator=estimator)
        for estimator in (ICE(n_products=2), SequentialAIPW(n_products=2), GFormula(n_bootstrap=20))
    ]
    for other in found[1:]:
        assert abs(other.value[0] - found[0].value[0]) < 4 * max(other.stderr[0], found[0].stderr[0])


def test_it_is_written_in_many_ways():
    found = plan_of(clusters=())
    assert "Mean of y if a0, then a1 were set" in str(found)
    assert json.loads(found.to_json())["regimes"] == ["always", "never"]
    assert found.to_frame()["regime"].tolist() == ["always", "never"]
    assert found.to_markdown().startswith("| regime | mean |")
    assert found.to_latex().count("tabular") == 2


def test_clusters_and_weights_are_columns():
    rows = COLUMNS | {"shop": np.arange(600) // 4, "often": 1.0 + np.arange(600) % 2}
    found = plan_of(cr.Dataset.from_frames(rows), clusters="shop", weights="often")
    assert found.n_clusters == {"shop": 150}
    repeated = {name: np.repeat(column, rows["often"].astype(int)) for name, column in COLUMNS.items()}
    np.testing.assert_allclose(found.value, plan_of(cr.Dataset.from_frames(repeated)).value, rtol=1e-8)


def test_covariates_may_be_later_than_earlier_treatments_but_not_than_their_own():
    times = {"l0": 0, "a0": 1, "l1": 2, "a1": 3, "y": 4}
    stamps = {f"{name}_at": np.full(600, at) for name, at in times.items()}
    dated = cr.Dataset.from_frames(COLUMNS | stamps, times={name: f"{name}_at" for name in times})
    np.testing.assert_allclose(plan_of(dated).value, plan_of().value)
    late = cr.Dataset.from_frames(
        COLUMNS | stamps | {"l1_at": np.full(600, 3.5)}, times={name: f"{name}_at" for name in times}
    )
    with pytest.raises(DataError, match="'l1' was measured after 'a1' in 600 rows"):
        plan_of(late)


@pytest.mark.parametrize(
    ("data", "asked", "error", "said"),
    [
        (pd.DataFrame(COLUMNS), {}, DataError, "from_frames"),
        (cr.Dataset.from_frames({k: v for k, v in COLUMNS.items() if k != "l1"}), {}, MissingColumnsError, "l1"),
        (cr.Dataset.from_frames(COLUMNS | {"a0": np.ones(600)}), {}, EstimationError, "'a0' does not vary"),
        (
            cr.Dataset.from_frames(COLUMNS | {"l1": np.where(COLUMNS["l1"] > 1, np.nan, COLUMNS["l1"])}),
            {},
            DataError,
            "l1",
        ),
        (DATA, {"regimes": {"always": 1}}, DataError, "two names or more"),
        (DATA, {"regimes": {"always": (1, 1, 1), "never": 0}}, DataError, "3 rules for 2 treatments"),
        (DATA, {"regimes": {"always": "on", "never": 0}}, DataError, "Regime 'always' is 'on'"),
        (DATA, {"regimes": {"half": 0.5, "never": 0}}, DataError, "not 0 or 1"),
        (DATA, {"regimes": {"half": 0.5, "never": 0}, "estimator": ICE()}, EstimationError, "which no unit had"),
        (DATA, {"regimes": IF_LOW, "estimator": MarginalStructuralModel(), "graph": GRAPH}, DataError, "is a rule"),
        (DATA, {"estimator": OLS()}, DataError, "treatments in time"),
        (DATA, {"estimator": ICE(n_products=0)}, DataError, "n_products is 0"),
        (DATA, {"estimator": ICE(n_products="2")}, DataError, "whole number"),
        (DATA, {"estimator": SequentialAIPW(clip=0.7)}, DataError, "clip is 0.7"),
        (DATA, {"estimator": MarginalStructuralModel(form="last")}, DataError, "form is 'last'"),
        (DATA, {"estimator": MarginalStructuralModel(errors="exact")}, DataError, "errors is 'exact'"),
        (DATA, {"estimator": MarginalStructuralModel(truncate=0.5)}, DataError, "truncate is 0.5"),
        (DATA, {"estimator": GFormula(n_bootstrap=2)}, DataError, "n_bootstrap 2"),
    ],
)
def test_bad_input_is_named(data, asked, error, said):
    with pytest.raises(error, match=said):
        plan_of(data, **asked)


def test_doses_go_through_regressions_alone():
    doses = cr.Dataset.from_frames(COLUMNS | {"a1": COLUMNS["a1"] * 2.5})
    found = plan_of(doses, regimes={"some": (1, 1.25), "never": 0})
    assert found.method.startswith("g-formula by iterated")
    whole = plan_of(regimes={"some": (1, 1), "half": (1, 0), "never": 0}, estimator=ICE())
    assert found.value[0] == pytest.approx((whole.value[0] + whole.value[1]) / 2)  # linear in the dose


def test_a_treatment_that_the_past_decides_is_refused():
    rows = COLUMNS | {"a1": (COLUMNS["l1"] > 0).astype(float)}
    with pytest.raises(EstimationError, match="treatment 'a1' cannot be fitted"):
        plan_of(cr.Dataset.from_frames(rows))


def test_an_estimator_that_was_not_fitted_says_so():
    with pytest.raises(NotFittedError, match="ICE is not fitted"):
        ICE().regime_effects(PLAN)


def test_an_estimator_by_itself_gives_the_same_difference():
    estimator = ICE()
    rows = sequential_design(PLAN, DATA)
    effect = estimator.fit(rows, {"always": 1, "never": 0}).effect(plan_estimand(PLAN))
    assert effect.value == pytest.approx(plan_of(estimator=ICE()).difference().value)
    assert "by sequential back-door" in str(effect.estimand)
    with pytest.raises(DataError, match="use estimate_plan"):
        estimate_effect(Estimand(("a0", "a1"), "y", "adjustment", ("l0",)), DATA, estimator=ICE())


def test_few_clusters_are_said_and_two_refused():
    few = cr.Dataset.from_frames(COLUMNS | {"shop": np.arange(600) // 100, "half": np.arange(600) // 300})
    assert "few clusters (6 shop)" in str(plan_of(few, clusters="shop"))
    with pytest.raises(EstimationError, match="2 of 'half' clusters"):
        plan_of(few, clusters="half")


def test_the_rows_that_were_selected_are_named():
    graph = cr.CausalGraph(
        [("l0", "a0"), ("l0", "y"), ("a0", "y"), ("a1", "y"), ("l0", "here")], roles={"here": "selected"}
    )
    plan = sequential_backdoor(graph, ["a0", "a1"], "y")
    assert "among units selected by here only" in str(estimate_plan(plan, DATA, estimator=ICE()))

import numpy as np
import pytest

from causalrec.estimation import OLS, Matching
from causalrec.graph import CausalGraph
from causalrec.refutation.routes.leave_one_out import leave_one_out
from causalrec.refutation.routes.other_sets import other_sets
from causalrec.refutation.routes.other_strategies import other_strategies
from tests.estimation.planted import exact_interval
from tests.refutation.route_worlds import CHAIN, ROUTES, attacked, chain, encouraged, mediated, treated

N_RUNS = 40
TESTS = [name for name in ROUTES if name.startswith("other strategies")]


@pytest.mark.parametrize("name", TESTS)
def test_it_is_quiet_without_its_violation_and_fires_with_it(name):
    attack, without, with_, _ = ROUTES[name]
    quiet = sum(attack(without(seed)).verdict == "failed" for seed in range(N_RUNS))
    assert exact_interval(quiet, N_RUNS)[0] <= 0.05
    assert np.mean([attack(with_(seed)).verdict == "failed" for seed in range(N_RUNS // 2)]) > 0.6


def test_sets_that_disagree_are_named_and_those_that_agree_pass():
    right, wrong = other_sets(chain(0, estimator=OLS())), other_sets(chain(0, forgotten=0.8, estimator=OLS()))
    assert right.verdict == "passed"
    assert wrong.verdict == "failed"
    assert wrong.p_value < 0.01
    assert "Adjusted for a" in wrong.reason
    assert abs(wrong.refuted - 1) < abs(wrong.original - 1)
    assert {"within a", "within a, b"} <= set(wrong.details)


def test_a_set_that_the_graph_does_not_allow_fails_whatever_its_p_value():
    world = chain(0, adjustment=(), estimator=OLS())
    found = other_sets(world)
    assert found.verdict == "failed"
    assert "does not allow the effect's own set: the path t <- a -> b -> y stays open" in found.reason


def test_without_a_graph_or_another_set_nothing_is_tested():
    world = chain(0, estimator=OLS())
    from dataclasses import replace

    assert other_sets(replace(world, graph=None)).verdict == "not applicable"
    alone = CausalGraph([("b", "t"), ("b", "y"), ("t", "y")])
    assert other_sets(replace(world, graph=alone)).verdict == "not applicable"
    assert other_strategies(replace(world, graph=alone)).verdict == "not applicable"


def test_an_estimator_without_influence_breaks_off_with_a_reason():
    from causalrec.errors import EstimationError

    world = chain(0, estimator=Matching(target="ATE"))
    with pytest.raises(EstimationError, match="No influence"):
        other_sets(world)


def test_missing_values_leave_the_rows_that_all_sets_have():
    import pyarrow as pa

    from causalrec.data import Dataset
    from causalrec.estimation import estimate_effect
    from causalrec.identification import Estimand
    from causalrec.refutation import Attacked

    rng = np.random.default_rng(0)
    a = rng.normal(size=400)
    b, t = a + rng.normal(size=400), treated(rng, a)
    y = t + b + rng.normal(size=400)
    table = pa.table({"a": pa.array(a, mask=np.arange(400) < 20), "b": pa.array(b), "t": t, "y": y})
    data, estimand = Dataset.from_frames(table), Estimand(("t",), "y", "adjustment", ("b",))
    effect = estimate_effect(estimand, data, estimator=OLS(), missing="drop")
    world = Attacked(effect, data, effect.recipe.columns(estimand, data), effect.recipe, CHAIN)
    cut = Dataset.from_frames(table.slice(20))
    again = estimate_effect(Estimand(("t",), "y", "adjustment", ("a",)), cut, estimator=OLS())
    assert other_sets(world).details["within a"] == pytest.approx(again.value)


def test_leaving_one_out_is_a_test_where_the_rest_is_valid_and_a_benchmark_where_not():
    spare = leave_one_out(chain(0, adjustment=("a", "b"), estimator=OLS()))
    assert spare.verdict == "passed"
    assert spare.p_value > 0.05
    needed = leave_one_out(chain(0, adjustment=("b",), estimator=OLS()))
    assert needed.verdict == "not applicable"
    assert "b carries most of the adjustment" in needed.reason
    assert "benchmark and no test: the graph needs each of them" in needed.reason
    assert needed.details["moved without b"] > 0.3


def test_a_category_goes_with_all_its_indicators():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 400)
    t = treated(rng, kind - 1.0)
    columns = {"kind": np.array(["a", "b", "c"])[kind], "t": t, "y": t + kind + rng.normal(size=400)}
    found = leave_one_out(attacked(columns, ("kind",), estimator=OLS()))
    bare = OLS().fit(attacked(columns, (), estimator=OLS()).design).value_[0]
    assert found.details["moved without kind"] == pytest.approx(bare - found.original)


def test_disagreeing_instruments_say_what_a_late_is():
    found = other_strategies(encouraged(0, around=0.6))
    assert found.verdict == "failed"
    assert "(LATE), not that on all" in found.reason
    assert found.details["Hansen p-value"] < 0.05
    assert {"by instrument z", "by instrument w"} <= set(found.details)
    assert "by frontdoor" in other_strategies(mediated(0)).details


def test_nothing_is_changed_and_the_answer_is_the_same_twice():
    world = chain(3)
    before = [a.copy() for a in (world.design.outcome, world.design.treatments, world.design.covariates)]
    for array in (world.design.outcome, world.design.treatments, world.design.covariates):
        array.setflags(write=False)
    for attack in (other_sets, leave_one_out, other_strategies):
        assert attack(world).to_dict() == attack(world).to_dict()
    after = world.design.outcome, world.design.treatments, world.design.covariates
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, GraphError
from causalrec.estimation import IPW, OLS, InteractiveDML, estimate_effect
from causalrec.refutation.specification import specification_curve
from causalrec.refutation.specification.joint_null import joint_null
from causalrec.refutation.specification.other_specifications import other_specifications
from tests.estimation.planted import exact_interval
from tests.refutation.route_worlds import CHAIN, chain, encouraged, sorted_arms

N_RUNS = 400


@pytest.fixture(scope="module")
def world():
    return chain(0, estimator=OLS())


def test_every_estimator_set_and_trim_is_there_once(world):
    found = specification_curve(world.effect, world.data, graph=CHAIN, estimators=[OLS(), IPW()], trims=(0.0, 0.1))
    sets = {one.adjustment for one in found.specifications}
    assert {("a",), ("b",), ("a", "b")} == sets
    assert len(found) + len(found.left_out) == 3 * 2 * 2
    assert np.all(np.diff(found.values) >= 0)
    row = next(s for s in found.specifications if (s.estimator, s.adjustment, s.trim) == ("OLS", ("b",), 0.0))
    assert (row.value, row.stderr, row.n) == (world.effect.value, world.effect.stderr, world.effect.n)
    assert any(s.n < row.n for s in found.specifications if s.trim)
    assert found.same_sign == 1.0
    assert "12 specifications" in str(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["n_tested"] == len(found)
    assert len(found.to_frame()) == len(found)


def test_p_values_are_uniform_where_the_estimates_are_normal_with_no_effect():
    """Known truth: correlated estimates of nothing; each p-value below .05 in one curve of twenty."""
    rng, root = np.random.default_rng(0), np.array([[1.0, 0, 0], [0.9, 0.4, 0], [0.5, 0.5, 0.7]])
    below = np.zeros(2)
    for seed in range(N_RUNS):
        influence = rng.normal(size=(400, 3)) @ root.T
        found = joint_null(influence.mean(axis=0), influence, {}, 400, np.random.default_rng(seed))
        below += np.array([found.median, found.average]) < 0.05
    for count in below:
        low, high = exact_interval(int(count), N_RUNS)
        assert low <= 0.05 <= high, below


def test_an_effect_is_told_from_nothing_and_nothing_is_not_an_effect():
    there = specification_curve(sorted_arms(0).effect, sorted_arms(0).data)
    assert max(there.p_median, there.p_average, there.p_significant) < 0.05
    assert there.p_median < 0.001
    nothing = [chain(seed, estimator=OLS()) for seed in range(3)]
    for one in nothing:
        rows = replace(one.data, tables={**one.data.tables, "interactions": _without_effect(one)})
        effect = estimate_effect(one.estimand, rows, estimator=OLS())
        assert specification_curve(effect, rows, trims=(0.0,)).p_median > 0.01


def _without_effect(world):
    table = world.data.tables["interactions"]
    y = np.array(table["y"]) - np.array(table["t"])
    return table.set_column(table.column_names.index("y"), "y", pa.array(y))


def test_the_attack_sees_a_set_that_the_graph_has_wrong(world):
    assert other_specifications(world).verdict == "passed"
    wrong = other_specifications(chain(0, forgotten=0.8, estimator=OLS()))
    assert wrong.verdict == "failed"
    assert "specifications from" in wrong.reason
    assert other_specifications(world).to_dict() == other_specifications(world).to_dict()


def test_a_treatment_that_is_a_number_is_not_trimmed():
    one = encouraged(0)
    found = specification_curve(one.effect, one.data)
    assert {s.trim for s in found.specifications} == {0.0}
    assert {s.estimator for s in found.specifications} == {"OLS", "PartiallyLinearDML"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"trims": (0.6,)}, "below 0.5"),
        ({"trims": ()}, "below 0.5"),
        ({"n_draws": 5}, "at least 20"),
        ({"trims": 0.05}, "below 0.5"),
        ({"trims": ("a",)}, "below 0.5"),
        ({"n_draws": "many"}, "n_draws is 'many'"),
        ({"random_state": -1}, "random_state is -1"),
        ({"estimators": OLS()}, "a list of estimators"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(world, given, words):
    with pytest.raises(DataError, match=words):
        specification_curve(world.effect, world.data, **given)


def test_a_saved_effect_is_refused(world):
    with pytest.raises(DataError, match="not a saved one"):
        specification_curve(replace(world.effect, recipe=None), world.data)


def test_what_is_no_table_and_no_graph_is_refused(world):
    with pytest.raises(DataError, match="flat table"):
        specification_curve(world.effect, None)
    with pytest.raises(GraphError, match="got str"):
        specification_curve(world.effect, world.data, graph="a -> t")


def test_the_effects_own_estimator_keeps_its_parameters():
    own = chain(0, estimator=InteractiveDML(n_folds=2))
    found = specification_curve(own.effect, own.data, trims=(0.0,))
    assert own.effect.value in found.values
    assert sorted(s.estimator for s in found.specifications) == ["EntropyBalancing", "InteractiveDML", "OLS"]
    named = specification_curve(own.effect, own.data, estimators={"InteractiveDML": InteractiveDML()}, trims=(0.0,))
    assert {s.estimator for s in named.specifications} == {"InteractiveDML", "InteractiveDML(n_folds=2)"}
    assert own.effect.value in named.values


def test_the_order_of_the_trims_does_not_matter():
    one = sorted_arms(0, slope=2.0)
    first, second = (specification_curve(one.effect, one.data, trims=trims) for trims in ((0.0, 0.1), (0.1, 0.0)))
    assert first.p_disagreement == pytest.approx(second.p_disagreement, abs=0.02)
    trimmed = specification_curve(one.effect, one.data, estimators=[OLS()], trims=(0.1,))
    assert trimmed.p_disagreement < 1.0  # the trimmed estimate is held against the effect


def test_sets_that_leave_as_many_rows_but_others_are_left_out(world):
    table = world.data.tables["interactions"]
    late = np.arange(table.num_rows) >= table.num_rows - 40
    for name, missing in (("a", late), ("b", late[::-1])):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(np.asarray(table[name]), mask=missing))
    data = Dataset.from_frames(table)
    effect = estimate_effect(world.estimand, data, estimator=OLS(), missing="drop")
    found = specification_curve(effect, data, graph=CHAIN, trims=(0.0,))
    assert {s.adjustment for s in found.specifications} == {("b",)}
    assert "other rows" in found.left_out["within a"]

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.estimation import IPW, OLS, EntropyBalancing, balance_table, estimate_effect
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.overlap.balance import covariate_balance
from causalrec.refutation.overlap.extrapolation import extrapolation
from causalrec.refutation.overlap.propensity import propensity_overlap
from causalrec.refutation.overlap.rules import regions
from tests.estimation.planted import exact_interval
from tests.refutation.route_worlds import ROUTES, attacked, barred, beside, encouraged, sorted_arms, treated

N_RUNS = 100


def test_balance_of_what_was_not_adjusted_for_has_its_level_and_power():
    attack, without, with_, _ = ROUTES["balance"]
    quiet = sum(attack(without(seed)).p_value < 0.05 for seed in range(N_RUNS))
    low, high = exact_interval(quiet, N_RUNS)
    assert low <= 0.05 <= high, quiet
    assert all(attack(with_(seed)).verdict == "failed" for seed in range(10))


def test_the_estimators_own_weights_are_looked_at():
    world = sorted_arms(0, slope=1.5, estimator=EntropyBalancing())
    found = covariate_balance(world)
    assert found.details["largest after"] < 1e-6 < found.details["largest before"]
    weighted = sorted_arms(0, slope=1.5, estimator=IPW())
    table = balance_table(weighted.design, IPW().fit(weighted.design))
    assert covariate_balance(weighted).details["difference of x"] == pytest.approx(table.difference_after[0])


def test_without_a_graph_no_column_is_taken_to_come_before_the_treatment():
    found = covariate_balance(replace(beside(0, forgotten=1.0), graph=None))
    assert found.verdict == "passed"
    assert "No graph says" in found.reason


def test_an_instrument_need_not_be_alike():
    from causalrec.graph import CausalGraph

    graph = CausalGraph([("z", "t"), ("x", "t"), ("x", "y"), ("t", "y")])
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 400))
    t = treated(rng, 0.4 * x + 2 * z)
    world = attacked({"x": x, "z": z, "t": t, "y": t + x + rng.normal(size=400)}, ("x",), graph, estimator=IPW())
    assert covariate_balance(world).verdict == "passed"


def test_overlap_fails_for_all_and_not_for_the_treated():
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 1.5, size=2_000)
    t = treated(rng, 3 * x - 4)
    columns = {"x": x, "t": t, "y": t + x + rng.normal(size=2_000)}
    assert propensity_overlap(attacked(columns, ("x",), estimator=OLS())).verdict == "failed"
    on_treated = propensity_overlap(attacked(columns, ("x",), estimator=IPW(target="ATT"), target="ATT"))
    assert on_treated.verdict == "passed", on_treated.reason


def test_a_rare_treatment_by_lot_is_no_lack_of_overlap():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=20_000), (rng.random(20_000) < 0.004).astype(float)
    found = propensity_overlap(attacked({"x": x, "t": t, "y": x + t}, ("x",), estimator=OLS()))
    assert found.verdict == "passed"
    assert found.details["effective share"] > 0.9


def test_the_region_without_the_treated_is_named():
    found = extrapolation(barred(0, region=True))
    assert found.verdict == "failed"
    assert "married" in found.reason
    assert "no treated among them" in found.reason
    assert extrapolation(barred(0)).verdict == "passed"


def test_rules_say_flags_by_name_and_large_numbers_in_full():
    rng = np.random.default_rng(0)
    earnings, married = rng.uniform(0, 30_000, 2_000), (rng.random(2_000) < 0.5) * 1.0
    t = ((earnings < 12_000) & (married == 0) & (rng.random(2_000) < 0.8)) * 1.0
    rules = [region.rule for region in regions(np.column_stack([earnings, married]), ("earnings 1974", "married"), t)]
    assert any(rule.startswith("earnings 1974 > 1") and "," in rule for rule in rules)
    assert any("married" in rule and "0.5" not in rule for rule in rules)


@pytest.mark.parametrize("attack", [covariate_balance, propensity_overlap, extrapolation])
def test_a_treatment_that_is_a_number_has_no_arms(attack):
    found = attack(encouraged(0))
    assert found.verdict == "not applicable"
    assert "0 and 1" in found.reason


def test_arms_that_a_covariate_tells_apart_fail():
    x = np.linspace(-1, 1, 200)
    columns = {"x": x, "t": (x > 0) * 1.0, "y": x}
    columns["y"] = columns["y"] + np.random.default_rng(0).normal(size=200)
    found = propensity_overlap(attacked(columns, ("x",), estimator=OLS()))
    assert found.verdict == "failed"
    assert "tell the" in found.reason


def test_columns_that_are_missing_in_other_rows_are_not_looked_at():
    """As many rows are left for the other column, but they are not the effect's: nothing is laid side by side."""
    whole = beside(0)
    table = whole.data.tables["interactions"]
    late = np.arange(table.num_rows) >= table.num_rows - 40
    for name, missing in (("x", late), ("c", late[::-1])):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(np.asarray(table[name]), mask=missing))
    data = Dataset.from_frames(table)
    effect = estimate_effect(whole.estimand, data, estimator=OLS(), missing="drop")
    found = covariate_balance(Attacked.of(effect, data, graph=whole.graph))
    assert not [name for name in found.details if "not adjusted for" in name]
    assert found.p_value != found.p_value

from datetime import date, timedelta

import numpy as np
import pytest

import causalrec as cr
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.identification import Estimand
from tests.estimation.event_study.staggered import LATE, NEVER, confounded, design, panel, some

ESTIMAND = Estimand(("on",), "y", "adjustment", ("unit", "week"))
CSDID = {  # csdid 0.4.3, covariate x: overall, by event time, by cohort, by period; (value, error)
    ("not yet treated", 0): (
        (3.047118927, 0.266451359),
        [
            (-0.191925187, 0.432438944),
            (0.371954733, 0.348872541),
            (-0.024226902, 0.228547573),
            (1.367811059, 0.240997956),
            (2.005396245, 0.249360787),
            (4.852264352, 0.399683476),
            (6.27877473, 0.393293261),
        ],
        [(4.083496094, 0.269260598), (0.611632582, 0.304647764)],
        [(1.917414012, 0.29363401), (3.285531284, 0.278917504), (2.953304921, 0.389257388), (3.622435808, 0.427018701)],
    ),
    ("not yet treated", 1): (
        (3.362279335, 0.35485387),
        [
            (-0.702892412, 0.406374975),
            (-0.139012491, 0.394358145),
            (0.024226902, 0.228547573),
            (1.392037961, 0.302641694),
            (2.083690887, 0.374547033),
            (5.655919833, 0.444381551),
            (7.082430212, 0.450191571),
        ],
        [(4.750200177, 0.331442848), (0.100665358, 0.416529925)],
        [(2.397125276, 0.313229988), (3.865325386, 0.401359123), (3.15253617, 0.479958906), (3.821667057, 0.521130987)],
    ),
    ("never treated", 0): (
        (3.016272866, 0.277086012),
        [
            (-0.191925187, 0.432438944),
            (0.371954733, 0.348872541),
            (-0.199231249, 0.256974675),
            (1.393727618, 0.260123567),
            (1.884459638, 0.251332627),
            (4.852264352, 0.399683476),
            (6.27877473, 0.393293261),
        ],
        [(4.03952405, 0.300992819), (0.611632582, 0.304647764)],
        [
            (1.965387215, 0.378307913),
            (3.061669905, 0.342485205),
            (2.953304921, 0.389257388),
            (3.622435808, 0.427018701),
        ],
    ),
    ("never treated", 1): (
        (3.427503659, 0.360795473),
        [
            (-0.702892412, 0.406374975),
            (-0.139012491, 0.394358145),
            (0.199231249, 0.256974675),
            (1.592958867, 0.297884683),
            (2.083690887, 0.374547033),
            (5.655919833, 0.444381551),
            (7.082430212, 0.450191571),
        ],
        [(4.843179532, 0.353834212), (0.100665358, 0.416529925)],
        [(2.769042697, 0.389885616), (3.865325386, 0.401359123), (3.15253617, 0.479958906), (3.821667057, 0.521130987)],
    ),
}


def did(**parameters):
    return DifferenceInDifferences("unit", "week", **parameters)


def test_two_by_two_by_hand():
    y = np.array([10.0, 15.0, 12.0, 19.0, 5.0, 7.0, 9.0, 11.0, 4.0, 9.0])
    columns = {"unit": np.repeat(np.arange(5), 2), "week": np.tile([0, 1], 5), "y": y}
    columns["on"] = ((columns["unit"] < 2) & (columns["week"] == 1)).astype(float)
    found = did().fit(design(columns))
    assert found.value_[0] == pytest.approx((5 + 7) / 2 - (2 + 2 + 5) / 3)
    # Deviations of the changes from their means, each over its number, summed in squares; 5 / 4 for few units.
    assert found.stderr_[0] ** 2 == pytest.approx((2 * 1 / 4 + (1 + 1 + 4) / 9) * 5 / 4)
    assert found.leads_test_ is None


def test_overall_effect_counts_treated_rows():
    found = did().fit(design(panel(n_units=400)))
    cells = found.group_times_
    after = cells.event_time >= 0
    assert found.value_[0] == pytest.approx(np.average(cells.value[after], weights=cells.n_treated[after]))
    for table, of in (
        (found.by_event_time_, cells.event_time),
        (found.by_cohort_, np.where(after, cells.cohort, -1)),
        (found.by_period_, np.where(after, cells.period, -1)),
    ):
        for at, value in zip(table.at, table.value, strict=True):
            mine = of == at
            assert value == pytest.approx(np.average(cells.value[mine], weights=cells.n_treated[mine]))


@pytest.mark.parametrize(("comparison", "anticipation"), list(CSDID))
def test_equals_csdid(comparison, anticipation):
    found = did(comparison=comparison, anticipation=anticipation).fit(design(drifting(), ["x"]))
    expected = CSDID[comparison, anticipation]
    factor = (120 / 119) ** 0.5  # theirs has no correction for the number of units
    assert [found.value_[0], found.stderr_[0]] == pytest.approx([expected[0][0], expected[0][1] * factor], rel=1e-7)
    for table, values in zip((found.by_event_time_, found.by_cohort_, found.by_period_), expected[1:], strict=True):
        both = np.column_stack([table.value, table.stderr / factor])
        np.testing.assert_allclose(both, values, rtol=1e-6, atol=1e-9)


def test_weights_equal_csdid():
    columns = drifting()
    found = did().fit(design(columns, ["x"], weight=1.0 + columns["unit"] % 3))
    expected = (3.083075908922476, 0.2874319447755621 * (120 / 119) ** 0.5)
    assert (found.value_[0], found.stderr_[0]) == pytest.approx(expected, rel=1e-8)


def drifting():
    """A panel whose trends follow x."""
    columns = panel(7, n_units=120)
    return columns | {"y": columns["y"] + 0.3 * columns["week"] * columns["x"]}


@pytest.mark.filterwarnings("ignore")
def test_equals_two_way_effects_with_cohort_times_event_time():
    """Sun, Abraham 2021 with never-treated units: pyfixest with a dummy for each cell but the base."""
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    columns = panel(3)
    frame = pd.DataFrame(columns)
    found = did(comparison="never treated").fit(design(columns))
    cells, names = found.group_times_, []
    for g, t in zip(cells.cohort, cells.period, strict=True):
        names.append(f"d_{g}_{t}")
        frame[names[-1]] = ((frame["cohort"] == g) & (frame["week"] == t)).astype(float)
    fit = pf.feols(
        f"y ~ {' + '.join(names)} | unit + week", frame, vcov={"CRV1": "unit"}, ssc=pf.ssc(k_adj=False),
        fixef_tol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(cells.value, fit.coef()[names], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(cells.stderr, fit.se()[names], rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_one_cohort_and_one_period_before_equals_two_way_effects():
    columns = panel(4, shares={1: 0.5, NEVER: 0.5}, n_periods=4)
    found, plain = did().fit(design(columns)), AbsorbedRegression().fit(design(columns))
    assert found.value_ == pytest.approx(plain.value_, rel=1e-9)
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    fit = pf.feols("y ~ on | unit + week", pd.DataFrame(columns), vcov={"CRV1": "unit"}, ssc=pf.ssc(k_adj=False))
    assert found.stderr_[0] == pytest.approx(float(fit.se()["on"]), rel=1e-6)


def test_anticipation_is_found_and_allowed_for():
    columns = panel(n_units=400)
    early = columns["y"] + 2.0 * ((columns["week"] == LATE - 1) & (columns["cohort"] == LATE))
    found = did().fit(design(columns | {"y": early}))
    assert found.leads_test_.p_value < 0.001
    assert found.diagnostics_["p value of the leads"] == found.leads_test_.p_value
    allowed = did(anticipation=1).fit(design(columns | {"y": early}))
    assert allowed.leads_test_.p_value > 0.01
    at = allowed.by_event_time_.at
    assert -1 in at
    assert -2 not in at
    # The cohort that starts in week 2 has its base in week 0, the other in week 2.
    base = set(zip(allowed.group_times_.cohort, allowed.group_times_.period, strict=True))
    assert not {(2, 0), (4, 2)} & base
    assert (4, 3) in base


def test_covariates_of_other_periods_do_not_enter():
    columns = panel(5, shares={2: 0.5, NEVER: 0.5}, n_periods=4)
    found = did().fit(design(columns, ["x"]))
    moved = columns["x"] + np.where(columns["week"] >= 2, 5.0 * columns["on"], 0.0)
    again = did().fit(design(columns | {"x": moved}, ["x"]))
    assert again.value_ == pytest.approx(found.value_, rel=1e-9)
    assert again.stderr_ == pytest.approx(found.stderr_, rel=1e-9)


def test_rows_in_another_order_and_inputs_untouched():
    rows = design(panel(), ["x"])
    for array in (rows.outcome, rows.treatments, rows.covariates, *rows.absorbed):
        array.flags.writeable = False
    order = np.random.default_rng(0).permutation(rows.n)
    found, again = did().fit(rows), did().fit(rows.rows(order))
    assert again.value_.tolist() == pytest.approx(found.value_.tolist(), rel=1e-12)
    assert again.stderr_.tolist() == pytest.approx(found.stderr_.tolist(), rel=1e-12)
    np.testing.assert_allclose(again.influence_, found.influence_[order], rtol=1e-9, atol=1e-12)


def test_influence_of_rows_sums_to_that_of_units():
    columns = panel()
    found = did().fit(design(columns))
    assert found.influence_.mean() == pytest.approx(0, abs=1e-12)
    by_unit = np.bincount(columns["unit"], weights=found.influence_[:, 0]) / len(columns["y"])
    assert found.stderr_[0] == pytest.approx((by_unit @ by_unit * 80 / 79) ** 0.5)
    assert found.n_clusters_ == {"unit": 80}
    effect = found.effect(ESTIMAND)
    assert (effect.target, effect.dof, effect.n) == ("ATT", 79, 480)


def test_scaled_outcome_scales_the_effect_and_unit_levels_do_nothing():
    columns = panel()
    found = did().fit(design(columns))
    moved = 3 * columns["y"] + 1000 * columns["unit"] - 50 * columns["week"]
    again = did().fit(design(columns | {"y": moved}))
    assert again.value_ == pytest.approx(3 * found.value_, rel=1e-9)
    assert again.stderr_ == pytest.approx(3 * found.stderr_, rel=1e-9)


def test_clusters_of_copied_units_change_nothing_and_weights_count_as_copies():
    columns = panel()
    copies = {name: np.concatenate([column, column]) for name, column in columns.items()}
    group, copies["unit"] = copies["unit"], np.concatenate([columns["unit"], columns["unit"] + 1000])
    found = did().fit(design(columns))
    twice = did().fit(design(copies, clusters={"group": group}))
    assert twice.value_ == pytest.approx(found.value_, rel=1e-12)
    assert twice.stderr_[0] == pytest.approx(found.stderr_[0], rel=2e-3)  # (n - 1) / (n - 1) is 1 with one parameter
    np.testing.assert_allclose(twice.by_event_time_.stderr, found.by_event_time_.stderr, rtol=2e-3)
    odd = columns["unit"] % 2
    part = some(copies, np.concatenate([np.ones(480, bool), odd == 1]))
    heavy = did().fit(design(columns, weight=1.0 + odd))
    assert heavy.value_ == pytest.approx(did().fit(design(part)).value_, rel=1e-12)


def test_a_table_with_names_and_dates():
    columns = panel(n_units=60)
    days = [date(2024, 1, 1) + timedelta(weeks=int(week)) for week in columns["week"]]
    frame = {"shop": [f"shop {unit}" for unit in columns["unit"]], "week": days, "on": columns["on"], "y": columns["y"]}
    frame["town"] = [f"town {unit % 45}" for unit in columns["unit"]]
    graph = cr.CausalGraph([("shop", "on"), ("shop", "y"), ("week", "on"), ("week", "y"), ("on", "y")])
    bound = {name: cr.absorbed(common=(name,)) for name in ("shop", "week")}
    estimand = cr.identify(graph, treatment="on", outcome="y")
    estimator = DifferenceInDifferences("shop", "week")
    data = cr.Dataset.from_frames(frame, columns=bound)
    effect = cr.estimate(estimand, data, estimator=estimator, target="ATT")
    assert effect.value == pytest.approx(did().fit(design(columns)).value_[0], rel=1e-12)
    assert estimator.by_cohort_.at == (date(2024, 1, 15), date(2024, 1, 29))
    assert dict(effect.n_clusters) == {"shop": 60}
    assert "difference in differences, against units not yet treated" in str(effect)
    wider = cr.estimate(estimand, data, estimator=estimator, clusters=["town"])
    assert (wider.value, wider.dof, dict(wider.n_clusters)) == (effect.value, 44, {"town": 45})


def test_who_is_left_out_is_said():
    columns = panel(n_units=100, shares={0: 0.1, 2: 0.5, 4: 0.4})
    found = did().fit(design(columns))
    n_first = int(np.bincount(columns["cohort"][columns["week"] == 0])[0])
    assert found.diagnostics_["units treated from the start"] == n_first > 0
    late = int(((columns["week"] >= 4) & (columns["cohort"] > 0)).sum())
    assert found.diagnostics_["treated rows without a comparison"] == late
    notes = " ".join(found.effect(ESTIMAND).notes)
    assert f"{n_first} units are left out" in notes
    assert f"{late} treated rows are left out" in notes
    assert found.by_cohort_.at == (2,)


def test_few_units_are_said():
    columns = panel(n_units=60)
    few = some(columns, (columns["cohort"] != NEVER) | (columns["unit"] < np.unique(
        columns["unit"][columns["cohort"] == NEVER])[3]))  # fmt: skip
    notes = " ".join(did(comparison="never treated").fit(design(few)).effect(ESTIMAND).notes)
    assert "one side has 3 units or clusters" in notes


@pytest.mark.parametrize(
    ("shares", "parameters", "said"),
    [
        ({0: 1.0}, {}, "All 80 units with 'on' have it from the first period that they were seen in"),
        ({0: 0.5, NEVER: 0.5}, {}, "from the first period that they were seen in"),
        ({3: 1.0}, {}, "No treated unit has a period before its treatment and others that were untreated"),
        ({2: 0.5, 4: 0.5}, {"comparison": "never treated"}, "take comparison='not yet treated'"),
        ({NEVER: 1.0}, {}, "'on' is 0 in every row: none of the 80 units"),
        ({2: 0.5, NEVER: 0.5}, {"anticipation": 2}, "Add earlier periods"),
    ],
)
def test_nothing_to_compare_with_is_refused(shares, parameters, said):
    with pytest.raises(EstimationError, match=said):
        did(**parameters).fit(design(panel(shares=shares)))


def test_wrong_parameters_are_refused():
    rows = design(panel())
    with pytest.raises(DataError, match="comparison is 'nobody'; choose 'not yet treated' or 'never treated'"):
        did(comparison="nobody").fit(rows)
    with pytest.raises(DataError, match="anticipation is -1"):
        did(anticipation=-1).fit(rows)
    with pytest.raises(DataError, match=r"anticipation=0.5; it is a whole number"):
        did(anticipation=0.5).fit(rows)
    with pytest.raises(DataError, match="unit='shop' and time='week' must be two columns"):
        DifferenceInDifferences("shop", "week").fit(rows)


def test_no_overlap_is_refused_by_name():
    rows = confounded(0)
    rows["x"] = rows["x"] + 20 * (np.bincount(rows["unit"], weights=rows["on"])[rows["unit"]])
    with pytest.raises(
        EstimationError, match=r"Units treated from 1 on \(.*\) cannot be .* no overlap\. Adjust for fewer"
    ):
        did().fit(design(rows, ["x"]))


def test_clusters_that_cut_units_are_refused():
    columns = panel()
    with pytest.raises(EstimationError, match="80 values of 'unit' lie in several clusters of 'week'"):
        did().fit(design(columns, clusters={"week": columns["week"]}))


def test_one_treated_unit_or_cluster_has_no_error():
    columns = panel()
    first = np.unique(columns["unit"][columns["cohort"] < NEVER])[0]
    one = some(columns, (columns["cohort"] == NEVER) | (columns["unit"] == first))
    with pytest.raises(EstimationError, match=r"All units with 'on', or all .* are one unit or lie in one cluster"):
        did().fit(design(one))
    state = np.where(columns["cohort"] < NEVER, 0, columns["unit"] + 1)
    with pytest.raises(EstimationError, match="cluster by something finer"):
        did().fit(design(columns, clusters={"state": state}))
    late = columns["cohort"] == LATE
    few = some(columns, ~late | (columns["unit"] == np.unique(columns["unit"][late])[0]))
    found = did().fit(design(few))
    assert found.by_cohort_.at == (2,)
    assert found.by_event_time_.at == (-2, 0, 1, 2, 3)  # -4 and -3 are of one late unit alone

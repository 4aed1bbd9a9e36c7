from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Column, Dataset, absorbed, design, grid
from causalrec.data.blocks import item_block
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation import IPW, Absorbed, estimate_effect, grid_plan, grid_regression, risk_ratio
from causalrec.estimation.linear.ols import OLS
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand, identify


def effect_of(*treatment, on="purchased", within=("item_week_demand", "item_store_availability", "mailer")):
    return Estimand(treatment, on, "adjustment", adjustment=within)


def flat(n=500, seed=0):
    rng = np.random.default_rng(seed)
    taste, group = rng.normal(size=n), rng.integers(0, 20, n)
    shown = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(int)
    return {
        "shown": shown, "taste": taste, "user": [f"u{g}" for g in group],
        "device": [("web", "app", "tv")[g % 3] for g in group],
        "clicked": 0.5 * shown + taste + 0.3 * (group % 3) + rng.normal(size=n),
    }  # fmt: skip


# Grids


def test_grid_estimate_is_the_regression_of_its_plan(world):
    found = estimate_effect(effect_of("display"), world.data)
    units = grid(world.data)
    rows = grid_regression(units, ("display", "mailer"), Absorbed((units.levels["week"], units.levels["store"])))
    assert found.value == pytest.approx(rows.coef[0], rel=1e-10)
    assert found.stderr == pytest.approx(rows.stderr[0], rel=1e-10)
    assert found.n == world.data.n_units
    assert found.n_clusters == {"users": 60, "items": 40}
    assert found.diagnostics["variation of display"] == pytest.approx(rows.variation[0])
    assert "item x week" in found.method
    assert "item x store" in found.method
    assert not found.coarse


def test_the_shipped_graph_leads_to_the_planted_effect(world):
    from causalrec.graph import load_graph

    found = estimate_effect(identify(load_graph("promotion"), "display", "purchased"), world.data)
    lower, upper = found.interval(0.999)
    assert lower < world.effect < upper
    assert found.value > 5 * found.stderr


def test_joint_effect_is_the_sum_of_the_parts(world):
    within = ("item_store_availability",)
    data = world.data
    joint = estimate_effect(effect_of("display", "mailer", within=within), data)
    units = grid(data)
    rows = grid_regression(units, ("display", "mailer"), Absorbed((units.levels["store"],)))
    assert joint.value == pytest.approx(rows.coef.sum(), rel=1e-9)
    assert joint.stderr == pytest.approx(np.sqrt([1, 1] @ rows.cov @ [1, 1]), rel=1e-9)


def test_a_chain_wide_treatment_falls_back_to_coarse_groups(make_world):
    """With item x week held fixed a mailer of the whole chain leaves next to nothing."""
    world = make_world(1, mailer_effect=0.05)
    units = grid(world.data)
    mailer = units.treatment("mailer").astype(bool)
    week, item = units.levels["week"], np.arange(units.n_items)
    chain = np.array([mailer[week == w].any(axis=0) for w in np.unique(week)])[week]
    cells = np.nonzero(chain)
    import pyarrow as pa

    stores = np.unique(world.data.tables["visits"]["store"].to_pylist())
    treatments = pa.table({
        "item": units.items[item[cells[1]]], "store": stores[units.levels["store"][cells[0]]],
        "week": week[cells[0]].astype(np.int16), "mailer": np.ones(len(cells[0])),
    })  # fmt: skip
    data = Dataset(tables={**world.data.tables, "treatments": treatments}, columns=world.data.columns)
    found = estimate_effect(effect_of("mailer", within=("item_week_demand",)), data)
    assert "item x four_weeks + week absorbed" in found.method
    assert found.coarse
    coarse = grid(data)
    absorbed_effects = Absorbed((coarse.levels["four_weeks"],), (coarse.levels["week"],))
    assert found.value == pytest.approx(grid_regression(coarse, ("mailer",), absorbed_effects).coef[0])
    data = data.with_columns({"item_week_demand": absorbed("week")})
    with pytest.raises(EstimationError, match=r"'mailer' varies by less than 2% .* absorbed\(\.\.\., coarse"):
        estimate_effect(effect_of("mailer", within=("item_week_demand",)), data)


def test_a_covariate_that_the_effects_explain_is_held_fixed_by_them(world):
    """A discount of an item in a week needs no column beside item x week, and does not cost the fine design."""
    import pyarrow as pa

    rng = np.random.default_rng(0)
    weeks = pa.table({
        "item": np.tile(world.data.tables["items"]["item"].to_numpy(), 8),
        "week": np.repeat(np.arange(8), 40).astype(np.int16), "discount": rng.random(320),
    })  # fmt: skip
    data = Dataset(tables={**world.data.tables, "item_weeks": weeks}, columns=world.data.columns)
    within = ("item_week_demand", "item_store_availability", "price")
    found = estimate_effect(effect_of("display", within=within), data)
    assert found.value == estimate_effect(effect_of("display", within=within[:2]), data).value
    assert not found.coarse
    plan = grid_plan(effect_of("display", within=within[1:]), data, grid(data))
    assert plan.regressors == ("display", "discount")


def test_items_columns_enter_as_a_block(world):
    found = estimate_effect(effect_of("display", within=("department",)), world.data)
    units = grid(world.data)
    block = (world.kind == "kind 1").astype(float)[:, None]
    assert found.value == pytest.approx(grid_regression(units, ("display",), Absorbed(item_block=block)).coef[0])
    assert item_block(world.data, "department").shape == (40, 2)
    plan = grid_plan(effect_of("display", within=("department", "item_week_demand")), world.data, units)
    assert plan.absorbed.item_block is None  # effects by item hold whatever an item carries fixed


def test_clusters_by_a_column_of_the_items(make_world):
    import pyarrow as pa

    world = make_world(2)
    items = world.data.tables["items"].append_column("category", pa.array([f"c{k % 9}" for k in range(40)]))
    data = Dataset(tables={**world.data.tables, "items": items}, columns=world.data.columns)
    found = estimate_effect(effect_of("display"), data, clusters=["category"])
    assert found.n_clusters == {"users": 60, "category": 9}
    assert found.dof == 8
    assert found.value == pytest.approx(estimate_effect(effect_of("display"), data).value)


def test_an_unbound_node_is_refused_by_name(world):
    with pytest.raises(DataError, match=r"'season', 'weather'.*absorbed\("):
        estimate_effect(effect_of("display", within=("season", "mailer", "weather")), world.data)


def test_a_missing_treatment_is_refused_with_the_nearest(world):
    data = world.data.with_columns({"display": "dispaly"})
    with pytest.raises(MissingColumnsError, match=r"'dispaly' .did you mean 'display'"):
        estimate_effect(effect_of("display"), data)


def test_absorbing_a_column_that_visits_lack_is_refused(world):
    data = world.data.with_columns({"item_week_demand": absorbed("weeks")})
    with pytest.raises(MissingColumnsError, match="did you mean 'week'"):
        estimate_effect(effect_of("display"), data)


def test_two_clusters_are_refused_on_a_grid(world):
    with pytest.raises(DataError, match="by one column of the items, not by department, user"):
        estimate_effect(effect_of("display"), world.data, clusters=["department", "user"])


def test_clusters_that_items_lack_are_refused(world):
    with pytest.raises(MissingColumnsError, match="did you mean 'department'"):
        estimate_effect(effect_of("display"), world.data, clusters=["departments"])


def test_one_cluster_of_items_is_refused(world):
    import pyarrow as pa

    items = world.data.tables["items"].append_column("chain", pa.array(["the chain"] * 40))
    data = Dataset(tables={**world.data.tables, "items": items}, columns=world.data.columns)
    with pytest.raises(EstimationError, match="one value"):
        estimate_effect(effect_of("display"), data, clusters=["chain"])


# Flat tables


@pytest.mark.parametrize("clusters", [(), ("user",)], ids=["robust", "clustered"])
def test_flat_estimate_equals_statsmodels(clusters):
    sm = pytest.importorskip("statsmodels.api")
    frame = flat()
    data = Dataset.from_frames(frame)
    estimand = effect_of("shown", on="clicked", within=("taste", "device"))
    found = estimate_effect(estimand, data, estimator=OLS(), clusters=clusters)
    dummies = [[float(d == name) for d in frame["device"]] for name in ("tv", "web")]
    rows = sm.add_constant(np.column_stack([frame["shown"], frame["taste"], *dummies]))
    kind = {"cov_type": "cluster", "cov_kwds": {"groups": np.unique(frame["user"], return_inverse=True)[1]}}
    fit = sm.OLS(frame["clicked"], rows).fit(**(kind if clusters else {"cov_type": "HC1"}))
    assert found.value == pytest.approx(fit.params[1], rel=1e-8)
    assert found.stderr == pytest.approx(fit.bse[1], rel=1e-8)
    lower, upper = found.interval()
    if not clusters:
        fit = sm.OLS(frame["clicked"], rows).fit(cov_type="HC1", use_t=True)
        np.testing.assert_allclose([lower, upper], fit.conf_int()[1], rtol=1e-6)
    assert found.n_clusters == ({"user": 20} if clusters else {})
    assert "variation of shown" in found.diagnostics


def test_nodes_are_found_under_their_columns_names():
    frame = flat()
    renamed = Dataset.from_frames(
        {"exposed?": frame["shown"], "gefällt 'mir'": frame["taste"], 'the "click"': frame["clicked"]},
        columns={"shown": "exposed?", "taste": Column("gefällt 'mir'"), "clicked": 'the "click"'},
    )
    estimand = effect_of("shown", on="clicked", within=("taste",))
    assert estimate_effect(estimand, renamed).value == estimate_effect(estimand, Dataset.from_frames(frame)).value


def test_absorbed_groups_equal_indicators_of_them():
    data = Dataset.from_frames(flat(), columns={"who": absorbed("user")})
    held = estimate_effect(effect_of("shown", on="clicked", within=("taste", "who")), data)
    plain = estimate_effect(effect_of("shown", on="clicked", within=("taste", "user")), data, estimator=OLS())
    assert held.value == pytest.approx(plain.value, rel=1e-9)
    assert held.stderr == pytest.approx(plain.stderr, rel=1e-9)


def test_flat_joint_effect_is_the_sum():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    data = Dataset.from_frames({"a": a, "b": b, "y": 2 * a - 0.5 * b + rng.normal(0, 1e-6, 300)})
    assert estimate_effect(effect_of("a", "b", on="y", within=()), data).value == pytest.approx(1.5, abs=1e-5)


def test_missing_values_are_counted_and_refused():
    frame = flat()
    frame["taste"] = [None, None, *frame["taste"][2:]]
    frame["clicked"] = np.r_[np.nan, frame["clicked"][1:]]
    with pytest.raises(DataError, match=r"Missing values of 500 rows: 'clicked' 1, 'taste' 2\."):
        estimate_effect(effect_of("shown", on="clicked", within=("taste",)), Dataset.from_frames(frame))


def test_missing_values_of_columns_that_are_not_asked_for_do_not_matter():
    frame = flat() | {"note": [None] * 500}
    estimate_effect(effect_of("shown", on="clicked", within=("taste",)), Dataset.from_frames(frame))


def test_a_text_outcome_is_refused():
    data = Dataset.from_frames(flat())
    with pytest.raises(DataError, match="'device' holds string; an outcome or treatment must be numbers"):
        estimate_effect(effect_of("shown", on="device", within=("taste",)), data)


def test_a_constant_treatment_is_refused():
    data = Dataset.from_frames(flat() | {"shown": [1] * 500})
    with pytest.raises(EstimationError, match="'shown' does not vary"):
        estimate_effect(effect_of("shown", on="clicked", within=("taste",)), data)


def test_all_missing_columns_are_listed():
    data = Dataset.from_frames(flat())
    with pytest.raises(MissingColumnsError, match=r"'showm' .did you mean 'shown'.*, nor 'tast' .did you mean 'taste'"):
        estimate_effect(effect_of("showm", on="clicked", within=("tast",)), data)


def test_clusters_with_one_value_are_refused():
    data = Dataset.from_frames(flat() | {"shop": ["only"] * 500})
    with pytest.raises(EstimationError, match="one value"):
        estimate_effect(effect_of("shown", on="clicked", within=("taste",)), data, clusters=["shop"])


def test_an_instrument_leads_to_two_stages():
    rng = np.random.default_rng(0)
    hidden, noise = rng.normal(size=(2, 2_000))
    rank = noise + hidden + rng.normal(size=2_000)
    data = Dataset.from_frames({"noise": noise, "rank": rank, "click": 2 * rank + 3 * hidden + rng.normal(size=2_000)})
    graph = CausalGraph([("noise", "rank"), ("rank", "click")], bidirected=[("rank", "click")])
    found = estimate_effect(identify(graph, "rank", "click"), data)
    assert abs(found.value - 2) < 3.3 * found.stderr < 0.5
    assert found.target == "LATE, or the linear effect"
    assert "an instrument moves the treatment" in str(found)


def mediated(n=4_000, seed=0):
    """Shown to those who want it; seen if shown; bought if seen or wanted: the effect is .8 * .3."""
    rng = np.random.default_rng(seed)
    wanted = rng.random(n) < 0.5
    shown = rng.random(n) < np.where(wanted, 0.8, 0.2)
    seen = rng.random(n) < np.where(shown, 0.9, 0.1)
    bought = rng.random(n) < 0.1 + 0.3 * seen + 0.4 * wanted
    return {name: column.astype(int) for name, column in {"shown": shown, "seen": seen, "bought": bought}.items()}


@pytest.mark.parametrize("strategy", ["frontdoor", "id"])
def test_a_front_door_leads_to_the_planted_effect(strategy):
    graph = CausalGraph([("shown", "seen"), ("seen", "bought")], bidirected=[("shown", "bought")])
    estimand = identify(graph, "shown", "bought", strategy=strategy)
    found = estimate_effect(estimand, Dataset.from_frames(mediated()))
    assert abs(found.value - 0.24) < 3.3 * found.stderr < 0.1
    assert found.reason
    with pytest.raises(EstimationError, match="ATT cannot be had"):
        estimate_effect(estimand, Dataset.from_frames(mediated()), target="ATT")


CHOSEN = {  # name: (changed columns, treatments, keywords, word of the method, reason)
    "two values": ({}, ("shown",), {}, "augmented inverse propensity", "two values"),
    "a number": ({"shown": np.linspace(0, 1, 500)}, ("shown",), {}, "artially linear", "a number"),
    "treated": ({}, ("shown",), {"target": "ATT"}, "augmented inverse propensity", "on the treated"),
    "overlap": ({}, ("shown",), {"target": "ATO"}, "", "both treatments are likely"),
}


@pytest.mark.parametrize(("changed", "treatment", "keywords", "method", "reason"), CHOSEN.values(), ids=CHOSEN)
def test_the_estimator_is_chosen_and_says_why(changed, treatment, keywords, method, reason):
    data = Dataset.from_frames(flat() | changed)
    found = estimate_effect(effect_of(*treatment, on="clicked", within=("taste", "device")), data, **keywords)
    assert method in found.method
    assert reason in found.reason
    assert found.target == keywords.get("target", "ATE")
    assert found.stderr > 0


def test_an_estimator_of_econml_is_adapted():
    econml = pytest.importorskip("econml.dml")
    found = estimate_effect(
        effect_of("shown", on="clicked", within=("taste",)),
        Dataset.from_frames(flat()),
        estimator=econml.LinearDML(discrete_treatment=True, random_state=0),
    )
    assert abs(found.value - 0.5) < 4 * found.stderr
    assert found.reason == ""


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"estimator": "ols"}, "Expected an estimator object"),
        ({"target": "LATE"}, "no target 'LATE'"),
    ],
)
def test_what_is_no_choice_is_refused(keywords, message):
    with pytest.raises(EstimationError, match=message):
        estimate_effect(effect_of("shown", on="clicked", within=("taste",)), Dataset.from_frames(flat()), **keywords)


def test_the_estimand_and_the_scale_choose_what_comes_out():
    table = {**flat(), "bought": flat()["clicked"] > 0}
    data, estimand = Dataset.from_frames(table), Estimand(("shown",), "bought", "adjustment", ("taste",))
    ratio = estimate_effect(estimand, data, scale="risk ratio", estimator=IPW())
    assert ratio.value == pytest.approx(risk_ratio(IPW().fit(design(estimand, data))).value, rel=1e-12)
    within = replace(estimand, conditional=("device",))
    chosen = np.array(table["device"]) == "app"
    app = {name: np.asarray(column)[chosen] for name, column in table.items()}
    own = estimate_effect(estimand, Dataset.from_frames(app), estimator=OLS())
    assert estimate_effect(within, data, estimator=OLS())["app"].value == pytest.approx(own.value, rel=1e-9)
    with pytest.raises(EstimationError, match="A risk ratio within values of device cannot be had yet"):
        estimate_effect(within, data, scale="risk ratio")
    with pytest.raises(DataError, match="no scale 'log': choose 'difference', 'risk ratio' or 'odds ratio'"):
        estimate_effect(estimand, data, scale="log")


@pytest.mark.parametrize("form", ["to_markdown", "to_latex", "to_json", "_repr_html_"])
def test_groups_and_ratios_are_written_in_every_form(form):
    data = Dataset.from_frames({**flat(), "bought": flat()["clicked"] > 0})
    estimand = Estimand(("shown",), "bought", "adjustment", ("taste",))
    groups = estimate_effect(replace(estimand, conditional=("device",)), data, estimator=OLS())
    ratio = estimate_effect(estimand, data, scale="odds ratio", estimator=IPW())
    for found, values in ((groups, [*groups.value, *groups.stderr]), (ratio, [ratio.value, *ratio.interval()])):
        text = getattr(found, form)()
        assert all(f"{value:.4f}".lstrip("+-") in text or str(value) in text for value in values)


# What comes out


def test_an_effect_prints_its_error_and_what_it_stands_on(world):
    text = str(estimate_effect(effect_of("display"), world.data))
    assert "Effect of display on purchased: +0.0" in text
    assert "±" in text
    assert "adjusted for item_store_availability, item_week_demand, mailer" in text
    assert "errors clustered by 60 users and 40 items" in text


def test_an_effect_can_be_written_as_json(world):
    import json

    effect = estimate_effect(effect_of("display"), world.data)
    saved = json.loads(json.dumps(effect.to_dict(), allow_nan=False))
    assert (saved["lower"], saved["upper"]) == effect.interval()
    assert Estimand.from_dict(saved["estimand"]) == effect.estimand


def test_intervals_are_those_of_students_distribution():
    from causalrec.estimation import EffectEstimate

    effect = EffectEstimate(1.0, 0.5, n=10, dof=4, method="", estimand=effect_of("a", on="y", within=()))
    lower, upper = effect.interval()
    assert upper - 1 == pytest.approx(1 - lower)
    assert upper == pytest.approx(1 + 2.776 * 0.5, abs=1e-3)

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, MissingColumnsError
from causalrec.estimation import score_pairs
from causalrec.identification import Estimand

DISPLAY = Estimand(
    ("display",), "purchased", "adjustment", adjustment=("item_week_demand", "item_store_availability", "mailer")
)


@pytest.fixture(scope="module")
def scores(lifted_world):
    return score_pairs(DISPLAY, lifted_world.data, ["bought_before", "department"])


def test_planted_effects_of_pairs_are_found(scores, lifted_world):
    truth = lifted_world.effect.ravel()
    assert np.corrcoef(scores.value, truth)[0, 1] > 0.85
    assert scores.value.mean() == pytest.approx(truth.mean(), rel=0.2)
    slope = np.polyfit(scores.value, truth, 1)[0]  # 1 where a score means what it says
    assert 0.8 < slope < 1.25


def test_kinds_are_told_apart_by_their_lift(scores, lifted_world):
    value = scores.value.reshape(lifted_world.effect.shape)
    by_kind = [value[:, lifted_world.kind == f"kind {k}"].mean() for k in (0, 1)]
    truth = [lifted_world.effect[:, lifted_world.kind == f"kind {k}"].mean() for k in (0, 1)]
    np.testing.assert_allclose(by_kind, truth, rtol=0.35)


def test_errors_cover_at_about_their_rate(make_lifted_world):
    inside = []
    for seed in range(8):
        world = make_lifted_world(seed)
        scores = score_pairs(DISPLAY, world.data, ["bought_before", "department"])
        inside.append((np.abs(scores.value - world.effect.ravel()) < 1.96 * scores.stderr).mean())
    assert 0.88 < np.mean(inside) < 0.99


def test_without_an_effect_the_scores_are_small_and_not_spread_out(make_lifted_world):
    means, ratios = [], []
    for seed in range(6):
        world = make_lifted_world(seed, log_lift=(0.0, 0.0))
        scores = score_pairs(DISPLAY, world.data, ["bought_before", "department"])
        means.append(scores.value.mean())
        ratios.append(scores.value.std() / np.sqrt((scores.stderr**2).mean()))
        assert (np.abs(scores.value) > 1.96 * scores.stderr).mean() < 0.25
    assert abs(np.mean(means)) < 0.1 * 0.06  # of the mean rate
    assert np.mean(ratios) < 1  # what differs between pairs is less than their errors


def test_a_constant_lift_is_the_same_for_every_item(make_lifted_world):
    world = make_lifted_world(3, log_lift=(0.6, 0.6))
    scores = score_pairs(DISPLAY, world.data, ["bought_before", "department"])
    value = scores.value.reshape(world.effect.shape)
    assert value.mean() == pytest.approx(world.effect.mean(), rel=0.2)
    assert np.corrcoef(value.ravel(), world.effect.ravel())[0, 1] > 0.8
    ratio = value.mean(axis=0) / world.effect.mean(axis=0)
    assert ratio.std() < 0.35


def test_history_changes_the_lift(make_lifted_world):
    world = make_lifted_world(5, n_users=300, log_lift=(0.2, 0.2), by_history=(0.0, 0.8))
    scores = score_pairs(DISPLAY, world.data, ["bought_before", "department"]).value
    blind = score_pairs(DISPLAY, world.data, ["department"]).value
    truth = world.effect.ravel()
    assert np.abs(scores - truth).mean() < np.abs(blind - truth).mean()


def test_rows_are_all_pairs_by_user_then_item(scores, lifted_world):
    users = lifted_world.data.tables["users"]["user"].to_pylist()
    items = lifted_world.data.tables["items"]["item"].to_pylist()
    assert list(zip(scores.user, scores.item, strict=True)) == [(user, item) for user in users for item in items]
    assert (scores.stderr > 0).all()
    assert (scores.base > 0).all()
    assert ((scores.propensity >= 0) & (scores.propensity <= 1)).all()
    assert (scores.treatment, scores.unit) == ("display", "outcome")


def test_propensity_is_the_share_of_a_users_visits_with_the_treatment(scores, lifted_world):
    tables = lifted_world.data.tables
    shown = tables["treatments"].to_pylist()
    on = {(row["store"], row["week"]) for row in shown if row["item"] == "i003" and row["display"]}
    visits = [(row["store"], row["week"]) for row in tables["visits"].to_pylist() if row["user"] == "u007"]
    expected = sum(visit in on for visit in visits) / len(visits)
    at = np.flatnonzero((scores.user == "u007") & (scores.item == "i003"))
    assert scores.propensity[at] == pytest.approx([expected])


def test_the_order_of_the_rows_does_not_matter(scores, lifted_world):
    rng = np.random.default_rng(0)
    tables = dict(lifted_world.data.tables)
    for name in ("visits", "purchases", "treatments"):
        tables[name] = tables[name].take(pa.array(rng.permutation(tables[name].num_rows)))
    other = score_pairs(
        DISPLAY, Dataset(tables=tables, columns=lifted_world.data.columns), ["bought_before", "department"]
    )
    np.testing.assert_allclose(other.value, scores.value, rtol=1e-7)
    np.testing.assert_allclose(other.stderr, scores.stderr, rtol=1e-7)


def test_a_joint_treatment_counts_where_any_part_is_on(lifted_world):
    estimand = Estimand(("display", "mailer"), "purchased", "adjustment", adjustment=("item_week_demand",))
    joint = score_pairs(estimand, lifted_world.data, ["department"])
    alone = score_pairs(DISPLAY, lifted_world.data, ["department"])
    assert joint.treatment == "display or mailer"
    assert (joint.propensity >= alone.propensity).all()
    assert (joint.propensity > alone.propensity).any()


def test_an_unknown_modifier_is_refused(lifted_world):
    with pytest.raises(MissingColumnsError, match="did you mean 'department'"):
        score_pairs(DISPLAY, lifted_world.data, ["departement"])


def test_a_node_that_strata_cannot_hold_is_refused(lifted_world):
    estimand = Estimand(("display",), "purchased", "adjustment", adjustment=("department", "item_week_demand"))
    with pytest.raises(DataError, match="'department' is neither"):
        score_pairs(estimand, lifted_world.data, ["bought_before"])


def test_a_flat_table_is_refused():
    with pytest.raises(DataError, match="flat table"):
        score_pairs(DISPLAY, Dataset.from_frames({"display": [0, 1], "purchased": [0, 1]}), ["department"])

import json

import numpy as np
import pytest

from causalrec import CausalGraph, Dataset, identify
from causalrec.data import text
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.tmle import TMLE
from causalrec.estimation.groups.conditional_effects import conditional_effects
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.matching.matching import Matching
from tests.estimation.planted import Line, Logit, exact_interval, expit

N_RUNS = 150
SEGMENTS, EFFECTS = np.array(["new", "old", "vip"]), np.array([1.0, 2.0, 0.5])
GRAPH = CausalGraph(
    [("age", "shown"), ("age", "spent"), ("segment", "shown"), ("segment", "spent"), ("shown", "spent")]
)
ESTIMAND = identify(GRAPH, "shown", "spent", conditional="segment")


def rows(seed, n=600, *, shares=(0.4, 0.35, 0.25), effects=EFFECTS, n_per_user=1, randomised=False):
    """Segments that confound; users, where there are several rows of each, share a shock over their segments."""
    rng = np.random.default_rng(seed)
    group = rng.choice(len(shares), n, p=shares)
    age, user = rng.normal(size=n), np.arange(n) // n_per_user
    n_users = user[-1] + 1
    push = (rng.normal(size=n_users)[user] > 0) * 1.2 - 0.6 if n_per_user > 1 else 0.0
    eta = 0.0 if randomised else 0.7 * age + 0.5 * (group == 1)
    shown = (rng.random(n) < expit(eta + push)).astype(float)
    shock = rng.normal(size=n_users)[user] if n_per_user > 1 else 0.0
    spent = age * (1 + (group == 1)) + group + shown * effects[group] + shock + rng.normal(size=n)
    return {"segment": SEGMENTS[group], "age": age, "shown": shown, "spent": spent, "user": user}


def test_least_squares_within_groups_is_that_of_statsmodels():
    import statsmodels.api as sm

    table = rows(0)
    found = conditional_effects(ESTIMAND, Dataset.from_frames(table), estimator=OLS())
    for at, segment in enumerate(SEGMENTS):
        own = table["segment"] == segment
        X = np.column_stack([np.ones(own.sum()), table["shown"][own], table["age"][own]])
        oracle = sm.OLS(table["spent"][own], X).fit(cov_type="HC1")
        assert found.value[at] == pytest.approx(oracle.params[1], rel=1e-9)
        assert found.stderr[at] == pytest.approx(oracle.bse[1], rel=1e-9)
        assert found[segment].n == own.sum()
    assert (found.covariance == np.diag(found.stderr**2)).all()


def test_clusters_that_span_groups_correlate_the_effects_as_one_regression_does():
    import statsmodels.api as sm

    table = rows(1, n_per_user=5)
    found = conditional_effects(ESTIMAND, Dataset.from_frames(table), estimator=OLS(), clusters=("user",))
    member = (table["segment"][:, None] == SEGMENTS).astype(float)
    X = np.column_stack([member * table["shown"][:, None], member, member * table["age"][:, None]])
    oracle = sm.OLS(table["spent"], X).fit(cov_type="cluster", cov_kwds={"groups": table["user"]}).cov_params()[:3, :3]
    spread = np.sqrt(np.diag(oracle))
    np.testing.assert_allclose(
        found.covariance / np.outer(found.stderr, found.stderr), oracle / np.outer(spread, spread), atol=1e-9
    )
    assert np.abs(found.covariance[0, 1]) > 0
    np.testing.assert_allclose(found.stderr, spread, rtol=0.02)  # small-sample factors of each group
    assert found["vip"].n_clusters["user"] < 120


def covered(make, truth, n_runs, **given):
    """Intervals that cover one by one, by group; runs in which all do; rejections of equality; bias in errors."""
    own, joint, rejected, errors = np.zeros(len(truth)), 0, 0, []
    for seed in range(n_runs):
        found = conditional_effects(ESTIMAND, Dataset.from_frames(make(seed)), **given)
        (low, high), (wide_low, wide_high) = found.intervals().T, found.intervals(simultaneous=True).T
        own += (low <= truth) & (truth <= high)
        joint += ((wide_low <= truth) & (truth <= wide_high)).all()
        rejected += found.test_equal().p_value < 0.05
        errors.append(found.value - truth)
    errors = np.array(errors)
    return own, joint, rejected, errors.mean(axis=0) / errors.std(axis=0) * np.sqrt(n_runs)


def refuse(count, n_runs, level=0.95):
    low, high = exact_interval(count, n_runs)
    assert low <= level <= high, f"{count} of {n_runs}"


def test_intervals_cover_one_by_one_and_together():
    def make(seed):
        return rows(seed, n=900)

    own, joint, rejected, bias = covered(make, EFFECTS, N_RUNS, estimator=AIPW(Line(), Logit(), n_folds=2))
    for count in (*own, joint):
        refuse(count, N_RUNS)
    assert np.abs(bias).max() < 4
    assert rejected > 0.9 * N_RUNS  # the effects do differ


def test_intervals_cover_with_clusters_that_span_groups_and_equal_effects_are_called_equal():
    same = np.ones(3)

    def make(seed):
        return rows(seed, n=600, n_per_user=5, effects=same)

    own, joint, rejected, bias = covered(make, same, N_RUNS, estimator=OLS(), clusters=("user",))
    for count in (*own, joint):
        refuse(count, N_RUNS)
    refuse(rejected, N_RUNS, 0.05)
    assert np.abs(bias).max() < 4


def test_small_groups_take_the_scores_of_one_fit():
    def make(seed):
        return rows(seed, n=450, shares=(0.5, 0.38, 0.12))

    model = AIPW(Line(), Logit(), n_folds=2)
    found = conditional_effects(ESTIMAND, Dataset.from_frames(make(0)), estimator=model)
    assert "scores averaged within groups" in found.method
    assert found["vip"].n < 100
    share = np.array([estimate.n for estimate in found.estimates]) / 450
    assert share @ found.value == pytest.approx(model.value_[0])  # the groups average to the whole
    own, joint, _, bias = covered(make, EFFECTS, N_RUNS, estimator=model)
    for count in (*own, joint):
        refuse(count, N_RUNS)
    assert np.abs(bias).max() < 4


def test_a_group_of_few_is_left_out_by_name_and_says_why():
    table = {name: np.concatenate([column, column[:3]]) for name, column in rows(2).items()}
    table["segment"] = np.concatenate([table["segment"][:-3], ["tv"] * 3])
    found = conditional_effects(ESTIMAND, Dataset.from_frames(table))
    assert found.labels == ("new", "old", "vip")
    assert found.left_out == {"tv": "3 units, fewer than 20"}
    assert "left out: tv, 3 units, fewer than 20" in str(found)
    with pytest.raises(DataError, match="'tv' \\(3 units"):
        found["tv"]
    table["shown"] = np.where(table["segment"] == "vip", 1.0, table["shown"])
    assert "shown is 1 in all" in conditional_effects(ESTIMAND, Dataset.from_frames(table)).left_out["vip"]


def test_a_conditioning_node_in_the_adjustment_set_is_no_covariate():
    from dataclasses import replace

    data = Dataset.from_frames(rows(3))
    first = conditional_effects(ESTIMAND, data, estimator=OLS())
    again = conditional_effects(replace(ESTIMAND, adjustment=("age", "segment")), data, estimator=OLS())
    np.testing.assert_allclose(again.value, first.value, rtol=1e-12)
    np.testing.assert_allclose(again.stderr, first.stderr, rtol=1e-12)


def test_groups_may_stand_in_the_table_of_users_and_be_numbers():
    table = rows(4, n_per_user=4)
    users = {"user": np.arange(150), "segment": np.arange(150) % 2}
    flat = {**table, "segment": (table["user"] % 2).astype(float)}
    del table["segment"]
    beside = conditional_effects(ESTIMAND, Dataset.from_frames(table, users=users), estimator=OLS())
    here = conditional_effects(ESTIMAND, Dataset.from_frames(flat), estimator=OLS())
    assert beside.labels == here.labels == ("0", "1")
    np.testing.assert_allclose(beside.value, here.value, rtol=1e-12)
    assert here[1].value == here.value[1]


def test_two_columns_make_their_combinations():
    table = rows(5) | {"app": np.tile([True, False], 300)}
    graph = CausalGraph([*GRAPH.edges, ("app", "spent")]) if hasattr(GRAPH, "edges") else GRAPH
    found = conditional_effects(
        identify(graph, "shown", "spent", conditional=["app", "segment"]), Dataset.from_frames(table)
    )
    assert len(found) == 6
    assert found.labels[0] == "False, new"
    assert found[(True, "old")].n == int((table["app"] & (table["segment"] == "old")).sum())


@pytest.mark.filterwarnings("ignore::causalrec.data.shared_treatment.SharedTreatmentWarning")
def test_permuted_rows_and_weights_that_repeat_give_the_same():
    table = rows(6)
    order = np.random.default_rng(0).permutation(600)
    first = conditional_effects(ESTIMAND, Dataset.from_frames(table))
    again = conditional_effects(ESTIMAND, Dataset.from_frames({k: v[order] for k, v in table.items()}))
    np.testing.assert_allclose(again.value, first.value, rtol=1e-9)
    np.testing.assert_allclose(again.covariance, first.covariance, rtol=1e-7, atol=1e-12)
    twice = np.random.default_rng(1).integers(1, 3, 600)
    weighted = Dataset.from_frames(table | {"count": twice})
    repeated = Dataset.from_frames({k: np.repeat(v, twice) for k, v in table.items() if k != "user"})
    np.testing.assert_allclose(
        conditional_effects(ESTIMAND, weighted, estimator=OLS(), weights="count").value,
        conditional_effects(ESTIMAND, repeated, estimator=OLS()).value, rtol=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize("estimator", [TMLE(Line(), Logit(), n_folds=2), Matching(target="ATE")])
def test_other_estimators_are_fitted_within_groups(estimator):
    found = conditional_effects(ESTIMAND, Dataset.from_frames(rows(7, n=900)), estimator=estimator)
    assert "fitted within each group" in found.method
    assert (np.abs(found.value - EFFECTS) < 4 * found.stderr).all()


def test_targets_and_the_choice_are_printed():
    data = Dataset.from_frames(rows(8, n=900))
    treated = conditional_effects(ESTIMAND, data, target="ATT")
    assert all(found.target == "ATT" for found in treated.estimates)
    assert "target: ATT" in str(treated)
    assert "chosen because the effect on the treated" in str(treated)
    few = conditional_effects(ESTIMAND, Dataset.from_frames(rows(8, n=400)))
    assert "a group has fewer than 200 rows" in few.reason


def test_it_prints_and_travels():
    found = conditional_effects(ESTIMAND, Dataset.from_frames(rows(9)), estimator=OLS())
    printed = str(found)
    assert "Effect of shown on spent within segment" in printed
    assert "all equal: p < 0.0001" in printed
    assert all(label in printed for label in SEGMENTS)
    assert "adjusted for age" in printed
    assert json.loads(json.dumps(found.to_dict()))["groups"][1]["group"] == {"segment": "old"}
    frame = found.to_frame()
    assert frame["segment"].tolist() == list(SEGMENTS)
    assert (frame["joint_lower"] < frame["lower"]).all()
    assert (frame["upper"] < frame["joint_upper"]).all()


def test_missing_groups_are_dropped_only_when_asked():
    table = rows(10)
    table["segment"] = [None if at < 5 else str(name) for at, name in enumerate(table["segment"])]
    data = Dataset.from_frames(table)
    with pytest.raises(DataError, match="segment"):
        conditional_effects(ESTIMAND, data)
    found = conditional_effects(ESTIMAND, data, missing="drop", estimator=OLS())
    assert sum(estimate.n for estimate in found.estimates) == 595
    assert found.labels == ("new", "old", "vip")


def test_refusals():
    data = Dataset.from_frames(rows(11))
    with pytest.raises(DataError, match="conditional="):
        conditional_effects(identify(GRAPH, "shown", "spent"), data)
    with pytest.raises(DataError, match=r"'age' has 600 values.*bins.*scores"):
        conditional_effects(identify(GRAPH, "shown", "spent", conditional="age"), data)
    with pytest.raises(DataError, match="no few values"):
        conditional_effects(ESTIMAND, data.with_columns({"segment": text("segment")}))
    with pytest.raises(EstimationError, match=r"No value of segment has an effect.*too few clusters"):
        conditional_effects(ESTIMAND, data, clusters=("segment",))
    with pytest.raises(EstimationError, match="There is no target"):
        conditional_effects(ESTIMAND, data, target="CATE")

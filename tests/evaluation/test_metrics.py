import numpy as np
import pytest
from sklearn import metrics as oracle

from causalrec.data import Dataset, Predictions, Ranking
from causalrec.errors import DataError
from causalrec.evaluation import auc, auc_by_group, evaluate, log_loss, mean_squared_error, ndcg, precision, recall


def test_list_metrics_equal_the_written_out_formulas():
    hits = np.array([[True, False, True, False], [False, False, False, True], [False] * 4, [False] * 4])
    n_positives = np.array([3, 1, 2, 0])
    dcg = 1 + 1 / np.log2(4)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert ndcg(hits, n_positives, 3) == pytest.approx((dcg / ideal + 0 + 0) / 3)
    assert ndcg(hits, n_positives, 4, "zero") == pytest.approx((dcg / ideal + 1 / np.log2(5)) / 4)
    assert recall(hits, n_positives, 4) == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert precision(hits, n_positives, 4) == pytest.approx((2 / 4 + 1 / 4 + 0) / 3)
    assert precision(hits, n_positives, 4, "zero") == pytest.approx((2 / 4 + 1 / 4) / 4)


def test_ndcg_equals_sklearn():
    rng = np.random.default_rng(0)
    for k in (1, 5, 20):
        truth, score = rng.random((30, 20)) < 0.2, rng.random((30, 20))
        truth[:, 0] = True
        order = np.argsort(-score, axis=1)
        ours = ndcg(np.take_along_axis(truth, order, 1), truth.sum(1), k)
        assert ours == pytest.approx(oracle.ndcg_score(truth, score, k=k), abs=1e-12)


def test_a_list_shorter_than_k_misses_its_last_places():
    assert precision(np.array([[True, True]]), np.array([5]), 4) == 0.5
    assert ndcg(np.array([[True]]), np.array([2]), 2) == pytest.approx(1 / (1 + 1 / np.log2(3)))


@pytest.mark.parametrize("digits", [1, 8], ids=["many ties", "no ties"])
def test_auc_equals_sklearn_pooled_and_by_group(digits):
    rng = np.random.default_rng(1)
    happened, score, group = rng.random(400) < 0.4, rng.random(400).round(digits), rng.integers(0, 12, 400)
    assert auc(happened, score) == pytest.approx(oracle.roc_auc_score(happened, score), abs=1e-12)
    expected = [oracle.roc_auc_score(happened[group == g], score[group == g]) for g in range(12)]
    np.testing.assert_allclose(auc_by_group(happened, score, group), expected, rtol=0, atol=1e-12)


def test_auc_of_one_class_is_not_a_number():
    assert np.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))
    assert np.isnan(auc(np.array([], dtype=bool), np.array([])))


def test_losses_equal_sklearn():
    rng = np.random.default_rng(2)
    happened, p = rng.random(200) < 0.3, rng.random(200)
    p[:2] = 0, 1
    assert log_loss(happened, p) == pytest.approx(oracle.log_loss(happened, p), abs=1e-12)
    assert mean_squared_error(happened, p) == pytest.approx(oracle.brier_score_loss(happened, p), abs=1e-12)


TRUTH = Dataset.from_frames({"user": ["a", "a", "b", "d"], "item": ["x", "y", "x", "z"]})


def test_a_ranking_is_measured_against_what_was_bought():
    ranking = Ranking(
        user=np.array(["a", "a", "b", "b", "c"]),
        item=np.array(["x", "never sold", "y", "x", "x"]),
        rank=np.array([1, 2, 1, 2, 1]),
        score=np.ones(5),
    )
    found = evaluate(ranking, TRUTH, k=2)
    second = 1 / np.log2(3)
    assert found == pytest.approx(
        {"ndcg@2": (1 / (1 + second) + second) / 2, "recall@2": 0.75, "precision@2": 0.5, "n_users": 2}
    )
    zero = evaluate(ranking, TRUTH, ["recall"], k=2, no_positives="zero")
    assert zero == pytest.approx({"recall@2": 0.5, "n_users": 3})


def test_predictions_are_measured_over_all_pairs_and_per_user():
    pairs = Predictions(
        user=np.array(["a", "a", "a", "b", "b", "stranger"]),
        item=np.array(["x", "y", "z", "x", "y", "x"]),
        score=np.array([0.9, 0.2, 0.5, 0.7, 0.7, 0.1]),
    )
    found = evaluate(pairs, TRUTH)
    happened = np.array([1, 1, 0, 1, 0, 0])
    assert found["auc"] == pytest.approx(oracle.roc_auc_score(happened, pairs.score))
    assert found["auc_per_user"] == pytest.approx((0.5 + 0.5) / 2)
    assert found["log_loss"] == pytest.approx(oracle.log_loss(happened, pairs.score))
    assert found["mse"] == pytest.approx(np.mean((happened - pairs.score) ** 2))
    assert found["n_users"] == 3


def test_scores_that_are_no_probabilities_have_no_log_loss():
    pairs = Predictions(np.array(["a", "b"]), np.array(["x", "y"]), np.array([3.0, -1.0]))
    assert set(evaluate(pairs, TRUTH)) == {"auc", "auc_per_user", "n_users"}
    with pytest.raises(DataError, match=r"run from -1 to 3"):
        evaluate(pairs, TRUTH, ["log_loss"])


def test_metrics_that_do_not_fit_are_refused():
    ranking = Ranking(np.array(["a"]), np.array(["x"]), np.array([1]), np.ones(1))
    with pytest.raises(DataError, match="'auc' is no metric of a ranking; there are ndcg, recall, precision"):
        evaluate(ranking, TRUTH, ["auc"])
    with pytest.raises(DataError, match="k is 1 or more"):
        evaluate(ranking, TRUTH, k=0)

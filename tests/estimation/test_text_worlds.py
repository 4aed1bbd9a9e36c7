"""Real texts with a planted effect: adjusted for where the text shows the confounder, and said where it does not."""

import numpy as np
import pytest

from causalrec.embedding.text_features import TextFeatures
from causalrec.estimation import OLS, PartiallyLinearDML
from causalrec.estimation.linear.score_ridge import ScoreRidge
from causalrec.estimation.text_report import text_report
from tests.datasets import need
from tests.estimation.planted import SHOWN, exact_interval
from tests.estimation.text_worlds import AG_NEWS_FILES, least_squares_runs, news, ridge_runs, score_runs, world

N_TEXTS = 3_000
N_WORDS = 1_000
N_RUNS = 200
N_FEW = 60


@pytest.fixture(scope="module")
def words():
    need(*AG_NEWS_FILES)
    return TextFeatures(None, n_words=N_WORDS, n_components=0).encode(news()[0][:N_TEXTS])


@pytest.fixture(scope="module")
def few(words):
    """Components that mix the words, about as many as an embedding has; each thing is in them in part."""
    return np.linalg.svd(words, full_matrices=False)[0][:, :150]


def test_mentioned_things_are_adjusted_for_and_intervals_cover(words):
    found = least_squares_runs("things", words, range(N_RUNS))
    assert found.removed >= 0.97
    low, high = exact_interval(found.held, N_RUNS)
    assert low <= 0.95 <= high, found.row("things", "words")


def test_the_runs_are_those_of_the_estimators(few):
    design = world("things", 3, few)
    effect = OLS().fit(design).effect(SHOWN)
    runs = least_squares_runs("things", few, range(3, 4))
    assert effect.value == pytest.approx(runs.value[0], abs=1e-8)
    assert effect.stderr == pytest.approx(runs.stderr[0], rel=1e-6)
    ridge = ridge_runs("things", few, range(3, 4))
    double = PartiallyLinearDML().fit(design).effect(SHOWN)
    assert double.value == pytest.approx(ridge.value[0], abs=double.stderr)  # other folds


def test_the_runs_beside_the_score_are_those_of_the_estimator(few):
    effect = ScoreRidge().fit(world("things", 3, few)).effect(SHOWN)
    runs = score_runs("things", few, range(3, 4))
    assert effect.value == pytest.approx(runs.value[0], abs=1e-8)
    assert effect.stderr == pytest.approx(runs.stderr[0], rel=1e-6)


def test_a_ridge_beside_the_score_adjusts_for_mentioned_things_too(words):
    found = score_runs("things", words, range(N_FEW))
    assert found.removed >= 0.97
    low, high = exact_interval(found.held, N_FEW)
    assert low <= 0.95 <= high, found.row("things", "words")
    alone = score_runs("things", words, range(5), n_scores=0)
    assert alone.removed < 0.9  # what the score is for


def test_things_that_the_columns_show_in_part_are_reported(few):
    found = ridge_runs("things", few, range(40))
    assert found.removed < 0.8
    assert found.loud.mean() > 0.5


def test_the_report_speaks_for_the_runs(few):
    report = text_report(world("things", 0, few))
    assert report.is_proxy
    assert report.moved > 3 * report.stderr

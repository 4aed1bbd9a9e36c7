"""A ridge beside the treatment's score: recovers where ridge and many columns fail, and refuses what it cannot use."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Design, DesignBlock
from causalrec.errors import DataError, EstimationError
from causalrec.estimation import OLS, PartiallyLinearDML
from causalrec.estimation.linear.score_ridge import ScoreRidge
from tests.estimation.planted import SHOWN, exact_interval

N, WIDTH, N_RUNS = 240, 120, 200
EFFECT = 1.0


def wide(seed, n=N, width=WIDTH, *, weight=None):
    """Half as many columns as rows, all of which confound a little."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, width))
    both = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=width) / np.sqrt(width)
    age = rng.normal(size=n)
    e, c = (X @ both).T
    t = e + 0.5 * age + rng.normal(size=n)
    y = EFFECT * t + c + age + rng.normal(size=n)
    block = DesignBlock("title", np.arange(n), X)
    return Design(y, t[:, None], age[:, None], (), {}, ("shown",), ("age",), weight=weight, blocks=(block,))


def runs(estimator, n_runs=N_RUNS):
    found = (estimator.fit(wide(seed)) for seed in range(n_runs))
    return np.array([(one.value_[0], one.stderr_[0]) for one in found]).T


def test_many_small_confounders_go_and_intervals_cover():
    value, stderr = runs(ScoreRidge())
    low, high = exact_interval(int((np.abs(value - EFFECT) <= 1.96 * stderr).sum()), N_RUNS)
    assert low <= 0.95 <= high
    assert abs(value.mean() - EFFECT) < 3.3 * value.std() / np.sqrt(N_RUNS)
    assert stderr.mean() == pytest.approx(value.std(), rel=0.25)
    assert value.std() < runs(OLS(), N_RUNS)[0].std()  # least squares pays for every column


def test_too_few_rows_are_refused():
    rows = wide(6).rows(np.arange(3))
    with pytest.raises(EstimationError, match="3 rows are too few for 2 columns"):
        ScoreRidge().fit(rows)


def test_ridge_alone_leaves_bias():
    for estimator in (ScoreRidge(0), PartiallyLinearDML()):
        assert runs(estimator, 30)[0].mean() - EFFECT > 0.1


def test_without_blocks_it_is_least_squares():
    rows = replace(wide(0), blocks=())
    found, expected = ScoreRidge().fit(rows).effect(SHOWN), OLS().fit(rows).effect(SHOWN)
    assert found.value == pytest.approx(expected.value, rel=1e-10)
    assert found.stderr == pytest.approx(expected.stderr, rel=1e-10)


def test_units_of_covariates_and_of_a_block_do_not_matter():
    rows = wide(1)
    block = rows.blocks[0]
    other = replace(
        rows, covariates=rows.covariates * 1e4 + 7, blocks=(DesignBlock("title", block.codes, block.matrix * 30 - 2),)
    )
    assert ScoreRidge().fit(other).value_[0] == pytest.approx(ScoreRidge().fit(rows).value_[0], rel=1e-6)


def test_a_covariate_twice_changes_nothing():
    rows = wide(2)
    other = replace(rows, covariates=rows.covariates[:, [0, 0]], covariate_names=("age", "years"))
    assert ScoreRidge().fit(other).value_[0] == pytest.approx(ScoreRidge().fit(rows).value_[0], rel=1e-8)


def test_weights_of_one_number_change_nothing_and_influence_gives_clustered_errors():
    plain = ScoreRidge().fit(wide(3))
    same = ScoreRidge().fit(wide(3, weight=np.ones(N)))
    assert same.value_[0] == pytest.approx(plain.value_[0], rel=1e-9)
    assert same.stderr_[0] == pytest.approx(plain.stderr_[0], rel=1e-9)
    pairs = ScoreRidge().fit(replace(wide(3), clusters={"user": np.arange(N) // 2}))
    sums = plain.influence_.reshape(-1, 2).sum(axis=1) / N
    assert pairs.stderr_[0] == pytest.approx(np.sqrt(sums @ sums), rel=0.5)
    assert pairs.n_clusters_ == {"user": N // 2}


def test_it_says_what_the_fit_cost():
    found = ScoreRidge().fit(wide(4))
    assert 0 < found.diagnostics_["variation of shown"] < 1
    assert 4 < found.diagnostics_["degrees of freedom"] < WIDTH
    assert found.diagnostics_["error widened by"] >= 1
    assert "in 3 parts" in found.method_


def test_what_cannot_be_used_is_refused():
    rows = wide(5)
    two = replace(rows, treatments=rows.treatments[:, [0, 0]], treatment_names=("shown", "mailed"))
    with pytest.raises(DataError, match="one treatment, not shown and mailed together"):
        ScoreRidge().fit(two)
    with pytest.raises(DataError, match="n_scores"):
        ScoreRidge(-1).fit(rows)
    with pytest.raises(EstimationError, match="'shown' does not vary"):
        ScoreRidge().fit(replace(rows, treatments=np.ones((N, 1))))
    with pytest.raises(EstimationError, match="'shown' does not vary"):
        ScoreRidge().fit(replace(rows, treatments=rows.covariates.copy()))

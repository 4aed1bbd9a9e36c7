import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.uncertainty.wild_bootstrap import WEBB, wild_bootstrap
from causalrec.identification import Estimand
from tests.estimation.linear.test_ols import blocks, replaced
from tests.estimation.streams import Stream

N_LEVEL, N_SAMPLES = 400, 199
ESTIMAND = Estimand(("a",), "y", "adjustment")


def sample(seed=0, n=160, n_clusters=8, effect=0.0, weighted=False):
    """Treatment and noise are shared within clusters of unequal size."""
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.choice(n_clusters, n, p=np.arange(2, n_clusters + 2) / np.arange(2, n_clusters + 2).sum()))
    X = rng.normal(size=(n, 2))
    t = rng.normal(size=n_clusters)[codes] + 0.5 * rng.normal(size=n) + X[:, 0]
    y = effect * t + X.sum(axis=1) + rng.normal(size=n_clusters)[codes] + rng.normal(size=n)
    weight = rng.random(n) if weighted else None
    return Design(y, t[:, None], X, (), {"user": codes}, treatment_names=("a",), weight=weight)


def by_rows(rows, n_samples, random_state, null):
    """The definition: every sample is regressed on its own."""
    codes = rows.clusters["user"]
    n_clusters = codes.max() + 1
    root = np.ones(rows.n) if rows.weight is None else rows.weight**0.5
    W = np.column_stack([np.ones(rows.n), rows.covariates]) * root[:, None]
    X = np.column_stack([rows.treatments * root[:, None], W])
    bread = np.linalg.inv(X.T @ X)

    def t_value(y):
        coef = bread @ (X.T @ y)
        scores = X * (y - X @ coef)[:, None]
        sums = np.stack([np.bincount(codes, weights=column) for column in scores.T], axis=1)
        return (coef[0] - null) / (bread @ sums.T @ sums @ bread)[0, 0] ** 0.5

    y = rows.outcome * root
    target = y - null * X[:, 0]
    fitted = W @ np.linalg.lstsq(W, target, rcond=None)[0]
    residual = target - fitted
    choices = WEBB.ravel() if n_clusters < 12 else [-1.0, 1.0]
    draws = np.random.default_rng(random_state).choice(choices, (n_samples, n_clusters))
    drawn = [t_value(null * X[:, 0] + fitted + draw[codes] * residual) for draw in draws]
    return float(np.mean(np.abs(drawn) >= abs(t_value(y)) * (1 - 1e-9)))


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("n_clusters", [8, 15])
def test_equals_regressing_every_sample(n_clusters, weighted):
    for seed in range(4):
        rows = sample(seed, n_clusters=n_clusters, effect=0.2, weighted=weighted)
        found = wild_bootstrap(rows, n_samples=199, random_state=seed)
        assert found.p_value == by_rows(rows, 199, seed, 0.0)
        assert found.value == pytest.approx(OLS().fit(rows).value_[0])
        assert found.weights == ("Webb" if n_clusters == 8 else "Rademacher")
        for end in found.interval:
            inside, outside = end + 1e-3 * (found.value - end), end - 1e-3 * (found.value - end)
            assert by_rows(rows, 199, seed, outside) <= 0.05 <= by_rows(rows, 199, seed, inside) + 0.011


@pytest.mark.parametrize("n_clusters", [8, 10])
def test_level_holds_with_few_clusters_where_the_formula_fails(n_clusters):
    rejected = formula = 0
    for seed in range(N_LEVEL):
        rows = sample(seed, n_clusters=n_clusters)
        rejected += wild_bootstrap(rows, n_samples=N_SAMPLES, random_state=seed).p_value <= 0.05
        effect = OLS().fit(rows).effect(ESTIMAND)
        formula += abs(effect.value) > 1.96 * effect.stderr
    assert binom.ppf(0.0005, N_LEVEL, 0.05) <= rejected <= binom.ppf(0.9995, N_LEVEL, 0.05)
    assert formula > binom.ppf(0.9995, N_LEVEL, 0.05)


def test_blocks_streams_and_the_other_treatment():
    rows = sample(n=1500, effect=0.3)
    text, _ = blocks()
    expanded = replaced(rows, covariates=np.column_stack([rows.covariates, text.expanded()]))
    expected = wild_bootstrap(expanded, n_samples=199)
    for design in (replaced(rows, blocks=(text,)), Stream(replaced(rows, blocks=(text,)))):
        found = wild_bootstrap(design, n_samples=199)
        assert found.p_value == expected.p_value
        np.testing.assert_allclose(found.interval, expected.interval, rtol=1e-7)
    both = np.column_stack([rows.covariates[:, 0], rows.treatments[:, 0]])
    second = replaced(rows, treatments=both, covariates=rows.covariates[:, 1:], treatment_names=("x", "a"))
    assert wild_bootstrap(second, n_samples=199, treatment=1).p_value == wild_bootstrap(rows, n_samples=199).p_value


def test_permuted_rows_agree():
    rows = sample(effect=0.3)
    moved = rows.rows(np.random.default_rng(0).permutation(rows.n))
    found, again = wild_bootstrap(rows), wild_bootstrap(moved)
    assert found.p_value == again.p_value
    np.testing.assert_allclose(found.interval, again.interval, rtol=1e-6)


def test_what_no_bootstrap_can_say_is_refused():
    rows = sample()
    with pytest.raises(DataError, match="clusters of one kind; the design has 0"):
        wild_bootstrap(replaced(rows, clusters={}))
    with pytest.raises(EstimationError, match="4 clusters are too few"):
        wild_bootstrap(sample(n_clusters=4))
    one = (rows.clusters["user"] == 3) * np.random.default_rng(0).normal(size=rows.n)
    with pytest.raises(EstimationError, match="is in one cluster"):
        wild_bootstrap(replaced(rows, treatments=one[:, None]))
    with pytest.raises(EstimationError, match="'a' does not vary"):
        wild_bootstrap(replaced(rows, treatments=np.ones((rows.n, 1))))
    with pytest.raises(DataError, match="n_samples is 10"):
        wild_bootstrap(rows, n_samples=10)

import numpy as np
import pytest

from causalrec.refutation.sensitivity.quantile_line import N_SIMPLEX, check_loss, quantile_line


@pytest.mark.parametrize("tau", [0.1, 0.5, 2 / 3])
def test_it_is_the_line_of_scikit_learn(tau):
    from sklearn.linear_model import QuantileRegressor

    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(200), rng.normal(size=(200, 2))])
    y = X @ [1e3, 2.0, -1.0] + rng.normal(size=200)
    w = rng.exponential(size=200)
    theirs = QuantileRegressor(quantile=tau, alpha=0, solver="highs").fit(X[:, 1:], y, sample_weight=w)
    assert quantile_line(X, y, w, tau) == pytest.approx([theirs.intercept_, *theirs.coef_], abs=1e-7)


def test_weights_count_as_rows():
    rng = np.random.default_rng(1)
    X, times = np.column_stack([np.ones(60), rng.normal(size=60)]), rng.integers(0, 4, size=60)
    y = X @ [1.0, 2.0] + rng.normal(size=60)
    repeated = quantile_line(np.repeat(X, times, axis=0), np.repeat(y, times), np.ones(times.sum()), 0.3)
    assert quantile_line(X, y, times.astype(float), 0.3) == pytest.approx(repeated, abs=1e-8)


def test_many_rows_give_the_same_loss():
    rng = np.random.default_rng(2)
    n = N_SIMPLEX + 1_000
    X, y, w = np.column_stack([np.ones(n), rng.normal(size=n)]), rng.normal(size=n), rng.exponential(size=n)
    line = quantile_line(X, y, w, 0.7)
    assert line == pytest.approx([0.5244, 0.0], abs=0.06)
    loss = w @ check_loss(y - X @ line, 0.7)
    for step in ([1e-3, 0.0], [-1e-3, 0.0], [0.0, 1e-3], [0.0, -1e-3]):
        assert loss <= w @ check_loss(y - X @ (line + step), 0.7) + 1e-6

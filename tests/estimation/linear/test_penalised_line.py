"""A ridge beside columns without a penalty: against dense formulas and a mixed model's likelihood."""

import numpy as np
import pytest

from causalrec.estimation.linear.penalised_line import Spectrum, fitted_line, restricted_penalty, treatment_scores

N, WIDTH = 120, 30


def columns(seed=0, n=N, width=WIDTH):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, width)) * np.linspace(2.0, 0.2, width)
    t = X @ rng.normal(size=width) * 0.2 + rng.normal(size=n)
    y = 1.5 * t + X @ rng.normal(size=width) * 0.3 + rng.normal(size=n)
    return tuple(part - part.mean(axis=0) for part in (X, t, y))


def spectrum(X, t, y):
    basis, values, _ = np.linalg.svd(X, full_matrices=False)
    real = values > 1e-9 * values.max()
    basis, values = basis[:, real], values[real]
    return basis, Spectrum(values**2, basis.T @ t, basis.T @ y, t @ t, t @ y, y @ y, len(t) - 1)


@pytest.mark.parametrize("l2", [0.5, 20.0])
def test_the_line_is_generalised_least_squares(l2):
    X, t, y = columns()
    basis, found = spectrum(X, t, y)
    scores, of_treatment = treatment_scores(found, 3)
    line = fitted_line(found, scores, l2)
    fixed = np.column_stack([t, basis @ scores])
    inverse = np.linalg.inv(X @ X.T / l2 + np.eye(N))
    coef = np.linalg.solve(fixed.T @ inverse @ fixed, fixed.T @ inverse @ y)
    assert line.value == pytest.approx(coef[0], rel=1e-9)
    weights = line.on_treatment * t + basis @ line.along
    np.testing.assert_allclose(weights, inverse @ fixed @ np.linalg.inv(fixed.T @ inverse @ fixed)[:, 0], atol=1e-10)
    left = y - line.value * t - basis @ line.outcome_along
    np.testing.assert_allclose(left, inverse @ (y - fixed @ coef), atol=1e-9)
    assert line.widening**2 == pytest.approx(1 + ((X.T @ weights) ** 2).sum() / l2 / (weights @ weights))
    ridge = X @ np.linalg.solve(X.T @ X + of_treatment * np.eye(WIDTH), X.T @ t)
    assert np.linalg.matrix_rank(np.column_stack([basis @ scores, ridge]), tol=1e-8) == 3  # parts of the ridge


def test_parts_of_the_score_lead_from_smooth_to_rough():
    _, found = spectrum(*columns())
    scores, _ = treatment_scores(found, 3)
    assert [np.flatnonzero(part).min() for part in scores.T] == [0, 10, 20]
    np.testing.assert_allclose((scores**2).sum(axis=0), 1)


def test_the_penalty_is_that_of_a_mixed_model():
    """Restricted likelihood of y = t b + X u + e written down with dense matrices, on a grid."""
    X, t, y = columns()
    basis, found = spectrum(X, t, y)
    fixed, outcome = found.t[:, None], found.y
    both = np.column_stack([t, y])
    inside = both.T @ both - (basis.T @ both).T @ (basis.T @ both)
    chosen = restricted_penalty(found, fixed, outcome, inside)
    ones = np.ones(N)

    def log_likelihood(l2):
        covariance = X @ X.T / l2 + np.eye(N)
        rows = np.column_stack([ones, t])
        of_rows = rows.T @ np.linalg.solve(covariance, rows)
        left = y - rows @ np.linalg.solve(of_rows, rows.T @ np.linalg.solve(covariance, y))
        square = left @ np.linalg.solve(covariance, left)
        dets = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(of_rows)[1]
        return -0.5 * ((N - 2) * np.log(square) + dets)

    grid = chosen * np.exp(np.linspace(-1, 1, 41))
    assert grid[np.argmax([log_likelihood(l2) for l2 in grid])] == pytest.approx(chosen, rel=0.06)


def test_a_treatment_that_the_scores_determine_gives_no_line():
    X, _, y = columns()
    exact = X @ np.ones(WIDTH)
    _, found = spectrum(X, exact, y)
    assert fitted_line(found, (found.t / np.linalg.norm(found.t))[:, None], 1.0) is None

"""Implied moments and their derivatives, against differences and against rows."""

import numpy as np
import pytest

from causalrec.structural.linear_sem.likelihood import (
    expected_information,
    objective,
    observed_information,
    unit_scores,
)
from causalrec.structural.linear_sem.ram import matrices, moments, slopes, structure
from causalrec.structural.linear_sem.sample import sample_of_rows
from causalrec.structural.linear_sem.specification import specify
from causalrec.structural.linear_sem.syntax import parse_model

MODELS = {
    "latent": "f =~ x1 + x2 + x3\nx4 ~ f + x5",
    "equal": "f =~ x1 + a*x2 + a*x3\nx4 ~ 0.5*f + a*x5\nx1 ~ 1",
    "feedback": "x1 ~ x2 + x3\nx2 ~ x1 + x4\nx1 ~~ x2",
}


def made(text, seed=0, n=60):
    found = specify(parse_model(text))
    rows = np.random.default_rng(seed).normal(size=(n, len(found.observed)))
    shape = structure(found, saturated_means=True)
    theta = 0.2 + 0.1 * np.random.default_rng(seed + 1).random(len(shape.parameters))
    for row, k in zip(shape.rows, shape.index, strict=True):
        theta[k] = 1 + theta[k] if k >= 0 and row.operator == "~~" and row.left == row.right else theta[k]
    return shape, sample_of_rows(rows, found.observed), theta


def differences(function, theta, step=1e-6):
    return np.array(
        [(function(theta + step * e) - function(theta - step * e)) / (2 * step) for e in np.eye(len(theta))]
    )


@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
def test_derivatives_are_those_of_differences(text):
    shape, sample, theta = made(text)
    goal = objective(shape, sample)
    p = shape.n_observed

    def covariance(at):
        return moments(matrices(shape, at)).covariance[:p, :p]

    of_covariance, of_mean = slopes(shape, moments(matrices(shape, theta)))
    np.testing.assert_allclose(of_covariance, differences(covariance, theta), atol=1e-8)
    np.testing.assert_allclose(of_mean, differences(lambda at: moments(matrices(shape, at)).mean[:p], theta), atol=1e-8)
    np.testing.assert_allclose(goal.gradient(theta), differences(goal.value, theta), atol=1e-7)
    bends = differences(goal.gradient, theta) / 2
    np.testing.assert_allclose(observed_information(shape, sample, theta), bends, atol=1e-7)


@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
def test_scores_are_slopes_of_each_rows_log_density(text):
    from scipy.stats import multivariate_normal

    shape, sample, theta = made(text, n=12)
    p = shape.n_observed

    def log_density(at):
        found = moments(matrices(shape, at))
        return multivariate_normal(found.mean[:p], found.covariance[:p, :p]).logpdf(sample.rows)

    np.testing.assert_allclose(unit_scores(shape, sample, theta), differences(log_density, theta).T, atol=1e-6)


def test_expected_information_is_the_variance_of_scores():
    shape, _, theta = made(MODELS["latent"])
    p = shape.n_observed
    at = moments(matrices(shape, theta))
    rows = np.random.default_rng(3).multivariate_normal(at.mean[:p], at.covariance[:p, :p], size=200_000)
    sample = sample_of_rows(rows, shape.names[:p])
    scores = unit_scores(shape, sample, theta)
    np.testing.assert_allclose(expected_information(shape, sample, theta), np.cov(scores.T), atol=0.03)


def test_a_feedback_loop_converges_to_its_total_effect():
    shape, _, _ = made(MODELS["feedback"])
    theta = np.zeros(len(shape.parameters))
    theta[shape.parameters.index("x1 ~ x2")], theta[shape.parameters.index("x2 ~ x1")] = 0.5, 0.4
    at = moments(matrices(shape, theta))
    one, two = shape.names.index("x1"), shape.names.index("x2")
    assert at.total[one, two] == pytest.approx(0.5 / (1 - 0.2))

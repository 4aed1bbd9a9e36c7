"""Normal-theory discrepancy between sample and implied moments, its gradient and information."""

from __future__ import annotations

import numpy as np

from causalrec.structural.linear_sem.derivative import jacobian
from causalrec.structural.linear_sem.optimum import Objective
from causalrec.structural.linear_sem.ram import Moments, Structure, implied_gradient, matrices, moments, slopes
from causalrec.structural.linear_sem.sample import Pattern, Sample
from causalrec.structural.linear_sem.starts import natural_sizes

__all__ = ["expected_information", "objective", "observed_information", "unit_scores"]


def objective(shape: Structure, sample: Sample) -> Objective:
    """What the search needs of a model and a sample."""
    return Objective(
        lambda theta: discrepancy(shape, sample, theta),
        lambda theta: gradient(shape, sample, theta),
        lambda theta: expected_information(shape, sample, theta),
        lambda theta: observed_information(shape, sample, theta),
        natural_sizes(shape, sample),
    )


def discrepancy(shape: Structure, sample: Sample, theta: np.ndarray) -> float:
    """Minus twice the mean log likelihood of a row, less the constant of the normal density.

    For each pattern of values seen log|Sigma| + tr(S Sigma^-1) + (m - mu)' Sigma^-1 (m - mu), averaged over rows; inf
    where Sigma is no covariance.
    """
    try:
        at = moments(matrices(shape, theta))
        if not np.isfinite(at.covariance).all():
            return float("inf")
        return sum(_pattern_value(shape, one, at) * one.n for one in sample.patterns) / sample.n
    except np.linalg.LinAlgError:
        return float("inf")


def _pattern_value(shape: Structure, one: Pattern, at: Moments) -> float:
    root = np.linalg.cholesky(at.covariance[np.ix_(one.seen, one.seen)])
    inverse = np.linalg.inv(root)
    off = inverse @ _mean_gap(shape, one, at)
    return float(2 * np.log(np.diag(root)).sum() + ((inverse @ one.covariance) * inverse).sum() + off @ off)


def gradient(shape: Structure, sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Of `discrepancy` in theta, real or complex; shape (n_parameters,)."""
    at, p = moments(matrices(shape, theta)), shape.n_observed
    by_covariance, by_mean = np.zeros((p, p), dtype=theta.dtype), np.zeros(p, dtype=theta.dtype)
    for one in sample.patterns:
        among = np.ix_(one.seen, one.seen)
        inverse = np.linalg.inv(at.covariance[among])
        off = _mean_gap(shape, one, at)
        by_covariance[among] += (inverse - inverse @ (one.covariance + np.outer(off, off)) @ inverse) * one.n
        by_mean[one.seen] -= 2 * inverse @ off * one.n
    return implied_gradient(shape, at, by_covariance / sample.n, by_mean / sample.n)


def expected_information(shape: Structure, sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Fisher information of a row with the sample's missing values; shape (n_parameters, n_parameters)."""
    at = moments(matrices(shape, theta))
    of_covariance, of_mean = slopes(shape, at)
    found = np.zeros((len(of_mean), len(of_mean)))
    for one in sample.patterns:
        inverse = np.linalg.inv(np.linalg.cholesky(at.covariance[np.ix_(one.seen, one.seen)]))
        turned = inverse @ of_covariance[:, one.seen[:, None], one.seen] @ inverse.T
        turned, shifted = turned.reshape(len(of_mean), len(one.seen) ** 2), of_mean[:, one.seen] @ inverse.T
        found += (turned @ turned.T / 2 + shifted @ shifted.T) * one.n
    return found / sample.n


def observed_information(shape: Structure, sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Minus the mean second derivative of the log likelihood of a row, by complex steps of the gradient."""
    slopes = jacobian(lambda moved: gradient(shape, sample, moved), theta)
    return (slopes + slopes.T) / 4


def unit_scores(shape: Structure, sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Gradient of each row's log likelihood; float64, shape (n, n_parameters)."""
    at = moments(matrices(shape, theta))
    of_covariance, of_mean = slopes(shape, at)
    assert sample.rows is not None
    found = np.empty((sample.n, len(of_mean)))
    for one in sample.patterns:
        inverse = np.linalg.inv(at.covariance[np.ix_(one.seen, one.seen)])
        turned = (sample.rows[np.ix_(one.rows, one.seen)] - at.mean[one.seen]) @ inverse
        bends = of_covariance[:, one.seen[:, None], one.seen]
        level = np.einsum("ij,kji->k", inverse, bends)
        bent = np.column_stack([((turned @ bend) * turned).sum(axis=1) for bend in bends])
        found[one.rows] = (bent - level) / 2 + turned @ of_mean[:, one.seen].T
    return found


def _mean_gap(shape: Structure, one: Pattern, at: Moments) -> np.ndarray:
    if not len(shape.intercepts.row) or one.mean is None:
        return np.zeros(len(one.seen))
    return one.mean - at.mean[one.seen]

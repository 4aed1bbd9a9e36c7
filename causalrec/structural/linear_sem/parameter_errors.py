"""Covariance of the estimates: normal theory, Satorra and Bentler's, Huber and White's."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.uncertainty.clusters import cluster_meat, small_sample
from causalrec.structural.linear_sem.likelihood import (
    expected_information,
    observed_information,
    unit_scores,
)
from causalrec.structural.linear_sem.ram import matrices, moments
from causalrec.structural.linear_sem.sample import Sample
from causalrec.structural.linear_sem.solution import Solution

__all__ = ["ERRORS", "parameter_covariance", "scaling_factor"]

ERRORS = {
    "standard": "errors of normal theory",
    "satorra-bentler": "errors robust to non-normality (Satorra, Bentler)",
    "robust": "errors robust to non-normality (Huber, White)",
}


def parameter_covariance(solution: Solution, errors: str) -> np.ndarray:
    """Covariance of theta, shape (n_parameters, n_parameters).

    "standard" inverts Fisher's information; with missing values the observed one, for the expected one is right
    under missingness at random of the strictest kind only. The others are sandwiches of the rows' scores, summed over
    clusters where there are some: with the expected information for "satorra-bentler", the observed for "robust".

    Raises
    ------
    DataError : robust errors of a covariance matrix without rows.
    """
    sample, shape = solution.sample, solution.shape
    robust = errors != "standard"
    if robust and sample.rows is None:
        raise DataError(f'errors="{errors}" needs rows; a covariance matrix does not say how far they are from normal.')
    observed = errors == "robust" or not sample.is_complete
    information = (observed_information if observed else expected_information)(shape, sample, solution.theta)
    try:
        inverse = solution.limits.covariance(information)
    except np.linalg.LinAlgError as error:
        raise EstimationError("The observed information has no inverse at the estimate.") from error
    if not robust:
        return inverse / sample.n
    scores = unit_scores(shape, sample, solution.theta)
    return inverse @ _meat(scores, sample) @ inverse / sample.n**2


def scaling_factor(solution: Solution, df: int) -> float:
    """What chi-square is divided by so that its mean is df without normality, or with rows that share a cluster.

    The trace of U Gamma over df, with no matrix of fourth moments: the trace over all moments is a mean over rows,
    and what the parameters take of it follows from the rows' scores.

    References
    ----------
    Satorra, Bentler 1994, in von Eye, Clogg (eds.), Latent Variables Analysis, 399-419; Muthen, Satorra 1995,
    Sociological Methodology 25, 267-316, for clusters.
    """
    sample, shape = solution.sample, solution.shape
    assert sample.rows is not None
    p = shape.n_observed
    implied = moments(matrices(shape, solution.theta)).covariance[:p, :p]
    inverse = np.linalg.inv(np.linalg.cholesky(implied))
    rows = (sample.rows - sample.mean) @ inverse.T
    own = inverse @ sample.covariance @ inverse.T
    codes = next(iter(sample.clusters.values()), None)
    of_moments = _moment_trace(rows, own) if codes is None else _clustered_trace(rows, own, codes)
    scores = unit_scores(shape, sample, solution.theta)
    scores = scores - scores.mean(axis=0)
    bread = solution.limits.covariance(expected_information(shape, sample, solution.theta))
    of_parameters = np.trace(bread @ _meat(scores, sample)) / sample.n
    return float((of_moments - of_parameters) / df)


def _meat(scores: np.ndarray, sample: Sample) -> np.ndarray:
    """Covariance of the summed scores: rows alone get no small-sample factor, as in lavaan; clusters, few, get one."""
    return cluster_meat(scores, sample.clusters, sample.n, 1)[0] if sample.clusters else scores.T @ scores


def _moment_trace(rows: np.ndarray, own: np.ndarray) -> float:
    """Weighted variance of first and second moments, from rows that the implied covariance makes white."""
    size = (rows**2).sum(axis=1)
    crossed = ((rows @ own) * rows).sum(axis=1)
    return float(np.mean((size**2 - 2 * crossed + (own**2).sum()) / 2 + size))


def _clustered_trace(rows: np.ndarray, own: np.ndarray, codes: np.ndarray) -> float:
    """The same for sums over clusters, a column of the second moments at a time."""
    order = np.argsort(codes, kind="stable")
    rows, (starts, counts) = rows[order], np.unique(codes[order], return_index=True, return_counts=True)[1:]
    total = float((np.add.reduceat(rows, starts) ** 2).sum())
    for column, expected in zip(rows.T, own, strict=True):
        sums = np.add.reduceat(rows * column[:, None], starts) - counts[:, None] * expected
        total += float((sums**2).sum()) / 2
    return total / len(rows) * small_sample(len(rows), 1, len(counts))

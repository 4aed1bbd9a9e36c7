"""A model at the maximum of its likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.structural.linear_sem.identified import refuse_generically_unidentified
from causalrec.structural.linear_sem.likelihood import objective
from causalrec.structural.linear_sem.optimum import maximum
from causalrec.structural.linear_sem.ram import Structure, matrices, structure
from causalrec.structural.linear_sem.restrictions import Restriction, restriction
from causalrec.structural.linear_sem.sample import Sample
from causalrec.structural.linear_sem.specification import Specification
from causalrec.structural.linear_sem.starts import starting_values
from causalrec.structural.linear_sem.syntax import Relation

__all__ = ["Solution", "label_values", "solve"]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Parameters of the largest likelihood.

    Attributes
    ----------
    shape : Structure
        With an intercept for each observed variable where means are known.
    sample : Sample
    limits : Restriction
    theta : float64, shape (n_parameters,)
    value : float
        The discrepancy there.
    n_counted : int
        Free parameters of the model itself: saturated intercepts that it does not name are not counted.
    """

    shape: Structure
    sample: Sample
    limits: Restriction
    theta: np.ndarray
    value: float
    n_counted: int


def solve(found: Specification, sample: Sample, constraints: tuple[Relation, ...] = ()) -> Solution:
    """Maximise the likelihood.

    Raises
    ------
    DataError : the model has intercepts and the sample no means.
    EstimationError : the model is not identified, or the search did not converge.
    """
    if found.has_means and sample.mean is None:
        raise DataError("The model has intercepts (~ 1), and only covariances were given. Give `means` too.")
    shape = structure(found, saturated_means=sample.mean is not None)
    own = structure(found)
    labels = sorted({row.label for row in own.rows if row.label})
    limits, own_limits = (restriction(one.parameters, labels, constraints) for one in (shape, own))
    _refuse_many(found, own_limits.n_free, own.parameters)
    # With complete rows saturated intercepts follow from the rest: they need no search.
    is_whole = found.has_means or not sample.is_complete
    inner, inner_limits = (shape, limits) if is_whole else (own, own_limits)
    goal, start = objective(inner, sample), starting_values(inner, sample)
    refuse_generically_unidentified(inner, sample, start, inner_limits)
    theta = maximum(goal, start, inner_limits, inner.parameters)
    value = goal.value(theta)
    theta = theta if inner is shape else np.concatenate([theta, _intercepts(inner, sample, theta)])
    return Solution(shape, sample, limits, theta, value, own_limits.n_free)


def _refuse_many(found: Specification, n_free: int, parameters: tuple[str, ...]) -> None:
    p = len(found.observed)
    n_moments = p * (p + 1) // 2 + (p if found.has_means else 0)
    if n_free > n_moments:
        raise EstimationError(
            f"The model is not identified: {n_free} free parameters and {n_moments} moments of {p} observed variables, "
            f"so degrees of freedom are {n_moments - n_free}. Fix some of {', '.join(map(repr, parameters))}, make "
            f"some equal with one label, or measure more."
        )


def label_values(shape: Structure, values: np.ndarray) -> Mapping[str, complex]:
    """Value of each label, from one value a row."""
    found: dict[str, complex] = {}
    for row, value in zip(shape.rows, values, strict=True):
        if row.label:
            found.setdefault(row.label, value)
    return found


def _intercepts(shape: Structure, sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Intercepts with which the implied means are the sample's, where latent intercepts are 0."""
    if sample.mean is None:
        return np.empty(0)
    p, A = shape.n_observed, matrices(shape, theta).A
    of_latent = np.linalg.solve(np.eye(len(A) - p) - A[p:, p:], A[p:, :p] @ sample.mean)
    mean = np.concatenate([sample.mean, of_latent])
    return sample.mean - A[:p] @ mean

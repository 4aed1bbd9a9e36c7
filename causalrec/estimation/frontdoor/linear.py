"""The effect through mediators, where treatment and outcome share hidden causes."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.estimators import InfluenceEstimator, treatment_names
from causalrec.estimation.uncertainty.row_share import left_over, variation_of
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["LinearFrontDoor", "mediators_of"]

NO_VARIATION = 1e-10


class LinearFrontDoor(InfluenceEstimator):
    """Front door with linear equations: treatment to mediators, times mediators to outcome.

    Assumes that the mediators carry the whole effect, that they are linear in the treatments, that the
    outcome is linear in mediators and treatments without interactions, and that covariates, if the design has
    some, close what is left. Errors are those of both equations together, by the delta method.

    Attributes
    ----------
    through_ : float64, shape (n_treatments, n_mediators)
        Effect of each treatment through each mediator; sums to `value_`.

    References
    ----------
    Pearl (1995), Biometrika 82(4).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> taste, noise = rng.normal(size=(2, 2000))
    >>> t = (taste + rng.normal(size=2000) > 0).astype(float)
    >>> m = t + noise
    >>> y = m + taste
    >>> rows = Design(y, t[:, None], np.empty((2000, 0)), (), {}, mediators=m[:, None])
    >>> found = LinearFrontDoor().fit(rows)
    >>> bool(abs(found.value_[0] - 1) < 2 * found.stderr_[0] < 0.15)
    True
    """

    through_: np.ndarray

    def __init__(self) -> None:
        pass

    def fit(self, design: Design) -> Self:
        """Estimate from a design with mediators, in memory.

        Raises
        ------
        EstimationError : no mediators; a treatment or a mediator that does not vary given the rest; values
            that are not finite; too few rows.
        """
        M, (T, X, y, weight) = mediators_of(design, "LinearFrontDoor"), _finite(design)
        (n, k), m = T.shape, M.shape[1]
        n_parameters = 1 + k + m + X.shape[1]
        if n <= n_parameters + 1:
            raise EstimationError(f"{n} rows cannot carry {n_parameters} coefficients.")
        treatments, mediators = treatment_names(design, k), design.mediator_names
        a, left, pull = _regression(T, X, M, weight, treatments)
        both, rest, push = _regression(np.column_stack([M, T]), X, y[:, None], weight, (*mediators, *treatments))
        b = both[:m, 0]
        # The influence of a product: each factor's influence times the other factor.
        influence = pull * (left @ b)[:, None] + (push[:, :m] * rest) @ a.T
        diagnostics: dict[str, float] = {}
        for name, column in zip(treatments, T.T, strict=True):
            diagnostics |= variation_of(name, column, left_over(column, X, weight), weight)
        self.through_ = a * b
        return self._keep(
            design, value=a @ b, influence=influence, n_parameters=n_parameters,
            diagnostics=diagnostics, method=f"front door, linear, through {m} mediator{'s' * (m != 1)}",
        )  # fmt: skip


def mediators_of(design: Design, method: str) -> np.ndarray:
    """Mediators of a design; float64, shape (n, n_mediators).

    Raises
    ------
    EstimationError : none, values that are not finite, or a design that is streamed or holds groups fixed.
    """
    if design.streamed or design.absorbed:
        what = "is streamed" if design.streamed else "holds groups fixed"
        raise EstimationError(f"{method} needs all rows in memory and no groups, and this design {what}.")
    M = np.asarray(design.mediators, dtype=float)
    if not M.shape[1]:
        raise EstimationError(f"{method} needs mediators, and the design has none: identify by the front door first.")
    if bad := int((~np.isfinite(M).all(axis=1)).sum()):
        raise EstimationError(f"{bad:,} of {len(M):,} rows miss a mediator or have an infinite one: drop them.")
    return M


def _finite(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Treatments, covariates, outcome and weights of mean 1."""
    T, X, y = design.treatments, design.matrix(), design.outcome
    if bad := int((~np.isfinite(np.column_stack([T, X, y])).all(axis=1)).sum()):
        raise EstimationError(f"{bad:,} of {design.n:,} rows have missing or infinite values: drop or fill them.")
    return T, X, y, unit_weights(design)


def _regression(
    leading: np.ndarray, X: np.ndarray, Y: np.ndarray, weight: np.ndarray, names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of the leading columns with X and a constant beside them, residuals, and what multiplies them.

    Returns
    -------
    coef : float64, shape (n_leading, n_outcomes)
    residual : float64, shape (n, n_outcomes)
    pull : float64, shape (n, n_leading)
        Influence of a unit on a coefficient is its pull times its residual.
    """
    root = np.sqrt(weight)[:, None]
    beside = np.column_stack([np.ones(len(X)), X]) * root
    both = np.column_stack([leading, Y]) * root
    both = both - beside @ np.linalg.lstsq(beside, both, rcond=None)[0]
    own, left = both[:, : leading.shape[1]], both[:, leading.shape[1] :]
    before = (weight[:, None] * (leading - np.average(leading, axis=0, weights=weight)) ** 2).sum(axis=0)
    scale = np.sqrt(np.where(before > 0, before, 1.0))
    gram = own.T @ own
    scaled = gram / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] < NO_VARIATION:
        name = names[int(np.abs(vectors[:, 0]).argmax())]
        raise EstimationError(f"{name!r} does not vary once the other columns of its equation are held fixed.")
    coef = np.linalg.solve(gram, own.T @ left)
    pull = (own * root) @ np.linalg.inv(gram) * len(X)
    return coef, (left - own @ coef) / np.where(root > 0, root, 1.0), pull

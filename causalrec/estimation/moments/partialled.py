"""Treatments, outcome and instruments once the covariates are held fixed, from moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.design_moments import design_moments, leading_columns
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.ridge import centred, ridge

__all__ = ["Partialled", "partialled"]

NO_VARIATION = 1e-9  # share of a column's variance below which what covariates leave is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class Partialled:
    """Moments of k treatments, the outcome and m instruments, less what the covariates say of them.

    Attributes
    ----------
    cross : float64, shape (k + 1, k + 1)
        Of treatments and outcome.
    between : float64, shape (m, m)
        Of the instruments.
    inverse : float64, shape (m, m)
        Its inverse, without directions that are rounding error.
    first_stage : float64, shape (m, k + 1)
        Coefficients of treatments and outcome on the instruments.
    explained : float64, shape (k + 1, k + 1)
        What the instruments explain of `cross`.
    rank : int
        Instruments that are not combinations of others.
    predict : LinearMap
        What the covariates say of each column.
    n, n_covariates : int
    instruments : tuple of str
    """

    cross: np.ndarray
    between: np.ndarray
    inverse: np.ndarray
    first_stage: np.ndarray
    explained: np.ndarray
    rank: int
    predict: LinearMap
    n: int
    n_covariates: int
    instruments: tuple[str, ...]

    @property
    def k(self) -> int:
        """Number of treatments."""
        return len(self.cross) - 1

    def left(self, batch: Design) -> np.ndarray:
        """What covariates leave of treatments, outcome and instruments; shape (n, k + 1 + m)."""
        return leading_columns(batch, instruments=True) - self.predict.of(batch)


def partialled(design: Design) -> Partialled:
    """One pass over the moments of a design.

    Raises
    ------
    EstimationError : fewer instruments than treatments, or a column that does not vary given the covariates.
    """
    found = design_moments(design, instruments=True)
    about, size = centred(found.total.gram, found.total.n), found.n_leading
    k = len(design.treatment_names)
    _refuse_few(found.names[k + 1 : size], found.names[:k])
    leading, covariates = np.arange(size), np.arange(size, len(found.names))
    fit = ridge(about, leading, covariates, 0.0, scale=True)
    cross = about.cross[:size, :size] - about.cross[:size, size:] @ fit.coef
    _refuse_constant(found.names[:size], np.diag(cross), np.diag(about.cross)[:size], k)
    between = cross[k + 1 :, k + 1 :]
    unit = np.sqrt(np.diag(between))
    values, vectors = np.linalg.eigh(between / np.outer(unit, unit))
    keep = values > NO_VARIATION
    inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T / np.outer(unit, unit)
    first_stage = inverse @ cross[k + 1 :, : k + 1]
    _refuse_few(found.names[k + 1 : size][: int(keep.sum())], found.names[:k])
    return Partialled(
        cross=cross[: k + 1, : k + 1], between=between, inverse=inverse, first_stage=first_stage,
        explained=cross[: k + 1, k + 1 :] @ first_stage, rank=int(keep.sum()),
        predict=LinearMap.about(found, fit.coef, fit.intercept + found.shift[leading]), n=found.total.n,
        n_covariates=fit.rank, instruments=found.names[k + 1 : size],
    )  # fmt: skip


def _refuse_few(instruments: tuple[str, ...], treatments: tuple[str, ...]) -> None:
    if len(instruments) < len(treatments):
        raise EstimationError(
            f"{len(instruments)} instruments that differ cannot tell {len(treatments)} treatments apart "
            f"({', '.join(treatments)}); each treatment needs one of its own."
        )


def _refuse_constant(names: tuple[str, ...], left: np.ndarray, before: np.ndarray, k: int) -> None:
    lost = [
        repr(name) for at, name in enumerate(names)
        if at != k and not left[at] > NO_VARIATION * max(before[at], 1e-300)
    ]  # fmt: skip
    if lost:
        raise EstimationError(
            f"{' and '.join(lost)} does not vary once the adjustment set is held fixed, so it moves nothing and "
            f"nothing moves it."
        )

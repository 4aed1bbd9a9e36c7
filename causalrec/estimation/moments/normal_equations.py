"""Least squares from moments: collinear columns found and named, QR on the rows where moments lose digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.design_moments import DesignMoments, leading_columns, pieces
from causalrec.estimation.moments.ridge import centred

__all__ = ["LeastSquares", "least_squares"]

MAX_CONDITION = 1e8  # of the correlations: beyond it moments keep fewer than eight digits
COLLINEAR = 1e-9  # share of a column's length that is rounding error
CONSTANT = 1e-12  # standard deviation, as a share of the mean, that is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquares:
    """Coefficients of the columns that are kept: treatments first, then covariates.

    Attributes
    ----------
    kept : int64, shape (m,)
        Their places among [treatments, covariates, blocks].
    coef : float64, shape (m,)
    root : float64, shape (m, m)
        root root' is the inverse of their centred moments.
    mean : float64, shape (m,)
        Of each, about the moments' shift.
    intercept : float64
        Value where every column is at the shift.
    left_out : tuple of str
        Covariates that are constant, or that the others explain.
    variation : float64, shape (k,)
        Share of each treatment's variance that the covariates and the other treatments leave.
    condition : float
        Of the correlations; of all columns that vary.
    by_qr : bool
        Whether the rows were factorised.
    """

    kept: np.ndarray
    coef: np.ndarray
    root: np.ndarray
    mean: np.ndarray
    intercept: float
    left_out: tuple[str, ...]
    variation: np.ndarray
    condition: float
    by_qr: bool


def least_squares(design: Design, found: DesignMoments) -> LeastSquares:
    """Solve the normal equations, or factorise the rows where those would lose too many digits.

    Raises
    ------
    EstimationError : a treatment that does not vary given the covariates, or too few rows.
    """
    k, about = found.n_leading - 1, centred(found.total.gram, found.total.n)
    unit = np.sqrt(np.maximum(np.diag(about.cross), 0.0))
    constant = unit <= CONSTANT * np.sqrt(about.weight) * np.abs(found.shift + about.mean)
    _refuse_constant(found, constant[:k])
    columns = np.r_[np.flatnonzero(~constant[k + 1 :]) + k + 1, np.arange(k)]  # treatments last
    unit[k] = 1.0 if constant[k] else unit[k]
    scaled = about.cross / np.outer(np.where(unit > 0, unit, 1.0), np.where(unit > 0, unit, 1.0))
    values = np.linalg.eigvalsh(scaled[np.ix_(columns, columns)])
    condition = float(values[-1] / values[0]) if values[0] > 0 else float("inf")
    by_qr = condition > MAX_CONDITION
    if by_qr:
        triangle = _triangle(design, found.shift + about.mean, [*columns, k], unit)
        places = _independent(triangle[:, : len(columns) - k], k)
    else:
        own = np.linalg.cholesky(scaled[np.ix_(columns, columns)]).T
        triangle = np.column_stack([own, np.linalg.solve(own.T, scaled[columns, k])])
        places = np.arange(len(columns))
    factor = np.asarray(np.linalg.qr(triangle[:, [*places, -1]], mode="r")) if by_qr else triangle
    m = len(places)
    if found.total.n <= m + 1 or len(factor) < m:
        raise EstimationError(f"{found.total.n} rows cannot carry {m + 1} coefficients.")
    _refuse_collinear(found, np.abs(np.diag(factor)[m - k : m]) <= 10 * COLLINEAR)
    inverse = np.linalg.solve(factor[:m, :m], np.eye(m))
    turn = np.r_[np.arange(m - k, m), np.arange(m - k)]  # treatments first again
    used = columns[places][turn]
    coef = (inverse @ factor[:m, m])[turn] * unit[k] / unit[used]
    left_out = sorted(set(range(k + 1, len(unit))) - set(used.tolist()))
    return LeastSquares(
        kept=np.where(used > k, used - 1, used), coef=coef, root=inverse[turn] / unit[used][:, None],
        mean=about.mean[used], intercept=float(about.mean[k] - about.mean[used] @ coef),
        left_out=tuple(found.names[at] for at in left_out), variation=1 / (inverse[m - k :] ** 2).sum(axis=1),
        condition=condition, by_qr=by_qr,
    )  # fmt: skip


def _triangle(design: Design, centre: np.ndarray, columns: list[int], unit: np.ndarray) -> np.ndarray:
    """R of the rows' QR, one batch after another: the condition number is never squared."""
    triangle = np.empty((0, len(columns)))
    for batch in pieces(design, 2 * len(columns)):
        rows = np.column_stack([leading_columns(batch), batch.matrix()])[:, columns]
        rows = (rows - centre[columns]) / unit[columns]
        if batch.weight is not None:
            rows *= np.sqrt(batch.weight)[:, None]
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, rows]), mode="r"))
    return triangle


def _independent(triangle: np.ndarray, k: int) -> np.ndarray:
    """Places of covariates that those before do not explain, and of the k treatments after them."""
    p = triangle.shape[1]
    places: list[int] = []
    basis = np.empty((len(triangle), min(len(triangle), p)))
    for at, column in enumerate(triangle.T):
        known = basis[:, : len(places)]
        for _ in range(2):  # once more for the digits that the first time lost
            column = column - known @ (known.T @ column)
        size = np.linalg.norm(column)
        if size > COLLINEAR and len(places) < basis.shape[1]:
            basis[:, len(places)] = column / size
            places.append(at)
    return np.array([*places, *range(p, p + k)], dtype=np.int64)


def _refuse_constant(found: DesignMoments, constant: np.ndarray) -> None:
    lost = [repr(name) for name, bad in zip(found.names, constant, strict=False) if bad]
    if lost:
        raise EstimationError(f"{' and '.join(lost)} does not vary: every row has the same value, so nothing compares.")


def _refuse_collinear(found: DesignMoments, lost: np.ndarray) -> None:
    names = [repr(name) for name, bad in zip(found.names, lost, strict=False) if bad]
    if names:
        raise EstimationError(
            f"{' and '.join(names)} does not vary once the adjustment set and the other treatments are held fixed, so "
            f"the data say nothing on its effect. Adjust for less, or find rows where it varies."
        )

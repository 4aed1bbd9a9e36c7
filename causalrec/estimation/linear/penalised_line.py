"""Columns with a penalty beside a few without one, along the eigenvectors of the penalised ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Line", "Spectrum", "fitted_line", "restricted_penalty", "treatment_scores"]

FARTHEST = 1e6  # penalties lie between the largest eigenvalue over this and times this
SAME = 1e-10  # share of a column's square that the other columns leave, below which it is one of them


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Eigenvalues of the penalised columns' cross products, the largest first, and two vectors along the eigenvectors.

    Attributes
    ----------
    values : float64, shape (r,)
    t, y : float64, shape (r,)
        Inner products of treatment and outcome with the unit eigenvectors over the rows.
    tt, ty, yy : float
        Inner products of the two over the rows.
    dof : int
        Rows less the columns that were taken out of all of these.
    """

    values: np.ndarray
    t: np.ndarray
    y: np.ndarray
    tt: float
    ty: float
    yy: float
    dof: int


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Outcome on the treatment, its scores and the penalised columns.

    Attributes
    ----------
    value : float
        Coefficient of the treatment.
    l2 : float
    on_treatment, along : float, and float64 of shape (r,)
        What multiplies an outcome to give the value: the treatment's rows times the first, plus the unit eigenvectors
        times the second.
    outcome_along : float64, shape (r,)
        What the line says of the outcome, less the treatment's own part, along the unit eigenvectors.
    n_parameters : float
        Degrees of freedom of all of it, the columns that were taken out before not counted.
    widening : float
        Factor of the error for what the penalty leaves of the columns' part of the outcome, as random as the model has
        it; 1 or more.
    """

    value: float
    l2: float
    on_treatment: float
    along: np.ndarray
    outcome_along: np.ndarray
    n_parameters: float
    widening: float


def restricted_penalty(found: Spectrum, fixed: np.ndarray, outcome: np.ndarray, inside: np.ndarray) -> float:
    """Penalty of the largest restricted likelihood (Patterson, Thompson 1971, Biometrika 58(3)).

    Parameters
    ----------
    found : Spectrum
        Its eigenvalues and degrees of freedom.
    fixed, outcome : float64, shapes (r, m) and (r,)
        Columns without a penalty, m >= 0, and what is fitted; along the unit eigenvectors.
    inside : float64, shape (m + 1, m + 1)
        Inner products of those columns and the outcome over what the eigenvectors do not span.
    """
    from scipy.optimize import minimize_scalar

    both, m = np.column_stack([fixed, outcome]), fixed.shape[1]

    def surprise(log_l2: float) -> float:
        share = np.exp(log_l2) / (found.values + np.exp(log_l2))
        products = inside + (both * share[:, None]).T @ both
        of_fixed = np.linalg.slogdet(products[:m, :m])[1] if m else 0.0
        left = products[m, m] - products[m, :m] @ np.linalg.solve(products[:m, :m], products[:m, m])
        return float((found.dof - m) * np.log(max(left, 1e-300)) - np.log(share).sum() + of_fixed)

    top = np.log(found.values[0])
    room = (top - np.log(FARTHEST), top + np.log(FARTHEST))
    return float(np.exp(minimize_scalar(surprise, bounds=room, method="bounded", options={"xatol": 1e-4}).x))


def treatment_scores(found: Spectrum, n_scores: int) -> tuple[np.ndarray, float]:
    """What a ridge says of the treatment, in parts from smooth to rough, each of length 1; and the penalty.

    Returns
    -------
    float64, shape (r, <= n_scores), along the unit eigenvectors; the parts hold equally many eigenvectors.
    """
    inside = np.array([[max(found.tt - found.t @ found.t, 0.0)]])
    l2 = restricted_penalty(found, np.empty((len(found.t), 0)), found.t, inside)
    score = found.t * found.values / (found.values + l2)
    part = np.arange(len(score)) * n_scores // len(score)
    parts = score[:, None] * (part[:, None] == np.arange(n_scores))
    length = np.sqrt((parts**2).sum(axis=0))
    real = length > SAME * np.sqrt(found.tt)
    return parts[:, real] / length[real], l2


def fitted_line(found: Spectrum, scores: np.ndarray, l2: float | None = None) -> Line | None:
    """The outcome's line; None where columns and scores leave nothing of the treatment.

    Parameters
    ----------
    found : Spectrum
    scores : float64, shape (r, m)
    l2 : float, optional
        Penalty; None: that of the largest restricted likelihood.
    """
    fixed, m = np.column_stack([found.t, scores]), 1 + scores.shape[1]
    inside = np.zeros((m + 1, m + 1))
    beyond = np.array([[found.tt, found.ty], [found.ty, found.yy]])
    beyond -= np.column_stack([found.t, found.y]).T @ np.column_stack([found.t, found.y])
    inside[np.ix_([0, m], [0, m])] = beyond
    if not len(found.values):
        share, l2 = np.empty(0), 0.0
    else:
        l2 = restricted_penalty(found, fixed, found.y, inside) if l2 is None else l2
        share = l2 / (found.values + l2)
    products = inside[:m, :m] + (fixed * share[:, None]).T @ fixed
    if not _left(products) > SAME * found.tt:
        return None
    inverse = np.linalg.pinv(products, hermitian=True)
    coef = inverse @ (inside[:m, m] + (fixed * share[:, None]).T @ found.y)
    along = (fixed @ inverse[0]) * share - inverse[0, 0] * found.t
    square = inverse[0, 0] ** 2 * inside[0, 0] + ((along + inverse[0, 0] * found.t) ** 2).sum()
    unexplained = ((along + inverse[0, 0] * found.t) ** 2 @ found.values) / l2 if l2 else 0.0
    explained = found.y - found.t * coef[0] - share * (found.y - fixed @ coef)
    return Line(
        float(coef[0]), float(l2), float(inverse[0, 0]), along, explained, m + float((1 - share).sum()),
        float(np.sqrt(1 + unexplained / square)),
    )  # fmt: skip


def _left(products: np.ndarray) -> float:
    """Square of the treatment that the scores leave."""
    own = products[0, 0]
    if len(products) > 1:
        own = own - products[0, 1:] @ np.linalg.pinv(products[1:, 1:], hermitian=True) @ products[1:, 0]
    return float(own)

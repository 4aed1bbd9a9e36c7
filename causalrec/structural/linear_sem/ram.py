"""Reticular action model: A holds coefficients, S (residual) covariances, m intercepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.structural.linear_sem.specification import Specification
from causalrec.structural.linear_sem.syntax import Statement

__all__ = ["Matrices", "Moments", "Structure", "implied_gradient", "matrices", "moments", "slopes", "structure"]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Where parameters stand in one matrix.

    Attributes
    ----------
    row, column, parameter : int64, shape (n_cells,)
        `column` is 0 in a vector.
    """

    row: np.ndarray
    column: np.ndarray
    parameter: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Which parameter stands where; observed variables come first, latent ones behind.

    Attributes
    ----------
    names : tuple of str
        Variables, length n_variables.
    n_observed : int
    parameters : tuple of str
        Name of each free parameter: its label, else its statement.
    rows : tuple of Statement
    cells : tuple of (str, int, int)
        Matrix ("A", "S" or "m"), row and column of each of `rows`.
    index : int64, shape (n_rows,)
        Parameter of each row; -1 where it is fixed.
    coefficients, covariances, intercepts : Cells
    fixed : Matrices
        The fixed values, 0 elsewhere.
    """

    names: tuple[str, ...]
    n_observed: int
    parameters: tuple[str, ...]
    rows: tuple[Statement, ...]
    cells: tuple[tuple[str, int, int], ...]
    index: np.ndarray
    coefficients: Cells
    covariances: Cells
    intercepts: Cells
    fixed: Matrices


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """A (n_variables, n_variables), effect in the row; S (n_variables, n_variables); m (n_variables,)."""

    A: np.ndarray
    S: np.ndarray
    m: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Implied moments, and the two products from which derivatives follow.

    Attributes
    ----------
    total : shape (n_variables, n_variables)
        (I - A)^-1, total effects of residuals.
    covariance : shape (n_variables, n_variables)
        Of all variables; the observed ones are the first.
    mean : shape (n_variables,)
    """

    total: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray


def structure(found: Specification, *, saturated_means: bool = False) -> Structure:
    """Number the free parameters in the order of the rows; a label is one parameter.

    `saturated_means` adds a free intercept for each observed variable, behind all others.
    """
    rows = list(found.rows)
    if saturated_means and not found.has_means:
        rows += [Statement(name, "~1") for name in found.observed]
    names = (*found.observed, *found.latent)
    number: dict[str, int] = {}
    index = [-1 if row.value is not None else number.setdefault(row.label or str(row), len(number)) for row in rows]
    place = {name: k for k, name in enumerate(names)}
    cells = [_cell(row, place) for row in rows]
    coefficients, covariances, intercepts = (_free_cells(kind, cells, index) for kind in "ASm")
    return Structure(
        names, len(found.observed), tuple(number), tuple(rows), tuple(cells), np.array(index),
        coefficients, covariances, intercepts, _fixed(len(names), cells, rows),
    )  # fmt: skip


def matrices(shape: Structure, theta: np.ndarray) -> Matrices:
    """The three matrices at theta, shape (n_parameters,), real or complex."""
    found = Matrices(*(fixed.astype(theta.dtype) for fixed in (shape.fixed.A, shape.fixed.S, shape.fixed.m)))
    a, s, m = shape.coefficients, shape.covariances, shape.intercepts
    found.A[a.row, a.column] = theta[a.parameter]
    found.S[s.row, s.column] = theta[s.parameter]
    found.S[s.column, s.row] = theta[s.parameter]
    found.m[m.row] = theta[m.parameter]
    return found


def moments(found: Matrices) -> Moments:
    """Moments of all variables.

    Raises
    ------
    LinAlgError : I - A is singular, which only feedback loops can make it.
    """
    total = np.linalg.inv(np.eye(len(found.A)) - found.A)
    return Moments(total, total @ found.S @ total.T, total @ found.m)


def implied_gradient(shape: Structure, at: Moments, by_covariance: np.ndarray, by_mean: np.ndarray) -> np.ndarray:
    """Gradient in theta of a function whose gradient in the implied moments is known.

    Parameters
    ----------
    by_covariance : shape (n_observed, n_observed), symmetric
        d f = tr(by_covariance d Sigma).
    by_mean : shape (n_observed,)
    """
    seen = at.total[: shape.n_observed]
    g, of_mean = seen.T @ by_covariance @ seen, seen.T @ by_mean
    # d Sigma / d A_ij needs the covariance before it is cut to the observed variables.
    by_a = 2 * seen.T @ by_covariance @ at.covariance[: shape.n_observed] + np.outer(of_mean, at.mean)
    by_s = 2 * g - np.diag(np.diag(g))
    found = np.zeros(len(shape.parameters), dtype=by_a.dtype)
    for cells, values in ((shape.coefficients, by_a), (shape.covariances, by_s), (shape.intercepts, of_mean[:, None])):
        np.add.at(found, cells.parameter, values[cells.row, cells.column])
    return found


def slopes(shape: Structure, at: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the observed moments.

    Returns
    -------
    of_covariance : float64, shape (n_parameters, n_observed, n_observed)
    of_mean : float64, shape (n_parameters, n_observed)
    """
    p = shape.n_observed
    seen, through = at.total[:p], at.covariance[:, :p]
    of_covariance = np.zeros((len(shape.parameters), p, p))
    of_mean = np.zeros((len(shape.parameters), p))
    a, s, m = shape.coefficients, shape.covariances, shape.intercepts
    half = seen.T[a.row][:, :, None] * through[a.column][:, None, :]
    np.add.at(of_covariance, a.parameter, half + half.transpose(0, 2, 1))
    np.add.at(of_mean, a.parameter, seen.T[a.row] * at.mean[a.column][:, None])
    half = seen.T[s.row][:, :, None] * seen.T[s.column][:, None, :]
    twice = np.where(s.row == s.column, 0.5, 1.0)[:, None, None]
    np.add.at(of_covariance, s.parameter, twice * (half + half.transpose(0, 2, 1)))
    np.add.at(of_mean, m.parameter, seen.T[m.row])
    return of_covariance, of_mean


def _cell(row: Statement, place: dict[str, int]) -> tuple[str, int, int]:
    match row.operator:
        case "=~":
            return "A", place[row.right], place[row.left]
        case "~":
            return "A", place[row.left], place[row.right]
        case "~~":
            return "S", place[row.left], place[row.right]
    return "m", place[row.left], 0


def _free_cells(kind: str, cells: list[tuple[str, int, int]], index: list[int]) -> Cells:
    free = [(i, j, k) for (where, i, j), k in zip(cells, index, strict=True) if where == kind and k >= 0]
    row, column, parameter = np.array(free, dtype=np.int64).reshape(-1, 3).T
    return Cells(row, column, parameter)


def _fixed(n: int, cells: list[tuple[str, int, int]], rows: list[Statement]) -> Matrices:
    found = Matrices(np.zeros((n, n)), np.zeros((n, n)), np.zeros(n))
    for (kind, i, j), row in zip(cells, rows, strict=True):
        if row.value is None:
            continue
        if kind == "A":
            found.A[i, j] = row.value
        elif kind == "S":
            found.S[i, j] = found.S[j, i] = row.value
        else:
            found.m[i] = row.value
    return found

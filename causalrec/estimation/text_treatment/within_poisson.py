"""Poisson regression of counts with an effect of each group: relative effects, in a few Newton steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError

__all__ = ["WithinPoisson", "centred", "within_poisson"]

N_STEPS = 100
TOLERANCE = 1e-10
NO_VARIATION = 1e-10  # share of a column's variance below which what groups leave is rounding error
SINGULAR = 1e-9  # least eigenvalue of the columns' correlations
VANISHED = 1e-5  # share of the curvature at a ratio of 1 below which a ratio is on its way to infinity


@dataclass(frozen=True, slots=True, eq=False)
class WithinPoisson:
    """Logarithms of rate ratios.

    Attributes
    ----------
    coef : float64, shape (k,)
    mean : float64, shape (n,)
        Expected counts; they add up to each group's.
    """

    coef: np.ndarray
    mean: np.ndarray


def within_poisson(
    columns: np.ndarray, count: np.ndarray, exposure: np.ndarray, group: np.ndarray, names: tuple[str, ...]
) -> WithinPoisson:
    """Counts on columns, the level of each group held fixed.

    Groups are conditioned away, so that their number costs no bias; right wherever the mean is exponential in the
    columns, whether or not counts have Poisson's variance (Hausman, Hall, Griliches 1984, Econometrica 52(4);
    Wooldridge 1999, J. Econometrics 90(1)).

    Parameters
    ----------
    columns : float64, shape (n, k)
    count, exposure : float64, shape (n,)
        0 or more; in no group all exposures are 0.
    group : int64, shape (n,)
        Codes without gaps.
    names : tuple of str, length k

    Raises
    ------
    EstimationError : a column that does not vary within groups, columns that are sums of each other, counts that some
        column tells apart without error, or no convergence.

    Examples
    --------
    >>> one = np.array([[0.0], [1.0], [0.0], [1.0]])
    >>> found = within_poisson(one, np.array([10.0, 20, 30, 60]), np.full(4, 1000.0), np.array([0, 0, 1, 1]), ("x",))
    >>> np.exp(found.coef).round(6).tolist()
    [2.0]
    """
    total = np.bincount(group, weights=count)
    scale = _scales(columns, exposure * (total / np.bincount(group, weights=exposure))[group], group, names)
    X = columns / scale
    beta = np.zeros(X.shape[1])
    loss = _loss(X @ beta, count, exposure, group, total)
    first = None
    for _ in range(N_STEPS):
        mean = _mean(X @ beta, exposure, group, total)
        left = centred(X, mean, group)
        score, hessian = left.T @ (count - mean), (left * mean[:, None]).T @ left
        first = _least(hessian, names) if first is None else first
        _refuse_separated(hessian, first, names)
        step = np.linalg.solve(hessian, score)
        if score @ step < TOLERANCE * max(1.0, total.sum() * 1e-6):
            return WithinPoisson(beta / scale, mean)
        while (better := _loss(X @ (beta + step), count, exposure, group, total)) > loss + 1e-12 * abs(loss):
            step = step / 2
        beta, loss = beta + step, better
    raise EstimationError(f"The ratios of {', '.join(names)} were not found in {N_STEPS} steps.")


def centred(columns: np.ndarray, weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Columns about their weighted means of each group; shape (n, k).

    >>> centred(np.array([[1.0], [3.0]]), np.array([1.0, 3.0]), np.array([0, 0])).ravel().tolist()
    [-1.5, 0.5]
    """
    total = np.maximum(np.bincount(group, weights=weight), 1e-300)
    means = np.column_stack([np.bincount(group, weights=weight * column) / total for column in columns.T])
    return columns - means[group]


def _mean(eta: np.ndarray, exposure: np.ndarray, group: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Expected counts that add up to each group's."""
    weight = exposure * np.exp(eta - _largest(eta, group)[group])
    return weight * (total / np.bincount(group, weights=weight))[group]


def _loss(eta: np.ndarray, count: np.ndarray, exposure: np.ndarray, group: np.ndarray, total: np.ndarray) -> float:
    """Negative logarithm of the likelihood, given the groups' totals, up to a constant."""
    top = _largest(eta, group)
    spread = np.log(np.bincount(group, weights=exposure * np.exp(eta - top[group]))) + top
    return float(total @ spread - count @ eta)


def _largest(eta: np.ndarray, group: np.ndarray) -> np.ndarray:
    top = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(top, group, eta)
    return top


def _scales(columns: np.ndarray, weight: np.ndarray, group: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Deviations of the columns within groups; refuses those without."""
    mean = weight @ columns / weight.sum()
    before = weight @ (columns - mean) ** 2
    within = weight @ centred(columns, weight, group) ** 2
    flat = ~(within > NO_VARIATION * np.maximum(before, 1e-300))
    if flat.any():
        named = " and ".join(repr(name) for name, lost in zip(names, flat, strict=True) if lost)
        raise EstimationError(
            f"{named} does not vary within experiments that have clicks: the data say nothing on it. Leave it out."
        )
    return np.sqrt(within / weight.sum())


def _least(hessian: np.ndarray, names: tuple[str, ...]) -> float:
    """Least curvature; refuses columns that are sums of each other."""
    spread = np.sqrt(np.diag(hessian))
    values, vectors = np.linalg.eigh(hessian / np.outer(spread, spread))
    if values[0] < SINGULAR:
        mixed = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 0.1]
        raise EstimationError(
            f"{', '.join(mixed)} are sums of each other within experiments, so their effects cannot be told apart: "
            f"leave one out, or take each alone (jointly=False)."
        )
    return float(np.linalg.eigvalsh(hessian)[0])


def _refuse_separated(hessian: np.ndarray, first: float, names: tuple[str, ...]) -> None:
    """Refuse ratios that run to infinity, where the curvature goes to nothing on the way."""
    values, vectors = np.linalg.eigh(hessian)
    if not values[0] > VANISHED * first:
        name = names[int(np.abs(vectors[:, 0]).argmax())]
        raise EstimationError(f"{name!r} tells clicks from none without error, so no ratio exists: leave it out.")

"""The search for the maximum of the likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.linear_sem.restrictions import Restriction

__all__ = ["Objective", "maximum", "refuse_unidentified"]

MAX_STEPS = 1_000
NEAR, TOLERANCE = 1e-4, 1e-6  # gradient in units of one root of information: where Newton takes over, and at the end
N_POLISHED = 12
ENOUGH = 1e-12  # a gradient that is rounding error
RELATIVE_RANK = 1e-9  # of an information matrix scaled to a unit diagonal


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A discrepancy, its gradient, and half its second derivative: the expected one, and the one at the sample.

    Attributes
    ----------
    value, gradient, information, curvature : callable of float64, shape (n_parameters,)
    unit : float64, shape (n_parameters,)
        A natural size of each parameter.
    """

    value: Callable[[np.ndarray], float]
    gradient: Callable[[np.ndarray], np.ndarray]
    information: Callable[[np.ndarray], np.ndarray]
    curvature: Callable[[np.ndarray], np.ndarray]
    unit: np.ndarray


def maximum(objective: Objective, start: np.ndarray, limits: Restriction, parameters: Sequence[str]) -> np.ndarray:
    """Parameters of the smallest discrepancy: a trust region on Fisher's information, then Newton's steps.

    Raises
    ------
    EstimationError : parameters that the data cannot tell apart (named), or no convergence.
    """
    from scipy.optimize import minimize

    start = limits.nearest(start)
    if not np.isfinite(objective.value(start)):
        raise EstimationError("The starting values imply no covariance matrix. Give others with start(value)*name.")
    if not limits.n_free:
        return start
    inner = limits.basis.T @ objective.information(start) @ limits.basis
    turn = limits.basis / np.sqrt(np.maximum(np.diag(inner), 1e-6 / _free_units(limits, objective.unit) ** 2))

    def theta(phi: np.ndarray) -> np.ndarray:
        return start + turn @ phi

    def bend(phi: np.ndarray) -> np.ndarray:
        # scipy asks for it before it rejects a step to where there is no likelihood.
        if not np.isfinite(objective.value(theta(phi))):
            return np.eye(len(phi))
        return 2 * turn.T @ objective.information(theta(phi)) @ turn

    found = minimize(
        lambda phi: objective.value(theta(phi)), np.zeros(turn.shape[1]), method="trust-exact",
        jac=lambda phi: turn.T @ objective.gradient(theta(phi)), hess=bend,
        options={"gtol": NEAR, "maxiter": MAX_STEPS},
    )  # fmt: skip
    best = _polished(objective, theta(found.x), turn)
    refuse_unidentified(objective.information(best), limits, objective.unit, parameters)
    slope = turn.T @ objective.gradient(best)
    if not np.abs(slope).max(initial=0) < TOLERANCE:
        worst = parameters[int(np.abs(objective.gradient(best)).argmax())]
        raise EstimationError(
            f"The search did not converge in {found.nit:,} steps; the largest gradient is that of {worst!r}. Give "
            f"starting values with start(value)*name, scale columns alike, or simplify the model."
        )
    return best


def _polished(objective: Objective, theta: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Newton's steps, each kept where it makes the gradient smaller."""
    slope = turn.T @ objective.gradient(theta)
    for _ in range(N_POLISHED):
        if np.abs(slope).max(initial=0) < ENOUGH:
            break
        inner = turn.T @ objective.curvature(theta) @ turn
        moved = theta - turn @ np.linalg.lstsq(2 * inner, slope, rcond=1e-10)[0]
        if not np.isfinite(objective.value(moved)):
            break
        again = turn.T @ objective.gradient(moved)
        if not np.abs(again).max() < 0.5 * np.abs(slope).max():
            break
        theta, slope = moved, again
    return theta


def refuse_unidentified(
    information: np.ndarray, limits: Restriction, unit: np.ndarray, parameters: Sequence[str]
) -> None:
    """Refuse a model some of whose parameters can move without the implied moments moving.

    Parameters
    ----------
    information : float64, shape (n_parameters, n_parameters)
        Fisher's, or the Gram matrix of the slopes of the moments.
    unit : float64, shape (n_parameters,)
        A natural size of each parameter.

    Raises
    ------
    EstimationError : names those parameters.
    """
    inner = limits.basis.T @ information @ limits.basis
    scale = 1 / np.sqrt(np.maximum(np.diag(inner), 1e-12 / _free_units(limits, unit) ** 2))
    values, vectors = np.linalg.eigh(inner * np.outer(scale, scale))
    null = vectors[:, values < RELATIVE_RANK]
    if not null.size:
        return
    moved = (np.abs(limits.basis @ (scale[:, None] * null)) / unit[:, None]).max(axis=1)
    named = [name for name, far in zip(parameters, moved, strict=True) if far > 1e-3 * moved.max(initial=0)]
    raise EstimationError(
        f"The model is not identified: the data cannot tell apart {', '.join(map(repr, named))}, since they can move "
        f"together and imply the same covariances. Fix one of them, make two equal with one label, or measure more."
    )


def _free_units(limits: Restriction, unit: np.ndarray) -> np.ndarray:
    """Natural size of each free number: how far it can go before some parameter has moved by its own."""
    return 1 / np.max(np.abs(limits.basis) / unit[:, None], axis=0, initial=1e-300)

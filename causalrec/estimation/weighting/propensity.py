"""Propensities that are logistic in the covariates, with the influence of each unit on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.two_arms import TwoArms

__all__ = ["Propensity", "logistic_propensity", "standardised"]

N_STEPS, TOLERANCE = 60, 1e-9
DEPENDENT = 1e-9  # of the longest column, below which others explain one
MAX_LOGIT = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Propensity:
    """Probability of treatment, 1 / (1 + exp(-X b)).

    Attributes
    ----------
    e : float64, shape (n,)
        In (0, 1).
    X : float64, shape (n, q)
        A constant and the covariates, standardised, without those that others explain.
    influence : float64, shape (n, q)
        Influence of each unit on the coefficients.
    left_out : tuple of str
        Covariates that are constant or explained by others.
    """

    e: np.ndarray
    X: np.ndarray
    influence: np.ndarray
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Loss of the log odds, its negative slope and its curvature; each takes t and the log odds, (n,)."""

    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]
    score: Callable[[np.ndarray, np.ndarray], np.ndarray]
    curvature: Callable[[np.ndarray, np.ndarray], np.ndarray]


def logistic_propensity(arms: TwoArms, rule: str = "likelihood") -> Propensity:
    """Coefficients by maximum likelihood, or those whose inverse propensities balance the covariates.

    Parameters
    ----------
    arms : TwoArms
    rule : {"likelihood", "balance"}
        Balance solves sum of weight * x * (t / e - (1 - t) / (1 - e)) = 0 (Imai, Ratkovic 2014, JRSSB
        76(1)), which is the slope of a convex function as that of the likelihood is.

    Raises
    ------
    EstimationError : the covariates tell the arms apart, so no coefficients are best.
    """
    X, left_out = standardised(arms)
    chosen, coef = RULES[rule], np.zeros(X.shape[1])
    share = float(arms.weight @ arms.t / arms.weight.sum())
    coef[0] = np.log(share / (1 - share))
    for _ in range(N_STEPS):
        eta = X @ coef
        slope = X.T @ (arms.weight * chosen.score(arms.t, eta)) / arms.n
        step = _solved(_hessian(X, arms, chosen, eta), slope, arms)
        size = _size(arms, X, chosen, coef, step, float(slope @ step))
        coef = coef + size * step
        if np.abs(step).max() < TOLERANCE:
            return _propensity(arms, X, coef, chosen, left_out)
    raise _separated(arms)


def standardised(arms: TwoArms) -> tuple[np.ndarray, tuple[str, ...]]:
    """A constant and the covariates with mean 0 and variance 1, without those that others explain."""
    from scipy.linalg import qr

    centre = arms.weight @ arms.X / arms.weight.sum()
    spread = np.sqrt(arms.weight @ (arms.X - centre) ** 2 / arms.weight.sum())
    kept = np.flatnonzero(spread > 1e-10 * np.maximum(1e-290, np.abs(centre)))
    Z = (arms.X[:, kept] - centre[kept]) / spread[kept]
    if Z.shape[1]:
        root, pivot = qr(Z * np.sqrt(arms.weight)[:, None], mode="r", pivoting=True)
        size = np.abs(np.diag(root))
        free = np.sort(pivot[: len(size)][size > DEPENDENT * size[0]])
        Z, kept = Z[:, free], kept[free]
    left_out = tuple(name for column, name in enumerate(arms.names) if column not in set(kept.tolist()))
    return np.column_stack([np.ones(arms.n), Z]), left_out


def _chance(eta: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(eta)


def _odds(eta: np.ndarray) -> np.ndarray:
    return np.exp(np.clip(eta, -MAX_LOGIT, MAX_LOGIT))


RULES = {
    "likelihood": Rule(
        loss=lambda t, eta: np.logaddexp(0, eta) - t * eta,
        score=lambda t, eta: t - _chance(eta),
        curvature=lambda t, eta: _chance(eta) * _chance(-eta),
    ),
    "balance": Rule(
        loss=lambda t, eta: np.where(t == 1, _odds(-eta) - eta, _odds(eta) + eta),
        score=lambda t, eta: np.where(t == 1, 1 + _odds(-eta), -1 - _odds(eta)),
        curvature=lambda t, eta: np.where(t == 1, _odds(-eta), _odds(eta)),
    ),
}


def _hessian(X: np.ndarray, arms: TwoArms, rule: Rule, eta: np.ndarray) -> np.ndarray:
    return (X * (arms.weight * rule.curvature(arms.t, eta))[:, None]).T @ X / arms.n


def _solved(hessian: np.ndarray, slope: np.ndarray, arms: TwoArms) -> np.ndarray:
    try:
        return np.linalg.solve(hessian, slope)
    except np.linalg.LinAlgError:
        raise _separated(arms) from None


def _size(arms: TwoArms, X: np.ndarray, rule: Rule, coef: np.ndarray, step: np.ndarray, gain: float) -> float:
    """Largest of 1, 1/2, 1/4, ... of a step that lowers the loss."""
    before = float(arms.weight @ rule.loss(arms.t, X @ coef)) / arms.n
    for size in 0.5 ** np.arange(40):
        after = float(arms.weight @ rule.loss(arms.t, X @ (coef + size * step))) / arms.n
        if after <= before - 1e-4 * size * gain + 1e-13 * abs(before):
            return float(size)
    return 0.0


def _propensity(arms: TwoArms, X: np.ndarray, coef: np.ndarray, rule: Rule, left_out: tuple[str, ...]) -> Propensity:
    eta = X @ coef
    inverse = np.linalg.inv(_hessian(X, arms, rule, eta))
    influence = (X * (arms.weight * rule.score(arms.t, eta))[:, None]) @ inverse
    return Propensity(_chance(eta), X, influence, left_out)


def _separated(arms: TwoArms) -> EstimationError:
    n_off, n_on = arms.n_arms
    return EstimationError(
        f"The covariates tell the {n_on:,} treated and {n_off:,} untreated units apart, so the propensity of "
        f"{arms.treatment!r} runs to 0 or 1: the arms share no region. Leave out units that could be in one arm only."
    )

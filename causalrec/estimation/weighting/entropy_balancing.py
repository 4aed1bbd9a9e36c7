"""Weights that make the arms' covariates alike exactly, and stay as even as they can."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.arm_means import ArmEstimator, refuse_target
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity, standardised

__all__ = ["EntropyBalancing"]

N_STEPS, TOLERANCE = 100, 1e-10
MAX_LOGIT = 200.0


class EntropyBalancing(ArmEstimator):
    """Entropy balancing: the most even weights under which moments of the covariates agree.

    For the ATT untreated units are weighted to the treated, for the ATE each arm to all units. Assumes that
    the covariates close every back door. Right where the outcome is linear in the balanced moments, or
    the logit of the propensity is (for the ATE: its inverse, in each arm); see Zhao, Percival
    (2017), J. Causal Inference 5(1). Errors allow for the weights being estimated.

    Parameters
    ----------
    moments : {1, 2}
        Means, or means and squares of the covariates that have more than two values.
    target : {"ATE", "ATT"}

    References
    ----------
    Hainmueller (2012), Political Analysis 20(1).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=4000)
    >>> t = (rng.random(4000) < 1 / (1 + np.exp(-x))).astype(float)
    >>> EntropyBalancing(target="ATT").fit(Design(x + 2 * t, t[:, None], x[:, None], (), {})).value_.round(1)
    array([2.])
    """

    def __init__(self, moments: int = 1, *, target: str = "ATE"):
        self.moments = moments
        self.target = target

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        EstimationError : no weights balance the arms, no overlap, one arm, or values that are not finite.
        """
        refuse_target(self.target, ("ATE", "ATT"))
        if self.moments not in (1, 2):
            raise DataError(f"moments is {self.moments!r}; it is 1 for means, or 2 for means and squares.")
        arms = two_arms(design, "EntropyBalancing")
        X = balanced_columns(arms, self.moments)
        if self.target == "ATE":
            refuse_no_overlap(arms, logistic_propensity(arms).e)
        goal = arms.t if self.target == "ATT" else np.ones(arms.n)
        means, influence, weights = np.empty(2), np.empty((arms.n, 2)), np.empty(arms.n)
        for arm in (0, 1):
            own = arms.t == arm
            tilt = _tilt(arms, X, own, goal)
            means[arm], influence[:, arm] = _tilted_mean(arms, X, own, goal, tilt)
            weights[own] = tilt[own]
        return self._keep_arms(
            design, arms, means, influence, weights=weights, n_parameters=2 + X.shape[1], target=self.target,
            method=f"entropy balancing of {'means' if self.moments == 1 else 'means and squares'}",
            diagnostics={"balanced moments": float(X.shape[1]), "largest weight": _largest(arms, weights)},
        )  # fmt: skip


def balanced_columns(arms: TwoArms, moments: int) -> np.ndarray:
    """Covariates to balance, standardised, none of them explained by others; float64, shape (n, q)."""
    from dataclasses import replace

    X, names = arms.X, arms.names
    if moments == 2:
        many = [column for column in range(X.shape[1]) if len(np.unique(X[:, column])) > 2]
        spread = np.maximum(X[:, many].std(axis=0), 1e-300)
        squares = ((X[:, many] - X[:, many].mean(axis=0)) / spread) ** 2
        X, names = np.column_stack([X, squares]), (*names, *(f"{names[column]}²" for column in many))
    return standardised(replace(arms, X=X, names=names))[0][:, 1:]


def entropy_weights(X: np.ndarray, base: np.ndarray, goal: np.ndarray) -> np.ndarray | None:
    """Weights base * exp(X b), with sum 1, whose mean of X is the goal; None where there are none.

    Newton's steps on the convex dual, log of the sum of base * exp((X - goal) b).

    Parameters
    ----------
    X : float64, shape (n, q)
    base : float64, shape (n,), 0 or more
    goal : float64, shape (q,)

    Examples
    --------
    >>> weights = entropy_weights(np.array([[0.0], [1.0]]), np.ones(2), np.array([0.75]))
    >>> weights.round(4).tolist()
    [0.25, 0.75]
    """
    Z = X - goal
    coef = np.zeros(X.shape[1])
    weights, value = _dual(Z, base, coef)
    for _ in range(N_STEPS):
        gradient = weights @ Z
        if np.abs(gradient).max(initial=0.0) < TOLERANCE:
            return weights
        curvature = (Z * weights[:, None]).T @ Z - np.outer(gradient, gradient)
        step = np.linalg.lstsq(curvature, gradient, rcond=1e-14)[0]
        for size in 0.5 ** np.arange(40):
            again, after = _dual(Z, base, coef - size * step)
            if after <= value - 1e-4 * size * float(gradient @ step) or size < 1e-9:
                break
        if np.abs(Z @ (coef - size * step)).max() > MAX_LOGIT:
            return None
        coef, weights, value = coef - size * step, again, after
    return weights if np.abs(weights @ Z).max(initial=0.0) < 1e-7 else None


def _dual(Z: np.ndarray, base: np.ndarray, coef: np.ndarray) -> tuple[np.ndarray, float]:
    logit = Z @ coef
    top = float(logit[base > 0].max())
    raw = base * np.exp(np.minimum(logit - top, 0.0))
    return raw / raw.sum(), top + float(np.log(raw.sum()))


def _tilt(arms: TwoArms, X: np.ndarray, own: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Weight of each unit of an arm beside its own, mean 1; (n,), 0 in the other arm."""
    tilt = np.zeros(arms.n)
    if (own == (goal > 0)).all():
        tilt[own] = 1.0
        return tilt
    share = arms.weight * goal
    wanted = share @ X / share.sum()
    found = entropy_weights(X[own], arms.weight[own], wanted)
    if found is None:
        raise _unbalanced(arms, own, goal)
    with np.errstate(divide="ignore", invalid="ignore"):
        tilt[own] = np.where(arms.weight[own] > 0, found / arms.weight[own], 0.0) * own.sum()
    return tilt


def _tilted_mean(
    arms: TwoArms, X: np.ndarray, own: np.ndarray, goal: np.ndarray, tilt: np.ndarray
) -> tuple[float, np.ndarray]:
    """Mean outcome of an arm under its weights, and the influence of each unit through outcome and weights."""
    from causalrec.estimation.doubly_robust.arm_means import arm_means

    mean, direct = arm_means((tilt * arms.y)[:, None], tilt, arms.weight)
    if (own == (goal > 0)).all():
        return float(mean[0]), direct[:, 0]
    wanted, shift = arm_means(X * goal[:, None], goal, arms.weight)
    Z, scale = X - wanted, arms.weight * tilt / float(arms.weight @ tilt)
    slope = np.linalg.solve((Z * scale[:, None]).T @ Z, Z.T @ (scale * (arms.y - mean[0])))
    left = scale * arms.n * (Z @ slope)
    return float(mean[0]), direct[:, 0] - left + shift @ slope


def _largest(arms: TwoArms, weights: np.ndarray) -> float:
    """Largest share of an arm's weight that one unit has."""
    total = weights * arms.weight
    return max(float(total[arms.t == arm].max() / total[arms.t == arm].sum()) for arm in (0, 1))


def _unbalanced(arms: TwoArms, own: np.ndarray, goal: np.ndarray) -> EstimationError:
    share = arms.weight * goal
    wanted = share @ arms.X / share.sum()
    low, high = arms.X[own].min(axis=0), arms.X[own].max(axis=0)
    beyond = [
        f"{name} (mean {mean:.4g}, the arm has {a:.4g} to {b:.4g})"
        for name, mean, a, b in zip(arms.names, wanted, low, high, strict=True)
        if (not a < mean < b and a < b) or (a == b != mean)
    ]
    why = f": out of reach is {', '.join(beyond[:5])}" if beyond else " on all covariates together"
    arm = "treated" if arms.t[own][0] == 1 else "untreated"
    return EstimationError(
        f"No weights make the {int(own.sum()):,} {arm} units like those whose effect is asked for{why}. "
        f"Balance fewer covariates, or leave out units that could be in one arm only."
    )

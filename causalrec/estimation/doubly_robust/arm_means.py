"""Means of the outcome under both arms, from which differences and ratios follow."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.estimators import InfluenceEstimator, effective_number

__all__ = ["ArmEstimator", "arm_means"]

TARGETS = ("ATE", "ATT", "ATO")


def arm_means(scores: np.ndarray, share: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means under both arms from scores, and the influence of each unit on them.

    The mean under arm a solves sum of weight * (scores_a - mean * share) = 0.

    Parameters
    ----------
    scores : float64, shape (n, 2)
        Untreated and treated arm.
    share : float64, shape (n,)
        How much each unit belongs to those whose effect is asked for.
    weight : float64, shape (n,)

    Returns
    -------
    means : float64, shape (2,)
    influence : float64, shape (n, 2)

    Examples
    --------
    >>> arm_means(np.array([[0.0, 2.0], [1.0, 2.0]]), np.ones(2), np.ones(2))[0].tolist()
    [0.5, 2.0]
    """
    total = float(weight @ share)
    means = weight @ scores / total
    return means, (weight / total * len(weight))[:, None] * (scores - share[:, None] * means)


class ArmEstimator(InfluenceEstimator):
    """An estimator that knows the mean under each arm, so that ratios can be asked for too.

    Attributes
    ----------
    arm_means_ : float64, shape (2,)
        Mean outcome had nobody, or everybody, of the target been treated.
    arm_influence_ : float64, shape (n, 2)
        Influence of each unit on them.
    weights_ : float64, shape (n,)
        Weight of each unit in the comparison of the arms, for balance tables.
    binary_ : bool
        Whether the outcome is 0 or 1, so that the means are risks.
    """

    arm_means_: np.ndarray
    arm_influence_: np.ndarray
    weights_: np.ndarray
    binary_: bool

    def _keep_arms(
        self, design: Design, arms: TwoArms, means: np.ndarray, influence: np.ndarray, *, weights: np.ndarray,
        n_parameters: int, method: str, target: str, diagnostics: dict[str, float],
    ) -> Self:  # fmt: skip
        self.arm_means_, self.arm_influence_, self.binary_ = means, influence, arms.binary
        self.weights_ = weights * arms.weight
        n_off, n_on = (effective_number(self.weights_[arms.t == arm]) for arm in (0, 1))
        diagnostics = {"effective n untreated": n_off, "effective n treated": n_on, **diagnostics}
        return self._keep(
            design, value=means[1:] - means[:1], influence=influence[:, 1:] - influence[:, :1], target=target,
            n_parameters=n_parameters, method=method, diagnostics=diagnostics, effective_n=n_off + n_on,
        )  # fmt: skip


def refuse_target(target: str, known: tuple[str, ...] = TARGETS) -> None:
    """Refuse a target that the method does not have."""
    if target not in known:
        raise DataError(f"target is {target!r}; it is one of {', '.join(known)}.")


def comparison_weights(t: np.ndarray, e: np.ndarray, target: str) -> np.ndarray:
    """Weight of each unit that makes the arms alike; all arrays (n,), `e` the propensity in (0, 1).

    >>> comparison_weights(np.array([1.0, 0.0]), np.array([0.2, 0.2]), "ATT").tolist()
    [1.0, 0.25]
    """
    if target == "ATT":
        return np.where(t == 1, 1.0, e / (1 - e))
    if target == "ATO":
        return np.where(t == 1, 1 - e, e)
    return np.where(t == 1, 1 / e, 1 / (1 - e))

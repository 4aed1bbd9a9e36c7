"""Both arms of an attacked effect, the propensity, and whose effect is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.arm_means import comparison_weights
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.attacked import Attacked

__all__ = ["Compared", "compared", "target_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Arms with their propensity.

    Attributes
    ----------
    arms : TwoArms
    e : float64, shape (n,)
        Propensity, logistic in the covariates, in (0, 1).
    target : {"ATE", "ATT", "ATO"}
    """

    arms: TwoArms
    e: np.ndarray
    target: str

    @property
    def asked(self) -> np.ndarray:
        """Whether each unit is one of those whose effect is asked for."""
        return self.arms.t == 1 if self.target == "ATT" else np.ones(self.arms.n, dtype=bool)

    @property
    def weights(self) -> np.ndarray:
        """Weights that make the arms alike, if the propensity is right."""
        return comparison_weights(self.arms.t, np.clip(self.e, 1e-12, 1 - 1e-12), self.target)

    @property
    def even(self) -> np.ndarray:
        """Propensity had the arms been of one size, so that a rare treatment is no lack of overlap."""
        share = float(self.arms.weight @ self.arms.t / self.arms.weight.sum())
        on, off = self.e / share, (1 - self.e) / (1 - share)
        return on / (on + off)


def compared(attacked: Attacked) -> Compared:
    """Arms of the attacked rows.

    Raises
    ------
    EstimationError : no effect by adjustment, no two arms, or covariates that tell them apart.
    """
    if attacked.estimand.strategy != "adjustment":
        raise EstimationError(f"The effect is identified by {attacked.estimand.strategy}: it compares no two arms.")
    arms = two_arms(attacked.design, "A look at overlap")
    if not arms.X.shape[1]:
        raise EstimationError("Nothing is adjusted for, so there is nothing by which the arms could overlap or not.")
    return Compared(arms, logistic_propensity(arms).e, target_of(attacked))


def target_of(attacked: Attacked) -> str:
    """Whose effect was estimated: "ATE", "ATT" or "ATO"."""
    words = attacked.effect.target.split()
    return words[0] if words and words[0] in ("ATT", "ATO") else "ATE"

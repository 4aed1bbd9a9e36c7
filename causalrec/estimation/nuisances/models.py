"""Cross-fitted nuisances: outcome regressions by arm, and the propensity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.nuisances.cross_fitting import CrossFitted, cross_fitted
from causalrec.estimation.nuisances.default_models import default_models, is_flexible, why_default
from causalrec.estimation.nuisances.learned_models import is_classifier, listed

__all__ = ["Nuisances", "chosen_models", "nuisances", "refuse_models"]


@dataclass(frozen=True, slots=True, eq=False)
class Nuisances:
    """Predictions for each unit by models that never saw it.

    Attributes
    ----------
    mu0, mu1 : float64, shape (n,)
        Expected outcome untreated and treated, in the outcome's unit.
    e : float64, shape (n,)
        Probability of treatment as the models gave it, in [0, 1].
    learned : tuple of CrossFitted, length 3
        What stands behind mu0, mu1 and e.
    reason : str
        Why these models were taken, where nobody chose any.
    """

    mu0: np.ndarray
    mu1: np.ndarray
    e: np.ndarray
    learned: tuple[CrossFitted, CrossFitted, CrossFitted]
    reason: str = ""

    def clipped(self, low: float, high: float) -> tuple[np.ndarray, float]:
        """Propensities held within [low, high], and the share of units that were moved."""
        return np.clip(self.e, low, high), float(((self.e < low) | (self.e > high)).mean())

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """mu0, mu1 and e of units that no model saw, averaged over the folds; each (n,)."""
        mu0, mu1, e = (part.predict(X) for part in self.learned)
        return mu0, mu1, e

    def shares(self) -> dict[str, float]:
        """Weight of each model in the stacks; empty where nothing was stacked."""
        untreated, treated, propensity = self.learned
        return {
            **untreated.shares("outcome untreated"), **treated.shares("outcome treated"),
            **propensity.shares("propensity"),
        }  # fmt: skip


def nuisances(arms: TwoArms, fold: np.ndarray, outcome_model: Any = None, propensity_model: Any = None) -> Nuisances:
    """Both outcome regressions and the propensity, cross-fitted.

    Parameters
    ----------
    arms : TwoArms
    fold : int64, shape (n,)
        Units of a fold are predicted by models that were fitted on the others.
    outcome_model : scikit-learn regressor, or a classifier where the outcome is 0 or 1
    propensity_model : scikit-learn classifier with `predict_proba`
        A list of models is stacked; where a model is None, `default_models` says which.

    Raises
    ------
    EstimationError : no unit of an arm, or one class, in the training rows of a fold.

    References
    ----------
    Chernozhukov et al. (2018), Econometrics Journal 21(1).
    """
    outcome_model, propensity_model, reason = chosen_models(arms, outcome_model, propensity_model)
    common = {"order": arms.order, "weight": arms.weight}
    treated = arms.t == 1
    learned = (
        cross_fitted(outcome_model, arms.X, arms.y, fold, among=~treated, what="outcome of the untreated", **common),
        cross_fitted(outcome_model, arms.X, arms.y, fold, among=treated, what="outcome of the treated", **common),
        cross_fitted(propensity_model, arms.X, arms.t, fold, what=f"{arms.treatment!r}", **common),
    )
    return Nuisances(learned[0].value, learned[1].value, learned[2].value, learned, reason)


def chosen_models(arms: TwoArms, outcome_model: Any, propensity_model: Any) -> tuple[Any, Any, str]:
    """Models for the outcome and the treatment; the default's with their reason where none are given."""
    seen, p = arms.weight > 0, arms.X.shape[1]
    flexible = is_flexible(arms.t[seen], arms.y[seen], p, binary=arms.binary)
    reason = why_default(flexible) if outcome_model is None or propensity_model is None else ""
    if outcome_model is None:
        outcome_model = default_models(arms.binary, p, flexible=flexible)
    if propensity_model is None:
        propensity_model = default_models(True, p, flexible=flexible)
    refuse_models(outcome_model, propensity_model, arms.binary)
    return outcome_model, propensity_model, reason


def refuse_models(outcome_model: Any, propensity_model: Any, binary: bool) -> None:
    """Refuse a propensity from a regressor, and a classifier for an outcome of amounts."""
    for model in listed(propensity_model):
        if not is_classifier(model):
            raise DataError(f"The propensity model {type(model).__name__} is no classifier.")
    for model in listed(outcome_model):
        if is_classifier(model) and not binary:
            raise DataError(f"{type(model).__name__} is a classifier, and the outcome is not 0 or 1.")

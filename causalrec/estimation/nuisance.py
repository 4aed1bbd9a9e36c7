"""Cross-fitted nuisances: outcome regressions by arm, and the propensity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.arms import TwoArms
from causalrec.estimation.default_models import default_model
from causalrec.estimation.stacking import convex_weights

__all__ = ["Nuisances", "cross_fitted", "nuisances"]


@dataclass(frozen=True, slots=True, eq=False)
class Nuisances:
    """Predictions for each unit by models that never saw it.

    Attributes
    ----------
    mu0, mu1 : float64, shape (n,)
        Expected outcome untreated and treated, in the outcome's unit.
    e : float64, shape (n,)
        Probability of treatment as the models gave it, in [0, 1].
    """

    mu0: np.ndarray
    mu1: np.ndarray
    e: np.ndarray

    def clipped(self, low: float, high: float) -> tuple[np.ndarray, float]:
        """Propensities held within [low, high], and the share of units that were moved."""
        return np.clip(self.e, low, high), float(((self.e < low) | (self.e > high)).mean())


def nuisances(
    arms: TwoArms, fold: np.ndarray, outcome_model: Any = None, propensity_model: Any = None, *, random_state: int = 0
) -> Nuisances:
    """Both outcome regressions and the propensity, cross-fitted.

    Parameters
    ----------
    arms : TwoArms
    fold : int64, shape (n,)
        Units of a fold are predicted by models that were fitted on the others.
    outcome_model : scikit-learn regressor, or a classifier where the outcome is 0 or 1
    propensity_model : scikit-learn classifier with `predict_proba`
        A list of models is stacked; where a model is None, `default_model` chooses it.
    random_state : int

    Raises
    ------
    EstimationError : no unit of an arm, or one class, in the training rows of a fold.

    References
    ----------
    Chernozhukov et al. (2018), Econometrics Journal 21(1).
    """
    if outcome_model is None:
        outcome_model = default_model(arms.binary)
    if propensity_model is None:
        propensity_model = default_model(True)
    for model in listed(propensity_model):
        if not is_classifier(model):
            raise DataError(f"The propensity model {type(model).__name__} is no classifier.")
    for model in listed(outcome_model):
        if is_classifier(model) and not arms.binary:
            raise DataError(f"{type(model).__name__} is a classifier, and the outcome is not 0 or 1.")
    treated = arms.t == 1
    common = {"order": arms.order, "weight": arms.weight}
    mu0 = stacked(outcome_model, arms.X, arms.y, fold, among=~treated, what="outcome of the untreated", **common)
    mu1 = stacked(outcome_model, arms.X, arms.y, fold, among=treated, what="outcome of the treated", **common)
    e = stacked(propensity_model, arms.X, arms.t, fold, what=f"{arms.treatment!r}", **common)
    return Nuisances(mu0, mu1, e)


def stacked(
    models: Any, X: np.ndarray, y: np.ndarray, fold: np.ndarray, *, weight: np.ndarray, among: np.ndarray | None = None,
    **given: Any,
) -> np.ndarray:  # fmt: skip
    """Out-of-fold predictions of one model, or of the best convex combination of several; float64, shape (n,)."""
    parts = [cross_fitted(model, X, y, fold, weight=weight, among=among, **given) for model in listed(models)]
    if len(parts) == 1:
        return parts[0]
    predictions, seen = np.column_stack(parts), weight > 0
    seen = seen if among is None else seen & among
    return predictions @ convex_weights(predictions[seen], y[seen], weight[seen])


def listed(models: Any) -> tuple[Any, ...]:
    """One model, or a list of them, as a tuple."""
    return tuple(models) if isinstance(models, list | tuple) else (models,)


def cross_fitted(
    model: Any, X: np.ndarray, y: np.ndarray, fold: np.ndarray, *, order: np.ndarray | None = None,
    weight: np.ndarray | None = None, among: np.ndarray | None = None, what: str = "outcome",
) -> np.ndarray:  # fmt: skip
    """Out-of-fold predictions; probabilities of 1 where the model is a classifier.

    Parameters
    ----------
    model : scikit-learn estimator
        Cloned for each fold; the one that is handed in stays as it is.
    X : float64, shape (n, p)
    y : float64, shape (n,)
    fold : int64, shape (n,)
    order : int64, shape (n,), optional
        Order in which a model sees the rows.
    weight : float64, shape (n,), optional
    among : bool, shape (n,), optional
        Rows that may train; all are predicted.
    what : str
        What is predicted, for messages.

    Returns
    -------
    float64, shape (n,)
    """
    from sklearn.base import clone

    classifies = is_classifier(model)
    covariates = X if X.shape[1] else np.zeros((len(y), 1))  # scikit-learn wants a column
    order = np.arange(len(y)) if order is None else order
    usable = np.ones(len(y), dtype=bool) if among is None else among
    if weight is not None:
        usable, weight = usable & (weight > 0), None if np.ptp(weight) == 0 else weight
    predicted = np.empty(len(y))
    for k in np.unique(fold):
        train, test = order[((fold != k) & usable)[order]], fold == k
        _refuse_empty(y[train], int(k), what, classifies)
        fitted = fit_weighted(clone(model), covariates[train], y[train], None if weight is None else weight[train])
        predicted[test] = probability(fitted, covariates[test]) if classifies else fitted.predict(covariates[test])
    if not np.isfinite(predicted).all():
        raise EstimationError(f"{type(model).__name__} predicted {what} with values that are not finite.")
    return predicted


def is_classifier(model: Any) -> bool:
    """Whether a model predicts classes."""
    from sklearn.base import is_classifier

    return bool(is_classifier(model))


def fit_weighted(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> Any:
    """Fit with weights where there are any, through the last step of a pipeline too.

    Raises
    ------
    EstimationError : the model takes no weights.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if weight is None:
        return model.fit(X, y)
    last, inner = ("", model)
    while isinstance(inner, Pipeline):
        last, inner = f"{last}{inner.steps[-1][0]}__", inner.steps[-1][1]
    if not has_fit_parameter(inner, "sample_weight"):
        raise EstimationError(f"The design has weights, and {type(inner).__name__} takes none: choose another model.")
    return model.fit(X, y, **{f"{last}sample_weight": weight})


def probability(model: Any, X: np.ndarray) -> np.ndarray:
    """Probability of class 1; float64, shape (n,)."""
    if not hasattr(model, "predict_proba"):
        raise DataError(f"{type(model).__name__} gives no probabilities: choose a classifier with `predict_proba`.")
    return model.predict_proba(X)[:, list(model.classes_).index(1.0)]


def _refuse_empty(y: np.ndarray, fold: int, what: str, classifies: bool) -> None:
    if len(y) < 2:
        left = f"{len(y)} row" + "s" * (len(y) != 1)
        raise EstimationError(f"Without fold {fold} there are {left} left to learn the {what} from: take fewer.")
    if classifies and len(np.unique(y)) < 2:
        raise EstimationError(
            f"Without fold {fold} all {len(y):,} rows have {y[0]:g} as {what}: there is one class. Ask for fewer "
            f"folds, or give a regressor."
        )

"""How a scikit-learn model is fitted and read, whatever it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError

__all__ = ["fit_weighted", "fitted", "is_classifier", "listed", "model_name", "predicted", "probability"]

UNNAMED = ("StandardScaler", "RobustScaler", "MinMaxScaler")  # steps that say nothing of what a pipeline can learn


def listed(models: Any) -> tuple[Any, ...]:
    """One model, or a list of them, as a tuple."""
    return tuple(models) if isinstance(models, list | tuple) else (models,)


def is_classifier(model: Any) -> bool:
    """Whether a model predicts classes."""
    from sklearn.base import is_classifier

    return bool(is_classifier(model))


def model_name(model: Any) -> str:
    """Class of a model; of a pipeline its steps without scalers.

    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import PolynomialFeatures, StandardScaler
    >>> model_name(make_pipeline(StandardScaler(), PolynomialFeatures(), Ridge()))
    'PolynomialFeatures + Ridge'
    """
    parts = [_name(step) for _, step in getattr(model, "steps", [("", model)])]
    return " + ".join([name for name in parts if name not in UNNAMED] or parts)


def _name(step: Any) -> str:
    inner = getattr(step, "transformer_list", ())
    return " and ".join(type(part).__name__ for _, part in inner) or type(step).__name__


def fitted(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Any:
    """A fitted copy; the model that is handed in stays as it is."""
    from sklearn.base import clone

    return fit_weighted(clone(model), _columns(X), y, weight)


def predicted(model: Any, X: np.ndarray) -> np.ndarray:
    """Mean of what was learned, the probability of 1 from a classifier; float64, shape (n,)."""
    return probability(model, _columns(X)) if is_classifier(model) else model.predict(_columns(X))


def chances(model: Any, X: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Probability of each class, 0 for one that the model never saw; float64, shape (n, n_classes)."""
    _require_chances(model)
    found = np.zeros((len(X), len(classes)))
    found[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(_columns(X))
    return found


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
    _require_chances(model)
    return model.predict_proba(X)[:, list(model.classes_).index(1.0)]


def _require_chances(model: Any) -> None:
    if not hasattr(model, "predict_proba"):
        raise DataError(f"{type(model).__name__} gives no probabilities: choose a classifier with `predict_proba`.")


def _columns(X: np.ndarray) -> np.ndarray:
    return X if X.shape[1] else np.zeros((len(X), 1))  # scikit-learn wants a column

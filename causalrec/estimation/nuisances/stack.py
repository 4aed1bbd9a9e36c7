"""A stack as a scikit-learn estimator, for models that are fitted once."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from causalrec.data.folds import deal, row_keys
from causalrec.errors import DataError
from causalrec.estimation.nuisances.cross_fitting import cross_fitted
from causalrec.estimation.nuisances.default_models import default_models, is_flexible, outcome_models
from causalrec.estimation.nuisances.learned_models import chances, fitted, listed, model_name

__all__ = ["StackedClassifier", "StackedRegressor"]


class _Stack(BaseEstimator):
    """Models beside each other, and their weights from cross-validated error."""

    def __init__(self, models: Any = None, n_folds: int = 5):
        self.models = models
        self.n_folds = n_folds

    def _learn(self, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None, classes: np.ndarray | None) -> None:
        models = listed(self._defaults(X, y, weight) if self.models is None else self.models)
        order = np.lexsort((y, row_keys((X,), len(X))))  # the same fit for the same rows in another order
        fold = _folds(X, y, self.n_folds, classes)
        self.weights_ = np.ones(1)
        if len(models) > 1:
            found = cross_fitted(models, X, y, fold, order=order, weight=weight, classes=classes)
            self.weights_, self.names_ = found.weights, found.names
        else:
            self.names_ = (model_name(models[0]),)
        if weight is not None:
            order, weight = order[weight[order] > 0], None if np.ptp(weight) == 0 else weight
        given = (X[order], y[order], None if weight is None else weight[order])
        self.models_ = [
            fitted(model, *given) if share > 0 else None for model, share in zip(models, self.weights_, strict=True)
        ]

    def _combined(self, read: Any) -> np.ndarray:
        parts = zip(self.weights_, self.models_, strict=True)
        return sum(share * read(model) for share, model in parts if model is not None)

    def _checked(self, X: Any, y: Any, weight: Any, **given: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        from sklearn.utils.validation import _check_sample_weight, validate_data

        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2, **given)
        return X, y, None if weight is None else _check_sample_weight(weight, X, dtype=np.float64)

    def _rows(self, X: Any) -> np.ndarray:
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, reset=False)

    def _defaults(self, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> list[Any]:
        return outcome_models(*X.shape, weighted=weight is not None)


class StackedRegressor(RegressorMixin, _Stack):
    """Convex combination of regressors, its weights those with the least cross-validated squared error.

    Weights are 0 or more and sum to 1. Rows in another order give the same fit.

    Parameters
    ----------
    models : list of scikit-learn regressors, optional
        Left out: what learners of effects take, by the number of rows.
    n_folds : int, at least 2
        Of the cross-validation; fewer where there are fewer rows.

    Attributes
    ----------
    weights_ : float64, shape (m,)
    names_ : tuple of str, length m
    models_ : list
        Fitted to all rows; None where the weight is 0.

    References
    ----------
    Breiman (1996), Stacked regressions, Machine Learning 24(1).

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> from sklearn.linear_model import LinearRegression
    >>> x = np.arange(40.0)[:, None]
    >>> StackedRegressor([LinearRegression(), DummyRegressor()]).fit(x, 2 * x[:, 0]).weights_.round(6).tolist()
    [1.0, 0.0]
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from X (n, p) and y (n,)."""
        X, y, weight = self._checked(X, y, sample_weight, y_numeric=True)
        self._learn(X, y.astype(np.float64), weight, None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predicted mean, float64, shape (n,)."""
        X = self._rows(X)
        return self._combined(lambda model: model.predict(X))


class StackedClassifier(ClassifierMixin, _Stack):
    """The same of classifiers: weights with the least squared error of all classes' probabilities.

    Parameters
    ----------
    models : list of scikit-learn classifiers with `predict_proba`, optional
        Left out: what `AIPW` takes for propensities.
    n_folds : int, at least 2

    Attributes
    ----------
    classes_ : shape (n_classes,)
    weights_, names_, models_
        As `StackedRegressor` has them.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from X (n, p) and classes y (n,)."""
        from sklearn.utils.multiclass import check_classification_targets

        X, y, weight = self._checked(X, y, sample_weight)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(np.unique(codes if weight is None else codes[weight > 0])) < 2:
            raise DataError("There is one class in the rows that count: a classifier needs two classes or more.")
        self._learn(X, codes.astype(np.float64), weight, np.arange(len(self.classes_), dtype=np.float64))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each of `classes_`, float64, shape (n, n_classes)."""
        X, codes = self._rows(X), np.arange(len(self.classes_), dtype=np.float64)
        return self._combined(lambda model: chances(model, X, codes))

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row, shape (n,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return self.classes_[likeliest]

    def _defaults(self, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> list[Any]:
        return default_models(True, X.shape[1], flexible=is_flexible(y, y, X.shape[1], binary=False))


def _folds(X: np.ndarray, y: np.ndarray, n_folds: int, classes: np.ndarray | None) -> np.ndarray:
    """Folds that follow what rows hold, with every class in each as far as it goes; int64, shape (n,)."""
    keys, fold = row_keys((X,), len(X)), np.zeros(len(X), dtype=np.int64)
    if n_folds < 2:
        raise DataError(f"n_folds is {n_folds!r}; a stack needs 2 or more.")
    for group in [np.ones(len(y), dtype=bool)] if classes is None else [y == value for value in classes]:
        if group.sum() > 1:
            fold[group] = deal(keys[group], min(n_folds, int(group.sum())), 0, (y[group],))
    return fold

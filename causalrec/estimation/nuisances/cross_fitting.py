"""Predictions of each unit by models that never saw it: the one loop over folds."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.learned_models import chances, fitted, is_classifier, listed, model_name, predicted
from causalrec.estimation.nuisances.stacking import convex_weights
from causalrec.progress import progress
from causalrec.threads import limit_threads

__all__ = ["CrossFitted", "cross_fitted"]

N_ALONE = 100_000  # rows up to which the threads of a model wait for each other longer than they work


@dataclass(frozen=True, slots=True, eq=False)
class CrossFitted:
    """Out-of-fold predictions, and the models behind them.

    Attributes
    ----------
    value : float64, shape (n,), or (n, n_classes) where classes were named
        Each unit's by models of the other folds.
    names : tuple of str, length m
        What was stacked; one name where nothing was.
    weights : float64, shape (m,)
        Share of each model in the stack: 0 or more, with sum 1.
    models : tuple of tuples
        Fitted models, one tuple of m a fold.
    classes : array, shape (n_classes,), or None
    """

    value: np.ndarray
    names: tuple[str, ...]
    weights: np.ndarray
    models: tuple[tuple[Any, ...], ...]
    classes: np.ndarray | None = None

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predictions of units that no model saw, averaged over the folds; shaped as `value`."""
        return np.mean([self._combined(part, X) for part in self.models], axis=0)

    def shares(self, what: str) -> dict[str, float]:
        """Weight of each model in the stack, by words; empty where nothing was stacked."""
        named = zip(self.names, self.weights, strict=True) if len(self.names) > 1 else ()
        return {f"{what}, weight of {name}": float(share) for name, share in named}

    def _combined(self, part: tuple[Any, ...], X: np.ndarray) -> np.ndarray:
        used = np.flatnonzero(self.weights)
        return np.sum([self.weights[at] * _read(part[at], X, self.classes) for at in used], axis=0)


def cross_fitted(
    models: Any, X: np.ndarray, y: np.ndarray, fold: np.ndarray, *, order: np.ndarray | None = None,
    weight: np.ndarray | None = None, among: np.ndarray | None = None, what: str = "outcome",
    classes: np.ndarray | None = None,
) -> CrossFitted:  # fmt: skip
    """Each fold predicted by models of the others; several models are stacked.

    A stack is the convex combination of the models with the least squared error out of fold.

    Parameters
    ----------
    models : scikit-learn estimator, or a list of them
        Cloned for each fold; those that are handed in stay as they are.
    X : float64, shape (n, p)
    y : shape (n,)
        Numbers, or one of `classes`.
    fold : int64, shape (n,)
    order : int64, shape (n,), optional
        Order in which a model sees the rows.
    weight : float64, shape (n,), optional
    among : bool, shape (n,), optional
        Rows that may train; all are predicted.
    what : str
        What is predicted, for messages.
    classes : array, shape (n_classes,), optional
        Sorted values of `y` whose probabilities are asked for, where it is not 0 and 1.

    Raises
    ------
    EstimationError : no row, or one class, to learn from in a fold; predictions that are not finite.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> x = np.arange(6.0)
    >>> cross_fitted(LinearRegression(), x[:, None], 2 * x, np.arange(6) % 2).value.round(6).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    order = np.arange(len(y)) if order is None else order
    usable = np.ones(len(y), dtype=bool) if among is None else among
    if weight is not None:
        usable, weight = usable & (weight > 0), None if np.ptp(weight) == 0 else weight
    members = listed(models)
    value = np.empty((len(members), len(y)) if classes is None else (len(members), len(y), len(classes)))
    kept = []
    held = limit_threads(1) if len(y) < N_ALONE else nullcontext()
    with held:
        for k in progress(np.unique(fold).tolist(), f"learning the {what}"):
            train, test = order[((fold != k) & usable)[order]], fold == k
            _refuse_empty(y[train], int(k), what, any(map(is_classifier, members)))
            part = tuple(
                fitted(model, X[train], y[train], None if weight is None else weight[train]) for model in members
            )
            for member, model in enumerate(part):
                value[member, test] = _read(model, X[test], classes)
            kept.append(part)
    _refuse_infinite(value, members, what)
    shares = _stack(value[:, usable], y[usable], None if weight is None else weight[usable], classes)
    return CrossFitted(np.tensordot(shares, value, 1), _names(members), shares, tuple(kept), classes)


def _stack(value: np.ndarray, y: np.ndarray, weight: np.ndarray | None, classes: np.ndarray | None) -> np.ndarray:
    """Weights of the members; of classes, those of all their indicators at once."""
    if len(value) == 1:
        return np.ones(1)
    known = y if classes is None else (y[:, None] == classes).astype(float)
    repeated = weight if weight is None or classes is None else np.repeat(weight, len(classes))
    return convex_weights(value.reshape(len(value), -1).T, known.ravel(), repeated)


def _read(model: Any, X: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    return predicted(model, X) if classes is None else chances(model, X, classes)


def _names(members: tuple[Any, ...]) -> tuple[str, ...]:
    names = [model_name(model) for model in members]
    return tuple(name if names.count(name) == 1 else f"{name} {k + 1}" for k, name in enumerate(names))


def _refuse_infinite(value: np.ndarray, members: tuple[Any, ...], what: str) -> None:
    for predictions, model in zip(value, members, strict=True):
        if not np.isfinite(predictions).all():
            raise EstimationError(f"{type(model).__name__} predicted {what} with values that are not finite.")


def _refuse_empty(y: np.ndarray, fold: int, what: str, classifies: bool) -> None:
    if len(y) < 2:
        left = f"{len(y)} row" + "s" * (len(y) != 1)
        raise EstimationError(f"Without fold {fold} there are {left} left to learn the {what} from: take fewer.")
    if classifies and len(np.unique(y)) < 2:
        raise EstimationError(
            f"Without fold {fold} all {len(y):,} rows have {y[0]:g} as {what}: there is one class. Ask for fewer "
            f"folds, or give a regressor."
        )

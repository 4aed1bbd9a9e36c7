"""Effects predicted for units that the learner never saw, beside their doubly robust scores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.learners.learner import EffectLearner
from causalrec.estimation.heterogeneity.learners.modifiers import binary_treatment
from causalrec.estimation.row_order import row_order

__all__ = ["HeldOut", "held_out"]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What a learner says of units that it was not fitted to, and what their own outcomes say.

    Units stand in an order that follows what they hold, the same for the same rows in another order.

    Attributes
    ----------
    proxy : float64, shape (m,)
        Predicted effect, from other folds alone.
    score : float64, shape (m,)
        Doubly robust score of the effect, its nuisances from the same other folds.
    fold : int64, shape (m,)
        Fold of each unit; proxies of different folds come from different models.
    clusters : mapping of str to int64, shape (m,)
    weight : float64, shape (m,)
    covariates : float64, shape (m, p)
    names : tuple of str, of length p
    place : int64, shape (m,)
        Row of the design that each unit is.
    """

    proxy: np.ndarray
    score: np.ndarray
    fold: np.ndarray
    clusters: dict[str, np.ndarray]
    weight: np.ndarray
    covariates: np.ndarray
    names: tuple[str, ...]
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.proxy)


def held_out(
    learner: EffectLearner, design: Design, *, n_folds: int = 5, sequential: bool = True, random_state: int = 0
) -> HeldOut:
    """Fit a learner to some folds and predict others, nuisances and all.

    Learned and judged on the same folds in turn, the folds' tests depend on each other, and a test of
    heterogeneity errs too often. So each fold is predicted from the *earlier* folds alone, and the first one
    is only learned from: the folds' statistics are then martingale differences. Give up on that with
    `sequential=False`, which predicts every unit.

    Parameters
    ----------
    learner : EffectLearner
        Copied; the one that is handed in is not fitted.
    design : Design
        One binary treatment.
    n_folds : int, at least 2
    sequential : bool
    random_state : int

    Raises
    ------
    DataError, EstimationError : what the learner refuses in a part of the folds.

    References
    ----------
    Wager (2024), Sequential validation of treatment heterogeneity, arXiv 2405.05534.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression, LogisticRegression
    >>> from causalrec.estimation.heterogeneity.learners import DRLearner
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(2000, 1)), rng.integers(0, 2, 2000).astype(float)
    >>> rows = Design(t * (1 + x[:, 0]) + rng.normal(size=2000), t[:, None], x, (), {})
    >>> held = held_out(DRLearner(LinearRegression(), LogisticRegression()), rows)
    >>> len(held), sorted(set(held.fold.tolist()))
    (1600, [1, 2, 3, 4])
    """
    from sklearn.base import clone

    if not isinstance(learner, EffectLearner):
        raise EstimationError(f"{type(learner).__name__} gives no doubly robust scores; take one of our learners.")
    binary_treatment(design)
    fold = design.folds(n_folds, random_state)
    proxy, score = np.full(design.n, np.nan), np.full(design.n, np.nan)
    X = design.matrix()
    for k in range(1 if sequential else 0, n_folds):
        train, test = (fold < k if sequential else fold != k), fold == k
        model = clone(learner)
        if "n_draws" in model.get_params(deep=False):
            model.set_params(n_draws=0)
        model.fit(_part(design, train))
        proxy[test] = model.proxy(_part(design, test))
        score[test] = model.scores(_part(design, test))
    order = row_order(design)  # ties are broken by what rows hold, not where they stand
    place = order[np.isfinite(proxy[order])]
    weight = np.ones(design.n) if design.weight is None else design.weight
    part = _part(design, place)
    return HeldOut(
        proxy[place], score[place], fold[place], part.clusters, weight[place], X[place], design.matrix_names, place
    )


def _part(design: Design, which: np.ndarray) -> Design:
    """Some of the rows, their clusters numbered afresh so that none is empty."""
    rows = design.rows(which)
    codes = {name: np.unique(found, return_inverse=True)[1] for name, found in rows.clusters.items()}
    return replace(rows, clusters=codes)

"""Every relevance metric by its name, on the tables that travel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data import Dataset, Histories, Predictions, Ranking, histories
from causalrec.errors import DataError
from causalrec.evaluation.prediction import auc, auc_by_group, log_loss, mean_squared_error
from causalrec.evaluation.ranking import NoPositives, ndcg, precision, recall

__all__ = ["METRICS", "evaluate"]

OF_RANKINGS = {"ndcg": ndcg, "recall": recall, "precision": precision}
OF_PREDICTIONS = ("auc", "auc_per_user", "log_loss", "mse")
METRICS = (*OF_RANKINGS, *OF_PREDICTIONS)


def evaluate(
    predicted: Ranking | Predictions, truth: Dataset, metrics: Sequence[str] | None = None, k: int = 10,
    *, no_positives: NoPositives = "skip",
) -> dict[str, float]:  # fmt: skip
    """Relevance of a ranking or of predictions: whether the users went for these items.

    Parameters
    ----------
    predicted : Ranking or Predictions
        A ranking has ndcg, recall and precision; predictions have auc (all pairs pooled), auc_per_user
        (mean over the users for whom it is defined), log_loss and mse.
    truth : Dataset
        A log that the model has not seen. A pair that occurs in it is one that the user went for.
    metrics : sequence of str, optional
        Default: all that the table allows; log loss and mean squared error where scores lie in [0, 1].
    k : int
        Length of the list, for rankings.
    no_positives : "skip" or "zero"
        What a user who went for nothing counts in the metrics of rankings.

    Returns
    -------
    values : dict
        Metric -> value, and `n_users`: the users that were evaluated. NaN where nothing defines the metric.

    Raises
    ------
    DataError : a metric that does not exist, or that this table does not have.
    """
    if k < 1 or no_positives not in ("skip", "zero"):
        raise DataError(f"k is 1 or more and no_positives 'skip' or 'zero', not {k} and {no_positives!r}.")
    if isinstance(predicted, Ranking):
        return _of_ranking(predicted, histories(truth), _asked(metrics, tuple(OF_RANKINGS), "ranking"), k, no_positives)
    allowed = OF_PREDICTIONS if _are_probabilities(predicted.score) else OF_PREDICTIONS[:2]
    names = allowed if metrics is None else _asked(metrics, OF_PREDICTIONS, "predictions")
    return _of_predictions(predicted, histories(truth), names)


def _asked(metrics: Sequence[str] | None, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    if metrics is None:
        return known
    strange = [name for name in metrics if name not in known]
    if strange:
        raise DataError(f"{', '.join(map(repr, strange))} is no metric of a {what}; there are {', '.join(known)}.")
    return tuple(metrics)


def _of_ranking(
    ranking: Ranking, truth: Histories, names: Sequence[str], k: int, no_positives: NoPositives
) -> dict[str, float]:
    users, user = np.unique(ranking.user, return_inverse=True)
    hits = np.zeros((len(users), k), dtype=bool)
    top = (ranking.rank >= 1) & (ranking.rank <= k)
    hits[user[top], ranking.rank[top] - 1] = _went_for(ranking.user[top], ranking.item[top], truth)
    n_positives = _positives(users, truth)
    values = {f"{name}@{k}": OF_RANKINGS[name](hits, n_positives, k, no_positives) for name in names}
    n_users = int((n_positives > 0).sum()) if no_positives == "skip" else len(users)
    return values | {"n_users": float(n_users)}


def _of_predictions(predicted: Predictions, truth: Histories, names: Sequence[str]) -> dict[str, float]:
    happened, score = _went_for(predicted.user, predicted.item, truth), predicted.score
    users, user = np.unique(predicted.user, return_inverse=True)

    def per_user() -> float:
        found = auc_by_group(happened, score, user)
        return float(np.mean(found[np.isfinite(found)])) if np.isfinite(found).any() else float("nan")

    compute = {
        "auc": lambda: auc(happened, score), "auc_per_user": per_user,
        "log_loss": lambda: log_loss(happened, score), "mse": lambda: mean_squared_error(happened, score),
    }  # fmt: skip
    return {name: compute[name]() for name in names} | {"n_users": float(len(users))}


def _went_for(user: np.ndarray, item: np.ndarray, truth: Histories) -> np.ndarray:
    """Whether each pair occurs in the log; a user or item that it does not know went for nothing."""
    row, column = _places(user, truth.users), _places(item, truth.items)
    known = (row >= 0) & (column >= 0)
    found = np.zeros(len(user), dtype=bool)
    bought = truth.counts.tocoo()
    pairs = np.unique(bought.coords[0].astype(np.int64) * len(truth.items) + bought.coords[1])
    found[known] = np.isin(row[known] * len(truth.items) + column[known], pairs)
    return found


def _positives(users: np.ndarray, truth: Histories) -> np.ndarray:
    """Number of items that each user went for; int64, shape (n_users,)."""
    place = _places(users, truth.users)
    return np.where(place >= 0, np.diff(truth.counts.indptr)[place], 0)


def _places(values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Position of each value among the ids, -1 for one that is not there."""
    order = np.argsort(ids, kind="stable")
    at = np.minimum(np.searchsorted(ids[order], values), len(ids) - 1)
    return np.where(ids[order][at] == values, order[at], -1)


def _are_probabilities(score: np.ndarray) -> bool:
    return bool(len(score)) and score.min() >= 0 and score.max() <= 1

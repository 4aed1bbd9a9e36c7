"""What every recommender does, and the mechanics that they share: checks, top k, pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from causalrec.data import Dataset, EffectScores, Predictions, Ranking
from causalrec.errors import DataError, NotFittedError, ShapeError, nearest

__all__ = ["Recommender", "codes_among", "predict_pairs", "rank_rows", "require_fitted", "top_items"]

BLOCK = 2**24  # scores held at a time

Rows = Callable[[np.ndarray], np.ndarray]


@runtime_checkable
class Recommender(Protocol):
    """Learns from a dataset, ranks items for users, and scores any pair.

    Items that a user already has are ranked like all others, since groceries are bought again;
    `exclude_seen=True` leaves them out.
    """

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> Recommender:
        """Learn from a log; `scores` are effects of a treatment, for those that use them."""
        ...

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items of each user; all users by default, all items unless `candidates` says which."""
        ...

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Predictions:
        """Scores of the pairs (users[0], items[0]), (users[1], items[1]), ..."""
        ...


def require_fitted(model: object) -> None:
    """Refuse a model that has learned nothing yet."""
    if not hasattr(model, "items_"):
        name = type(model).__name__
        raise NotFittedError(f"This {name} has not been fitted: call fit(dataset) first, or {name}.load(folder).")


def codes_among(ids: Sequence[str], known: np.ndarray, what: str) -> np.ndarray:
    """Position of each id among the known ones; int64, shape (n_ids,).

    Raises
    ------
    DataError : ids that are unknown; all of them are listed.

    Examples
    --------
    >>> codes_among(["b", "a"], np.array(["a", "b"]), "users")
    array([1, 0])
    """
    if isinstance(ids, str):
        raise DataError(f"{what} is the text {ids!r}; give a sequence, such as [{ids!r}].")
    place = {str(name): at for at, name in enumerate(known)}
    asked = [str(name) for name in ids]
    unknown = list(dict.fromkeys(name for name in asked if name not in place))
    if unknown:
        raise DataError(
            f"The model was fitted on {len(known):,} {what} and has no {nearest(unknown, place)}. Fit it on data that "
            f"hold {'it' if len(unknown) == 1 else 'them'}, or leave {'it' if len(unknown) == 1 else 'them'} out."
        )
    return np.array([place[name] for name in asked], dtype=np.int64)


def top_items(scores: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k largest scores of each row, best first; of equal ones the first column wins.

    Parameters
    ----------
    scores : float64, shape (n_users, n_items)
    k : int
        More than there are items means all.

    Returns
    -------
    columns : int64, shape (n_users, min(k, n_items))

    Examples
    --------
    >>> top_items(np.array([[1.0, 3.0, 3.0]]), k=2)
    array([[1, 2]])
    """
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def rank_rows(
    rows: Rows, known_users: np.ndarray, known_items: np.ndarray, users: Sequence[str] | None, k: int,
    candidates: Sequence[str] | None = None, seen: Rows | None = None,
) -> Ranking:  # fmt: skip
    """Top k of each user, in the order in which the users were asked for.

    Parameters
    ----------
    rows : callable
        Codes of users -> their scores, shape (n_codes, n_items).
    known_users, known_items : str, shape (n_users,), (n_items,)
    users : sequence of str or None
        None for all.
    k : int
    candidates : sequence of str or None
        Items that may be ranked; None for all.
    seen : callable, optional
        Codes of users -> items to leave out, bool, shape (n_codes, n_items).

    Raises
    ------
    DataError : k below 1, unknown users or items.
    """
    if k < 1:
        raise DataError(f"k is {k}; a list has 1 item or more.")
    user = np.arange(len(known_users)) if users is None else _once(codes_among(users, known_users, "users"))
    allowed = np.arange(len(known_items))
    if candidates is not None:
        allowed = np.sort(_once(codes_among(candidates, known_items, "items")))
    step = max(1, BLOCK // max(1, len(known_items)))
    parts = [_rank_block(rows, seen, user[at : at + step], allowed, k) for at in range(0, len(user), step)]
    who, what, rank, score = (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else _nothing()
    return Ranking(known_users[who], known_items[what], rank, score)


def predict_pairs(
    rows: Rows, known_users: np.ndarray, known_items: np.ndarray, users: Sequence[str], items: Sequence[str]
) -> Predictions:
    """Score of each pair of a user and an item.

    Raises
    ------
    ShapeError : not as many users as items.
    DataError : unknown users or items.
    """
    if len(users) != len(items):
        raise ShapeError(f"Pairs need as many users as items; there are {len(users):,} and {len(items):,}.")
    user, item = codes_among(users, known_users, "users"), codes_among(items, known_items, "items")
    score = np.empty(len(user))
    who, place = np.unique(user, return_inverse=True)
    step = max(1, BLOCK // max(1, len(known_items)))
    for start in range(0, len(who), step):
        inside = (place >= start) & (place < start + step)
        score[inside] = rows(who[start : start + step])[place[inside] - start, item[inside]]
    return Predictions(known_users[user], known_items[item], score)


def _rank_block(rows: Rows, seen: Rows | None, user: np.ndarray, allowed: np.ndarray, k: int):
    scores = np.array(rows(user)[:, allowed], dtype=float)
    if seen is not None:
        scores[seen(user)[:, allowed]] = -np.inf
    best = top_items(scores, k)
    score = np.take_along_axis(scores, best, axis=1)
    listed = np.isfinite(score)
    row = np.nonzero(listed)[0]
    rank = np.broadcast_to(np.arange(1, best.shape[1] + 1), best.shape)
    return user[row], allowed[best[listed]], rank[listed].astype(np.int64), score[listed]


def _once(codes: np.ndarray) -> np.ndarray:
    return codes[np.sort(np.unique(codes, return_index=True)[1])]


def _nothing() -> tuple[np.ndarray, ...]:
    none = np.empty(0, dtype=np.int64)
    return none, none, none, np.empty(0)

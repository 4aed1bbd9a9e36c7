"""A model's score as a sum of named parts, and the same without one item of the history."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from causalrec.errors import DataError
from causalrec.recommendation import ALSRecommender, JointRecommender
from causalrec.recommendation.joint import OWN

__all__ = ["Additive", "additive"]


class Additive(Protocol):
    """A user's scores of all items, in parts."""

    scale: str
    scores: np.ndarray
    history: np.ndarray

    def parts(self, item: int) -> list[tuple[str | int, float]]:
        """Parts of one item's score; an integer names an item of the history."""

    def without(self, item: int) -> np.ndarray:
        """Scores of all items, had the user never bought `item`; shape (n_items,)."""


def additive(model: object, row: int, by: str) -> Additive:
    """The parts of a user's scores.

    Raises
    ------
    DataError : a model whose score is no sum of parts.
    """
    if isinstance(model, JointRecommender):
        return JointParts(model, row, by)
    if isinstance(model, ALSRecommender):
        return ALSParts(model, row)
    raise DataError(f"{type(model).__name__} has no explanation: its score is no sum of parts of the history.")


class ALSParts:
    """Parts of alternating least squares, item factors held fixed.

    x = A^-1 sum c_j y_j with A = Y'Y + l2 I + sum (c - 1) y y' (Hu, Koren, Volinsky 2008, eq. 4), so the
    score y_i'x is a sum over the history: c_j y_i' A^-1 y_j.
    """

    scale = "score"

    def __init__(self, model: ALSRecommender, row: int):
        factors, bought = model.item_factors_, model.confidence_
        part = slice(bought.indptr[row], bought.indptr[row + 1])
        self.history, self._confidence = bought.indices[part], bought.data[part]
        own = factors[self.history]
        shared = factors.T @ factors + model.l2 * np.eye(factors.shape[1])
        matrix = shared + (own * (self._confidence - 1)[:, None]).T @ own
        self._solved = factors @ np.linalg.solve(matrix, own.T)
        self.scores = self._solved @ self._confidence

    def parts(self, item: int) -> list[tuple[str | int, float]]:
        """One part for each item of the history."""
        values = self._solved[item] * self._confidence
        return [(int(j), float(value)) for j, value in zip(self.history, values, strict=True)]

    def without(self, item: int) -> np.ndarray:
        """Exact, by a rank-one downdate of A (Sherman, Morrison 1950)."""
        at = int(np.flatnonzero(self.history == item)[0])
        c, direction = self._confidence[at], self._solved[:, at]
        s, h = self.scores[item], direction[item]
        return self.scores - direction * (c - (c - 1) * (s - c * h) / (1 - (c - 1) * h))


class JointParts:
    """Parts of the joint model on the log scale, what it learned of the items held fixed."""

    def __init__(self, model: JointRecommender, row: int, by: str):
        self._weights, self._past, self._row = model.weights_, model.past_, row
        self._interactions = model.weights_.interactions()
        self._promotion = model.log_relative(np.array([row]))[0] if by == "uplift" else None
        self.scale = f"log of {'uplift' if by == 'uplift' else 'purchases a visit'}"
        self.history = np.flatnonzero(self._past.history[row])
        self.scores = self._total(self._past.history[row], self._past.own[:, row])

    def parts(self, item: int) -> list[tuple[str | int, float]]:
        """The item itself, the pair's own purchases, every other item bought, and the promotion."""
        weights, past = self._weights, self._past
        found: list[tuple[str | int, float]] = [
            ("how often everybody buys it", float(past.base[item] + weights.bias[item]))
        ]
        found += [
            (name, float(w * past.own[k, self._row, item]))
            for k, (name, w) in enumerate(zip(OWN, weights.own, strict=True))
        ]
        values = past.history[self._row, self.history] * self._interactions[self.history, item]
        found += [(int(j), float(v)) for j, v in zip(self.history, values, strict=True) if j != item]
        if self._promotion is not None:
            found.append(("what promotion adds to a purchase", float(self._promotion[item])))
        return found

    def without(self, item: int) -> np.ndarray:
        """Recomputed: the item leaves the history, and the user's own purchases of it are none."""
        history = self._past.history[self._row] * self._past.length[self._row]
        history[item] = 0.0
        history /= max(np.sqrt((history**2).sum()), 1.0)
        own = self._past.own[:, self._row].copy()
        own[:, item] = self._past.absent[:, self._row]
        return self._total(history, own)

    def _total(self, history: np.ndarray, own: np.ndarray) -> np.ndarray:
        total = self._past.base + self._weights.bias + self._weights.own @ own + history @ self._interactions
        return total if self._promotion is None else total + self._promotion

"""Clustered errors of a stream: scores added up by cluster, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.design_moments import pieces
from causalrec.estimation.uncertainty.clusters import is_covariance, small_sample

__all__ = ["ScoreSums", "influence_error"]

N_PENDING = 2_000_000  # sums that wait before they are added up
HALF = 1 << 31  # one cluster's code fits below it, so two make one number


class ScoreSums:
    """Scores by cluster and by pair of clusters; it holds one row a cluster, never one a unit.

    Gives what `cluster_meat` gives for rows in memory: by each kind, less by pairs of kinds where
    there are two (Cameron, Gelbach, Miller 2011, J. Business & Economic Statistics 29(2)).
    """

    def __init__(self) -> None:
        self.n, self.own = 0, np.zeros((1, 1))
        self.weight, self.squared_weight = 0.0, 0.0
        self.kinds: dict[tuple[str, ...], list[tuple[np.ndarray, np.ndarray]]] = {}

    def add(self, scores: np.ndarray, batch: Design) -> None:
        """Scores of a batch, shape (n, p)."""
        if len(batch.clusters) > 2:
            raise EstimationError("A stream is clustered by two columns at most; load the table for more.")
        self.own = self.own + scores.T @ scores
        self.n += len(scores)
        if batch.weight is not None:
            self.weight += float(batch.weight.sum())
            self.squared_weight += float(batch.weight @ batch.weight)
        for size in range(1, len(batch.clusters) + 1):
            for names in combinations(batch.clusters, size):
                key = batch.clusters[names[0]].astype(np.int64)
                for name in names[1:]:
                    key = key * HALF + batch.clusters[name]
                pending = self.kinds.setdefault(names, [])
                pending.append(summed(key, scores))
                if len(pending) > 1 and sum(len(keys) for keys, _ in pending) > N_PENDING:
                    self.kinds[names] = [_merged(pending)]

    @property
    def effective_n(self) -> float:
        """Units of equal weight that say as much; NaN without weights."""
        return self.weight**2 / self.squared_weight if self.squared_weight else float("nan")

    def meat(self, n_parameters: int, turn: np.ndarray | None = None) -> tuple[np.ndarray, float, dict[str, int]]:
        """Covariance of the summed scores, its degrees of freedom, and the clusters of each kind.

        With `turn`, shape (p, q), of the q linear functions of the scores that it gives.
        """
        turn = np.eye(len(self.own)) if turn is None else turn
        own = turn.T @ self.own @ turn
        if not self.kinds:
            return own * self.n / (self.n - n_parameters), self.n - n_parameters, {}
        meat, single, counts = np.zeros_like(own), np.zeros_like(own), {}
        for names, pending in self.kinds.items():
            keys, sums = _merged(pending)
            sums = sums @ turn
            meat += (-1) ** (len(names) + 1) * sums.T @ sums
            if len(names) == 1:
                single += sums.T @ sums
                counts[names[0]] = len(keys)
        fewest = min(counts.values())
        meat = meat if is_covariance(meat) else single
        return meat * small_sample(self.n, n_parameters, fewest), fewest - 1, counts

    def kept(self, n_parameters: int, turn: np.ndarray | None = None) -> dict[str, Any]:
        """What an estimator keeps of a mean of the scores, or of linear functions of them."""
        meat, dof, n_clusters = self.meat(n_parameters, turn)
        return {
            "influence": None, "covariance": meat / self.n**2, "dof": dof, "n_clusters": n_clusters,
            "effective_n": self.effective_n,
        }  # fmt: skip


def influence_error(
    design: Design, influence: Callable[[Design], np.ndarray], n_treatments: int, n_parameters: int
) -> dict[str, Any]:
    """Influence values of rows in memory, or the covariance of a stream: what an estimator keeps.

    Parameters
    ----------
    design : Design
    influence : callable
        Influence values of a batch, shape (m, n_treatments).
    n_treatments, n_parameters : int
    """
    if not design.streamed:
        found, start = np.empty((design.n, n_treatments)), 0
        for batch in pieces(design):
            found[start : start + batch.n] = influence(batch)
            start += batch.n
        return {"influence": found}
    sums = ScoreSums()
    for batch in pieces(design):
        sums.add(influence(batch), batch)
    return sums.kept(n_parameters)


def summed(key: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct keys in ascending order, and the sum of the rows of each."""
    keys, codes = np.unique(key, return_inverse=True)
    return keys, np.column_stack([np.bincount(codes, weights=column) for column in rows.T])


def _merged(pending: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    if len(pending) == 1:
        return pending[0]
    return summed(np.concatenate([keys for keys, _ in pending]), np.concatenate([sums for _, sums in pending]))

"""The linear final stage of a learner, from sums over batches: coefficients, errors, modifiers of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.learners.linear_final import MAX_CONDITION
from causalrec.estimation.moments.design_moments import DesignMoments, pieces
from causalrec.estimation.moments.score_sums import ScoreSums
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["FinalSums", "Regressed", "columns_at", "final_errors", "modifier_means", "row_weight", "solved"]


@dataclass(frozen=True, slots=True, eq=False)
class Regressed:
    """The final stage of some rows.

    Attributes
    ----------
    x : float64, shape (m, q + 1)
        Intercept and centred modifiers, times the treatment's residual in an R-learner.
    y : float64, shape (m,)
    score : float64, shape (m,), or None
        Doubly robust score; None for a treatment of amounts.
    clipped : bool, shape (m,)
    propensity : float64, shape (m,)
        Before it was clipped.
    weight : float64, shape (m,)
    modifiers : float64, shape (m, q)
        Centred.
    """

    x: np.ndarray
    y: np.ndarray
    score: np.ndarray | None
    clipped: np.ndarray
    propensity: np.ndarray
    weight: np.ndarray
    modifiers: np.ndarray


@dataclass(slots=True, eq=False)
class FinalSums:
    """Sums of one pass for the final stage and the average score, which is NaN where there are no scores."""

    gram: np.ndarray
    moment: np.ndarray
    weight: float = 0.0
    score: float = 0.0
    clipped: int = 0
    smallest: float = 1.0
    largest: float = 0.0

    @classmethod
    def of(cls, design: Design, regressed: Callable[[Design], Regressed]) -> FinalSums:
        found: FinalSums | None = None
        for batch in pieces(design):
            part = regressed(batch)
            found = cls(np.zeros((part.x.shape[1],) * 2), np.zeros(part.x.shape[1])) if found is None else found
            weighted = part.x * part.weight[:, None]
            found.gram += weighted.T @ part.x
            found.moment += weighted.T @ part.y
            found.weight += float(part.weight.sum())
            found.score += float("nan") if part.score is None else float(part.weight @ part.score)
            found.clipped += int(part.clipped.sum())
            found.smallest = min(found.smallest, float(part.propensity.min()))
            found.largest = max(found.largest, float(part.propensity.max()))
        assert found is not None  # the moments' pass refused an empty table
        return found

    def diagnostics(self, n: int) -> dict[str, float]:
        return {
            "share of clipped propensities": self.clipped / n, "smallest propensity": self.smallest,
            "largest propensity": self.largest,
        }  # fmt: skip


def columns_at(batch: Design, places: np.ndarray) -> np.ndarray:
    """Some columns of the covariates and blocks, the others never expanded; float64, shape (m, n_places)."""
    start, parts = batch.covariates.shape[1], [batch.covariates[:, places[places < batch.covariates.shape[1]]]]
    for block in batch.blocks:
        stop = start + block.matrix.shape[1]
        here = places[(places >= start) & (places < stop)] - start
        parts.append(block.matrix[:, here][block.codes])
        start = stop
    return np.column_stack(parts)


def modifier_means(found: DesignMoments, places: np.ndarray) -> np.ndarray:
    """Weighted means of some covariates; float64, shape (n_places,)."""
    gram, at = found.total.gram, places + found.n_leading
    return found.shift[at] + gram[0, 1 + at] / gram[0, 0]


def solved(gram: np.ndarray, moment: np.ndarray, names: Sequence[str], n: int) -> np.ndarray:
    """Least squares from sums.

    Raises
    ------
    EstimationError : collinear modifiers, or fewer rows than coefficients.
    """
    if n <= len(gram):
        raise EstimationError(f"{n} rows cannot carry an effect that differs by {len(gram) - 1} modifiers; name fewer.")
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any() or np.linalg.cond(gram / np.outer(scale, scale)) > MAX_CONDITION:
        raise EstimationError(
            f"The modifiers {', '.join(names[:10])} are collinear, or one of them does not vary; name fewer modifiers."
        )
    return np.linalg.solve(gram, moment)


def row_weight(batch: Design) -> np.ndarray:
    """Weight of each row, 1 where there are none; float64, shape (m,)."""
    return np.ones(batch.n) if batch.weight is None else batch.weight


def final_errors(
    design: Design, influence: Callable[[Design], np.ndarray], n_average: int, n_final: int
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """What an estimator keeps of the average, the final stage's covariance and, in memory, its influence."""
    if not design.streamed:
        found = np.concatenate([influence(batch) for batch in pieces(design)])
        cov, _ = influence_covariance(found[:, 1:], design.clusters, n_final)
        return {"influence": found[:, :1]}, cov, found[:, 1:]
    average, final = ScoreSums(), ScoreSums()
    for batch in pieces(design):
        part = influence(batch)
        average.add(part[:, :1], batch)
        final.add(part[:, 1:], batch)
    return average.kept(n_average), final.meat(n_final)[0] / design.n**2, np.empty((0, n_final))

"""Calibration of learners whose parts are linear, from sums: no prediction of a unit is ever kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.heterogeneity.calibration import BestLinearPredictor, fold_test
from causalrec.estimation.heterogeneity.final_stage import Regressed, modifier_means, solved
from causalrec.estimation.heterogeneity.learners.modifiers import modifier_places
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner
from causalrec.estimation.moments.cells import Cells, Target, cell_moments
from causalrec.estimation.moments.design_moments import pieces
from causalrec.estimation.moments.folded import nuisance_targets
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.linear_nuisances import fit_targets, predict_targets
from causalrec.estimation.moments.score_sums import ScoreSums

__all__ = ["HALVES", "calibrated"]

HALVES = 2  # in which the nuisances of a learner's own rows are cross-fitted


def calibrated(learner: LinearDRLearner, design: Design, *, n_folds: int = 5) -> BestLinearPredictor:
    """`best_linear_predictor` of `held_out` predictions for learners with linear parts, in memory or streamed.

    Each fold is predicted from the earlier folds alone, the first is only learned from. Within the earlier
    folds nuisances are cross-fitted by halves, so that the rows are dealt out once. One pass gives the
    moments, one each Newton step, and three the final stages, the slopes and their errors.

    Parameters
    ----------
    learner : LinearDRLearner or LinearRLearner
        Only its parameters are read.
    design : Design
        One binary treatment.
    n_folds : int, at least 2

    Raises
    ------
    DataError : a treatment of amounts, or fewer rows or clusters than two a fold.
    EstimationError : an arm that is missing from a part of the folds, or collinear modifiers.

    References
    ----------
    Wager (2024), Sequential validation of treatment heterogeneity, arXiv 2405.05534.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(4000, 1)), rng.integers(0, 2, 4000).astype(float)
    >>> rows = Design(t * (1 + x[:, 0]) + rng.normal(size=4000), t[:, None], x, (), {})
    >>> found = calibrated(LinearDRLearner(), rows)
    >>> round(found.slope, 1), found.p_value < 1e-6, found.n
    (1.0, True, 3200)
    """
    kinds = learner.kinds(design)
    if "e" not in kinds:
        raise DataError(f"{design.treatment_names[0]!r} must be 0 or 1: only then are there scores to calibrate by.")
    _refuse_few_clusters(design, HALVES * n_folds)
    cells = Cells(HALVES * n_folds, learner.random_state)
    found = cell_moments(design, cells)
    order, targets = np.arange(cells.n_folds), []
    for fold in range(1, n_folds):
        for half in range(HALVES):
            train = (order // HALVES < fold) & (order % HALVES != half)
            targets += nuisance_targets(cells, train, kinds, learner.outcome == "logistic")
    maps = fit_targets(design, found, cells, targets, learner.l2)
    places = modifier_places(design, learner.modifiers)
    sequence = _Sequence(learner, cells, tuple(targets), maps, modifier_means(found, places), len(kinds), n_folds)
    coef = _final_stages(design, sequence, [design.matrix_names[at] for at in places])
    return _slopes(design, sequence, coef)


def _refuse_few_clusters(design: Design, n_parts: int) -> None:
    for name, count in design.n_clusters.items():
        if count < n_parts:
            raise DataError(
                f"{name!r} has {count} clusters, and effects are judged on {n_parts} parts of them. Cluster by a "
                f"column with more, or ask for an average effect."
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Sequence:
    """Nuisances of each fold's learner, one set a half of the earlier folds."""

    learner: LinearDRLearner
    cells: Cells
    targets: tuple[Target, ...]
    maps: LinearMap
    centre: np.ndarray
    n_kinds: int
    n_folds: int

    def learned(self, batch: Design) -> Iterator[tuple[int, Regressed]]:
        """The rows that each fold's learner is fitted to, nuisances from their other half."""
        dealt, nuisances = self.cells.folds(batch), self._nuisances(batch)
        for fold in range(1, self.n_folds):
            at = np.flatnonzero(dealt // HALVES < fold)
            own = nuisances[at, fold - 1, dealt[at] % HALVES]
            yield fold, self.learner.regressed(batch.rows(at), own.T, self.centre)

    def judged(self, batch: Design) -> Iterator[tuple[int, Design, Regressed]]:
        """The rows of each fold but the first, nuisances over both halves of the earlier folds."""
        dealt, nuisances = self.cells.folds(batch), self._nuisances(batch)
        for fold in range(1, self.n_folds):
            at = np.flatnonzero(dealt // HALVES == fold)
            part = batch.rows(at)
            yield fold, part, self.learner.regressed(part, nuisances[at, fold - 1].mean(axis=1).T, self.centre)

    def _nuisances(self, batch: Design) -> np.ndarray:
        found = predict_targets(batch, self.maps, self.targets)
        return found.reshape(batch.n, self.n_folds - 1, HALVES, self.n_kinds)


def _final_stages(design: Design, sequence: _Sequence, names: list[str]) -> np.ndarray:
    """Coefficients of each fold's learner; float64, shape (n_folds, q + 1), those of the first fold 0."""
    q = len(sequence.centre) + 1
    gram, moment = np.zeros((sequence.n_folds, q, q)), np.zeros((sequence.n_folds, q))
    n = np.zeros(sequence.n_folds, dtype=int)
    for batch in pieces(design):
        for fold, part in sequence.learned(batch):
            weighted = part.x * part.weight[:, None]
            gram[fold] += weighted.T @ part.x
            moment[fold] += weighted.T @ part.y
            n[fold] += len(part.y)
    coef = [solved(gram[k], moment[k], names, int(n[k])) for k in range(1, sequence.n_folds)]
    return np.vstack([np.zeros(q), *coef])


def _slopes(design: Design, sequence: _Sequence, coef: np.ndarray) -> BestLinearPredictor:
    """Slopes of scores on predictions within folds, and the test over folds."""
    sums, largest, n = np.zeros((sequence.n_folds, 5)), 0.0, np.zeros(sequence.n_folds, dtype=int)
    for batch in pieces(design):
        for fold, _, part in sequence.judged(batch):
            x, y, w = part.modifiers @ coef[fold, 1:], _score(part), part.weight
            sums[fold] += [w.sum(), w @ x, w @ y, w @ x**2, w @ (x * y)]
            largest, n[fold] = max(largest, float(np.abs(x + coef[fold, 0]).max(initial=0))), n[fold] + len(x)
    weight = np.where(sums[:, 0] > 0, sums[:, 0], 1.0)
    x_mean, y_mean = sums[:, 1] / weight, sums[:, 2] / weight
    spread, cross = sums[:, 3] - weight * x_mean**2, sums[:, 4] - weight * x_mean * y_mean
    mean, total = sums[:, 2].sum() / sums[:, 0].sum(), int(n.sum())
    flat = spread.sum() <= total * np.finfo(float).eps * max(1.0, largest) ** 2
    slope = 0.0 if flat else cross.sum() / spread.sum()
    own = np.where(spread > 0, cross / np.where(spread > 0, spread, 1.0), 0.0)
    pooled, average, single = ScoreSums(), ScoreSums(), {fold: ScoreSums() for fold in range(1, sequence.n_folds)}
    for batch in pieces(design):
        for fold, rows, part in sequence.judged(batch):
            x, y = part.modifiers @ coef[fold, 1:] - x_mean[fold], _score(part) - y_mean[fold]
            average.add((part.weight * (y + y_mean[fold] - mean))[:, None], rows)
            pooled.add((part.weight * x * (y - slope * x))[:, None], rows)
            single[fold].add((part.weight * x * (y - own[fold] * x))[:, None], rows)
    mean_error = float(average.meat(1)[0][0, 0] ** 0.5) / float(sums[:, 0].sum())
    if flat:
        return BestLinearPredictor(float(mean), mean_error, 0.0, 0.0, 0.0, 1.0, total)
    kept = [fold for fold in single if spread[fold] > 0 and n[fold] > 2]
    parts = [(float(own[k]), float(single[k].meat(2)[0][0, 0] ** 0.5 / spread[k])) for k in kept]
    error = float(pooled.meat(2)[0][0, 0] ** 0.5 / spread.sum())
    return BestLinearPredictor(float(mean), mean_error, float(slope), error, *fold_test(parts), total)


def _score(part: Regressed) -> np.ndarray:
    assert part.score is not None  # amounts were refused
    return part.score

"""Do predicted effects hold on units that the learner never saw? Best linear predictor, groups, who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.held_out import HeldOut
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["BestLinearPredictor", "SortedEffects", "SortedMeans", "best_linear_predictor", "clan", "gates"]


@dataclass(frozen=True, slots=True)
class BestLinearPredictor:
    """Effect as a linear function of its prediction.

    Attributes
    ----------
    mean, mean_stderr : float
        Average effect of the units that were held out, in the outcome's unit.
    slope, slope_stderr : float
        Of the effect on its prediction, pooled over folds: 1 is calibrated, 0 says that the prediction tells
        nothing. 0 with an error of 0 where the learner predicts one number for all.
    statistic, p_value : float
        Test of no heterogeneity that the prediction finds, against more effect where more is predicted:
        the folds' t statistics over the root of their number, and its normal upper tail.
    n : int
    """

    mean: float
    mean_stderr: float
    slope: float
    slope_stderr: float
    statistic: float
    p_value: float
    n: int

    def __str__(self) -> str:
        return (
            f"Mean effect {self.mean:+.4f} ± {self.mean_stderr:.4f}; slope on the prediction {self.slope:+.3f} ± "
            f"{self.slope_stderr:.3f} (1 is calibrated); no heterogeneity: {p_words(self.p_value)}; "
            f"{self.n:,} units"
        )


@dataclass(frozen=True, slots=True, eq=False)
class SortedEffects:
    """Average effect of units sorted by their prediction into groups, estimated afresh.

    Attributes
    ----------
    value, stderr : float64, shape (n_groups,)
        Least predicted effect first, in the outcome's unit.
    n : int64, shape (n_groups,)
    difference, difference_stderr : float
        Last group less the first.
    of : str
        What is counted in `n`.
    """

    value: np.ndarray
    stderr: np.ndarray
    n: np.ndarray
    difference: float
    difference_stderr: float
    of: str = "units"

    def __str__(self) -> str:
        rows = zip(self.value, self.stderr, self.n, strict=True)
        lines = [f"group {k + 1}  {v:+.4f} ± {e:.4f}  ({n:,} {self.of})" for k, (v, e, n) in enumerate(rows)]
        return "\n".join([*lines, f"last - first  {self.difference:+.4f} ± {self.difference_stderr:.4f}"])


@dataclass(frozen=True, slots=True, eq=False)
class SortedMeans:
    """Covariates of the units with the largest and the smallest predicted effects.

    Attributes
    ----------
    names : tuple of str, of length p
    most, least, difference, stderr : float64, shape (p,)
        Means in the last and the first group, their difference and its standard error.
    """

    names: tuple[str, ...]
    most: np.ndarray
    least: np.ndarray
    difference: np.ndarray
    stderr: np.ndarray

    def __str__(self) -> str:
        rows = zip(self.names, self.most, self.least, self.difference, self.stderr, strict=True)
        width = max(map(len, self.names), default=0)
        return "\n".join(f"{name:<{width}}  {a:+.3f}  {b:+.3f}  {d:+.3f} ± {e:.3f}" for name, a, b, d, e in rows)


def p_words(p_value: float) -> str:
    """A p-value to read.

    >>> p_words(0.0312), p_words(1e-9)
    ('p = 0.031', 'p < 0.0001')
    """
    return f"p = {p_value:.2g}" if p_value >= 1e-4 else "p < 0.0001"


def best_linear_predictor(held: HeldOut) -> BestLinearPredictor:
    """Regress the scores of held-out units on what was predicted for them, within folds.

    Parameters
    ----------
    held : HeldOut
        Of sequential folds; with `sequential=False` the p-value does not hold its level.

    References
    ----------
    Chernozhukov, Demirer, Duflo, Fernández-Val (2018), NBER working paper 24678; its test over folds follows
    Wager (2024), arXiv 2405.05534.
    """
    centred = within_folds(held, held.proxy)
    n = len(held)
    mean, mean_cov = weighted_means(held.score[:, None], held, np.ones((n, 1)))
    spread = float(held.weight @ centred**2)
    if spread <= n * np.finfo(float).eps * max(1.0, float(np.abs(held.proxy).max())) ** 2:
        return BestLinearPredictor(float(mean[0]), float(mean_cov[0, 0] ** 0.5), 0.0, 0.0, 0.0, 1.0, n)
    slope, stderr = _slope(held, centred, np.ones(n, dtype=bool))
    parts = [_slope(held, centred, held.fold == k) for k in np.unique(held.fold)]
    return BestLinearPredictor(float(mean[0]), float(mean_cov[0, 0] ** 0.5), slope, stderr, *fold_test(parts), n)


def fold_test(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Statistic and p-value of no heterogeneity from each fold's slope and its error.

    The folds' t statistics are martingale differences where each fold was predicted from earlier ones, so
    their sum over the root of their number is standard normal without heterogeneity.

    >>> statistic, p_value = fold_test([(1.0, 1.0), (3.0, 1.0), (0.0, 0.0)])
    >>> round(statistic, 3), round(p_value, 4)
    (2.828, 0.0023)
    """
    from scipy.stats import norm

    ratios = [value / error for value, error in parts if error > 0]
    statistic = float(np.sum(ratios) / np.sqrt(max(1, len(ratios))))
    return statistic, float(norm.sf(statistic))


def gates(held: HeldOut, n_groups: int = 5) -> SortedEffects:
    """Average effect of each of `n_groups` equal groups by predicted effect (sorted group average effects).

    Groups are cut within folds, since each fold has a model of its own. Their values are not forced to rise.

    Raises
    ------
    EstimationError : fewer units in a fold than groups.

    References
    ----------
    Chernozhukov, Demirer, Duflo, Fernández-Val (2018), NBER working paper 24678.
    """
    group = predicted_groups(held, n_groups)
    member = (group[:, None] == np.arange(n_groups)).astype(float)
    value, cov = weighted_means(np.repeat(held.score[:, None], n_groups, axis=1), held, member)
    contrast = np.zeros(n_groups)
    contrast[-1], contrast[0] = 1, -1
    return SortedEffects(
        value, np.sqrt(np.diag(cov)), np.bincount(group, minlength=n_groups), float(contrast @ value),
        float(np.sqrt(contrast @ cov @ contrast)),
    )  # fmt: skip


def clan(held: HeldOut, n_groups: int = 5) -> SortedMeans:
    """Covariates of the group with the largest predicted effect against those of the smallest.

    References
    ----------
    Chernozhukov, Demirer, Duflo, Fernández-Val (2018), NBER working paper 24678 (classification analysis).
    """
    group, p = predicted_groups(held, n_groups), held.covariates.shape[1]
    member = np.column_stack([np.repeat((group == k)[:, None], p, axis=1) for k in (n_groups - 1, 0)]).astype(float)
    value, cov = weighted_means(np.tile(held.covariates, 2), held, member)
    contrast = np.hstack([np.eye(p), -np.eye(p)])
    stderr = np.sqrt(np.diag(contrast @ cov @ contrast.T))
    return SortedMeans(held.names, value[:p], value[p:], contrast @ value, stderr)


def predicted_groups(held: HeldOut, n_groups: int) -> np.ndarray:
    """Group of each unit by its predicted effect among its fold; int64, shape (m,).

    Units of equal prediction keep their order, which says nothing of their effect.
    """
    group = np.empty(len(held), dtype=np.int64)
    for k in np.unique(held.fold):
        rows = np.flatnonzero(held.fold == k)
        if len(rows) < n_groups:
            raise EstimationError(f"A fold of {len(rows)} units cannot be cut into {n_groups} groups; ask for fewer.")
        order = np.argsort(held.proxy[rows], kind="stable")
        group[rows[order]] = np.arange(len(rows)) * n_groups // len(rows)
    return group


def within_folds(held: HeldOut, values: np.ndarray) -> np.ndarray:
    """Values less the weighted mean of their fold; float64, shape (m,)."""
    _, fold = np.unique(held.fold, return_inverse=True)
    total = np.bincount(fold, weights=held.weight)
    return values - (np.bincount(fold, weights=held.weight * values) / total)[fold]


def weighted_means(values: np.ndarray, held: HeldOut, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each column among its members, and the means' clustered covariance."""
    weight = member * held.weight[:, None]
    share = weight.mean(axis=0)
    mean = (weight * values).mean(axis=0) / share
    cov, _ = influence_covariance(weight * (values - mean) / share, held.clusters, 1)
    return mean, cov


def _slope(held: HeldOut, centred: np.ndarray, which: np.ndarray) -> tuple[float, float]:
    """Slope of the score on the centred prediction among some units, and its error; 0 and 0 without spread."""
    x, y, weight = centred[which], within_folds(held, held.score)[which], held.weight[which]
    spread = float(weight @ x**2)
    if spread <= 0 or which.sum() <= 2:
        return 0.0, 0.0
    slope = float(weight @ (x * y)) / spread
    influence = weight * x * (y - slope * x) / spread * len(x)
    clusters = {name: np.unique(codes[which], return_inverse=True)[1] for name, codes in held.clusters.items()}
    cov, _ = influence_covariance(influence[:, None], clusters, 2)
    return slope, float(cov[0, 0] ** 0.5)

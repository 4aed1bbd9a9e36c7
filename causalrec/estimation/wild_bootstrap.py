"""Tests and intervals for few clusters: the wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.design_moments import design_moments, leading_columns, pieces
from causalrec.estimation.estimators import FEW_CLUSTERS
from causalrec.estimation.moments import add_by
from causalrec.estimation.ols import refuse_absorbed
from causalrec.estimation.ridge import centred, ridge

__all__ = ["FEW_CLUSTERS", "WildBootstrap", "wild_bootstrap"]

MIN_CLUSTERS = 5
NO_VARIATION = 1e-9  # share of a treatment's variance that is rounding error
WEBB_BELOW = 12  # clusters below which signs alone make too few different samples
WEBB = np.sqrt([0.5, 1.0, 1.5]) * np.array([[-1.0], [1.0]])


@dataclass(frozen=True, slots=True)
class WildBootstrap:
    """Test of one effect, and the effects that it does not reject.

    Attributes
    ----------
    value : float
        Least squares.
    p_value : float
        Of no effect, two-sided.
    interval : (float, float)
    level : float
    n_clusters, n_samples : int
    weights : str
        "Rademacher" or "Webb".
    """

    value: float
    p_value: float
    interval: tuple[float, float]
    level: float
    n_clusters: int
    n_samples: int
    weights: str


def wild_bootstrap(
    design: Design, *, n_samples: int = 1999, level: float = 0.95, random_state: int = 0, treatment: int = 0
) -> WildBootstrap:
    """Wild cluster bootstrap of a least squares effect, for few clusters.

    Residuals of the model without effect are multiplied by one random sign a cluster, and the t value is
    computed anew (Cameron, Gelbach, Miller 2008, Review of Economics and Statistics 90(3)); below 12
    clusters with Webb's six weights. The interval inverts that test. All samples follow from a few sums by
    cluster, whatever the number of rows. Assumes independent clusters, each with a share of the treatment's
    variation that is not negligible: with treatment in one or two clusters alone no method holds.

    Parameters
    ----------
    design : Design
        With clusters of one kind.
    n_samples : int
        99 or more.
    level : float
        In (0, 1).
    random_state : int
    treatment : int
        Which of the treatments; the others are held fixed.

    Raises
    ------
    DataError : no clusters, or of two kinds.
    EstimationError : fewer than five clusters, or a treatment that varies in one of them alone.
    """
    refuse_absorbed(design, "The wild bootstrap")
    if n_samples < 99 or not 0 < level < 1:
        raise DataError(f"n_samples is {n_samples} and level {level}; ask for 99 samples or more and 0 < level < 1.")
    sums = cluster_sums(design, treatment)
    n_clusters = len(sums.treatment)
    few = n_clusters < WEBB_BELOW
    draws = np.random.default_rng(random_state).choice(WEBB.ravel() if few else [-1.0, 1.0], (n_samples, n_clusters))
    value = float(sums.outcome.sum() / sums.treatment.sum())
    lower, upper = (_end(sums, draws, value, sign, 1 - level) for sign in (-1.0, 1.0))
    return WildBootstrap(
        value, p_value(sums, draws, 0.0), (lower, upper), level, n_clusters, n_samples,
        "Webb" if few else "Rademacher",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """Sums by cluster of products with the treatment t and the outcome y, all else W partialled out of both.

    Attributes
    ----------
    treatment, outcome : float64, shape (n_clusters,)
        t't and t'y of each cluster.
    mixed, mixed_outcome : float64, shape (n_clusters, n_clusters)
        t'W (W'W)^-1 W't and the same with y: what cluster h does to the score of cluster g through W.
    """

    treatment: np.ndarray
    outcome: np.ndarray
    mixed: np.ndarray
    mixed_outcome: np.ndarray


def cluster_sums(design: Design, treatment: int) -> ClusterSums:
    """Two passes over a design; see `wild_bootstrap`."""
    found = design_moments(design)
    about, size = centred(found.total.gram, found.total.n), found.n_leading
    others = np.r_[np.delete(np.arange(size - 1), treatment), np.arange(size, len(found.names))].astype(np.int64)
    fit = ridge(about, np.array([treatment, size - 1]), others, 0.0, scale=True)
    left = about.cross[treatment, treatment] - about.cross[treatment, others] @ fit.coef[:, 0]
    if not left > NO_VARIATION * max(about.cross[treatment, treatment], 1e-300):
        raise EstimationError(f"{found.names[treatment]!r} does not vary once the adjustment set is held fixed.")
    coef = np.vstack([fit.intercept, fit.coef])
    sums = np.zeros((0, 2 + 2 * len(coef)))
    for batch in pieces(design, 4 * len(found.names)):
        rows = np.column_stack([leading_columns(batch), batch.matrix()]) - found.shift
        known = np.column_stack([np.ones(batch.n), rows[:, others]])
        t, y = (rows[:, [treatment, size - 1]] - known @ coef).T
        weight = np.ones(batch.n) if batch.weight is None else batch.weight
        products = np.column_stack([t * t, t * y, known * t[:, None], known * y[:, None]]) * weight[:, None]
        codes = _codes(batch)
        sums = np.vstack([sums, np.zeros((max(0, int(codes.max()) + 1 - len(sums)), sums.shape[1]))])
        add_by(sums, products, codes)
    gram = found.total.gram[np.ix_([0, *others + 1], [0, *others + 1])]
    return _checked(sums[(sums != 0).any(axis=1)], gram, found.names[treatment])


def _checked(sums: np.ndarray, gram: np.ndarray, name: str) -> ClusterSums:
    own, n = sums[:, 0], len(gram)
    if len(sums) < MIN_CLUSTERS:
        raise EstimationError(f"{len(sums)} clusters are too few for any error; {MIN_CLUSTERS} are the least.")
    if own.sum() ** 2 < 1.5 * (own**2).sum():
        raise EstimationError(
            f"Most of what varies of {name!r} is in one cluster, so clusters cannot be compared. Find more of them, "
            f"or adjust for what sets that one apart."
        )
    unit = np.sqrt(np.where(np.diag(gram) > 0, np.diag(gram), 1.0))
    inverse = np.linalg.pinv(gram / np.outer(unit, unit), rcond=1e-12, hermitian=True) / np.outer(unit, unit)
    through = sums[:, 2 : 2 + n] @ inverse
    return ClusterSums(own, sums[:, 1], through @ sums[:, 2 : 2 + n].T, through @ sums[:, 2 + n :].T)


def p_value(sums: ClusterSums, draws: np.ndarray, null: float) -> float:
    """Share of samples whose t value is at least that of the data, where the effect is `null`."""
    score = sums.outcome - null * sums.treatment
    seen = t_values(score[None, :], sums.treatment)[0]
    through = draws @ (sums.mixed_outcome - null * sums.mixed).T
    drawn = t_values(draws * score - through, sums.treatment, draws @ score)
    return float(np.mean(np.abs(drawn) >= abs(seen) * (1 - 1e-12)))


def t_values(scores: np.ndarray, own: np.ndarray, total: np.ndarray | None = None) -> np.ndarray:
    """Effect over its clustered error, up to a factor; `scores` (n_samples, n_clusters) without the effect's part."""
    total = scores.sum(axis=1) if total is None else total
    left = scores - (total / own.sum())[:, None] * own
    size = np.sqrt((left**2).sum(axis=1))
    return np.divide(total, size, out=np.zeros_like(total), where=size > 0)


def _end(sums: ClusterSums, draws: np.ndarray, value: float, sign: float, alpha: float) -> float:
    """Where the test's p value falls below alpha, on one side of the estimate; infinite where it never does."""
    own = sums.treatment
    step = np.sqrt(((sums.outcome - value * own) ** 2).sum()) / own.sum()
    inner, outer = value, value + sign * 2 * step
    for _ in range(60):
        if p_value(sums, draws, outer) <= alpha:
            break
        inner, outer = outer, value + 2 * (outer - value)
    else:
        return sign * float("inf")
    while abs(outer - inner) > 1e-5 * step:
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if p_value(sums, draws, middle) <= alpha else (middle, outer)
    return outer


def _codes(batch: Design) -> np.ndarray:
    if len(batch.clusters) != 1:
        raise DataError(f"The wild bootstrap takes clusters of one kind; the design has {len(batch.clusters)}.")
    return next(iter(batch.clusters.values()))

"""Who to treat first: the rank-weighted average treatment effect of a ranking of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError, ShapeError
from causalrec.estimation.heterogeneity.held_out import HeldOut

__all__ = ["RankWeightedEffect", "rank_held_out", "rank_weighted_effect"]

WEIGHTINGS = ("autoc", "qini")


@dataclass(frozen=True, slots=True, eq=False)
class RankWeightedEffect:
    """What a ranking gains over treating at random.

    Attributes
    ----------
    value, stderr : float
        In the outcome's unit; 0 where the ranking says nothing of the effect.
    weighting : str
        "autoc" for the area under the targeting curve, which looks at the first units most, or "qini".
    share : float64, shape (101,)
        Shares of the units that are treated, in [0, 1].
    gain : float64, shape (101,)
        Targeting curve: effect among that share, highest priority first, less the average effect.
    gain_stderr : float64, shape (101,)
    n : int
    n_draws : int
        Half samples that the errors come from.
    """

    value: float
    stderr: float
    weighting: str
    share: np.ndarray
    gain: np.ndarray
    gain_stderr: np.ndarray
    n: int
    n_draws: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval by the normal distribution."""
        from scipy.stats import norm

        half = float(norm.ppf(0.5 + level / 2)) * self.stderr
        return self.value - half, self.value + half

    def __str__(self) -> str:
        low, high = self.interval()
        return (
            f"{self.weighting.upper()} {self.value:+.4f} ± {self.stderr:.4f} (95% {low:+.4f} to {high:+.4f}); "
            f"{self.n:,} units, error of {self.n_draws} half samples"
        )


def rank_weighted_effect(
    priority: np.ndarray, score: np.ndarray, *, weighting: str = "autoc", weight: np.ndarray | None = None,
    clusters: Mapping[str, np.ndarray] | None = None, n_draws: int = 200, random_state: int = 0,
) -> RankWeightedEffect:  # fmt: skip
    """Rank-weighted average treatment effect of a ranking that other units gave.

    The targeting curve is the doubly robust score's mean among the first share u of the units, less its
    mean among all. "autoc" averages it over u, "qini" weighs it by u. Equal priorities share their scores.
    The error is the spread over half samples of units or of whole clusters.

    Parameters
    ----------
    priority : float64, shape (n,)
        Higher is treated first; it must not have been learned from these units.
    score : float64, shape (n,)
        Doubly robust score of each unit's effect.
    weighting : str
    weight : float64, shape (n,), optional
    clusters : mapping of str to int64, shape (n,), optional
        Of several kinds, half samples are of the one with the fewest.
    n_draws : int, at least 2
    random_state : int

    Raises
    ------
    ShapeError : vectors of different lengths.
    EstimationError : fewer than four units or clusters, an unknown weighting, or values that are not finite.

    References
    ----------
    Yadlowsky, Fleming, Shah, Brunskill, Wager (2025), J. American Statistical Association.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> effect = rng.normal(size=2000)
    >>> found = rank_weighted_effect(effect, 1 + effect + rng.normal(size=2000))
    >>> bool(found.interval()[0] > 0)
    True
    """
    weight = np.ones(len(score)) if weight is None else weight
    _refuse(priority, score, weight, weighting, n_draws)
    order = np.argsort(-priority, kind="stable")
    y, w, group = score[order], weight[order], np.unique(-priority[order], return_inverse=True)[1]
    codes = _half_sample_codes(clusters or {}, len(score))[order]
    value, gain = _curve(y, w, group, weighting)
    rng, n_units = np.random.default_rng(random_state), int(codes.max()) + 1
    values, gains = np.empty(n_draws), np.empty((n_draws, len(gain)))
    for draw in range(n_draws):
        kept = np.zeros(n_units, dtype=bool)
        kept[rng.permutation(n_units)[: n_units // 2]] = True
        rows = kept[codes]
        values[draw], gains[draw] = _curve(y[rows], w[rows], group[rows], weighting)
    return RankWeightedEffect(
        value, float(values.std(ddof=1)), weighting, np.linspace(0, 1, 101), gain, gains.std(axis=0, ddof=1),
        len(score), n_draws,
    )  # fmt: skip


def rank_held_out(held: HeldOut, *, weighting: str = "autoc", n_draws: int = 200, random_state: int = 0):
    """`rank_weighted_effect` of a learner's predictions, each unit ranked among its own fold."""
    priority = np.empty(len(held))
    for k in np.unique(held.fold):
        rows = np.flatnonzero(held.fold == k)
        _, place, count = np.unique(held.proxy[rows], return_inverse=True, return_counts=True)
        # The middle of its ties, as a share of the fold, so that folds with other models can be merged.
        priority[rows] = ((np.cumsum(count) - count / 2) / len(rows))[place]
    return rank_weighted_effect(
        priority, held.score, weighting=weighting, weight=held.weight, clusters=held.clusters, n_draws=n_draws,
        random_state=random_state,
    )  # fmt: skip


def _curve(y: np.ndarray, w: np.ndarray, group: np.ndarray, weighting: str) -> tuple[float, np.ndarray]:
    """Value, and gain at each hundredth, of scores sorted by falling priority; `group` tells ties."""
    _, group = np.unique(group, return_inverse=True)
    total = np.bincount(group, weights=w)
    y = (np.bincount(group, weights=w * y) / np.maximum(total, np.finfo(float).tiny))[group]
    share = np.cumsum(w) / w.sum()
    toc = np.cumsum(w * y) / np.cumsum(w) - np.average(y, weights=w)
    value = np.average(toc if weighting == "autoc" else toc * share, weights=w)
    return float(value), np.interp(np.linspace(0, 1, 101), share, toc)


def _half_sample_codes(clusters: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    found = [np.unique(codes, return_inverse=True)[1] for codes in clusters.values()]
    codes = min(found, key=lambda codes: codes.max()) if found else np.arange(n)
    if codes.max() < 3:
        raise EstimationError(f"{int(codes.max()) + 1} units or clusters are too few to take halves of.")
    return codes


def _refuse(priority, score, weight, weighting, n_draws) -> None:
    if not (priority.ndim == 1 and priority.shape == score.shape == weight.shape):
        raise ShapeError(
            f"`priority` {priority.shape}, `score` {score.shape} and `weight` {weight.shape} must be vectors of one "
            f"length."
        )
    if weighting not in WEIGHTINGS or n_draws < 2:
        raise EstimationError(f"Weightings are {' and '.join(WEIGHTINGS)} with 2 draws or more, not {weighting!r}.")
    if not (np.isfinite(priority).all() and np.isfinite(score).all() and (weight > 0).all()):
        raise EstimationError("Priorities and scores must be finite, and weights positive.")

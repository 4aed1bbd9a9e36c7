"""Tests and intervals for few clusters: the wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.uncertainty.cluster_sums import ClusterSums, absorbed_sums, cluster_sums

__all__ = ["WildBootstrap", "WildTest", "wild_bootstrap"]

N_SAMPLES = 1999
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


@dataclass(frozen=True, slots=True, eq=False)
class WildTest:
    """The bootstrap of one effect, ready for any null and any level.

    Attributes
    ----------
    sums : ClusterSums
    n_samples, random_state : int
    """

    sums: ClusterSums = field(repr=False)
    n_samples: int = N_SAMPLES
    random_state: int = 0
    _known: dict[float, tuple[float, float]] = field(default_factory=dict, init=False, repr=False)

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.sums.outcome.sum() / self.sums.treatment.sum())

    @property
    def n_clusters(self) -> int:
        """Clusters that the treatment varies in."""
        return len(self.sums.own)

    @property
    def effective_clusters(self) -> float:
        """Clusters of equal share in the treatment's variation that would say as much."""
        return float(self.sums.own.sum() ** 2 / (self.sums.own**2).sum())

    @property
    def weights(self) -> str:
        """Signs, or Webb's six weights where clusters are so few that signs repeat."""
        return "Webb" if self.n_clusters < WEBB_BELOW else "Rademacher"

    def p_value(self, null: float = 0.0) -> float:
        """Share of samples whose t value is at least that of the data, where the effect is `null`."""
        return self._drawn().p_value(null)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Effects that the test does not reject; an end is infinite where it never does."""
        if level not in self._known:
            self._known[level] = self._inverted(1 - level)
        return self._known[level]

    def _inverted(self, alpha: float) -> tuple[float, float]:
        drawn = self._drawn()
        if self.sums.instrumented and drawn.p_value(float("inf")) > alpha:
            return -float("inf"), float("inf")  # the instrument may move nothing, so any effect would do
        lower, upper = (float(_end(drawn, self.value, sign, alpha)) for sign in (-1.0, 1.0))
        return lower, upper

    def _drawn(self) -> _Drawn:
        choices = WEBB.ravel() if self.weights == "Webb" else [-1.0, 1.0]
        draws = np.random.default_rng(self.random_state).choice(choices, (self.n_samples, self.n_clusters))
        return _Drawn(self.sums, draws)


def wild_bootstrap(
    design: Design, *, n_samples: int = N_SAMPLES, level: float = 0.95, random_state: int = 0, treatment: int = 0
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
        With clusters of one kind; one that absorbs effects of groups must be in memory.
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
    if n_samples < 99 or not 0 < level < 1:
        raise DataError(f"n_samples is {n_samples} and level {level}; ask for 99 samples or more and 0 < level < 1.")
    sums = absorbed_sums(design, treatment) if design.n_absorbed else cluster_sums(design, treatment)
    test = WildTest(sums, n_samples, random_state)
    return WildBootstrap(
        test.value, test.p_value(), test.interval(level), level, test.n_clusters, n_samples, test.weights
    )


class _Drawn:
    """One set of samples, on which every null is tested."""

    def __init__(self, sums: ClusterSums, draws: np.ndarray):
        self.sums, self.draws = sums, draws
        # What the other regressors take of each sample's scores is linear in the null.
        self.on_outcome, self.on_treatment = draws @ sums.mixed_outcome.T, draws @ sums.mixed_treatment.T

    def p_value(self, null: float) -> float:
        sums, infinite = self.sums, not np.isfinite(null)
        score = sums.treatment if infinite else sums.outcome - null * sums.treatment
        through = self.on_treatment if infinite else self.on_outcome - null * self.on_treatment
        seen = t_values(score[None, :], sums.own)[0]
        drawn = t_values(self.draws * score - through, sums.own, self.draws @ score)
        return float(np.mean(np.abs(drawn) >= abs(seen) * (1 - 1e-12)))


def t_values(scores: np.ndarray, own: np.ndarray, total: np.ndarray | None = None) -> np.ndarray:
    """Effect over its clustered error, up to a factor; `scores` (n_samples, n_clusters) without the effect's part."""
    total = scores.sum(axis=1) if total is None else total
    left = scores - (total / own.sum())[:, None] * own
    size = np.sqrt((left**2).sum(axis=1))
    return np.divide(total, size, out=np.zeros_like(total), where=size > 0)


def _end(drawn: _Drawn, value: float, sign: float, alpha: float) -> float:
    """Where the test's p value falls below alpha, on one side of the estimate; infinite where it never does."""
    sums = drawn.sums
    step = np.sqrt(((sums.outcome - value * sums.treatment) ** 2).sum()) / abs(sums.treatment.sum())
    inner, outer = value, value + sign * 2 * step
    for _ in range(60):
        if drawn.p_value(outer) <= alpha:
            break
        inner, outer = outer, value + 2 * (outer - value)
    else:
        return sign * float("inf")
    while abs(outer - inner) > 1e-5 * step:
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if drawn.p_value(middle) <= alpha else (middle, outer)
    return outer

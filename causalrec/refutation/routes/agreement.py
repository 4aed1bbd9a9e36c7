"""Whether several estimates of one effect agree, when they come from the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation import EffectEstimate
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["NEARLY_SAME", "Agreement", "agreement"]

NEARLY_SAME = 0.01
"""Share of the effect's error below which a difference says nothing: the estimates are one and the same."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Test that estimates of one effect are the same number.

    Attributes
    ----------
    statistic : float
        Wald statistic of the differences.
    rank : int
        Differences that are not combinations of others, nor nearly 0 whatever the rows are.
    dof : float
        Degrees of freedom of their covariance.
    p_value : float
        NaN where the rank is 0.
    differences, stderrs : tuple of float
        Each estimate less the original, and the standard error of that difference, which is far smaller than
        that of either where both use the same rows.
    """

    statistic: float
    rank: int
    dof: float
    p_value: float
    differences: tuple[float, ...]
    stderrs: tuple[float, ...]

    @property
    def farthest(self) -> int:
        """Place of the estimate that is farthest from the original, in errors of the difference."""
        return int(np.argmax(np.abs(self.in_errors)))

    @property
    def in_errors(self) -> np.ndarray:
        """Each difference over its error; 0 where there is none."""
        gap, error = np.array(self.differences), np.array(self.stderrs)
        return np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)


def agreement(
    original: EffectEstimate, others: Sequence[EffectEstimate], clusters: Mapping[str, np.ndarray]
) -> Agreement:
    """Wald test of the differences, with the covariance that their joint influence values give.

    With one other estimate this is Hausman's test (1978, Econometrica 46(6)), without its assumption that one
    of the two is efficient. The statistic is held against Hotelling's distribution, for the covariance is
    estimated too.

    Parameters
    ----------
    original, others : EffectEstimate
        From the same rows in the same order, each with `influence`.
    clusters : mapping of str to int64 array (n,)

    Raises
    ------
    EstimationError : an estimate without influence values, or of other rows.
    """
    lacking = [one.method for one in (original, *others) if one.influence is None or len(one.influence) != original.n]
    if lacking:
        raise EstimationError(f"No influence of each unit is known for {lacking[0]}, so two estimates cannot be held "
                              f"against each other.")  # fmt: skip
    gaps = np.array([one.value - original.value for one in others])
    spread = np.column_stack([one.influence - original.influence for one in others])  # type: ignore[operator]
    covariance, dof = influence_covariance(spread, clusters, 1)
    statistic, rank = _wald(gaps, covariance, NEARLY_SAME * original.stderr, dof)
    return Agreement(
        statistic, rank, dof, _chance(statistic, rank, dof), tuple(gaps.tolist()),
        tuple(np.sqrt(np.diag(covariance).clip(0)).tolist()),
    )  # fmt: skip


def _wald(gaps: np.ndarray, covariance: np.ndarray, least: float, dof: float) -> tuple[float, int]:
    """Statistic over the directions whose error is above `least`, and how many they are."""
    sizes, ways = np.linalg.eigh(covariance)
    order = np.argsort(-sizes)
    kept = [at for at in order if sizes[at] > least**2][: max(1, int(dof) // 2)]
    along = ways[:, kept].T @ gaps
    return float(np.sum(along**2 / sizes[kept])), len(kept)


def _chance(statistic: float, rank: int, dof: float) -> float:
    """Hotelling (1931), Annals of Mathematical Statistics 2(3): T2 as an F."""
    from scipy.stats import f

    if not rank:
        return float("nan")
    left = dof - rank + 1
    return float(f.sf(statistic * left / (dof * rank), rank, left))

"""Matched pairs when a hidden confounder makes one of the two more likely to be treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.refutation.sensitivity.plain_numbers import are_numbers

__all__ = ["RosenbaumBounds", "rosenbaum"]

MAX_GAMMA = 100.0
ALTERNATIVES = ("greater", "less", "two-sided")


@dataclass(frozen=True, slots=True, eq=False)
class RosenbaumBounds:
    """Wilcoxon's signed rank test of pairs whose odds of treatment may differ by a factor gamma.

    Attributes
    ----------
    difference : float64, shape (n_pairs,)
        Outcome of the treated less that of the untreated.
    unit : str
    """

    difference: np.ndarray
    unit: str = "outcome"

    def p_value(self, gamma: float = 1.0, *, alternative: str = "greater", shift: float = 0.0) -> float:
        """Largest p-value that a hidden confounder of that strength allows, by the normal approximation.

        Parameters
        ----------
        gamma : float
            1 or more: how much likelier one unit of a pair may be treated than the other.
        alternative : {"greater", "less", "two-sided"}
        shift : float
            Effect, one for all pairs, under the null hypothesis.
        """
        from scipy.stats import norm

        refuse_gamma(gamma)
        if alternative not in ALTERNATIVES:
            raise DataError(f"alternative is {alternative!r}; it is one of {', '.join(ALTERNATIVES)}.")
        if not (are_numbers(shift) and np.isfinite(shift)):
            raise DataError(f"shift is {shift!r}; it is a finite effect, in {self.unit}.")
        if alternative == "two-sided":
            return min(1.0, 2 * min(self.p_value(gamma, alternative=side, shift=shift) for side in ALTERNATIVES[:2]))
        sign = 1.0 if alternative == "greater" else -1.0
        total, ranks = _signed_ranks(sign * (self.difference - shift))
        if not len(ranks):
            return 1.0
        share = gamma / (1 + gamma)
        spread = np.sqrt(share * (1 - share) * float(ranks @ ranks))
        return float(norm.sf((total - share * ranks.sum()) / spread))

    def estimates(self, gamma: float = 1.0) -> tuple[float, float]:
        """Least and largest Hodges-Lehmann estimate of one effect for all pairs."""
        refuse_gamma(gamma)
        share = gamma / (1 + gamma)
        return self._solved(lambda ranks: share * ranks.sum()), self._solved(lambda ranks: (1 - share) * ranks.sum())

    def interval(self, gamma: float = 1.0, level: float = 0.95) -> tuple[float, float]:
        """Effects, one for all pairs, that the two-sided test does not reject at that strength."""
        from scipy.stats import norm

        refuse_gamma(gamma)
        refuse_level(level)
        share, times = gamma / (1 + gamma), float(norm.ppf(0.5 + level / 2))

        def centre(ranks: np.ndarray, p: float, side: float) -> float:
            return float(p * ranks.sum() + side * times * np.sqrt(p * (1 - p) * (ranks @ ranks)))

        return self._solved(lambda r: centre(r, share, 1.0)), self._solved(lambda r: centre(r, 1 - share, -1.0))

    def gamma_to_remove(self, level: float = 0.95) -> float:
        """Smallest gamma at which "no effect" is no longer rejected, two-sided; 1 where it is not to begin with."""
        from scipy.optimize import brentq

        refuse_level(level)

        def gap(log_gamma: float) -> float:
            return self.p_value(float(np.exp(log_gamma)), alternative="two-sided") - (1 - level)

        if gap(0.0) >= 0:
            return 1.0
        top = float(np.log(MAX_GAMMA))
        return float("inf") if gap(top) < 0 else float(np.exp(brentq(gap, 0.0, top, xtol=1e-10)))

    @property
    def sentence(self) -> str:
        """What the figures mean."""
        gamma = self.gamma_to_remove()
        if gamma == 1:
            return f"In {len(self.difference):,} pairs no effect is found even without a hidden confounder."
        most = f"more than {MAX_GAMMA:g}" if np.isinf(gamma) else f"{gamma:.2f}"
        return (
            f"A hidden confounder would have to make one unit of a pair {most} times as likely to be treated as the "
            f"other, and to decide which outcome is higher, for the effect in {len(self.difference):,} pairs to vanish."
        )

    def to_dict(self, gammas: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0)) -> dict[str, Any]:
        """Plain numbers and text, one row a strength."""
        gamma = self.gamma_to_remove()
        rows = [
            {"gamma": g, "p_value": self.p_value(g, alternative="two-sided"), "estimates": list(self.estimates(g)),
             "interval": list(self.interval(g))} for g in gammas
        ]  # fmt: skip
        return {
            "n_pairs": len(self.difference), "unit": self.unit, "sentence": self.sentence, "rows": rows,
            "gamma_to_remove": None if np.isinf(gamma) else gamma,
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"Rosenbaum bounds of {len(self.difference):,} pairs, {self.unit}"]
        for row in self.to_dict()["rows"]:
            (low, high), (left, right) = row["estimates"], row["interval"]
            lines.append(
                f"  gamma {row['gamma']:<4g} p at most {row['p_value']:.4f}; estimate {low:+.4g} to {high:+.4g} "
                f"(95% {left:+.4g} to {right:+.4g})"
            )
        return "\n".join([*lines, f"  {self.sentence}"])

    def _solved(self, wanted: Any) -> float:
        """Shift at which the signed rank statistic equals what is wanted: midway where a whole range does."""
        low, high = float(self.difference.min()), float(self.difference.max())
        margin = max(high - low, 1e-12 * max(abs(low), abs(high), 1.0))
        ends = []
        for strict in (True, False):
            left, right = low - margin, high + margin
            for _ in range(60):
                middle = (left + right) / 2
                total, ranks = _signed_ranks(self.difference - middle)
                goal = wanted(ranks)
                above = total > goal + 1e-9 * (1 + abs(goal)) if strict else total >= goal - 1e-9 * (1 + abs(goal))
                left, right = (middle, right) if above else (left, middle)
            ends.append((left + right) / 2)
        return float(np.mean(ends))


def rosenbaum(difference: np.ndarray, *, unit: str = "outcome") -> RosenbaumBounds:
    """Bounds from the differences of matched pairs, such as those of `matched_pairs`.

    Assumes that the two units of a pair have the same covariates, that no unit stands in two pairs, and that a
    hidden confounder changes the odds of treatment within a pair by at most a factor gamma. Estimates and intervals
    are of an effect that is one for all pairs.

    Raises
    ------
    ShapeError : differences that are no vector.
    DataError : differences that are no numbers.
    EstimationError : fewer than 5 pairs that differ, or values that are not finite.

    References
    ----------
    Rosenbaum (2002), Observational Studies, 2nd edition, sections 4.3.3 to 4.3.5.

    Examples
    --------
    >>> found = rosenbaum(np.arange(-2.0, 18.0))
    >>> found.p_value(1.0) < found.p_value(3.0), [round(end, 6) for end in found.estimates(1.0)]
    (True, [7.5, 7.5])
    """
    given = np.asarray(difference)
    if given.dtype.kind not in "biuf":
        raise DataError(f"`difference` holds {given.dtype}; numbers are needed, one a pair.")
    values = given.astype(float)
    if values.ndim != 1:
        raise ShapeError(f"`difference` {values.shape} must be a vector, one number a pair.")
    if not np.isfinite(values).all():
        raise EstimationError(f"{(~np.isfinite(values)).sum():,} differences are missing or infinite.")
    if np.count_nonzero(values) < 5:
        raise EstimationError(f"{np.count_nonzero(values)} pairs differ; a signed rank test needs 5 or more.")
    return RosenbaumBounds(values, unit)


def _signed_ranks(values: np.ndarray) -> tuple[float, np.ndarray]:
    """Sum of the ranks of what is above 0, and the ranks of what differs from 0; zeros keep their place."""
    from scipy.stats import rankdata

    ranks = rankdata(np.abs(values))
    return float(ranks[values > 0].sum()), ranks[values != 0]


def refuse_gamma(gamma: float) -> None:
    """Refuse what is no strength."""
    if not (are_numbers(gamma) and 1 <= gamma < np.inf):
        raise DataError(f"gamma is {gamma!r}; it is a number of 1, no hidden confounder, or more.")

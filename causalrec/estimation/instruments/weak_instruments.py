"""Intervals that hold however weak the instruments are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["ReducedForm", "RobustInterval"]

N_ANGLES = 2001  # values at which the test is looked at before its crossings are refined


@dataclass(frozen=True, slots=True)
class RobustInterval:
    """The values of an effect that a test does not reject.

    Attributes
    ----------
    parts : tuple of (float, float)
        Intervals from left to right, infinite ones included; none where every value is rejected.
    level : float
    """

    parts: tuple[tuple[float, float], ...]
    level: float

    @property
    def bounded(self) -> bool:
        """Whether both ends are finite; if not, the instruments are too weak to say."""
        return all(np.isfinite(end) for part in self.parts for end in part)

    def __contains__(self, value: float) -> bool:
        return any(lower <= value <= upper for lower, upper in self.parts)

    def __str__(self) -> str:
        listed = " or ".join(f"{lower:+.4f} to {upper:+.4f}" for lower, upper in self.parts)
        return f"{self.level:.0%} {listed or 'no value: the instruments contradict each other'}"


@dataclass(frozen=True, slots=True, eq=False)
class ReducedForm:
    """How one treatment and the outcome follow m instruments.

    Attributes
    ----------
    on_treatment, on_outcome : float64, shape (m,)
    covariance : float64, shape (2 m, 2 m)
        Of both, the treatment's first.
    rank : int
        Instruments that are not combinations of others.
    dof : float
        Degrees of freedom of the covariance.
    """

    on_treatment: np.ndarray
    on_outcome: np.ndarray
    covariance: np.ndarray
    rank: int
    dof: float

    def statistic(self, value: float) -> float:
        """Anderson-Rubin F of an effect of `value`; it has `rank` and `dof` degrees of freedom."""
        angle = np.array([np.arctan(value)])
        return float(self._at(np.cos(angle), np.sin(angle))[0])

    def _at(self, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
        """The same at the values sine / cosine, finite at infinity too; shape (n_values,)."""
        m = len(self.on_treatment)
        own, cross, other = self.covariance[:m, :m], self.covariance[:m, m:], self.covariance[m:, m:]
        c, s = cosine[:, None, None], sine[:, None, None]
        gap = c * self.on_outcome - s * self.on_treatment  # (n_values, 1, m)
        spread = s**2 * own - s * c * (cross + cross.T) + c**2 * other
        inverse = np.linalg.inv(spread) if self.rank == m else np.linalg.pinv(spread, rcond=1e-9, hermitian=True)
        return (gap @ inverse @ gap.swapaxes(1, 2))[:, 0, 0] / self.rank

    def interval(self, level: float = 0.95) -> RobustInterval:
        """Every value that is not rejected, scanned over all angles from minus to plus infinity."""
        from scipy.optimize import brentq
        from scipy.stats import f

        bound, scale = float(f.ppf(level, self.rank, self.dof)), self._scale()
        angles = np.linspace(-np.pi / 2, np.pi / 2, N_ANGLES)

        def excess(angle: np.ndarray) -> np.ndarray:
            cosine, sine = np.cos(angle), scale * np.sin(angle)
            size = np.hypot(cosine, sine)
            return self._at(cosine / size, sine / size) - bound

        inside = excess(angles) <= 0
        turns = np.flatnonzero(inside[1:] != inside[:-1])
        found = [
            brentq(lambda angle: float(excess(np.array([angle]))[0]), angles[at], angles[at + 1], xtol=1e-14)
            for at in turns
        ]  # fmt: skip
        ends = [float(scale * np.tan(angle)) for angle in found]
        marks = [*([-np.inf] if inside[0] else []), *ends, *([np.inf] if inside[-1] else [])]
        return RobustInterval(tuple(zip(marks[::2], marks[1::2], strict=True)), level)

    def _scale(self) -> float:
        """Size of the effect, so that angles are fine where it is."""
        known = float(np.linalg.norm(self.on_outcome)) / max(float(np.linalg.norm(self.on_treatment)), 1e-300)
        return known if known > 0 else 1.0

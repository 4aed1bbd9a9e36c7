"""The table of effects of codes, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import MissingColumnsError
from causalrec.estimation.heterogeneity.calibration import p_words
from causalrec.estimation.uncertainty.half_widths import half_width
from causalrec.estimation.uncertainty.simultaneous import simultaneous_level
from causalrec.estimation.written import Written, aligned, percent

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodeEffects"]

FEW_EXPERIMENTS = 30  # below which a code's error is not to be trusted


@dataclass(frozen=True, slots=True, eq=False)
class CodeEffects(Written):
    """Effects of texts that have a code, one line a code.

    Attributes
    ----------
    names : tuple of str, length k
    coef, coef_stderr : float64, shape (k,)
        Logarithm of the ratio of click rates for one more of a code.
    absolute, absolute_stderr : float64, shape (k,)
        Clicks per 1,000 impressions for one more of a code.
    p_value : float64, shape (k,)
        Of no relative effect, each by itself.
    p_holm, p_step_down : float64, shape (k,)
        The same for all at once: by Holm, and by the largest statistic with the estimates' correlation.
    correlation : float64, shape (k, k)
        Of `coef`.
    n_effective : float64, shape (k,)
        Equally telling experiments that would know as much of a code; less one, its degrees of freedom.
    absolute_n_effective : float64, shape (k,)
        The same of `absolute`, to which experiments of many impressions tell more than those of many clicks.
    share : float64, shape (k,)
        Share of the texts whose code is not 0.
    jointly : bool
        Whether the other codes are held fixed.
    n, n_dropped : int
        Texts, and those left out because nothing could be compared with them.
    n_experiments : int
    n_impressions, n_clicks : float
    sources : mapping of str to str
        Lexicon or classifier of a code.
    """

    names: tuple[str, ...]
    coef: np.ndarray
    coef_stderr: np.ndarray
    absolute: np.ndarray
    absolute_stderr: np.ndarray
    p_value: np.ndarray
    p_holm: np.ndarray
    p_step_down: np.ndarray
    correlation: np.ndarray
    n_effective: np.ndarray
    absolute_n_effective: np.ndarray
    share: np.ndarray
    jointly: bool
    n: int
    n_dropped: int
    n_experiments: int
    n_impressions: float
    n_clicks: float
    sources: Mapping[str, str]

    @property
    def relative(self) -> np.ndarray:
        """Change of the click rate in per cent; shape (k,)."""
        return 100 * np.expm1(self.coef)

    @property
    def relative_stderr(self) -> np.ndarray:
        """Its standard error by the delta method; shape (k,)."""
        return 100 * np.exp(self.coef) * self.coef_stderr

    def interval(self, level: float = 0.95, *, simultaneous: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the intervals of `relative`; shape (k,) each.

        With `simultaneous` all of them hold together with probability `level` (max-t).
        """
        wanted = simultaneous_level(self.correlation, level) if simultaneous else level
        half = _half_widths(wanted, self.n_effective) * self.coef_stderr
        return 100 * np.expm1(self.coef - half), 100 * np.expm1(self.coef + half)

    def absolute_interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the intervals of `absolute`; shape (k,) each."""
        half = _half_widths(level, self.absolute_n_effective) * self.absolute_stderr
        return self.absolute - half, self.absolute + half

    def claim(self, name: str) -> str:
        """What the data say of one code, in a sentence that claims no more.

        Raises
        ------
        MissingColumnsError : there is no such code.
        """
        if name not in self.names:
            raise MissingColumnsError([name], "effects", self.names)
        k = self.names.index(name)
        lower, upper = (ends[k] for ends in self.interval())
        source = f" (by {self.sources[name]})" if name in self.sources else ""
        fixed = " at the same values of the other codes" if self.jointly and len(self.names) > 1 else ""
        return (
            f"Texts that have one more of {name!r}{source}, bundled with whatever comes with it, have a click rate "
            f"that differs by {self.relative[k]:+.1f}% (95% {lower:+.1f}% to {upper:+.1f}%) from that of the other "
            f"texts of their experiment{fixed}; {p_words(self.p_value[k])}, by Holm among {len(self.names)} "
            f"{p_words(self.p_holm[k])}."
        )

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "level": level, "n": self.n, "n_dropped": self.n_dropped, "n_experiments": self.n_experiments,
            "n_impressions": self.n_impressions, "n_clicks": self.n_clicks, "jointly": self.jointly,
            "sources": dict(self.sources), "effects": self._numbers(level),
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a code."""
        import pandas as pd

        return pd.DataFrame(self._numbers(level))

    def _numbers(self, level: float) -> list[dict[str, Any]]:
        ends = (*self.interval(level), *self.interval(level, simultaneous=True), *self.absolute_interval(level))
        columns = {
            "relative": self.relative, "relative_stderr": self.relative_stderr, "lower": ends[0], "upper": ends[1],
            "lower_simultaneous": ends[2], "upper_simultaneous": ends[3], "absolute": self.absolute,
            "absolute_stderr": self.absolute_stderr, "absolute_lower": ends[4], "absolute_upper": ends[5],
            "p_value": self.p_value, "p_holm": self.p_holm, "p_step_down": self.p_step_down, "share": self.share,
            "n_effective": self.n_effective,
        }  # fmt: skip
        return [
            {"code": name, **{column: float(values[k]) for column, values in columns.items()}}
            for k, name in enumerate(self.names)
        ]

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [
            {
                "code": one["code"], "texts": f"{one['share']:.0%}",
                "relative": f"{one['relative']:+.2f}%",
                f"{percent(level)}": f"{one['lower']:+.2f}% to {one['upper']:+.2f}%",
                "per 1,000": f"{one['absolute']:+.3f} ± {one['absolute_stderr']:.3f}",
                "p": _p(one["p_value"]), "Holm": _p(one["p_holm"]), "max-t": _p(one["p_step_down"]),
            }
            for one in self._numbers(level)
        ]  # fmt: skip

    def _remarks(self) -> list[str]:
        fixed = " at the same values of the other codes" if self.jointly and len(self.names) > 1 else ""
        by_source: dict[str, list[str]] = {}
        for name in self.names:
            if name in self.sources:
                by_source.setdefault(self.sources[name], []).append(name)
        few = [
            f"{name} ({count:.0f})" for name, count in zip(self.names, self.n_effective, strict=True)
            if count < FEW_EXPERIMENTS
        ]  # fmt: skip
        return [
            f"Of texts that have one more of it{fixed}, bundled with whatever comes with it.",
            *(f"{' and '.join(names)} by {source}" for source, names in by_source.items()),
            *([f"{self.n_dropped:,} texts left out: nothing to compare them with"] if self.n_dropped else []),
            *([f"note: few experiments tell of it (as good as): {', '.join(few)}"] if few else []),
        ]

    def __str__(self) -> str:
        head = (
            f"Effects on clicks within {self.n_experiments:,} experiments: {self.n:,} texts, "
            f"{self.n_impressions:,.0f} impressions, {self.n_clicks:,.0f} clicks; errors clustered by experiment"
        )
        return "\n".join([head, *(f"  {line}" for line in [*aligned(self._rows(0.95)), *self._remarks()])])


def _half_widths(level: float, n_effective: np.ndarray) -> np.ndarray:
    return np.array([half_width(level, number - 1) for number in n_effective])


def _p(value: float) -> str:
    return f"{value:.2g}" if value >= 1e-4 else "<.0001"

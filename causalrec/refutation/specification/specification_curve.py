"""Estimates of one effect under many specifications, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Specification", "SpecificationCurve"]

N_SHOWN = 20
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to estimate the effect.

    Attributes
    ----------
    estimator : str
    adjustment : tuple of str
    trim : float
        Units with a propensity within this of 0 or 1 were left out; 0 for none.
    value, stderr, lower, upper : float
        Estimate and its 95% interval, in the unit of the outcome.
    n : int
        Units that it used.
    """

    estimator: str
    adjustment: tuple[str, ...]
    trim: float
    value: float
    stderr: float
    lower: float
    upper: float
    n: int

    @property
    def is_significant(self) -> bool:
        """Whether its interval leaves out 0."""
        return self.lower > 0 or self.upper < 0

    @property
    def choices(self) -> tuple[str, tuple[str, ...], float]:
        """What tells it from any other."""
        return self.estimator, self.adjustment, self.trim

    @property
    def name(self) -> str:
        """All three choices in words."""
        trimmed = f", propensities beyond {self.trim:g} left out" if self.trim else ""
        return f"{self.estimator} within {', '.join(self.adjustment) or 'nothing'}{trimmed}"


@dataclass(frozen=True, slots=True, eq=False)
class SpecificationCurve:
    """Specifications in the order of their estimates.

    Attributes
    ----------
    specifications : tuple of Specification
    original : float
        The effect that was reported, in `unit`.
    p_median, p_significant, p_average : float
        How often a curve without any effect would have a median as large, as many significant estimates of one
        sign, or as large an average z value; NaN where influence values are missing.
    p_disagreement : float
        How often specifications of one and the same effect would part as far from the original as these do.
    n_tested : int
        Specifications with influence values, which the p-values are about.
    left_out : mapping of str to str
        Specifications that gave no estimate, and why.
    unit : str
    """

    specifications: tuple[Specification, ...]
    original: float
    p_median: float
    p_significant: float
    p_average: float
    p_disagreement: float
    n_tested: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    unit: str = "outcome"

    def __len__(self) -> int:
        return len(self.specifications)

    @property
    def values(self) -> np.ndarray:
        """Estimates from the smallest to the largest, shape (n_specifications,)."""
        return np.array([one.value for one in self.specifications])

    @property
    def median(self) -> float:
        """Median estimate."""
        return float(np.median(self.values))

    @property
    def same_sign(self) -> float:
        """Share of the specifications with the sign of the original."""
        return float(np.mean(np.sign(self.values) == np.sign(self.original)))

    @property
    def significant(self) -> float:
        """Share of the specifications that are significant at 5% with the sign of the original."""
        return float(np.mean([s.is_significant and s.value * self.original > 0 for s in self.specifications]))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        names = ("original", "median", "same_sign", "significant", "p_median", "p_significant", "p_average",
                 "p_disagreement", "n_tested", "unit")  # fmt: skip
        plain = {name: getattr(self, name) for name in names}
        plain = {name: None if value != value else value for name, value in plain.items()}
        rows = [{**asdict(one), "adjustment": list(one.adjustment)} for one in self.specifications]
        return {**plain, "left_out": dict(self.left_out), "specifications": rows}

    def to_frame(self) -> pd.DataFrame:
        """One row a specification."""
        import pandas as pd

        return pd.DataFrame([{**asdict(s), "adjustment": ", ".join(s.adjustment)} for s in self.specifications])

    def __str__(self) -> str:
        kept = self.specifications
        shown = kept if len(kept) <= N_SHOWN else (*kept[: N_SHOWN // 2], *kept[-N_SHOWN // 2 :])
        lines = [f"{len(kept)} specifications, median {self.median:+.5g} against {self.original:+.5g} ({self.unit})"]
        lines += [f"  {one.value:+.5g} ± {one.stderr:.3g}  {one.name}" for one in shown]
        if len(shown) < len(kept):
            lines.insert(1 + N_SHOWN // 2, f"  ... {len(kept) - len(shown)} between")
        lines.append(f"  {self.same_sign:.0%} of the same sign, {self.significant:.0%} significant with it")
        if self.n_tested:
            lines.append(
                f"  no effect at all: p = {self.p_median:.3f} (median), {self.p_significant:.3f} (how many are "
                f"significant), {self.p_average:.3f} (average z); one effect in all: p = {self.p_disagreement:.3f}"
            )
        else:
            lines.append("  no test: influence values are missing")
        return "\n".join([*lines, *(f"  left out: {name}: {why}" for name, why in self.left_out.items())])

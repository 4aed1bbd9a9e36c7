"""What a design shows before anything is estimated: overlap and balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.data.design_arrays import Design
    from causalrec.data.streamed_design import StreamedDesign

__all__ = ["LARGE", "DesignReport", "design_report"]

LARGE = 0.25
"""Standardised difference from which a linear adjustment leans on its form (Imbens, Rubin 2015, section 14.2)."""
MAX_VALUES = 10  # values of a treatment up to which the share of each is told


@dataclass(frozen=True, slots=True, eq=False)
class DesignReport:
    """Counts, shares of the treatment, and how covariates differ by it.

    Attributes
    ----------
    n : int
    treatment : str
    shares : mapping of float to float
        Share of the units, by value of the treatment; empty where it has more than ten values.
    differences : mapping of str to float
        For two values of the treatment: the covariate's mean at the higher less that at the lower, over
        the root of the mean of both variances (NaN where neither varies). For others: its correlation with
        the treatment.
    dropped : mapping of str to int
        Missing values of rows that were dropped, by column.
    """

    n: int
    treatment: str
    shares: dict[float, float]
    differences: dict[str, float]
    dropped: dict[str, int]

    @property
    def large(self) -> dict[str, float]:
        """Differences of .25 and more, the largest first."""
        far = {name: value for name, value in self.differences.items() if abs(value) >= LARGE}
        return dict(sorted(far.items(), key=lambda pair: -abs(pair[1])))

    def __str__(self) -> str:
        shares = ", ".join(f"{value:g} in {share:.1%}" for value, share in self.shares.items())
        lines = [f"{self.n:,} units; {self.treatment}: {shares or 'more than ten values'}"]
        if self.dropped:
            lines.append("  dropped for missing " + ", ".join(f"{name} {n:,}" for name, n in self.dropped.items()))
        kind = "standardised difference" if len(self.shares) == 2 else "correlation"
        lines.append(f"  {kind} of {LARGE} or more: {len(self.large)} of {len(self.differences)} covariates")
        lines += [f"    {name:<30} {value:+.2f}" for name, value in list(self.large.items())[:10]]
        return "\n".join(lines)


def design_report(design: Design | StreamedDesign, treatment: str | None = None) -> DesignReport:
    """Overlap and balance of a design, in one pass over its batches.

    Parameters
    ----------
    design : Design or StreamedDesign
    treatment : str, optional
        One of its treatments; the first where it is not given.

    Raises
    ------
    DataError : no such treatment.

    Examples
    --------
    >>> from causalrec.data import Design
    >>> t, x = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([[1.0], [3.0], [2.0], [4.0]])
    >>> print(design_report(Design(np.zeros(4), t, x, (), {}, ("shown",), ("age",))))
    4 units; shown: 0 in 50.0%, 1 in 50.0%
      standardised difference of 0.25 or more: 1 of 1 covariates
        age                            +1.00
    """
    name = treatment or design.treatment_names[0]
    if name not in design.treatment_names:
        raise DataError(f"The design has no treatment {name!r}; it has {', '.join(design.treatment_names)}.")
    place, sums, values = design.treatment_names.index(name), _Sums(), _Values()
    for batch in design.batches():
        t = batch.treatments[:, place]
        values.add(t, batch.weight)
        sums.add(t, batch.matrix(), batch.weight, values.few)
    shares = values.shares()
    differences = sums.differences(list(shares)) if len(shares) == 2 else sums.correlations()
    named = dict(zip(design.matrix_names, differences.tolist(), strict=True))
    return DesignReport(design.n, name, shares, named, dict(design.dropped))


class _Values:
    """Weight of each value of the treatment, while there are few."""

    def __init__(self) -> None:
        self.weight: dict[float, float] = {}
        self.few = True

    def add(self, t: np.ndarray, weight: np.ndarray | None) -> None:
        if not self.few:
            return
        levels, codes = np.unique(t, return_inverse=True)
        if self.few and len(levels) <= MAX_VALUES:
            for level, total in zip(levels.tolist(), np.bincount(codes, weights=weight).tolist(), strict=True):
                self.weight[level] = self.weight.get(level, 0.0) + total
        self.few = len(levels) <= MAX_VALUES and len(self.weight) <= MAX_VALUES

    def shares(self) -> dict[float, float]:
        if not self.few:
            return {}
        total = sum(self.weight.values())
        return {level: weight / total for level, weight in sorted(self.weight.items())}


class _Sums:
    """Moments of covariates, by value of the treatment and with it; about the first batch's means."""

    def __init__(self) -> None:
        self.shift: np.ndarray | None = None
        self.by_value: dict[float, list[np.ndarray | float]] = {}
        self.all: list[np.ndarray | float] = [0.0] * 6

    def add(self, t: np.ndarray, x: np.ndarray, weight: np.ndarray | None, few: bool) -> None:
        w = np.ones(len(t)) if weight is None else weight
        if self.shift is None:
            self.shift = np.append(x.mean(axis=0), t.mean())
        x, d = x - self.shift[:-1], t - self.shift[-1]
        parts = (w.sum(), w @ x, w @ x**2, w @ d, w @ d**2, (w * d) @ x)
        self.all = [held + part for held, part in zip(self.all, parts, strict=True)]
        for value in np.unique(t).tolist() if few else ():
            rows = t == value
            held = self.by_value.setdefault(value, [0.0, 0.0, 0.0])
            part = (w[rows].sum(), w[rows] @ x[rows], w[rows] @ x[rows] ** 2)
            self.by_value[value] = [a + b for a, b in zip(held, part, strict=True)]

    def differences(self, values: list[float]) -> np.ndarray:
        means, variances = [], []
        for value in values:
            n, total, squares = self.by_value[value]
            means.append(total / n)
            variances.append(squares / n - (total / n) ** 2)
        spread = np.sqrt(np.maximum((variances[0] + variances[1]) / 2, 0))
        return _ratio(means[1] - means[0], spread)

    def correlations(self) -> np.ndarray:
        n, x, xx, d, dd, dx = self.all
        spread = np.sqrt(np.maximum((xx / n - (x / n) ** 2) * (dd / n - (d / n) ** 2), 0))
        return _ratio(dx / n - x * d / n**2, spread)


def _ratio(a, b) -> np.ndarray:
    return np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b > 1e-12 * np.abs(a))

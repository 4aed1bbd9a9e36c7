"""Averages of the effects of cohorts in periods, each counting by its treated units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.event_study.comparisons import Comparison, comparisons
from causalrec.estimation.event_study.group_times import Cells
from causalrec.estimation.event_study.panel import Panel
from causalrec.estimation.event_study.unit_clusters import covariance_of

__all__ = ["OVERALL", "Averages", "averages_of"]

Label = tuple[str, int]
OVERALL: Label = ("overall", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Averages of cells by label, with the influence of each unit.

    Attributes
    ----------
    labels : tuple of (str, int)
        What each is of: ("event time", 2), ("cohort", 5), ("period", 7), and the overall one.
    value : float64, shape (k,)
    n_treated : int64, shape (k,)
        Treated units in it.
    n_apart : int64, shape (k,)
        Units, or clusters of them, on the side that has fewer: below 2 nothing shows how they differ.
    influence : float64, shape (n_units, k)
        An average is about its truth plus the sum of these.
    cells : Cells
    n_lost : int
        Treated rows of units seen before their treatment that are in no comparison.
    """

    labels: tuple[Label, ...]
    value: np.ndarray
    n_treated: np.ndarray
    n_apart: np.ndarray
    influence: np.ndarray
    cells: Cells
    n_lost: int


class _Sum:
    """One average, as it grows."""

    def __init__(self, n_units: int):
        self.size = self.total = 0.0
        self.influence = np.zeros(n_units)
        self.treated, self.others = np.zeros((2, n_units), dtype=bool)

    def add(self, size: float, value: float, influence: np.ndarray, cell: Comparison) -> None:
        self.size += size
        self.total += size * value
        self.influence += size * influence
        self.treated |= cell.treated
        self.others |= cell.others

    @property
    def value(self) -> float:
        return self.total / self.size


def averages_of(panel: Panel, comparison: str, anticipation: int, clusters: dict[str, np.ndarray]) -> Averages:
    """Effects of every cohort in every period, and their averages.

    An average weights its cells by their treated units, so no weight is negative. Those numbers are of a sample too:
    the influence of a unit has a part through them (Callaway, Sant'Anna 2021).

    Parameters
    ----------
    panel : Panel
    comparison : str
    anticipation : int
    clusters : mapping of str to int64, shape (n_units,)

    Raises
    ------
    EstimationError : no treated row has anything to be compared with.
    """

    def possible() -> Iterator[Comparison]:
        return (cell for cell in comparisons(panel, comparison, anticipation) if cell.possible)

    sums: dict[Label, _Sum] = {}
    cells = Cells()
    for cell in possible():
        influence, size = _added(cells, panel, cell, clusters), float(panel.weight[cell.treated].sum())
        for label in _labels(panel, cell):
            sums.setdefault(label, _Sum(panel.n_units)).add(size, cells.value[-1], influence, cell)
    if OVERALL not in sums:
        raise EstimationError(_why_none(panel, comparison))
    for cell, value in zip(possible(), cells.value, strict=True):  # sizes of cells are of a sample too
        for label in _labels(panel, cell):
            sums[label].influence += panel.weight * cell.treated * (value - sums[label].value)
    labels = tuple(sorted(sums))
    return Averages(
        labels,
        np.array([sums[label].value for label in labels]),
        np.array([int(sums[label].treated.sum()) for label in labels]),
        np.array([_apart(sums[label], clusters) for label in labels]),
        np.column_stack([sums[label].influence / sums[label].size for label in labels]),
        cells,
        _n_lost(panel, cells),
    )


def _labels(panel: Panel, cell: Comparison) -> list[Label]:
    event = int(panel.clock[cell.period] - panel.clock[cell.cohort])
    after = [OVERALL, ("cohort", cell.cohort), ("period", cell.period)] if cell.after else []
    return [("event time", event), *after]


def _added(cells: Cells, panel: Panel, cell: Comparison, clusters: dict[str, np.ndarray]) -> np.ndarray:
    """Keep one cell; its influence by unit, shape (n_units,)."""
    value, units, part = cell.effect(panel)
    influence = np.zeros(panel.n_units)
    influence[units] = part
    variance = covariance_of(influence[:, None], clusters)[0][0, 0] if _apart(cell, clusters) > 1 else np.nan
    counts = int(cell.treated.sum()), int(cell.others.sum())
    cells.add(cell.cohort, cell.period, value, float(np.sqrt(variance)), *counts)
    return influence


def _apart(sides: Comparison | _Sum, clusters: dict[str, np.ndarray]) -> int:
    kinds = list(clusters.values()) or [np.arange(len(sides.treated))]
    return min(len(np.unique(codes[side])) for codes in kinds for side in (sides.treated, sides.others))


def _n_lost(panel: Panel, cells: Cells) -> int:
    counts = (panel.weight > 0) & panel.known
    treated = (panel.row >= 0) & (np.arange(panel.n_periods) >= panel.start[:, None]) & counts[:, None]
    compared = sum(n for n, g, t in zip(cells.n_treated, cells.cohort, cells.period, strict=True) if t >= g)
    return int(treated.sum()) - compared


def _why_none(panel: Panel, comparison: str) -> str:
    n, never, late = panel.n_units, int(panel.never.sum()), int((panel.known & ~panel.never).sum())
    if never == n:
        return f"{panel.treatment!r} is 0 in every row: none of the {n:,} units is ever treated."
    if not late:
        return (
            f"All {n - never:,} units with {panel.treatment!r} have it from the first period that they were seen in: "
            f"nothing shows what was before. Add earlier periods."
        )
    if comparison == "never treated" and not never:
        return f"All {n:,} units are treated in the end; take comparison='not yet treated'."
    return (
        f"No treated unit has a period before its treatment and others that were untreated in both ({late:,} units "
        f"start later than the table, {never:,} are never treated). Add earlier periods, or untreated units."
    )

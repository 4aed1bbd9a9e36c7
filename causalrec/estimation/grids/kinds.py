"""One effect for each kind of item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Grid
from causalrec.errors import EstimationError
from causalrec.estimation.grids.absorption import Absorbed
from causalrec.estimation.grids.grid_regression import grid_regression

__all__ = ["EffectByKind", "effects_by_kind"]

MIN_ITEMS = 10  # fewer items make no standard error
MIN_EFFECTIVE = 5.0  # nor do many items when a few of them hold all of the treatment's variation


@dataclass(frozen=True, slots=True, eq=False)
class EffectByKind:
    """Effects of one treatment, one for each kind of item.

    Attributes
    ----------
    kind : str, shape (n_kinds,)
    n_items : int64, shape (n_kinds,)
    value, stderr : float64, shape (n_kinds,)
        In the outcome's unit.
    base : float64, shape (n_kinds,)
        Mean outcome of the kind's units without the treatment.
    """

    kind: np.ndarray
    n_items: np.ndarray
    value: np.ndarray
    stderr: np.ndarray
    base: np.ndarray


def effects_by_kind(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, kind: np.ndarray, *, min_items: int = MIN_ITEMS
) -> EffectByKind:
    """Effect of the first treatment for each kind, each kind a regression of its own.

    Kinds of fewer than `min_items` items are pooled as "other". Left out is what is still too few, and
    where the treatment's variation lies in the equivalent of fewer than five items.

    Parameters
    ----------
    units : Grid
    treatments : sequence of str
        The others are held fixed.
    absorbed : Absorbed
    kind : str, shape (n_items,)

    Raises
    ------
    EstimationError : no kind has enough items.
    """
    names, codes, counts = np.unique(kind, return_inverse=True, return_counts=True)
    pooled = np.where(counts[codes] >= min_items, kind, "other")
    rows = []
    for name in np.unique(pooled):
        chosen = pooled == name
        part = units.of_items(chosen)
        try:
            found = grid_regression(part, treatments, absorbed) if chosen.sum() >= min_items else None
        except EstimationError:  # a kind that is never, or always, treated says nothing
            found = None
        if found is not None and found.effective_items[0] >= MIN_EFFECTIVE:
            rows.append((name, int(chosen.sum()), found.coef[0], found.stderr[0], _base(part, treatments[0])))
    if not rows:
        raise EstimationError(f"None of the {len(names)} kinds has {min_items} items whose treatment varies.")
    return EffectByKind(*(np.array(column) for column in zip(*rows, strict=True)))


def _base(units: Grid, treatment: str) -> float:
    untreated = units.treatment(treatment) == 0
    return float((units.purchases() * untreated).sum() / (units.visits() @ untreated).sum())

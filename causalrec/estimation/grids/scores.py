"""Effects of single users and items, for recommenders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data import AbsorbedColumn, Column, Dataset, EffectScores, Grid, grid
from causalrec.data.blocks import item_block
from causalrec.errors import DataError, MissingColumnsError
from causalrec.estimation.grids.lift import Lift, LiftModel
from causalrec.estimation.grids.rates import smoothed_rates
from causalrec.estimation.grids.strata import PairCounts, count_strata
from causalrec.identification import Estimand

__all__ = ["score_pairs"]


def score_pairs(estimand: Estimand, data: Dataset, modifiers: Sequence[str]) -> EffectScores:
    """Effect of the treatment for each user and item: base rate times (lift - 1).

    The base rate is the pair's own purchases without treatment, smoothed toward the item's; the lift
    is `LiftModel`'s, by what the user bought before, the item's kinds and its text. A joint treatment
    counts where any part of it is on.

    Parameters
    ----------
    estimand : Estimand
    data : Dataset
        A log of visits.
    modifiers : sequence of str
        Nodes bound to the purchases (history), to text or to columns of the items.

    Returns
    -------
    EffectScores
        All pairs, sorted by user, then item, in the tables' order.

    Raises
    ------
    DataError : a flat table, or no modifier of the items.
    MissingColumnsError : a modifier that the data lack.
    """
    units = grid(data)
    by_history, blocks = _modifiers(data, modifiers)
    treated = np.any([units.treatment(data.column_name(node)) > 0 for node in estimand.treatment], axis=0)
    period, groups = _compared_within(estimand, data, units)
    strata, pairs = count_strata(
        units, treated, _held(estimand, data, units), period, groups, by_history=by_history
    )  # fmt: skip
    lift = LiftModel().fit(strata, blocks).lift()
    value, stderr, base = pair_effects(pairs, lift)
    shape = value.shape
    return EffectScores(
        user=np.repeat(units.users, shape[1]),
        item=np.tile(units.items, shape[0]),
        value=value.ravel(),
        stderr=stderr.ravel(),
        propensity=(pairs.visits_treated / np.maximum(pairs.visits, 1)[:, None]).ravel(),
        treatment=" or ".join(estimand.treatment),
        unit=data.unit,
        base=base.ravel(),
        reason=_reason(by_history, [node for node in modifiers if data.column(node) != Column("purchases")]),
    )


def _reason(by_history: bool, kinds: Sequence[str]) -> str:
    by = ", ".join(["item", *(["what the user bought before"] if by_history else []), *kinds])
    return (
        f"personal: each pair's own rate, smoothed, times a lift less 1; the lift differs by {by}, as far as the data "
        f"say so (differences are shrunk, not tested)"
    )


def pair_effects(pairs: PairCounts, lift: Lift) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Base rate times (lift - 1), its standard error (delta method), and the base; each (n_users, n_items)."""
    ratio = np.exp(np.take_along_axis(lift.log_lift, pairs.history, axis=0))
    variance = np.take_along_axis(lift.variance, pairs.history, axis=0)
    # A treated visit yields `ratio` times the purchases of an untreated one, so it counts as that many.
    exposure = pairs.visits[:, None] + (ratio - 1) * pairs.visits_treated
    base, base_variance, _ = smoothed_rates(pairs.bought, exposure)
    stderr = np.sqrt((ratio - 1) ** 2 * base_variance + base**2 * ratio**2 * variance)
    return base * (ratio - 1), stderr, base


def _modifiers(data: Dataset, modifiers: Sequence[str]) -> tuple[bool, list[np.ndarray]]:
    history = [node for node in modifiers if data.column(node) == Column("purchases")]
    items = [node for node in modifiers if node not in history]
    known = [*data.columns, *data.tables["items"].column_names]
    missing = [node for node in items if node not in known]
    if missing:
        raise MissingColumnsError(missing, "items", known)
    blocks = [item_block(data, node) for node in items]
    return bool(history), blocks or [np.zeros((data.tables["items"].num_rows, 1))]


def _compared_within(estimand: Estimand, data: Dataset, units: Grid) -> tuple[np.ndarray, list[np.ndarray]]:
    """The period that history is cut by, and the other groups of contexts that are held fixed."""
    columns = [column for node in estimand.adjustment if isinstance(column := data.column(node), AbsorbedColumn)]
    coarse = [name for column in columns for name in column.coarse]
    others = [name for column in columns if not column.coarse for name in column.by_item]
    unknown = [name for name in (*coarse, *others) if name not in units.levels]
    if unknown:
        raise MissingColumnsError(unknown, "visits", units.levels)
    period = units.levels[coarse[0]] if coarse else np.zeros(units.n_contexts, dtype=np.int64)
    return period, [units.levels[name] for name in (*coarse[1:], *others)]


def _held(estimand: Estimand, data: Dataset, units: Grid) -> np.ndarray:
    """Joint code of the binary covariates of the cells that the estimand adjusts for."""
    code = np.zeros((units.n_contexts, units.n_items), dtype=np.int64)
    for node in estimand.adjustment:
        column = data.column(node)
        if not isinstance(column, Column):
            continue
        if column.name not in units.cell_values:
            raise DataError(f"Scores hold fixed absorbed effects and other treatments; {node!r} is neither.")
        code = code * 2 + (units.treatment(column.name) > 0)
    return code

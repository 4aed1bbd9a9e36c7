"""From an estimand and data to an effect: which regression, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from causalrec.data import AbsorbedColumn, Column, Dataset, Grid, TextColumn, absorbed_codes, design, grid
from causalrec.data.blocks import item_block
from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.absorption import Absorbed, residuals
from causalrec.estimation.choice import as_estimator, chosen_estimator
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.grid_regression import NO_VARIATION, Regression, grid_regression, variance
from causalrec.estimation.plug_in import PlugIn
from causalrec.identification import Estimand

__all__ = ["MIN_VARIATION", "GridPlan", "estimate_effect", "grid_plan"]

MIN_VARIATION = 0.02  # share of a treatment's variance below which what is left is the exceptions


@dataclass(frozen=True, slots=True, eq=False)
class GridPlan:
    """How an estimand is regressed on a grid.

    Attributes
    ----------
    regressors : tuple of str
        The treatments first, then the covariates that vary by cell; those that the absorbed effects
        explain are held fixed by them already.
    absorbed : Absorbed
    words : str
        The absorbed effects in words.
    """

    regressors: tuple[str, ...]
    absorbed: Absorbed
    words: str


def estimate_effect(
    estimand: Estimand,
    data: Dataset,
    *,
    estimator: Any = None,
    clusters: Sequence[str] = (),
    weights: str | None = None,
    missing: str = "refuse",
    target: str = "ATE",
) -> EffectEstimate:
    """Estimate an effect within the estimand's adjustment set, or by its instrument.

    A log of visits is regressed as a complete grid, errors clustered by user and item (or by one
    column of the items, such as their category). For a flat table an estimator is chosen from the
    estimand and the types of treatment and outcome, and `reason` says why. A joint treatment is the sum
    of its parts: all on against all off.

    Parameters
    ----------
    estimand : Estimand
    data : Dataset
    estimator : estimator, optional
        One of causalrec.estimation, or an estimator object of EconML. For flat tables.
    clusters : sequence of str
        Columns of the flat table; or one column of the items.
    weights : str, optional
        Column of the flat table that says how much each row counts.
    missing : {"refuse", "drop", "indicator", "impute"}
        What to do where values of the flat table are missing.
    target : {"ATE", "ATT", "ATO"}
        Whose effect, where no estimator is given.

    Raises
    ------
    DataError, MissingColumnsError : the tables do not hold what the estimand names.
    EstimationError : the treatment does not vary within the adjustment set, or nothing estimates this estimand.
    """
    if estimand.conditional:
        raise EstimationError(
            f"The effect within values of {', '.join(estimand.conditional)} has no estimator yet. Estimate it in the "
            f"rows of one value, or ask for scores by that modifier."
        )
    if not data.is_grid:
        return _estimate_table(estimand, data, estimator, clusters, weights, missing, target)
    _refuse_on_a_grid(estimand, estimator=estimator, weights=weights, target=None if target == "ATE" else target)
    units, item_clusters = grid(data), _item_clusters(data, clusters)
    n_treatments = len(estimand.treatment)
    plan = grid_plan(estimand, data, units)
    try:
        found = grid_regression(units, plan.regressors, plan.absorbed, item_clusters=item_clusters)
        enough = found.variation[:n_treatments].min() >= MIN_VARIATION
    except EstimationError:
        enough = False
    if not enough:
        plan = _coarser_plan(estimand, data, units, plan)
        found = grid_regression(units, plan.regressors, plan.absorbed, item_clusters=item_clusters)
    names = {"users": "users", "items": clusters[0] if clusters else "items"}
    return _effect(estimand, data, found, f"least squares on a grid, {plan.words} absorbed", names, coarse=not enough)


def grid_plan(estimand: Estimand, data: Dataset, units: Grid, *, coarse: bool = False) -> GridPlan:
    """Regressors and absorbed effects of an estimand on a grid.

    Raises
    ------
    DataError : a node of the adjustment set that no table realises; all of them.
    """
    columns = {node: data.column(node) for node in estimand.adjustment}
    groups = [c.coarser() if coarse else c for c in columns.values() if isinstance(c, AbsorbedColumn)]
    plain = {node: c.name for node, c in columns.items() if isinstance(c, Column)}
    by_cell = [name for name in plain.values() if name in units.cell_values or name in units.item_weeks]
    item_names = data.tables["items"].column_names
    of_items = [node for node, c in columns.items() if isinstance(c, TextColumn) or plain.get(node) in item_names]
    lost = [node for node in plain if plain[node] not in by_cell and node not in of_items]
    if lost:
        raise DataError(
            f"The adjustment set names {', '.join(map(repr, lost))}, and no table has them. Bind each to a column, to "
            f"text(...) or to absorbed(...) with data.with_columns."
        )
    by_item, common = absorbed_codes(units, groups)
    blocks = [item_block(data, node) for node in of_items] if not by_item else []
    words = [f"item x {name}" for c in groups for name in c.by_item] + [name for c in groups for name in c.common]
    absorbed = Absorbed(tuple(by_item), tuple(common), np.column_stack(blocks) if blocks else None)
    varying = [name for name in by_cell if _varies(units, name, absorbed)]
    return GridPlan(
        regressors=(*(data.column_name(node) for node in estimand.treatment), *varying),
        absorbed=absorbed,
        words=" + ".join(words + of_items) or "no effect",
    )


def _varies(units: Grid, name: str, absorbed: Absorbed) -> bool:
    """Whether the absorbed effects leave anything of a covariate."""
    cells, weight = units.treatment(name), units.visits()
    left = residuals(cells, weight, absorbed)
    return bool((weight @ left**2).sum() > NO_VARIATION * variance(cells, weight))


def _coarser_plan(estimand: Estimand, data: Dataset, units: Grid, plan: GridPlan) -> GridPlan:
    """The plan with coarse groups, for treatments that the fine ones leave nothing to vary by."""
    coarse = grid_plan(estimand, data, units, coarse=True)
    if coarse.words == plan.words:
        raise EstimationError(
            f"With {plan.words} held fixed, {' or '.join(map(repr, estimand.treatment))} varies by less than "
            f"{MIN_VARIATION:.0%} of itself. Bind a node with absorbed(..., coarse=...) to compare more loosely."
        )
    return coarse


def _item_clusters(data: Dataset, clusters: Sequence[str]) -> np.ndarray | None:
    if not clusters:
        return None
    if len(clusters) > 1:
        raise DataError(f"A grid clusters by users and by one column of the items, not by {', '.join(clusters)}.")
    levels, codes = np.unique(data.item_column(clusters[0]), return_inverse=True)
    if len(levels) < 2:
        raise EstimationError(f"Errors cannot be clustered by {clusters[0]!r}: it has one value.")
    return codes


def _refuse_on_a_grid(estimand: Estimand, **given: object) -> None:
    if estimand.strategy != "adjustment":
        raise EstimationError(
            f"Strategy {estimand.strategy!r} has no estimator on a log of visits: give a flat table, one row a unit."
        )
    if named := [name for name, value in given.items() if value is not None]:
        raise EstimationError(
            f"A log of visits is regressed as a complete grid, which takes no {' and no '.join(named)}: give a flat "
            f"table, one row a unit."
        )


def _estimate_table(
    estimand: Estimand,
    data: Dataset,
    estimator: Any,
    clusters: Sequence[str],
    weights: str | None,
    missing: str,
    target: str,
) -> EffectEstimate:
    if estimand.strategy == "id":
        return _estimate_formula(estimand, data, estimator, clusters, weights, target)
    columns = design(estimand, data, clusters=clusters, weights=weights, missing=missing)
    if isinstance(columns, Design):
        _refuse_constant(columns, estimand)
    if estimator is None:
        chosen, reason = chosen_estimator(estimand, columns, target)
    else:
        chosen, reason = as_estimator(estimator), ""
    # A streamed design has the same batches; an estimator that needs all rows at once refuses it.
    found = chosen.fit(cast(Design, columns)).effect(estimand, unit=data.unit)
    return replace(found, reason=reason)


def _estimate_formula(
    estimand: Estimand, data: Dataset, estimator: Any, clusters: Sequence[str], weights: str | None, target: str
) -> EffectEstimate:
    if estimator is not None and not isinstance(estimator, PlugIn):
        raise EstimationError("An expression of the ID algorithm has one estimator, PlugIn, for discrete variables.")
    if target != "ATE":
        raise EstimationError(f"The {target} cannot be had here: the expression is of the effect on all.")
    nodes = sorted(estimand.identified.names if estimand.identified else ())
    named = {node: data.column_name(node) for node in nodes}
    data.require("interactions", (*named.values(), *clusters, *([weights] if weights else ())))
    table = data.tables["interactions"]
    columns = {node: table[name].to_numpy(zero_copy_only=False) for node, name in named.items()}
    groups = {name: table[name].to_numpy(zero_copy_only=False) for name in clusters}
    counts = table[weights].to_numpy(zero_copy_only=False) if weights else None
    plug_in = PlugIn() if estimator is None else estimator
    found = plug_in.fit_columns(columns, estimand, clusters=groups, weight=counts).effect(estimand, unit=data.unit)
    return replace(found, reason="" if estimator else "the effect is an expression of discrete variables")


def _refuse_constant(columns: Design, estimand: Estimand) -> None:
    constant = [n for n, t in zip(estimand.treatment, columns.treatments.T, strict=True) if (t == t[0]).all()]
    if constant:
        raise EstimationError(
            f"{' and '.join(map(repr, constant))} does not vary: every row has {columns.treatments[0].tolist()}, so "
            f"nothing compares. Use data with rows of both kinds."
        )
    if single := [name for name, codes in columns.clusters.items() if not codes.any()]:
        raise EstimationError(f"Errors cannot be clustered by {', '.join(map(repr, single))}: it has one value.")


def _effect(
    estimand: Estimand, data: Dataset, found: Regression, method: str, names: dict[str, str], *, coarse: bool = False
) -> EffectEstimate:
    k = len(estimand.treatment)
    shares = zip(found.names, found.variation, strict=True)
    diagnostics = {f"variation of {name}": float(share) for name, share in shares}
    return EffectEstimate(
        value=float(found.coef[:k].sum()),
        stderr=float(np.sqrt(found.cov[:k, :k].sum())),
        n=found.n,
        dof=float(found.dof),
        method=method,
        estimand=estimand,
        unit=data.unit,
        n_clusters={names[kind]: count for kind, count in found.n_clusters.items()},
        diagnostics=diagnostics,
        coarse=coarse,
    )

"""An effect on a log of visits, whose units are a grid that is never written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import AbsorbedColumn, Column, Dataset, Grid, TextColumn, absorbed_codes, grid
from causalrec.data.blocks import item_block
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.grids.absorption import Absorbed, residuals
from causalrec.estimation.grids.grid_regression import NO_VARIATION, Regression, grid_regression, variance
from causalrec.estimation.question import Question
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.identification import Estimand

__all__ = ["MIN_VARIATION", "GridPlan", "estimate_grid", "grid_plan"]

MIN_VARIATION = 0.02  # share of a treatment's variance below which what is left is the exceptions
N_LOOKED_AT = 32  # items that can show a covariate to vary


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


def estimate_grid(question: Question) -> EffectEstimate:
    """The regression of a complete grid, errors clustered by user and item.

    Raises
    ------
    DataError : two clusters of items, or a node that no table realises.
    EstimationError : what a grid cannot do, or a treatment that varies too little in coarse groups too.
    """
    _refuse_on_a_grid(question)
    estimand, data, clusters = question.estimand, question.data, question.clusters
    units, item_clusters = grid(data), _item_clusters(data, clusters)
    plan = grid_plan(estimand, data, units)
    try:
        found = grid_regression(units, plan.regressors, plan.absorbed, item_clusters=item_clusters)
        enough = found.variation[: len(estimand.treatment)].min() >= MIN_VARIATION
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
    """Whether the absorbed effects leave anything of a covariate.

    What they explain everywhere they explain within some of the items too: where some show that they do not, the
    others need no look.
    """
    cells, weight = units.treatment(name), units.visits()
    some = slice(None, None, max(1, units.n_items // N_LOOKED_AT))
    return any(_is_left(cells[:, part], weight, absorbed.of_items(part)) for part in (some, slice(None)))


def _is_left(cells: np.ndarray, weight: np.ndarray, absorbed: Absorbed) -> bool:
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


def _refuse_on_a_grid(question: Question) -> None:
    strategy = question.estimand.strategy
    if strategy != "adjustment":
        raise EstimationError(
            f"Strategy {strategy!r} has no estimator on a log of visits: give a flat table, one row a unit."
        )
    given = {"estimator": question.estimator, "weights": question.weights}
    given["target"] = None if question.target == "ATE" else question.target
    if named := [name for name, value in given.items() if value is not None]:
        raise EstimationError(
            f"A log of visits is regressed as a complete grid, which takes no {' and no '.join(named)}: give a flat "
            f"table, one row a unit."
        )


def _effect(
    estimand: Estimand, data: Dataset, found: Regression, method: str, names: dict[str, str], *, coarse: bool = False
) -> EffectEstimate:
    k = len(estimand.treatment)
    n_clusters = {names[kind]: count for kind, count in found.n_clusters.items()}
    refuse_two_clusters(n_clusters)
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
        n_clusters=n_clusters,
        notes=cluster_notes(n_clusters, float(found.dof), None, ""),
        diagnostics=diagnostics,
        coarse=coarse,
    )

"""Which columns of which tables one estimand takes, and how each becomes numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.bindings import names_of
from causalrec.data.coding import BlockPart, CategoryPart, CodesPart, NumberPart, part_of
from causalrec.data.columns import AbsorbedColumn, Column, TextColumn
from causalrec.data.design_arrays import Design
from causalrec.data.scan import Scan
from causalrec.data.side_tables import side_block, side_codes, side_of, text_block
from causalrec.data.values import numbers_of
from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data.dataset import Dataset
    from causalrec.identification import Estimand

__all__ = ["Layout", "Request", "lay_out"]

N_READ = 1 << 15  # rows that become numbers at once
Part = NumberPart | CategoryPart


@dataclass(frozen=True, slots=True)
class Request:
    """What a design is asked for: an estimand, and what its graph does not say."""

    estimand: Estimand
    clusters: tuple[str, ...] = ()
    weights: str | None = None
    missing: str = "refuse"

    @property
    def adjusted(self) -> tuple[str, ...]:
        """Nodes that are held fixed: the adjustment set, and those within whose values the effect is asked for."""
        return tuple(dict.fromkeys((*self.estimand.adjustment, *self.estimand.conditional)))

    def strict(self, data: Dataset) -> tuple[str, ...]:
        """Columns of the interactions in which nothing may be filled in."""
        estimand = self.estimand
        nodes = (*estimand.treatment, estimand.outcome, *estimand.instruments, *estimand.mediators)
        groups = (node for node in self.adjusted if isinstance(data.column(node), AbsorbedColumn))
        names = [name for node in (*nodes, *groups) for name in names_of(data.column(node))]
        return tuple(dict.fromkeys([*names, *self.clusters, *([self.weights] if self.weights else [])]))

    def loose(self, data: Dataset) -> tuple[str, ...]:
        """Columns of covariates, in which a missing value may be filled in."""
        kinds = [data.column(node) for node in self.adjusted]
        return tuple(dict.fromkeys(column.name for column in kinds if not isinstance(column, AbsorbedColumn)))


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Levels and names, so that any part of the table becomes the same columns."""

    outcome: str
    treatments: dict[str, str]
    covariates: tuple[Part, ...]
    absorbed: tuple[CodesPart, ...]
    clusters: tuple[CodesPart, ...]
    weight: str | None
    instruments: tuple[Part, ...]
    mediators: tuple[Part, ...]
    blocks: tuple[BlockPart, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the interactions that `read` needs."""
        parts = (*self.covariates, *self.absorbed, *self.clusters, *self.instruments, *self.mediators, *self.blocks)
        weight = [self.weight] if self.weight else []
        return tuple(dict.fromkeys([self.outcome, *self.treatments.values(), *weight, *(p.column for p in parts)]))

    def read(self, table: pa.Table) -> Design:
        """Rows of the interactions as numbers."""

        def joined(parts: Sequence[Part]) -> np.ndarray:
            found = np.empty((table.num_rows, len(names(parts))))
            for first in range(0, table.num_rows if parts else 0, N_READ):  # few rows at once stay in the cache
                rows, start = table.slice(first, N_READ), 0
                for part in parts:
                    stop = start + len(part.names)
                    found[first : first + N_READ, start:stop] = part.read(rows)
                    start = stop
            return found

        def names(parts: Sequence[Part]) -> tuple[str, ...]:
            return tuple(name for part in parts for name in part.names)

        return Design(
            outcome=np.array(numbers_of(table[self.outcome])),
            treatments=np.column_stack([numbers_of(table[name]) for name in self.treatments.values()]),
            covariates=joined(self.covariates),
            absorbed=tuple(part.read(table) for part in self.absorbed),
            clusters={part.name: part.read(table) for part in self.clusters},
            treatment_names=tuple(self.treatments),
            covariate_names=names(self.covariates),
            weight=np.array(numbers_of(table[self.weight])) if self.weight else None,
            instruments=joined(self.instruments),
            mediators=joined(self.mediators),
            blocks=tuple(part.read(table) for part in self.blocks),
            instrument_names=names(self.instruments),
            mediator_names=names(self.mediators),
            absorbed_names=tuple(part.name for part in self.absorbed),
            absorbed_levels=tuple(part.levels if part.code is None else None for part in self.absorbed),
        )


def lay_out(request: Request, data: Dataset, look: Scan) -> Layout:
    """Levels, medians and blocks of what was asked for.

    Raises
    ------
    DataError : text where numbers are needed, too many categories, or a side table that does not fit.
    """
    estimand, missing = request.estimand, request.missing
    for node in (*estimand.treatment, estimand.outcome):
        _refuse_text(look, data.column_name(node))
    if request.weights:
        _refuse_weights(look, request.weights)
    here = set(look.table.column_names)
    bound = {node: data.column(node) for node in request.adjusted}
    groups = [name for column in bound.values() if isinstance(column, AbsorbedColumn) for name in names_of(column)]
    rows = {n: c.name for n, c in bound.items() if isinstance(c, Column) and c.name in here}
    texts = {n: c for n, c in bound.items() if isinstance(c, TextColumn) and c.name in here}
    beside = {n: c for n, c in bound.items() if not isinstance(c, AbsorbedColumn) and c.name not in here}
    sides = dict.fromkeys(str(side_of(data, column.name)) for column in beside.values())
    blocks = [text_block(look, node, column, missing) for node, column in texts.items()]
    for side in sides:
        of_side = {node: column for node, column in beside.items() if side_of(data, column.name) == side}
        blocks.append(side_block(data, side, of_side, missing))

    def codes(name: str) -> CodesPart:
        return CodesPart(name, name, look.levels(name)) if name in here else side_codes(data, name)

    def parts(nodes: Sequence[str]) -> tuple[Part, ...]:
        return tuple(part_of(look, node, data.column_name(node), "refuse") for node in nodes)

    return Layout(
        outcome=data.column_name(estimand.outcome),
        treatments={node: data.column_name(node) for node in estimand.treatment},
        covariates=tuple(part_of(look, node, name, missing) for node, name in rows.items()),
        absorbed=tuple(codes(name) for name in groups),
        clusters=tuple(codes(name) for name in request.clusters),
        weight=request.weights,
        instruments=parts(estimand.instruments),
        mediators=parts(estimand.mediators),
        blocks=tuple(blocks),
    )


def _refuse_text(look: Scan, name: str, what: str = "an outcome or treatment") -> None:
    if not look.numeric(name):
        kind = look.table.schema.field(name).type
        raise DataError(f"Column {name!r} holds {kind}; {what} must be numbers or true/false.")


def _refuse_weights(look: Scan, name: str) -> None:
    _refuse_text(look, name, "a weight")
    below, above = look.signs(name)
    if below:
        raise DataError(f"Column {name!r} is negative in {below:,} rows; a weight is 0 or more.")
    if not above:
        raise DataError(f"Column {name!r} is 0 in every row; no unit would count.")

"""A design whose rows stay on disk and come in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from causalrec.data.coding import CodesPart
from causalrec.data.design_arrays import N_BATCH, Design
from causalrec.data.design_block import DesignBlock
from causalrec.data.folds import cluster_folds, deal, mixed, refuse_folds, seeded
from causalrec.data.layout import Layout
from causalrec.data.relation import Relation
from causalrec.data.sql_scan import SqlScan
from causalrec.progress import progress

__all__ = ["N_DEALT", "StreamedDesign"]

N_DEALT = 2_000_000
"""Rows up to which a stream deals its folds as a design in memory does, at 32 bytes a row."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamedDesign:
    """The interface of `Design` without its arrays: names, counts and batches.

    Attributes
    ----------
    relation : Relation
        The rows that are used, in their fixed order.
    layout : Layout
        How they become numbers.
    n : int
        Number of units.
    dropped : mapping of str to int
        Missing values of the rows that were left out, by column.
    """

    relation: Relation
    layout: Layout
    n: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    _dealt: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def streamed(self) -> bool:
        """Whether the units come in batches alone."""
        return True

    @property
    def treatment_names(self) -> tuple[str, ...]:
        """One a treatment."""
        return tuple(self.layout.treatments)

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """One a column of the covariates."""
        return tuple(name for part in self.layout.covariates for name in part.names)

    @property
    def instrument_names(self) -> tuple[str, ...]:
        """One a column of the instruments."""
        return tuple(name for part in self.layout.instruments for name in part.names)

    @property
    def mediator_names(self) -> tuple[str, ...]:
        """One a column of the mediators."""
        return tuple(name for part in self.layout.mediators for name in part.names)

    @property
    def matrix_names(self) -> tuple[str, ...]:
        """One for each column of a batch's `matrix`."""
        return (*self.covariate_names, *(name for block in self.blocks for name in block.names))

    @property
    def blocks(self) -> tuple[DesignBlock, ...]:
        """The blocks without codes, which come with the batches."""
        empty = np.empty(0, dtype=np.int64)
        return tuple(DesignBlock(part.name, empty, part.matrix, part.names) for part in self.layout.blocks)

    @property
    def n_clusters(self) -> dict[str, int]:
        """Clusters of each kind."""
        return {part.name: part.n_groups for part in self.layout.clusters}

    @property
    def n_absorbed(self) -> tuple[int, ...]:
        """Groups of each kind whose effects are held fixed."""
        return tuple(part.n_groups for part in self.layout.absorbed)

    def batches(self, n_rows: int = N_BATCH) -> Iterator[Design]:
        """The units in the table's order, `n_rows` at a time."""
        start = 0
        parts = self.relation.batches(self.layout.columns, n_rows)
        for table in progress(parts, "reading", total=-(-self.n // n_rows)):
            part = slice(start, start + table.num_rows)
            yield replace(self.layout.read(table), _part_of=(self, part))
            start = part.stop

    def _folds_of(self, batch: Design, rows: slice, n_folds: int, random_state: int) -> np.ndarray:
        """Folds of one batch.

        Up to two million rows they are those that the same table has in memory. A longer stream would need
        all its keys at once: there a row's fold follows what it holds and its place in the file.
        """
        if self.layout.clusters:
            part = min(self.layout.clusters, key=lambda part: part.n_groups)
            return self._of_clusters(part, n_folds, random_state)[batch.clusters[part.name]]
        if self.n <= N_DEALT:
            return self._of_rows(n_folds, random_state)[rows]
        refuse_folds(n_folds, self.n, "rows")
        places = np.arange(rows.start, rows.stop, dtype=np.uint64)
        keys = seeded(batch.row_keys() ^ mixed(places), random_state)
        return ((keys >> np.uint64(32)) * np.uint64(n_folds) >> np.uint64(32)).astype(np.int64)

    def _of_clusters(self, part: CodesPart, n_folds: int, random_state: int) -> np.ndarray:
        asked = (n_folds, random_state)
        if asked not in self._dealt:
            sizes = SqlScan(self.relation).sizes(part.column, part.levels)
            if part.code is not None:
                sizes = np.bincount(part.code, weights=sizes).astype(np.int64)
            self._dealt[asked] = cluster_folds(sizes, n_folds, random_state, part.name)
        return self._dealt[asked]

    def _of_rows(self, n_folds: int, random_state: int) -> np.ndarray:
        asked = (n_folds, random_state)
        if asked not in self._dealt:
            parts = [(batch.row_keys(), *batch.tie_breakers()) for batch in self.batches()]
            keys, *ties = (np.concatenate(columns) for columns in zip(*parts, strict=True))
            self._dealt[asked] = deal(keys, n_folds, random_state, ties)
        return self._dealt[asked]

"""`Design`: the numbers of one estimand, one row a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from causalrec.data.design_block import DesignBlock
from causalrec.data.folds import cluster_folds, deal, row_keys
from causalrec.errors import ShapeError

__all__ = ["N_BATCH", "Design"]

N_BATCH = 262_144
"""Rows of a batch, where none is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """One row a unit.

    Attributes
    ----------
    outcome : float64, shape (n,)
    treatments : float64, shape (n, n_treatments)
    covariates : float64, shape (n, n_covariates)
        Numbers as they are; each category but the first of a text column as an indicator.
    absorbed : tuple of int64 arrays, each (n,)
        Codes of groups whose effects are held fixed.
    clusters : mapping of str to int64 array (n,)
    treatment_names, covariate_names : tuple of str
        One a column; made up where none is given.
    weight : float64, shape (n,), or None
        How much each unit counts, 0 or more.
    instruments : float64, shape (n, n_instruments)
    mediators : float64, shape (n, n_mediators)
    blocks : tuple of DesignBlock
        Covariates that are kept once per item, user or text.
    order : int64, shape (n,), or None
        Row of the table that each unit comes from, where some rows were dropped.
    dropped : mapping of str to int
        Rows that were dropped, by the column whose missing value was the reason.
    keys : uint64, shape (n,), or None
        One number for what a row held before missing values were filled in; folds follow it.
    instrument_names, mediator_names : tuple of str
    absorbed_names : tuple of str
        Column that each of `absorbed` codes; empty where they have no names.
    absorbed_levels : tuple of pyarrow.Array or None
        Distinct values of each such column in ascending order; a code is a place among them.

    Raises
    ------
    ShapeError : arrays of different lengths, or names that are not one a column.

    Examples
    --------
    >>> rows = Design(np.arange(4.0), np.eye(4)[:, :1], np.ones((4, 1)), (), {})
    >>> rows.n, rows.covariate_names, [part.n for part in rows.batches(3)]
    (4, ('covariate 0',), [3, 1])
    """

    outcome: np.ndarray
    treatments: np.ndarray
    covariates: np.ndarray
    absorbed: tuple[np.ndarray, ...]
    clusters: dict[str, np.ndarray]
    treatment_names: tuple[str, ...] = ()
    covariate_names: tuple[str, ...] = ()
    weight: np.ndarray | None = None
    instruments: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    mediators: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    blocks: tuple[DesignBlock, ...] = ()
    order: np.ndarray | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    keys: np.ndarray | None = None
    instrument_names: tuple[str, ...] = ()
    mediator_names: tuple[str, ...] = ()
    absorbed_names: tuple[str, ...] = ()
    absorbed_levels: tuple[Any, ...] = field(default=(), repr=False)
    _part_of: tuple[object, slice | np.ndarray] | None = field(default=None, repr=False)
    _dealt: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for kind in ("instrument", "mediator"):
            if getattr(self, f"{kind}s").shape == (0, 0):
                object.__setattr__(self, f"{kind}s", np.empty((self.n, 0)))
        for kind in ("treatment", "covariate", "instrument", "mediator"):
            columns, names = getattr(self, f"{kind}s"), getattr(self, f"{kind}_names")
            if columns.ndim != 2 or len(columns) != self.n:
                raise ShapeError(f"`{kind}s` {columns.shape} must have one row for each of the {self.n} outcomes.")
            if not names:
                object.__setattr__(self, f"{kind}_names", tuple(f"{kind} {k}" for k in range(columns.shape[1])))
            elif len(names) != columns.shape[1]:
                raise ShapeError(f"`{kind}s` has {columns.shape[1]} columns and {len(names)} names.")
        for name, vector in self._vectors().items():
            if vector.shape != (self.n,):
                raise ShapeError(f"`{name}` {vector.shape} must be a vector of {self.n} rows.")

    def _vectors(self) -> dict[str, np.ndarray]:
        found = {f"absorbed[{k}]": codes for k, codes in enumerate(self.absorbed)}
        found |= {f"clusters[{name!r}]": codes for name, codes in self.clusters.items()}
        found |= {f"blocks[{k}].codes": block.codes for k, block in enumerate(self.blocks)}
        given = {"weight": self.weight, "order": self.order, "keys": self.keys}
        return found | {name: vector for name, vector in given.items() if vector is not None}

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.outcome)

    @property
    def streamed(self) -> bool:
        """Whether the units come in batches alone; here they are all in memory."""
        return False

    @property
    def n_clusters(self) -> dict[str, int]:
        """Clusters of each kind."""
        return {name: int(codes.max(initial=-1)) + 1 for name, codes in self.clusters.items()}

    @property
    def n_absorbed(self) -> tuple[int, ...]:
        """Groups of each kind whose effects are held fixed."""
        return tuple(int(codes.max(initial=-1)) + 1 for codes in self.absorbed)

    @property
    def matrix_names(self) -> tuple[str, ...]:
        """One name for each column of `matrix`."""
        return (*self.covariate_names, *(name for block in self.blocks for name in block.names))

    def matrix(self) -> np.ndarray:
        """Covariates with the blocks expanded to one row a unit; float64, shape (n, p)."""
        return np.column_stack([self.covariates, *(block.expanded() for block in self.blocks)])

    def folds(self, n_folds: int = 5, random_state: int = 0) -> np.ndarray:
        """Fold of each unit; int64, shape (n,), values 0 to n_folds - 1.

        A unit's fold follows what its row holds, so that rows in another order fall into the same folds.
        Clusters stay whole; of several kinds, those of the kind with the fewest. A batch has the folds
        of the design that it is a part of.

        Raises
        ------
        DataError : fewer units or clusters than folds, or fewer than two folds.
        """
        asked = (n_folds, random_state)
        if asked not in self._dealt:
            self._dealt[asked] = self._deal(n_folds, random_state)
            self._dealt[asked].flags.writeable = False  # the next caller gets the same array
        return self._dealt[asked]

    def _deal(self, n_folds: int, random_state: int) -> np.ndarray:
        if self._part_of is not None:
            whole, rows = self._part_of
            return whole._folds_of(self, rows, n_folds, random_state)  # type: ignore[attr-defined]
        if not self.clusters:
            return deal(self.row_keys(), n_folds, random_state, self.tie_breakers())
        name = min(self.n_clusters, key=self.n_clusters.__getitem__)
        codes = self.clusters[name]
        return cluster_folds(np.bincount(codes), n_folds, random_state, name)[codes]

    def _folds_of(self, batch: Design, rows: slice | np.ndarray, n_folds: int, random_state: int) -> np.ndarray:
        return self.folds(n_folds, random_state)[rows]

    def row_keys(self) -> np.ndarray:
        """One number for what each row holds beside outcome and weight; uint64, shape (n,)."""
        if self.keys is not None:
            return self.keys
        blocks = (block.codes for block in self.blocks)
        numbers = (self.treatments, self.covariates, self.instruments, self.mediators)
        return row_keys((*numbers, *self.absorbed, *blocks), self.n)

    def tie_breakers(self) -> tuple[np.ndarray, ...]:
        """What tells rows of one key apart: their ranks alone count, whatever the unit."""
        return (self.outcome,) if self.weight is None else (self.outcome, self.weight)

    def rows(self, which: slice | np.ndarray) -> Design:
        """The same design for some of the units: a slice, a mask or positions."""

        def some(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[which]

        return replace(
            self,
            outcome=self.outcome[which],
            treatments=self.treatments[which],
            covariates=self.covariates[which],
            instruments=self.instruments[which],
            mediators=self.mediators[which],
            weight=some(self.weight),
            order=some(self.order),
            keys=some(self.keys),
            absorbed=tuple(codes[which] for codes in self.absorbed),
            clusters={name: codes[which] for name, codes in self.clusters.items()},
            blocks=tuple(block.rows(which) for block in self.blocks),
            _part_of=None,
        )

    def part(self, which: slice | np.ndarray) -> Design:
        """Some of the units, in the folds that they have among all of them: a slice, a mask or positions."""
        return replace(self.rows(which), _part_of=(self, which))

    def batches(self, n_rows: int = N_BATCH) -> Iterator[Design]:
        """The units in their order, `n_rows` at a time; views of the same arrays."""
        for start in range(0, self.n, n_rows):
            yield self.part(slice(start, min(start + n_rows, self.n)))

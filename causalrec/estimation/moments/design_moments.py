"""Moments of a design, fold by fold, in one pass; and linear functions of its rows in the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.moments import Moments, add_by

__all__ = ["Dealt", "DesignMoments", "design_moments", "pieces"]

N_NUMBERS = 1 << 18  # numbers in one batch of rows: it stays in the processor's cache

Dealt = tuple[int, int] | None
"""How rows are dealt into folds: number of folds and random state; None for one fold."""


@dataclass(frozen=True, slots=True, eq=False)
class DesignMoments:
    """Gram matrices of [1, leading columns, covariates, blocks], one a fold, about a common shift.

    Attributes
    ----------
    folds : tuple of Moments
    shift : float64, shape (p,)
        What was taken off each column but the constant, so that large means cost no digits.
    names : tuple of str
        Name of each column but the constant.
    n_leading : int
        Treatments, then the outcome and, where asked for, instruments: those come first.
    n_rowwise : int
        Covariates that each row holds itself; the others are in blocks.
    blocks : tuple of float64 arrays, each (n_groups, q)
    """

    folds: tuple[Moments, ...]
    shift: np.ndarray
    names: tuple[str, ...]
    n_leading: int
    n_rowwise: int
    blocks: tuple[np.ndarray, ...]

    @property
    def total(self) -> Moments:
        """Moments of all rows."""
        return sum(self.folds[1:], self.folds[0])

    def without(self, fold: int) -> Moments:
        """Moments of the rows outside a fold: the total less that fold."""
        return self.total - self.folds[fold]


@np.errstate(invalid="ignore", over="ignore")  # values that are not finite are refused by name at the end
def design_moments(design: Design, dealt: Dealt = None, *, instruments: bool = False) -> DesignMoments:
    """One pass over the batches of a design.

    Parameters
    ----------
    design : Design
        Or a stream, which has batches alone.
    dealt : (int, int), optional
        Number of folds and random state.
    instruments : bool
        Whether the instruments come after the outcome among the leading columns.

    Raises
    ------
    EstimationError : a column that is not finite, negative weights or none above 0, or an empty table.
    """
    sums: list[FoldSums] = []
    room = np.empty((0, 0))
    for batch in pieces(design):
        leading = leading_columns(batch, instruments)
        if len(room) < batch.n:
            room = np.empty(batch.covariates.shape)  # every batch uses the same memory
        if not sums:
            head, shift = batch, np.concatenate([leading.mean(axis=0), batch.covariates.mean(axis=0)])
            matrices = tuple(block.matrix - block.matrix.mean(axis=0) for block in batch.blocks)
            sums = [FoldSums(1 + len(shift), matrices) for _ in range(dealt[0] if dealt else 1)]
        _add(sums, batch, leading, shift, dealt, room[: batch.n])
    if not sums:
        raise EstimationError("The table is empty: there is nothing to estimate from.")
    found = DesignMoments(
        folds=tuple(part.moments() for part in sums),
        shift=np.concatenate([shift, *(block.matrix.mean(axis=0) for block in head.blocks)]),
        names=leading_names(head, instruments) + head.matrix_names,
        n_leading=leading.shape[1], n_rowwise=head.covariates.shape[1],
        blocks=tuple(block.matrix for block in head.blocks),
    )  # fmt: skip
    _require_finite(found)
    return found


class FoldSums:
    """What one fold adds up: its rows' own moments, and sums of its rows by group of each block."""

    def __init__(self, width: int, blocks: tuple[np.ndarray, ...]):
        self.blocks, self.n = blocks, 0
        self.own = np.zeros((width, width))
        self.by_group = [np.zeros((len(block), width)) for block in blocks]
        ways = range(len(blocks))
        self.pairs = {(a, b): np.zeros((len(blocks[a]), blocks[b].shape[1])) for a in ways for b in ways if a < b}

    def add(self, rows: np.ndarray, weight: np.ndarray | None, codes: list[np.ndarray]) -> None:
        """Add rows (m, width), the first column of which is 1."""
        self.add_beside(rows[:, :1], rows[:, 1:], weight, codes)

    def add_beside(
        self, leading: np.ndarray, covariates: np.ndarray, weight: np.ndarray | None, codes: list[np.ndarray]
    ) -> None:
        """Add rows that stand in two arrays: (m, l), the first column of which is 1, and (m, width - l)."""
        scale = None if weight is None else weight[:, None]
        weighted = leading if scale is None else leading * scale
        split = leading.shape[1]
        cross = weighted.T @ covariates
        self.own[:split, :split] += leading.T @ weighted
        self.own[:split, split:] += cross
        self.own[split:, :split] += cross.T
        self.own[split:, split:] += covariates.T @ (covariates if scale is None else covariates * scale)
        self.n += len(leading)
        if self.blocks:
            rows = np.column_stack([weighted, covariates if scale is None else covariates * scale])
            for sums, code in zip(self.by_group, codes, strict=True):
                add_by(sums, rows, code)
        for (a, b), sums in self.pairs.items():
            add_by(sums, self.blocks[b][codes[b]] * weighted[:, :1], codes[a])

    def moments(self) -> Moments:
        """Cross moments with a block are (sums by group)' B, own moments B' diag(counts) B."""
        if not self.blocks:
            return Moments(self.own, self.n)
        cross = [sums.T @ block for sums, block in zip(self.by_group, self.blocks, strict=True)]
        grid = [[self.own, *cross], *([part.T, *self._between(a)] for a, part in enumerate(cross))]
        return Moments(np.block(grid), self.n)

    def _between(self, a: int) -> list[np.ndarray]:
        counts, row = self.by_group[a][:, :1], []
        for b, block in enumerate(self.blocks):
            if b == a:
                row.append((block * counts).T @ block)
            else:
                low, high = min(a, b), max(a, b)
                between = self.blocks[low].T @ self.pairs[low, high]
                row.append(between if a < b else between.T)
        return row


def _add(
    sums: list[FoldSums], batch: Design, leading: np.ndarray, shift: np.ndarray, dealt: Dealt, room: np.ndarray
) -> None:
    weight, codes, split = batch.weight, [block.codes for block in batch.blocks], leading.shape[1]
    if weight is not None and not (np.isfinite(weight) & (weight >= 0)).all():
        raise EstimationError("Weights must be 0 or more, and at least one is negative or missing.")
    head = np.column_stack([np.ones(batch.n), leading - shift[:split]])
    if dealt is None:
        np.subtract(batch.covariates, shift[split:], out=room)
        return sums[0].add_beside(head, room, weight, codes)
    folds = batch.folds(*dealt)
    order = np.argsort(folds.astype(np.int16), kind="stable")  # each fold's rows side by side: one copy for all folds
    np.take(batch.covariates, order, axis=0, out=room, mode="clip")  # other modes make a copy first
    room -= shift[split:]
    stops = np.cumsum(np.bincount(folds, minlength=len(sums)))
    for part, start, stop in zip(sums, stops - np.diff(stops, prepend=0), stops, strict=True):
        at = order[start:stop]
        part.add_beside(
            head[at], room[start:stop], None if weight is None else weight[at], [code[at] for code in codes]
        )  # fmt: skip


def pieces(design: Design, width: int | None = None) -> Iterator[Design]:
    """Batches of rows small enough for the processor's cache; of `width` columns, where given."""
    n_rows = max(4096, N_NUMBERS // (width or 4 + len(design.covariate_names)))
    if not design.streamed:
        yield from design.batches(n_rows)
        return
    for batch in design.batches():  # a file is read in larger parts
        yield from batch.batches(n_rows)


def leading_columns(batch: Design, instruments: bool = False) -> np.ndarray:
    """Treatments, outcome and, where asked for, instruments; shape (n, n_leading)."""
    return np.column_stack([batch.treatments, batch.outcome, *([batch.instruments] if instruments else [])])


def leading_names(batch: Design, instruments: bool) -> tuple[str, ...]:
    """Names of the leading columns."""
    return (*batch.treatment_names, "the outcome", *(batch.instrument_names if instruments else ()))


def _require_finite(found: DesignMoments) -> None:
    gram = found.total.gram
    if not gram[0, 0] > 0:
        raise EstimationError("No row has a weight above 0: there is nothing to estimate from.")
    lost = [name for name, value in zip(found.names, np.diag(gram)[1:], strict=True) if not np.isfinite(value)]
    if lost:
        raise EstimationError(
            f"Not finite, or too large to square: {', '.join(lost[:10])}. Drop those rows, or fill in or rescale them."
        )

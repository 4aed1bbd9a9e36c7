"""Moments of a design by cells of rows: by fold, and within folds by arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.moments.design_moments import DesignMoments, FoldSums, leading_columns, leading_names, pieces

__all__ = ["OUTCOME", "TREATMENT", "Cells", "Target", "add_rows", "cell_moments"]

TREATMENT, OUTCOME = 0, 1


@dataclass(frozen=True, slots=True)
class Cells:
    """Parts of the rows: by fold, and within folds by arm of a binary treatment.

    Attributes
    ----------
    n_folds, random_state : int
        How rows are dealt into folds.
    by_arm : bool
        Whether the untreated and the treated of a fold are two cells.
    """

    n_folds: int
    random_state: int = 0
    by_arm: bool = True

    @property
    def n(self) -> int:
        """Number of cells."""
        return self.n_folds * (1 + self.by_arm)

    def folds(self, batch: Design) -> np.ndarray:
        """Fold of each row; int64, shape (m,)."""
        return batch.folds(self.n_folds, self.random_state)

    def of(self, batch: Design) -> np.ndarray:
        """Cell of each row; int64, shape (m,).

        Raises
        ------
        DataError : arms of another treatment than one of 0 and 1.
        """
        folds = self.folds(batch)
        if not self.by_arm:
            return folds
        t = batch.treatments[:, 0]
        if not ((t == 0) | (t == 1)).all():
            few = ", ".join(f"{value:g}" for value in np.unique(t)[:5])
            raise DataError(f"{batch.treatment_names[0]!r} must be 0 or 1 in every row, and holds {few}.")
        return 2 * folds + t.astype(np.int64)

    def chosen(self, folds: np.ndarray, arm: int | None = None) -> np.ndarray:
        """Cells of some folds, given as bool (n_folds,), and of one arm or of both; bool, shape (n,)."""
        if not self.by_arm:
            return folds
        return np.repeat(folds, 2) & (True if arm is None else np.arange(self.n) % 2 == arm)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One regression: of the treatment (0) or the outcome (1) on the covariates, on the rows of some cells."""

    column: int
    cells: np.ndarray
    logistic: bool = False


def cell_moments(design: Design, cells: Cells) -> DesignMoments:
    """Moments of [1, treatment, outcome, covariates, blocks], one a cell, in one pass.

    Raises
    ------
    DataError : several treatments, or arms of a treatment that is not 0 or 1.
    EstimationError : an empty table, values that are not finite, or no weight above 0.
    """
    if len(design.treatment_names) != 1:
        raise DataError(f"One treatment is needed here, and the design has {', '.join(design.treatment_names)}.")
    sums: list[FoldSums] = []
    for batch in pieces(design):
        leading, code = leading_columns(batch), cells.of(batch)
        if not sums:
            head, shift = batch, np.concatenate([leading.mean(axis=0), batch.covariates.mean(axis=0)])
            matrices = tuple(block.matrix - block.matrix.mean(axis=0) for block in batch.blocks)
            sums = [FoldSums(1 + len(shift), matrices) for _ in range(cells.n)]
        rows = np.column_stack([np.ones(batch.n), np.column_stack([leading, batch.covariates]) - shift])
        for at, part in _by_cell(code, sums):
            add_rows(part, rows[at], batch, at, None if batch.weight is None else batch.weight[at])
    if not sums:
        raise EstimationError("The table is empty: there is nothing to estimate from.")
    found = DesignMoments(
        folds=tuple(part.moments() for part in sums),
        shift=np.concatenate([shift, *(block.matrix.mean(axis=0) for block in head.blocks)]),
        names=leading_names(head, False) + head.matrix_names, n_leading=2, n_rowwise=head.covariates.shape[1],
        blocks=tuple(block.matrix for block in head.blocks),
    )  # fmt: skip
    _require_finite(found)
    return found


def _by_cell(code: np.ndarray, sums: Sequence[FoldSums]):
    return ((np.flatnonzero(code == cell), part) for cell, part in enumerate(sums))


def add_rows(part: FoldSums, rows: np.ndarray, batch: Design, at: np.ndarray, weight: np.ndarray | None) -> None:
    """Add rows, the first column of which is 1, that are the rows `at` of a batch."""
    if weight is not None and not (weight >= 0).all():
        raise EstimationError("Weights must be 0 or more, and at least one is negative or missing.")
    part.add(rows, weight, [block.codes[at] for block in batch.blocks])


def _require_finite(found: DesignMoments) -> None:
    diagonal = np.diag(found.total.gram)
    if not diagonal[0] > 0:
        raise EstimationError("No row has a weight above 0: there is nothing to estimate from.")
    lost = [name for name, value in zip(found.names, diagonal[1:], strict=True) if not np.isfinite(value)]
    if lost:
        raise EstimationError(f"Not finite: {', '.join(lost[:10])}. Drop those rows, or fill them in.")

"""Which covariates the effect may differ by, and the plain arrays that learners are fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, MissingColumnsError, ShapeError
from causalrec.estimation.estimators import treatment_names
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["binary_treatment", "modifier_matrix", "modifier_places", "one_treatment"]


def modifier_places(design: Design, modifiers: Sequence[str] | None) -> np.ndarray:
    """Columns of `design.matrix()` that the named modifiers are; int64, in the design's order.

    A category or a block is named by its node, and brings all of its columns. None names them all.

    Raises
    ------
    MissingColumnsError : names that the design does not have, all of them.
    """
    names = design.matrix_names
    if modifiers is None:
        return np.arange(len(names))
    block_of = dict(zip(names[len(design.covariate_names) :], _block_names(design), strict=True))
    nodes = [name.split("=")[0] for name in names]
    chosen = [
        place
        for place, name in enumerate(names)
        if name in modifiers or nodes[place] in modifiers or block_of.get(name) in modifiers
    ]
    known = {*names, *nodes, *block_of.values()}
    if missing := [name for name in modifiers if name not in known]:
        raise MissingColumnsError(missing, "design", known)
    return np.array(chosen, dtype=np.int64)


def modifier_matrix(rows: Design | np.ndarray, modifiers: Sequence[str] | None, n_columns: int) -> np.ndarray:
    """Modifiers of each unit, from a design or as they are; float64, shape (n, n_columns).

    Raises
    ------
    ShapeError : another number of columns than the learner was fitted to.
    DataError : values that are not finite.
    """
    found = rows.matrix()[:, modifier_places(rows, modifiers)] if isinstance(rows, Design) else np.asarray(rows, float)
    if found.ndim != 2 or found.shape[1] != n_columns:
        raise ShapeError(
            f"Effects are asked for rows of {n_columns} modifiers, and these have the shape {found.shape}."
        )
    if not np.isfinite(found).all():
        raise DataError("Effects are asked for rows with missing or infinite modifiers; fill them in first.")
    return found


def one_treatment(design: Design) -> tuple[str, np.ndarray]:
    """Name and values of the only treatment, with everything else found finite.

    Raises
    ------
    DataError : several treatments, absorbed effects, a streamed design, or values that are not finite.
    EstimationError : a treatment or an outcome that does not vary, weights below 0.
    """
    if getattr(design, "streamed", False):
        raise DataError("Effects by unit need the rows in memory; take a part of the table, or an average effect.")
    names = treatment_names(design, design.treatments.shape[1])
    if design.treatments.shape[1] != 1:
        raise DataError(f"Effects by unit are learned for one treatment; the design has {', '.join(names) or 'none'}.")
    if design.absorbed:
        raise DataError("Effects by unit cannot absorb effects of groups; name the groups as covariates instead.")
    values = {names[0]: design.treatments, "the outcome": design.outcome, "the covariates": design.matrix()}
    if bad := [name for name, column in values.items() if not np.isfinite(column).all()]:
        raise DataError(f"Missing or infinite values in {' and '.join(bad)}; drop those rows or fill them in first.")
    for name, column in list(values.items())[:2]:
        if not len(column) or np.ptp(column) == 0:
            raise EstimationError(f"{name} does not vary in these {len(column):,} rows, so they tell no effect.")
    unit_weights(design)  # refuses those that are none
    return names[0], design.treatments[:, 0]


def binary_treatment(design: Design) -> tuple[str, np.ndarray]:
    """Name and values, 0 or 1, of the only treatment.

    Raises
    ------
    DataError : a treatment of other values than 0 and 1; and what `one_treatment` refuses.
    """
    name, t = one_treatment(design)
    if not np.isin(t, (0.0, 1.0)).all():
        few = ", ".join(f"{value:g}" for value in np.unique(t)[:5])
        raise DataError(f"{name!r} must be 0 or 1 here and holds {few}; RLearner takes treatments of amounts.")
    return name, t


def _block_names(design: Design) -> list[str]:
    return [block.name for block in design.blocks for _ in block.names]

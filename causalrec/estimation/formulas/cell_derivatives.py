"""Means that an expression gives, as functions of the shares of its cells, and their derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from causalrec.errors import EstimationError, IdentificationError
from causalrec.identification import Estimand
from causalrec.identification.expression import Distribution, Expression, Probability, Product, Quotient, Sum
from causalrec.identification.expression.rows import Rows

__all__ = ["Cells", "cell_derivatives", "level_means"]

STEP = 1e-3  # relative change of a cell's share; the error of the derivative is of its fourth power
MAX_WORK = 2**32  # entries of tables that all derivatives together may touch
MAX_TABLE = 2**19  # entries of one table with several sets of shares side by side
TRIAL = "\x00trial"  # no column has that name


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Combinations of values that occur, for one formula.

    Attributes
    ----------
    formula : Expression
    treatment : tuple of str
    outcome : str
    columns : dict of str to array, each of shape (n_cells,)
        Values of each variable of the formula.
    levels : tuple of tuple
        Every combination of the treatments' values, in the order of the means.
    cell : int64, shape (n,)
        Cell of each row.
    share : float64, shape (n_cells,)
        Sums to one.
    n_settings : int
        Cells when the outcome is left out: as many means are estimated.
    """

    formula: Expression
    treatment: tuple[str, ...]
    outcome: str
    columns: dict[str, np.ndarray]
    levels: tuple[tuple[Any, ...], ...]
    cell: np.ndarray
    share: np.ndarray
    n_settings: int

    @classmethod
    def of(cls, estimand: Estimand, columns: Mapping[str, Any], weight: np.ndarray | None = None) -> Cells:
        """Cells of these columns.

        Raises
        ------
        EstimationError : the estimand has no formula, or one without the treatment; missing values; an
            outcome that is no number, or a treatment or outcome of one value.
        """
        formula = _formula(estimand)
        try:
            rows = Rows.of({name: columns[name] for name in sorted(formula.names)}, weight)
        except IdentificationError as refused:
            raise EstimationError(str(refused)) from None
        levels = dict(zip(rows.names, rows.levels, strict=True))
        codes = dict(zip(rows.names, rows.codes, strict=True))
        _refuse_levels(estimand, levels)
        first, cell = _distinct([codes[name] for name in rows.names])
        settings, _ = _distinct([codes[name] for name in rows.names if name != estimand.outcome])
        return cls(
            formula, estimand.treatment, estimand.outcome,
            {name: np.asarray(levels[name])[codes[name][first]] for name in rows.names},
            tuple(product(*(levels.get(name, (None,)) for name in estimand.treatment))),
            cell, np.bincount(cell, weights=rows.weight), len(settings),
        )  # fmt: skip


def level_means(cells: Cells, shares: np.ndarray) -> np.ndarray:
    """Mean outcome under each level of the treatment, for one or several sets of shares.

    Parameters
    ----------
    cells : Cells
    shares : float64, shape (n_cells,) or (n_sets, n_cells)

    Returns
    -------
    float64, shape (n_levels,) or (n_sets, n_levels)

    Raises
    ------
    EstimationError : no positivity, with the cell; or too large a table.
    """
    columns, formula = dict(cells.columns), cells.formula
    if shares.ndim == 2:
        columns = {name: np.tile(values, len(shares)) for name, values in columns.items()}
        columns[TRIAL] = np.repeat(np.arange(len(shares)), shares.shape[1])
        formula = _within(formula, TRIAL)
    seen = shares.ravel() > 0
    try:
        joint = Distribution.from_columns({n: v[seen] for n, v in columns.items()}, shares.ravel()[seen])
        found = formula.evaluate(joint)
    except IdentificationError as refused:
        raise EstimationError(str(refused)) from None
    kept = (*([TRIAL] if shares.ndim == 2 else []), *cells.treatment, cells.outcome)
    table = _ordered(found, kept)
    outcome = np.asarray(found.levels[found.names.index(cells.outcome)], dtype=float)
    return (table @ outcome / table.sum(axis=-1)).reshape((*shares.shape[:-1], len(cells.levels)))


def cell_derivatives(cells: Cells) -> np.ndarray:
    """Influence of a row of each cell on each mean; float64, shape (n_cells, n_levels).

    It is the derivative of the mean by the share of the cell, by differences of fourth order. A mean does not
    change when all shares are scaled, so derivatives weighted by the shares sum to zero.

    Raises
    ------
    EstimationError : too many cells.
    """
    n_cells = len(cells.share)
    table = prod(len(np.unique(values)) for values in cells.columns.values())
    if 4 * n_cells * table > MAX_WORK:
        raise EstimationError(
            f"{n_cells:,} combinations of {', '.join(cells.columns)} occur, in a table of {table:,}: too many for "
            f"exact errors. Take error='bootstrap', cut values into fewer levels, or fit a model."
        )
    n_side = max(1, MAX_TABLE // table)
    found = np.zeros((n_cells, len(cells.levels)))
    for start in range(0, n_cells, n_side):
        some = np.arange(start, min(start + n_side, n_cells))
        for step, factor in ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12)):
            shares = np.tile(cells.share, (len(some), 1))
            shares[np.arange(len(some)), some] *= 1 + step * STEP
            found[some] += factor * level_means(cells, shares)
    held = np.where(cells.share > 0, STEP * cells.share, 1.0)
    return found / held[:, None]


def _formula(estimand: Estimand) -> Expression:
    formula, treatments = estimand.formula, " and ".join(estimand.treatment)
    if formula is None:
        raise EstimationError(
            f"Strategy {estimand.strategy!r} gives no formula of probabilities to plug shares into: take two-stage "
            f"least squares."
        )
    if not formula.free & set(estimand.treatment):
        raise EstimationError(
            f"By the graph {treatments} has no effect on {estimand.outcome}: {formula} is without it."
        )
    return formula


def _refuse_levels(estimand: Estimand, levels: dict[str, tuple[Any, ...]]) -> None:
    outcome = levels[estimand.outcome]
    if not all(isinstance(value, int | float) and abs(value) < np.inf for value in outcome):
        raise EstimationError(f"{estimand.outcome!r} has the values {list(outcome[:5])}: an outcome is a number.")
    for name in (*estimand.treatment, estimand.outcome):
        if len(levels.get(name, (0, 1))) < 2:
            raise EstimationError(f"{name!r} is {levels[name][0]!r} in all rows: there is nothing to compare.")
    for name in estimand.conditional:
        if len(levels.get(name, ())) > 1:
            raise EstimationError(f"The effect is asked for within {name!r}: give the rows of one of its values.")


def _distinct(codes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """First row of each combination, and the combination of each row."""
    cell = np.zeros(len(codes[0]), dtype=np.int64)
    for column in codes:
        cell = np.unique(cell * (int(column.max()) + 1) + column, return_inverse=True)[1]
    return np.unique(cell, return_index=True)[1], cell


def _within(part: Expression, name: str) -> Expression:
    """The same expression within each value of one more variable."""
    if isinstance(part, Probability):
        return Probability(part.variables, (*part.given, name))
    if isinstance(part, Product):
        return Product(tuple(_within(factor, name) for factor in part.factors))
    if isinstance(part, Quotient):
        return Quotient(_within(part.numerator, name), _within(part.denominator, name))
    assert isinstance(part, Sum)
    return Sum(part.over, _within(part.term, name))


def _ordered(found: Distribution, names: tuple[str, ...]) -> np.ndarray:
    """The table with these axes, of length one where it has none; other axes have one level."""
    present = [name for name in names if name in found.names]
    rest = [axis for axis, name in enumerate(found.names) if name not in names]
    table = found.table.transpose([*(found.names.index(name) for name in present), *rest])
    return table.reshape([len(found.levels[found.names.index(name)]) if name in present else 1 for name in names])

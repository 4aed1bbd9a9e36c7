"""Values of expressions on a discrete distribution.

A conditional is not defined where nothing was observed of what it is given. That does no harm where
another factor is zero, so cells are marked and carried along, and only a result that depends on one
of them is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import IdentificationError, MissingColumnsError
from causalrec.identification.expression.distribution import Columns, Distribution, check_size
from causalrec.identification.expression.elimination import Array, contracted
from causalrec.identification.expression.rows import Rows
from causalrec.identification.expression.tree import Expression, Probability, Product, Quotient, Sum

__all__ = ["evaluate"]


Cell = Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Values of a part of an expression.

    Attributes
    ----------
    axes : tuple of str
    values : float64
        0 where the value is not defined.
    hole : bool, shape of `values`
        Where it is not defined.
    why : callable
        Reason for the hole in a cell, given as level numbers of `axes`.
    """

    axes: tuple[str, ...]
    values: np.ndarray
    hole: np.ndarray
    why: Callable[[Cell], str] = lambda cell: ""

    def has_hole(self, cell: Cell) -> bool:
        """Whether it is not defined in this cell."""
        return bool(self.hole[tuple(cell[name] for name in self.axes)])


def evaluate(expression: Expression, distribution: Distribution | Columns) -> Distribution:
    """Values of `expression`, one axis for each of its free variables."""
    if not isinstance(distribution, Distribution) and not hasattr(distribution, "items"):
        raise IdentificationError(f"Expected a distribution or columns, got {type(distribution).__name__}.")
    known = distribution.names if isinstance(distribution, Distribution) else tuple(distribution)
    if missing := sorted(expression.names.difference(known)):
        raise MissingColumnsError(missing, "distribution", known)
    source = distribution if isinstance(distribution, Distribution) else Rows.of(_needed(expression, distribution))
    if isinstance(source, Distribution) and abs(source.table.sum() - 1) > 1e-6:
        raise IdentificationError(f"An observed distribution sums to one, and this to {source.table.sum():.6g}.")
    evaluation = _Evaluation(source)
    table = evaluation.table(expression)
    if table.hole.any():
        raise _no_positivity(table, evaluation)
    return Distribution(table.axes, tuple(evaluation.levels[name] for name in table.axes), table.values)


def _needed(expression: Expression, columns: Columns) -> Columns:
    return {name: column for name, column in columns.items() if name in expression.names} or columns


class _Evaluation:
    """Tables of the parts of one expression on one distribution; a part that occurs twice is computed once."""

    def __init__(self, source: Distribution | Rows):
        self.source = source
        self.levels = dict(zip(source.names, source.levels, strict=True))
        self.sizes = {name: len(levels) for name, levels in self.levels.items()}
        self.known: dict[int, _Table] = {}

    def table(self, part: Expression) -> _Table:
        if id(part) not in self.known:
            self.known[id(part)] = self._computed(part)
        return self.known[id(part)]

    def _computed(self, part: Expression) -> _Table:
        if isinstance(part, Probability):
            return self._probability(part)
        if isinstance(part, Quotient):
            return self._quotient(part)
        over, term = (part.over, part.term) if isinstance(part, Sum) else ((), part)
        factors = term.factors if isinstance(term, Product) else (term,)
        return self._total([self.table(factor) for factor in factors], over)

    def _probability(self, part: Probability) -> _Table:
        axes = tuple(name for name in self.sizes if name in part.free)
        check_size({name: self.sizes[name] for name in axes})
        joint = self.source.margin(part.free)
        summed = tuple(axis for axis, name in enumerate(axes) if name in part.variables)
        below = joint.sum(axis=summed, keepdims=True) if part.given else np.ones([1] * len(axes))
        values, hole = _ratio(joint, below)
        return _Table(axes, values, hole, lambda cell: f"{part} has no data at {self._at(cell, part.given)}")

    def _quotient(self, part: Quotient) -> _Table:
        above, below = self.table(part.numerator), self.table(part.denominator)
        ones: Array = (below.axes, np.ones(below.values.shape))
        axes, numerator = contracted([(above.axes, above.values), ones], (), self.sizes)
        values, hole = _ratio(numerator, _spread(below.axes, below.values, axes))
        hole = hole | _spread(above.axes, above.hole, axes) | _spread(below.axes, below.hole, axes)

        def why(cell: Cell) -> str:
            inner = next((table for table in (below, above) if table.has_hole(cell)), None)
            own = f"{part.denominator}, which divides, is 0 at {self._at(cell, below.axes)}"
            return inner.why(cell) if inner else own

        return _Table(axes, np.where(hole, 0, values), hole, why)

    def _total(self, tables: Sequence[_Table], over: tuple[str, ...]) -> _Table:
        axes, values = contracted([(table.axes, table.values) for table in tables], over, self.sizes)
        if not any(table.hole.any() for table in tables):
            return _Table(axes, values, np.zeros(values.shape, dtype=bool))
        hole = self._n_lost(tables, over, {})[1] > 0.5

        def why(cell: Cell) -> str:
            place = {name: level for name, level in cell.items() if name not in over}  # outer ones of those names
            for number, name in enumerate(over):
                tried = ({**place, name: level} for level in range(self.sizes[name]))
                rest = over[number + 1 :]
                place = next(trial for trial in tried if self._n_lost(tables, rest, trial)[1] > 0.5)
            return next(table.why(place) for table in tables if table.has_hole(place))

        return _Table(axes, np.where(hole, 0, values), hole, why)

    def _n_lost(self, tables: Sequence[_Table], over: tuple[str, ...], cell: Cell) -> Array:
        """Cells of the sum in which no factor is zero, less those in which every factor is defined too."""
        touched = [_fixed(table.axes, (table.values > 0) | table.hole, cell) for table in tables]
        defined = [_fixed(table.axes, table.values > 0, cell) for table in tables]
        axes, n_touched = contracted(touched, over, self.sizes)
        return axes, n_touched - contracted(defined, over, self.sizes)[1]

    def _at(self, cell: Cell, names: Iterable[str]) -> str:
        return ", ".join(f"{name} = {self.levels[name][cell[name]]!r}" for name in names)


def _ratio(above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hole = np.broadcast_to(below <= 0, above.shape)
    return np.divide(above, below, out=np.zeros(above.shape), where=~hole), hole


def _fixed(axes: tuple[str, ...], values: np.ndarray, cell: Cell) -> Array:
    left = tuple(name for name in axes if name not in cell)
    return left, values[tuple(cell.get(name, slice(None)) for name in axes)].astype(float)


def _spread(own: tuple[str, ...], values: np.ndarray, axes: tuple[str, ...]) -> np.ndarray:
    """`values` with an axis of length one for each of `axes` that they do not have."""
    sizes = dict(zip(own, values.shape, strict=True))
    return values.reshape([sizes.get(name, 1) for name in axes])


def _no_positivity(table: _Table, evaluation: _Evaluation) -> IdentificationError:
    cell = dict(zip(table.axes, map(int, np.argwhere(table.hole)[0]), strict=True))
    where = f" at {evaluation._at(cell, table.axes)}" if cell else ""
    return IdentificationError(
        f"The effect{where} cannot be computed (no positivity): {table.why(cell)}. Use coarser values, more data, or "
        f"a population in which every value of the treatment occurs with every value of what is adjusted for."
    )

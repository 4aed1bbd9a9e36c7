"""Nodes of a graph as a table holds them: amounts, categories or blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.data import Dataset, TextColumn
from causalrec.data.blocks import encoded
from causalrec.errors import DataError, MissingColumnsError, nearest
from causalrec.falsification.table import Columns, column_names, read_arrays, realised
from causalrec.falsification.variable import KINDS, as_variable, n_missing

__all__ = ["Node", "Values", "node_of", "read_values"]

Values = dict[str, np.ndarray]
"""Node -> float64, (n,) or (n, d): amounts, codes of categories, or a block."""


@dataclass(frozen=True, slots=True)
class Node:
    """What the values of one node are.

    Attributes
    ----------
    name : str
    kind : {"continuous", "discrete", "block"}
    levels : tuple
        Categories in order, numbers, booleans or text; empty unless discrete.
    n_columns : int
        More than 1 for blocks alone.
    """

    name: str
    kind: str
    levels: tuple[Any, ...] = ()
    n_columns: int = 1

    @property
    def is_number(self) -> bool:
        """Whether a mean of the values means something."""
        return self.kind == "continuous" or (self.kind == "discrete" and not isinstance(self.levels[0], str))

    def decoded(self, values: np.ndarray) -> np.ndarray:
        """Values as the table has them: categories in place of their codes."""
        return np.array(self.levels)[values.astype(np.int64)] if self.kind == "discrete" else values

    def amounts(self, values: np.ndarray) -> np.ndarray:
        """Values as numbers, those of categories included; same shape.

        Raises
        ------
        DataError : the node is text.
        """
        if not self.is_number:
            what = "a block" if self.kind == "block" else f"text ({', '.join(map(repr, self.levels[:3]))}, ...)"
            raise DataError(f"{self.name!r} is {what}, which has no mean. Ask for a node of numbers.")
        return self.decoded(values).astype(float)

    def amounts_of(self, given: np.ndarray) -> np.ndarray:
        """Values of a table as numbers; NaN where the node is text."""
        return given.astype(float) if self.is_number else np.full(len(given), np.nan)

    def coded(self, given: Any) -> np.ndarray:
        """Values of a table as numbers and codes; float64, (n,) or (n, n_columns).

        Raises
        ------
        DataError : text where numbers are needed, missing values, categories that were not there at `fit`.
        """
        array = np.asarray(given)
        if n_missing(array):
            raise DataError(f"{self.name!r} has {n_missing(array):,} missing or infinite values; fill or drop them.")
        if self.kind == "discrete":
            return self._codes(array.reshape(-1))
        numbers = _numbers(array, self.name)
        if self.kind == "continuous":
            return numbers.reshape(-1)
        if numbers.ndim != 2 or numbers.shape[1] != self.n_columns:
            raise DataError(f"{self.name!r} has shape {numbers.shape}; its block has {self.n_columns} columns.")
        return numbers

    def _codes(self, array: np.ndarray) -> np.ndarray:
        if isinstance(self.levels[0], bool) and array.dtype.kind in "OU":
            array = np.array([{"true": True, "false": False}.get(str(word).lower(), word) for word in array])
        array = array.astype(str) if isinstance(self.levels[0], str) else _numbers(array, self.name)
        levels = np.array(self.levels).astype(array.dtype if array.dtype.kind == "f" else str)
        places = np.minimum(np.searchsorted(levels, array), len(levels) - 1)
        if (strange := levels[places] != array).any():
            shown = ", ".join(str(level) for level in np.unique(array[strange])[:3])
            raise DataError(
                f"{self.name!r} was never {shown} where the model was fitted: its values are "
                f"{', '.join(map(str, self.levels[:10]))}. Say kinds={{{self.name!r}: 'continuous'}} if it is an "
                f"amount."
            )
        return places.astype(float)


def node_of(name: str, given: np.ndarray, kind: str | None = None) -> Node:
    """What the values of a node are, by `as_variable`'s rule unless `kind` says it.

    >>> node_of("clicked", np.array([0, 1, 1])).kind, node_of("age", np.array([20.5, 31.0, 44.2])).kind
    ('discrete', 'continuous')
    """
    variable = as_variable(given, name=name, kind=kind)
    if variable.kind == "discrete":
        array = given.reshape(-1)
        return Node(
            name, "discrete", tuple(np.unique(array.astype(str) if array.dtype.kind in "OUS" else array).tolist())
        )
    return Node(name, variable.kind, (), variable.values.shape[1])


def read_values(
    data: Any, names: Iterable[str], *, nodes: Mapping[str, Node] | None = None,
    kinds: Mapping[str, str] | None = None, columns: Columns | None = None,
) -> tuple[dict[str, Node], Values]:  # fmt: skip
    """Nodes and their values from a flat table.

    Parameters
    ----------
    data : mapping of str to array, dataframe, Arrow table or flat Dataset
    names : iterable of str
        Nodes to read.
    nodes : mapping of str to Node, optional
        What the values were where a model was fitted; the same codes are used then.
    kinds : mapping of str to str, optional
    columns : mapping of str to str or sequence of str, optional

    Raises
    ------
    MissingColumnsError : the table lacks columns; all of them.
    DataError : missing values, text where numbers are needed, no rows.
    """
    names, kinds = tuple(names), dict(kinds or {})
    if unknown := [name for name in kinds if name not in names]:
        raise DataError(f"`kinds` names {nearest(unknown, names)}.")
    if wrong := [kind for kind in kinds.values() if kind not in KINDS]:
        raise DataError(f"`kinds` holds {wrong[0]!r}; a node is one of {', '.join(KINDS)}.")
    wanted = realised(data, names, columns)
    texts = {name: column for name in names if isinstance(data, Dataset)
             and isinstance(column := data.column(name), TextColumn)}  # fmt: skip
    wanted |= {name: (column.name,) for name, column in texts.items()}
    known = column_names(data)
    if missing := [name for columns in wanted.values() for name in columns if name not in known]:
        raise MissingColumnsError(dict.fromkeys(missing), getattr(data, "name", "data"), known)
    given = read_arrays(data, wanted)
    given |= {name: _block(given[name], column) for name, column in texts.items()}
    _refuse_rows(given)
    if nodes is None:
        nodes = {name: node_of(name, given[name], kinds.get(name)) for name in names}
    return dict(nodes), {name: nodes[name].coded(given[name]) for name in names}


def _block(texts: np.ndarray, column: TextColumn) -> np.ndarray:
    """Embedding of each row's text; each distinct text is encoded once."""
    if n_missing(texts):
        raise DataError(f"The text column {column.name!r} has {n_missing(texts):,} missing values; write a text there.")
    distinct, places = np.unique(texts.astype(str), return_inverse=True)
    return encoded(distinct.tolist(), column)[places]


def _refuse_rows(given: Mapping[str, np.ndarray]) -> None:
    lengths = {name: len(array) for name, array in given.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"Columns of one table have one length; these have {lengths}.")
    if not all(lengths.values()):
        raise DataError("The table has no rows.")
    holes = {name: count for name, array in given.items() if (count := n_missing(array))}
    if holes:
        listed = ", ".join(f"{name!r} {count:,}" for name, count in holes.items())
        raise DataError(f"Values are missing or infinite: {listed}. Drop those rows, or fill them.")


def _numbers(array: np.ndarray, name: str) -> np.ndarray:
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        raise DataError(f"{name!r} holds text, such as {array.flat[0]!r}, where numbers are needed.") from None

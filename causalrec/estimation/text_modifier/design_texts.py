"""The texts behind a block of a design: what stands there, beside its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.columns import TextColumn
from causalrec.data.ids import plain
from causalrec.data.side_tables import side_of
from causalrec.errors import DataError, MissingColumnsError

if TYPE_CHECKING:
    from causalrec.data import Dataset, Design

__all__ = ["DesignTexts", "design_texts", "row_texts", "text_nodes"]


@dataclass(frozen=True, slots=True, eq=False)
class DesignTexts:
    """The distinct texts of a node that the rows of a design have.

    Attributes
    ----------
    node : str
    texts : tuple of str, of length n_texts
        In the order of the alphabet.
    codes : int64, shape (n,)
        Text of each row.
    matrix : float64, shape (n_texts, q)
        What the design knows of each text.
    """

    node: str
    texts: tuple[str, ...]
    codes: np.ndarray
    matrix: np.ndarray


def text_nodes(data: Dataset, design: Design) -> tuple[str, ...]:
    """Nodes of the data set that are bound to text and stand in a block of the design."""
    known = {name for block in design.blocks for name in block.names}
    return tuple(n for n, c in data.columns.items() if isinstance(c, TextColumn) and f"{n} 0" in known)


def design_texts(data: Dataset, design: Design, node: str) -> DesignTexts:
    """Distinct texts of a node with their rows and their columns; nothing is expanded to one row a unit.

    Parameters
    ----------
    data : Dataset
        What the design was made from; a design keeps the columns of a text, and the tables keep the text.
    design : Design
        In memory.
    node : str

    Raises
    ------
    DataError : the node is not bound to text, or the design does not have it.
    """
    texts = row_texts(data, design, node)
    block = next((b for b in design.blocks if f"{node} 0" in b.names), None)
    if block is None:
        raise DataError(f"The design has no block of the text {node!r}: it is not in the adjustment set.")
    columns = [at for at, name in enumerate(block.names) if name.rpartition(" ")[0] == node]
    distinct, first, codes = np.unique(texts, return_index=True, return_inverse=True)
    return DesignTexts(node, tuple(distinct.tolist()), codes, block.matrix[block.codes[first]][:, columns])


def row_texts(data: Dataset, design: Design, node: str) -> np.ndarray:
    """The text of each row of a design; array of str objects, shape (n,), "" where there is none.

    Raises
    ------
    DataError : the node is not bound to text.
    MissingColumnsError : no table has its column.
    """
    import pyarrow.compute as pc

    column = data.column(node)
    if not isinstance(column, TextColumn):
        raise DataError(f"{node!r} is not bound to a text: columns={{{node!r}: text('its column')}} of the data set.")
    table, name = data.tables["interactions"], column.name
    if name in table.column_names:
        values = plain(table[name])
    elif side := side_of(data, name):
        key, beside = data.keys[side], data.tables[side]
        values = plain(beside[name]).take(pc.index_in(plain(table[key]), plain(beside[key])))
    else:
        raise MissingColumnsError([name], "interactions", table.column_names)
    if design.order is not None:
        values = values.take(design.order)
    return np.array(["" if text is None else str(text) for text in values.to_pylist()], dtype=object)

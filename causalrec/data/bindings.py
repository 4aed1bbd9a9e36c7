"""Whether the names of a graph and those of tables are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.data.columns import AbsorbedColumn, NodeColumn
from causalrec.errors import DataError, nearest

if TYPE_CHECKING:
    from causalrec.data.dataset import Dataset
    from causalrec.graph import CausalGraph

__all__ = ["names_of", "refuse_strangers"]


def names_of(column: NodeColumn) -> tuple[str, ...]:
    """Columns of tables that a node takes."""
    return (*column.by_item, *column.common) if isinstance(column, AbsorbedColumn) else (column.name,)


def refuse_strangers(data: Dataset, graph: CausalGraph) -> None:
    """Refuse names that do not match, graph against tables; all of them at once.

    Raises
    ------
    DataError : bindings or times of what is no node, and measured nodes without a column.
    """
    nodes, latent = graph.nodes, graph.latent
    known = {name for table in data.tables.values() for name in table.column_names}
    strangers = [node for node in dict.fromkeys((*data.columns, *data.times)) if node not in nodes]
    lost = {node: [name for name in names_of(data.column(node)) if name not in known]
            for node in nodes if node not in latent}  # fmt: skip
    lacking = list(dict.fromkeys(name for names in lost.values() for name in names))
    said = []
    if strangers:
        said.append(f"The graph has no node {nearest(strangers, nodes)}.")
    if lacking:
        said.append(f"No table of {data.name!r} has a column {nearest(lacking, known)}.")
        said.append("Bind a node with data.with_columns, or declare it latent.")
    if said:
        raise DataError(" ".join(said))

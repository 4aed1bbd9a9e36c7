"""Edge lists in tables: frames of pandas or polars, tables of Arrow, or a mapping of names to columns.

None of these packages is imported: a table is anything with columns that turn into lists.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.edge_list import ARROWS, header_places
from causalrec.graph.formats.losses import warn_of_losses
from causalrec.graph.formats.scanner import excerpt

__all__ = ["edge_columns", "from_edge_table"]


def from_edge_table(table: Any) -> CausalGraph:
    """Graph that the rows of a table describe: a cause, an effect, and perhaps a kind of edge.

    Columns called cause and effect, source and target, from and to, or parent and child are taken by
    their names, others by their order. A row without an effect is a node that stands alone.

    Parameters
    ----------
    table : pandas or polars frame, Arrow table, or mapping of str to column
        Two or three columns of texts.

    Raises
    ------
    GraphError : something else than such a table; it names the row.

    Examples
    --------
    >>> from_edge_table({"source": ["price", "season"], "target": ["purchased", None]}).nodes
    ('price', 'purchased', 'season')
    """
    names, columns = _columns(table)
    if len(columns) not in {2, 3}:
        raise GraphError(
            f"A table of edges has two or three columns, a cause, an effect and a kind of edge; "
            f"this one has {len(columns)}: {', '.join(map(repr, names[:10]))}. Select those."
        )
    places = header_places(names) or (0, 1, 2)
    causes, effects = columns[places[0]], columns[places[1]]
    kinds = columns[places[2]] if places[2] < len(columns) else [None] * len(causes)
    draft = Draft()
    for row, (cause, effect, kind) in enumerate(zip(causes, effects, kinds, strict=True)):
        _add(draft, row, cause, effect, kind)
    return draft.document().graph


def edge_columns(graph: CausalGraph | GraphDocument) -> dict[str, list[str | None]]:
    """Columns cause, effect and type of `graph`.

    ``pandas.DataFrame``, ``polars.DataFrame`` and ``pyarrow.table`` take them as they are.

    Warns
    -----
    FormatWarning : nodes are latent or have roles; a table of edges has no room for them.

    Examples
    --------
    >>> edge_columns(CausalGraph([("price", "purchased")]))
    {'cause': ['price'], 'effect': ['purchased'], 'type': ['->']}
    """
    document = as_document(graph)
    warn_of_losses("A table of edges", document, {"latent", "roles", "positions"})
    graph = document.graph
    joined = {end for pair in (*graph.edges, *graph.bidirected) for end in pair}
    alone = [node for node in graph.nodes if node not in joined]
    rows: list[tuple[str, str | None, str | None]] = [(node, None, None) for node in alone]
    rows += [(cause, effect, "->") for cause, effect in graph.edges]
    rows += [(one, other, "<->") for one, other in graph.bidirected]
    return {
        "cause": [row[0] for row in rows],
        "effect": [row[1] for row in rows],
        "type": [row[2] for row in rows],
    }


def _columns(table: Any) -> tuple[list[str], list[list[Any]]]:
    if isinstance(table, Mapping):
        names: Iterable[Any] = list(table)
    elif hasattr(table, "column_names"):
        names = table.column_names
    elif hasattr(table, "columns") and hasattr(table, "__getitem__"):
        names = list(table.columns)
    else:
        raise GraphError(f"Expected a frame, an Arrow table or a mapping of columns, got {type(table).__name__}.")
    names = list(names)
    if len(set(names)) < len(names):
        raise GraphError(f"Two columns of the table have the same name: {', '.join(map(repr, names[:10]))}.")
    columns = [_values(table[name]) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise GraphError(f"The columns differ in length: {[len(column) for column in columns]}.")
    return [str(name) for name in names], columns


def _values(column: Any) -> list[Any]:
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, method):
            return getattr(column, method)()
    return list(column)


def _add(draft: Draft, row: int, cause: Any, effect: Any, kind: Any) -> None:
    cause, effect, kind = (None if _is_missing(cell) else cell for cell in (cause, effect, kind))
    for cell in (cause, effect, kind):
        if cell is not None and not isinstance(cell, str):
            raise GraphError(
                f"Row {row} of the table holds {cell!r}; names are texts, turn the column into text first."
            )
    arrow = ARROWS.get((kind or "").strip().lower())
    if arrow is None:
        raise GraphError(f"Row {row} of the table has the kind of edge {excerpt(kind)!r}; expected -> <- or <->.")
    if not cause or (not effect and kind):
        raise GraphError(f"Row {row} of the table lacks the name of a node.")
    draft.add(name for name in (cause, effect) if name)
    if effect:
        draft.connect([cause], arrow, [effect])


def _is_missing(cell: Any) -> bool:
    # NaN and pandas.NA: neither is equal to itself, and the latter does not say so in a bool.
    return cell is None or (
        not isinstance(cell, str) and (type(cell).__name__ in {"NAType", "NaTType"} or cell != cell)
    )

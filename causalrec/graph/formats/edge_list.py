"""Reader and writer of edge lists: CSV text with a cause, an effect and perhaps a kind of edge in each row.

A row with a cause alone is a node. A header is known by its words (cause, effect, type, and others that
mean the same) and may be missing. Commas, semicolons or tabs stand between cells; a cell in quotes holds
anything.
"""

import re
from collections.abc import Sequence

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.draft import Draft
from causalrec.graph.formats.losses import warn_of_losses
from causalrec.graph.formats.scanner import checked_text, refusal

__all__ = ["ARROWS", "header_places", "parse_edge_list", "read_edge_list", "write_edge_list"]

_CAUSES = frozenset(("cause", "source", "from", "parent"))
_EFFECTS = frozenset(("effect", "target", "to", "child"))
_KINDS = frozenset(("type", "kind", "edge", "edge_type", "edge type", "arrow"))
ARROWS = {
    "": "->", "->": "->", "-->": "->", "directed": "->",
    "<-": "<-", "<--": "<-",
    "<->": "<->", "<-->": "<->", "bidirected": "<->",
}  # fmt: skip
"""What a kind of edge may be called."""

_DELIMITERS = ",;\t"
_QUOTES_NEEDED = re.compile(r'[",;\t\r\n]|^\s|\s$|^$')


def read_edge_list(text: str) -> CausalGraph:
    r"""Graph that the rows of a CSV text describe.

    Raises
    ------
    GraphSyntaxError : a row that is no edge; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> graph = read_edge_list("cause,effect,type\nprice,purchased,->\nmailer,purchased,<->")
    >>> graph.edges, graph.bidirected
    ((('price', 'purchased'),), (('purchased', 'mailer'),))
    """
    return parse_edge_list(text).graph


def parse_edge_list(text: str) -> GraphDocument:
    """Graph of an edge list."""
    text = checked_text(text, "CSV text")
    rows = _rows(text, _delimiter(text))
    draft, places = Draft(), (0, 1, 2)
    if rows and (found := header_places([cell for cell, _ in rows[0]])):
        places = found
        del rows[0]
    if places == (0, 1, 2):
        rows = _plain(rows, draft)
    for row in rows:
        _add(draft, text, row, places)
    return draft.document()


def header_places(cells: Sequence[str]) -> tuple[int, int, int] | None:
    """Columns of cause, effect and kind in a header; None when its words are not those of one.

    The kind's column is one that is not there when the header has none.

    >>> header_places(["target", "source"]), header_places(["price", "purchased"])
    ((1, 0, 2), None)
    """
    words = [cell.strip().lower() for cell in cells]
    cause, effect, kind = (
        [number for number, word in enumerate(words) if word in known] for known in (_CAUSES, _EFFECTS, _KINDS)
    )
    if len(cause) != 1 or len(effect) != 1 or len(cells) > 3 or len(cells) != 2 + len(kind):
        return None
    return cause[0], effect[0], kind[0] if kind else 2


def _plain(rows: list[list[tuple[str, int]]], draft: Draft) -> list[list[tuple[str, int]]]:
    """Rows of two names put into `draft`; the others are left."""
    left, nodes, edges = [], draft.nodes, draft.edges
    for row in rows:
        if len(row) == 2 and row[0][0] and row[1][0]:
            nodes[row[0][0]] = nodes[row[1][0]] = None
            edges.append((row[0][0], row[1][0]))
        else:
            left.append(row)
    return left


def _add(draft: Draft, text: str, row: list[tuple[str, int]], places: tuple[int, int, int]) -> None:
    if not 1 <= len(row) <= 3 or (len(row) < 2 and places != (0, 1, 2)):
        start = row[min(3, len(row) - 1)][1]
        raise refusal(text, start, f"{len(row)} cells", "two or three: a cause, an effect, and a kind of edge")
    cells = [*row, ("", row[-1][1]), ("", row[-1][1])]
    (cause, start), (effect, effect_start), (kind, kind_start) = (cells[place] for place in places)
    arrow = ARROWS.get(kind.lower())
    if arrow is None:
        raise refusal(text, kind_start, kind, "a kind of edge: -> <- <-> directed bidirected, or nothing")
    if not cause or (not effect and kind):
        raise refusal(text, effect_start if cause else start, "an empty cell", "the name of a node")
    draft.add([name for name in (cause, effect) if name])
    if effect:
        draft.connect([cause], arrow, [effect])


def _delimiter(text: str) -> str:
    first = re.match(r'\s*+((?:"(?:[^"]++|"")*+"|[^"\n]++)*+)', text)
    outside = re.sub(r'"(?:[^"]++|"")*+"', "", first[1]) if first else ""
    return max(_DELIMITERS, key=lambda mark: (outside.count(mark) in {1, 2}, -_DELIMITERS.index(mark)))


def _rows(text: str, delimiter: str) -> list[list[tuple[str, int]]]:
    """Cells of each row, with where they start; blank rows are left out."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'[^\S\n{mark}]*+(?:"((?:[^"]++|"")*+)"[^\S\n{mark}]*+|([^"\n{mark}]*+))({mark}|\n|\Z)')
    plain = re.compile(rf'([^"\s{mark}]++){mark}([^"\s{mark}]++)\n')
    rows, row, position, end = [], list[tuple[str, int]](), 0, len(text)
    while position < end:
        while not row and (found := plain.match(text, position)):
            rows.append([(found[1], position), (found[2], found.start(2))])
            position = found.end()
        match = cell.match(text, position)
        if match is None:
            raise refusal(text, *_malformed(text, position, delimiter))
        quoted, bare, last = match.groups()
        row.append((bare.rstrip() if quoted is None else quoted.replace('""', '"'), position))
        position = match.end()
        if last != delimiter:
            if len(row) > 1 or row[0][0]:
                rows.append(row)
            row = []
        elif position == end:
            row.append(("", position))
    if row:
        rows.append(row)
    return rows


def _malformed(text: str, position: int, delimiter: str) -> tuple[int, str, str]:
    start = text.index('"', position)
    closed = re.compile(r'"(?:[^"]++|"")*+"').match(text, start)
    if closed is None or text[position:start].strip():
        found = text[start : start + 40].split("\n")[0]
        return start, found, 'a cell closed by another ", with "" for quotes in it'
    return closed.end(), text[closed.end()], f"{delimiter!r} or the end of the line after a cell in quotes"


def write_edge_list(graph: CausalGraph | GraphDocument) -> str:
    """CSV text of `graph`; reading it gives an equal graph, latent nodes and roles aside.

    Warns
    -----
    FormatWarning : nodes are latent or have roles or positions; an edge list has no room for them.

    Examples
    --------
    >>> print(write_edge_list(CausalGraph([("price", "purchased")], nodes=["season"])))
    cause,effect
    season,
    price,purchased
    """
    document = as_document(graph)
    warn_of_losses("An edge list", document, {"latent", "roles", "positions"})
    graph = document.graph
    kinds = bool(graph.bidirected)
    joined = {end for pair in (*graph.edges, *graph.bidirected) for end in pair}
    written = {node: _quoted(node) for node in graph.nodes}
    lines = ["cause,effect" + (",type" if kinds else "")]
    lines += [f"{written[node]}," + ("," if kinds else "") for node in graph.nodes if node not in joined]
    lines += [f"{written[cause]},{written[effect]}" + (",->" if kinds else "") for cause, effect in graph.edges]
    lines += [f"{written[one]},{written[other]},<->" for one, other in graph.bidirected]
    return "\n".join(lines)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if _QUOTES_NEEDED.search(name) else name

"""Which format a text is in, told from how it begins."""

import re

from causalrec.errors import GraphError
from causalrec.graph.formats.scanner import checked_text, excerpt

__all__ = ["detect_format"]

# Comments of all formats, and the front matter of Mermaid.
_START = re.compile(
    r"(?:\s++|(?:%%|//|\#|!)[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|---[ \t]*+\n(?:(?!---)[^\n]*+\n)*+---)*+"
)
_NAME = r"(?:\"(?:[^\"\\]++|\\.)*+\"|[\w.]++)"
_BEGINNINGS = {
    "json": re.compile(r"[\[{]"),
    "dagitty": re.compile(rf"(?:dag|pdag|mag|pag|cpdag)\s*+(?:{_NAME}\s*+)?\{{", re.IGNORECASE),
    "dot": re.compile(rf"(?:strict\s++)?(?:di)?graph\s*+(?:{_NAME}\s*+)?\{{", re.IGNORECASE),
    "gml": re.compile(r"graph\s*+\[|(?:Creator|Version|comment)\s++[\"\d]", re.IGNORECASE),
    "mermaid": re.compile(
        r"(?:flowchart|graph)(?:-elk)?(?:[^\S\n]++(?:TB|TD|BT|RL|LR)\b(?!\s*+\{)|[^\S\n]*+(?:[;\n]|\Z))"
    ),
    "lavaan": re.compile(
        r"(?:`(?:[^`\\]++|\\.)*+`|[\w.]++)(?:\s*+\+\s*+(?:`(?:[^`\\]++|\\.)*+`|[\w.]++))*+\s*+(?:=~|~)"
    ),
}
_CSV_LINE = re.compile(r'(?:"(?:[^"]++|"")*+"|[^"\n])*+')
_CELLS = re.compile(r'"(?:[^"]++|"")*+"')
_ARROW = re.compile(r"<->|->|<-|→|--")


def detect_format(text: str) -> str:
    """Name of the format that `text` begins like.

    Raises
    ------
    GraphError : nothing but blanks and comments, characters of a binary file, or no format, or several.

    Examples
    --------
    >>> detect_format("digraph { a -> b }"), detect_format("flowchart LR"), detect_format("cause,effect")
    ('dot', 'mermaid', 'csv')
    """
    text = checked_text(text, "the text of a graph")
    start = _START.match(text).end()  # type: ignore[union-attr]
    if start == len(text):
        raise GraphError("The text is empty: there is no graph in it.")
    if "\0" in text[:4096]:
        raise GraphError("The text holds null characters: it comes from a binary file, or is text in UTF-16.")
    found = [name for name, beginning in _BEGINNINGS.items() if beginning.match(text, start)]
    if _is_edge_list(text, start):
        found.append("csv")
    if len(found) == 1:
        return found[0]
    shown = repr(excerpt(text[start : start + 50].split("\n")[0]))
    if found:
        raise GraphError(f"The text begins {shown}: this may be {' or '.join(found)}. Say which `format` it is.")
    raise GraphError(f"The text begins {shown}, like no format that is read. {_hint(text, start)}")


def _is_edge_list(text: str, start: int) -> bool:
    line = _CSV_LINE.match(text, start)
    outside = _CELLS.sub("", line[0]) if line else ""
    return any(1 <= outside.count(mark) <= 2 for mark in ",;\t") and not re.search(r"[{}\[\]]", outside)


def _hint(text: str, start: int) -> str:
    if text[start] == "<":
        return "XML, GraphML and XMLBIF are not: write the graph as GML or DOT."
    if _ARROW.search(text[start : start + 1000]):
        return "Edges such as 'a -> b' stand in braces: dag { a -> b }."
    return "The formats are dagitty, json, dot, gml, mermaid, lavaan and csv."

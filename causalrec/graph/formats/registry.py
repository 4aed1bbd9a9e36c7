"""All text formats: what each is called, which files hold it, who reads and writes it, what it cannot say."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from causalrec.errors import GraphError, nearest
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.dagitty import write_dagitty
from causalrec.graph.formats.dagitty_reader import parse_dagitty
from causalrec.graph.formats.detection import detect_format
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.dot import write_dot
from causalrec.graph.formats.dot_reader import parse_dot
from causalrec.graph.formats.edge_list import parse_edge_list, write_edge_list
from causalrec.graph.formats.gml import write_gml
from causalrec.graph.formats.gml_reader import parse_gml
from causalrec.graph.formats.json_text import parse_json, write_json
from causalrec.graph.formats.lavaan import write_lavaan
from causalrec.graph.formats.lavaan_reader import parse_lavaan
from causalrec.graph.formats.mermaid import write_mermaid
from causalrec.graph.formats.mermaid_reader import parse_mermaid

__all__ = ["FORMATS", "TextFormat", "format_named", "read_document", "read_graph", "write_graph"]


@dataclass(frozen=True, slots=True)
class TextFormat:
    """One way to write a graph as text.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
        Ends of the names of files that hold it.
    parse : callable
        From a text to a `GraphDocument`.
    write : callable
        From a `CausalGraph` or a `GraphDocument` to a text.
    loses : frozenset of str
        What it cannot say, of "latent", "roles" and "positions".
    """

    name: str
    suffixes: tuple[str, ...]
    parse: Callable[[str], GraphDocument]
    write: Callable[[CausalGraph | GraphDocument], str]
    loses: frozenset[str] = frozenset()


FORMATS = {
    made.name: made
    for made in (
        TextFormat("dagitty", (".dag", ".dagitty"), parse_dagitty, write_dagitty),
        TextFormat("json", (".json",), parse_json, write_json),
        TextFormat("dot", (".dot", ".gv"), parse_dot, write_dot),
        TextFormat("gml", (".gml",), parse_gml, write_gml),
        TextFormat("mermaid", (".mmd", ".mermaid"), parse_mermaid, write_mermaid, frozenset({"positions"})),
        TextFormat("lavaan", (".lav", ".lavaan"), parse_lavaan, write_lavaan, frozenset({"roles", "positions"})),
        TextFormat(
            "csv", (".csv", ".tsv"), parse_edge_list, write_edge_list, frozenset({"latent", "roles", "positions"})
        ),
    )
}
"""Formats by name."""


def format_named(name: str) -> TextFormat:
    """Format of that name; others are refused with the nearest.

    >>> format_named("dot").suffixes
    ('.dot', '.gv')
    """
    if name not in FORMATS:
        raise GraphError(f"There is no format {nearest([name], FORMATS)}.")
    return FORMATS[name]


def read_document(text: str, format: str = "auto") -> GraphDocument:
    """Graph that a text describes, and where it says that nodes are drawn; as `read_graph`."""
    found = format_named(detect_format(text) if format == "auto" else format)
    return replace(found.parse(text), format=found.name)


def read_graph(text: str, format: str = "auto") -> CausalGraph:
    """Graph that a text describes.

    Parameters
    ----------
    text : str
    format : {"auto", "dagitty", "json", "dot", "gml", "mermaid", "lavaan", "csv"}
        "auto" tells it from how the text begins.

    Raises
    ------
    GraphSyntaxError : the text is not one of its format; says line, column, what it found and expected.
    GraphError : no format, or several, begin like that; or the graph is not causal.

    Examples
    --------
    >>> read_graph("purchased ~ display + season").edges
    (('display', 'purchased'), ('season', 'purchased'))
    """
    return read_document(text, format).graph


def write_graph(graph: CausalGraph | GraphDocument, format: str) -> str:
    """Text of `graph`; reading it gives an equal graph, but for what the warning says is lost.

    Parameters
    ----------
    graph : CausalGraph or GraphDocument
    format : {"dagitty", "json", "dot", "gml", "mermaid", "lavaan", "csv"}

    Warns
    -----
    FormatWarning : the format cannot say all of it; the message names what is lost.

    Examples
    --------
    >>> print(write_graph(CausalGraph([("display", "purchased")]), "csv"))
    cause,effect
    display,purchased
    """
    return format_named(format).write(graph)

"""Reader and writer of DOT, the language of Graphviz.

Names of nodes are their ids, never their labels. What DOT has no word for stands in attributes:
``observed="no"`` for a latent node (as DoWhy writes it), ``roles="treatment block"``. An edge with
``dir=both`` is bidirected, as it is drawn; one with ``dir=back`` is turned. Subgraphs are groups.
"""

import html
import re

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.attributes import attribute_words
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.dot_reader import KEYWORDS, parse_dot

__all__ = ["read_dot", "write_dot"]

_BARE_ASCII = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A backslash that would escape what stands behind it in quotes, and so cannot be written there.
_LOOSE_BACKSLASH = re.compile(r'(?<!\\)(?:\\\\)*+\\(?:["\n]|\Z)')


def read_dot(text: str) -> CausalGraph:
    """Graph that a DOT text describes.

    Raises
    ------
    GraphSyntaxError : the text is not a directed graph; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> read_dot('digraph { taste [observed="no"]; taste -> {exposed watched}; exposed -> watched }').latent
    frozenset({'taste'})
    """
    return parse_dot(text).graph


def write_dot(graph: CausalGraph | GraphDocument) -> str:
    """DOT text of `graph`; reading it gives an equal graph, and Graphviz draws it.

    >>> print(write_dot(CausalGraph([("display", "purchased")], roles={"display": "treatment"})))
    digraph {
    display [roles="treatment"]
    purchased
    display -> purchased
    }
    """
    document = as_document(graph)
    graph = document.graph
    written = {node: _quoted(node) for node in graph.nodes}
    lines = ["digraph {"]
    for node, name in written.items():
        words = [f'{key}="{value}"' for key, value in attribute_words(graph, node).items()]
        words += ["style=dashed"] if node in graph.latent else []
        if node in document.positions:
            words.append('pos="{!r},{!r}"'.format(*document.positions[node]))
        lines.append(name + (f" [{', '.join(words)}]" if words else ""))
    lines += [f"{written[cause]} -> {written[effect]}" for cause, effect in graph.edges]
    lines += [f"{written[one]} -> {written[other]} [dir=both, style=dashed]" for one, other in graph.bidirected]
    return "\n".join([*lines, "}"])


def _quoted(name: str) -> str:
    if _BARE_ASCII.fullmatch(name) and name.lower() not in KEYWORDS:
        return name
    if _LOOSE_BACKSLASH.search(name):
        return f"<{html.escape(name, quote=False)}>"
    return '"' + name.replace('"', '\\"') + '"'

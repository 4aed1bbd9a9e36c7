"""Reader and writer of GML, the Graph Modelling Language (Himsolt 1997).

A node is named by its label, or by its id where it has none. What GML has no word for stands in
attributes: ``observed "no"`` for a latent node (as DoWhy writes it), ``roles "treatment block"``,
``type "bidirected"`` for an edge, ``graphics [ x 1.0 y 2.0 ]`` for a position.
"""

import re

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.attributes import attribute_words
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.gml_reader import parse_gml

__all__ = ["read_gml", "write_gml"]

_ESCAPED = re.compile(r'[^ -~]|[&"]')


def read_gml(text: str) -> CausalGraph:
    """Graph that a GML text describes.

    Raises
    ------
    GraphSyntaxError : the text is not a directed graph; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> text = 'graph [ directed 1 node [ id 0 label "a" ] node [ id 1 label "b" ] edge [ source 0 target 1 ] ]'
    >>> read_gml(text).edges
    (('a', 'b'),)
    """
    return parse_gml(text).graph


def write_gml(graph: CausalGraph | GraphDocument) -> str:
    """GML text of `graph`; reading it gives an equal graph, and networkx reads it too.

    >>> print(write_gml(CausalGraph([("display", "purchased")])))
    graph [
    directed 1
    node [ id 0 label "display" ]
    node [ id 1 label "purchased" ]
    edge [ source 0 target 1 ]
    ]
    """
    document = as_document(graph)
    graph = document.graph
    number = {node: index for index, node in enumerate(graph.nodes)}
    lines = ["graph [", "directed 1"] + (["multigraph 1"] if graph.bidirected else [])
    for node, index in number.items():
        words = [f'{key} "{value}"' for key, value in attribute_words(graph, node).items()]
        if node in document.positions:
            words.append("graphics [ x {!r} y {!r} ]".format(*document.positions[node]))
        lines.append(" ".join([f'node [ id {index} label "{_escaped(node)}"', *words, "]"]))
    lines += [f"edge [ source {number[cause]} target {number[effect]} ]" for cause, effect in graph.edges]
    lines += [f'edge [ source {number[one]} target {number[two]} type "bidirected" ]' for one, two in graph.bidirected]
    return "\n".join([*lines, "]"])


def _escaped(name: str) -> str:
    return _ESCAPED.sub(lambda match: f"&#{ord(match[0])};", name)

"""Reader and writer of Mermaid flowcharts.

A node is named by its label, or by its id where it has none. ``-->``, ``-.->`` and ``==>`` are directed
edges, with ``<`` before them bidirected ones. Classes say what Mermaid has no word for: ``class u latent``,
``class display treatment``. Subgraphs only group nodes, and other styles are read and not kept.
"""

import re

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.losses import warn_of_losses
from causalrec.graph.formats.mermaid_labels import label_of
from causalrec.graph.formats.mermaid_reader import RESERVED, parse_mermaid
from causalrec.graph.validation import ROLES

__all__ = ["read_mermaid", "write_mermaid"]

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERED = re.compile(r"n[0-9]+")


def read_mermaid(text: str) -> CausalGraph:
    """Graph that a Mermaid flowchart describes.

    Raises
    ------
    GraphSyntaxError : the text is not a flowchart of arrows; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> graph = read_mermaid('''flowchart LR
    ...     taste(["what a user likes"]):::latent --> exposed & watched
    ...     exposed --> watched''')
    >>> sorted(graph.children("what a user likes")), sorted(graph.latent)
    (['exposed', 'watched'], ['what a user likes'])
    """
    return parse_mermaid(text).graph


def write_mermaid(graph: CausalGraph | GraphDocument) -> str:
    """Mermaid flowchart of `graph`; reading it gives an equal graph.

    Warns
    -----
    FormatWarning : the document has positions, which Mermaid sets itself.

    Examples
    --------
    >>> print(write_mermaid(CausalGraph([("unit price", "purchased")], latent=["unit price"])))
    flowchart LR
    n0["unit price"]
    purchased
    n0 --> purchased
    class n0 latent
    classDef latent stroke-dasharray: 5 5
    """
    document = as_document(graph)
    warn_of_losses("Mermaid text", document, {"positions"})
    graph = document.graph
    ids = {node: node if _is_simple(node) else f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [ids[node] if ids[node] == node else f'{ids[node]}["{label_of(node)}"]' for node in graph.nodes]
    lines += [f"{ids[cause]} --> {ids[effect]}" for cause, effect in graph.edges]
    lines += [f"{ids[one]} <-.-> {ids[other]}" for one, other in graph.bidirected]
    classes = {role: graph.nodes_with(role) for role in ROLES}
    classes["latent"] = tuple(node for node in graph.nodes if node in graph.latent)
    lines += [f"class {','.join(ids[node] for node in nodes)} {name}" for name, nodes in classes.items() if nodes]
    lines += ["classDef latent stroke-dasharray: 5 5"] if graph.latent else []
    return "\n".join(lines)


def _is_simple(name: str) -> bool:
    return bool(_SIMPLE.fullmatch(name)) and name not in RESERVED and not _NUMBERED.fullmatch(name)

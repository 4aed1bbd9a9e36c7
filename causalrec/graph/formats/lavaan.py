"""Reader and writer of lavaan's model syntax and of R formulas (Rosseel 2012, J. Stat. Softw. 48(2)).

``y ~ x + z``: x and z cause y. ``x ~~ y``: they share an unmeasured cause. ``u =~ x + y``: u is latent, and
causes x and y. ``x ~~ x`` and ``x ~ 1`` only name a node. ``a*x`` is x with a coefficient called a, as in
lavaan, and one that is fixed at 0 is no edge. Definitions and constraints of coefficients are skipped.
"""

import re
from collections.abc import Iterable

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument, as_document
from causalrec.graph.formats.lavaan_reader import BARE, ESCAPES, RESERVED, parse_lavaan
from causalrec.graph.formats.losses import warn_of_losses

__all__ = ["read_lavaan", "write_lavaan"]

_NAME = re.compile(BARE)
_ESCAPED = {ord(character): f"\\{letter}" for letter, character in ESCAPES.items()}


def read_lavaan(text: str) -> CausalGraph:
    """Graph that lavaan's model syntax, or R formulas, describe.

    Raises
    ------
    GraphSyntaxError : the text is no such model; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> graph = read_lavaan('''
    ...     watched ~ exposed + age
    ...     exposed ~~ watched   # they share an unmeasured cause''')
    >>> graph.edges, graph.bidirected
    ((('exposed', 'watched'), ('age', 'watched')), (('watched', 'exposed'),))
    """
    return parse_lavaan(text).graph


def write_lavaan(graph: CausalGraph | GraphDocument) -> str:
    """Model in lavaan's syntax; reading it gives an equal graph, roles aside.

    Warns
    -----
    FormatWarning : the graph has roles, or the document positions; the syntax has no words for them.

    Examples
    --------
    >>> graph = CausalGraph([("price", "purchased"), ("taste", "purchased")], latent=["taste"])
    >>> print(write_lavaan(graph))
    taste =~ purchased
    purchased ~ price
    """
    document = as_document(graph)
    warn_of_losses("lavaan's syntax", document, {"roles", "positions"})
    graph = document.graph
    effects: dict[str, list[str]] = {node: [] for node in graph.nodes if node in graph.latent}
    causes: dict[str, list[str]] = {}
    for cause, effect in graph.edges:
        if cause in graph.latent:
            effects[cause].append(effect)
        else:
            causes.setdefault(effect, []).append(cause)
    lines = [f"{_ticked(node)} =~ {_sum(ends) or '0'}" for node, ends in effects.items()]
    lines += [f"{_ticked(node)} ~ {_sum(ends)}" for node, ends in causes.items()]
    lines += [f"{_ticked(one)} ~~ {_ticked(other)}" for one, other in graph.bidirected]
    named = {*effects, *(end for pair in (*graph.edges, *graph.bidirected) for end in pair)}
    lines += [f"{_ticked(node)} ~~ {_ticked(node)}" for node in graph.nodes if node not in named]
    return "\n".join(lines)


def _sum(names: Iterable[str]) -> str:
    return " + ".join(map(_ticked, names))


def _ticked(name: str) -> str:
    if _NAME.fullmatch(name) and name not in RESERVED:
        return name
    return f"`{name.translate(_ESCAPED)}`"

"""Reader and writer of dagitty text (Textor et al. 2016, Int. J. Epidemiol. 45(6)).

Grammar, read in one pass without recursion::

    graph     = "dag" [name] "{" statement* "}"
    statement = name "=" value | ends (arrow ends)* [attributes]   ";" or "," may follow
    ends      = name | "{" name* "}"
    attributes = "[" (role | key "=" value)* "]"

dagitty's own roles are exposure, outcome, latent, adjusted and selected; causalrec adds its other
ones. A node's ``pos="x,y"`` and the picture's ``bb="left,top,right,bottom"`` are kept beside the
graph; other values, such as ``beta=0.5``, are read and not kept.
"""

from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.dagitty_reader import BARE_NAME, ESCAPES, parse_dagitty
from causalrec.graph.formats.document import GraphDocument, as_document

__all__ = ["quoted", "read_dagitty", "write_dagitty"]

_ESCAPED = {ord(character): f"\\{letter}" for letter, character in ESCAPES.items()}
_WRITTEN = {"treatment": "exposure"}


def read_dagitty(text: str) -> CausalGraph:
    """Graph that a dagitty text describes.

    Groups may stand for as many edges as the text has characters, and 10,000 more.

    Raises
    ------
    GraphSyntaxError : the text is not a graph; says line, column, what it found and expected.
    CycleError, GraphError : the text is a graph that is not causal.

    Examples
    --------
    >>> graph = read_dagitty("dag { taste [latent]; exposed [exposure]; exposed <- taste -> watched <- exposed }")
    >>> graph.edges
    (('taste', 'exposed'), ('taste', 'watched'), ('exposed', 'watched'))
    """
    return parse_dagitty(text).graph


def write_dagitty(graph: CausalGraph | GraphDocument) -> str:
    """Dagitty text of `graph`; reading it gives an equal graph.

    >>> print(write_dagitty(CausalGraph([("display", "purchased")], roles={"display": "treatment"})))
    dag {
    display [exposure]
    purchased
    display -> purchased
    }
    """
    document = as_document(graph)
    graph, bounds = document.graph, document.bounds
    lines = ["dag {"] + ([f'bb="{",".join(map(repr, bounds))}"'] if bounds else [])
    written = {node: quoted(node) for node in graph.nodes}
    lines += [name + _attribute_text(document, node) for node, name in written.items()]
    lines += [f"{written[cause]} -> {written[effect]}" for cause, effect in graph.edges]
    lines += [f"{written[one]} <-> {written[other]}" for one, other in graph.bidirected]
    return "\n".join([*lines, "}"])


def quoted(name: str) -> str:
    """`name` as it must be written: bare where that reads back, else in quotes.

    >>> print(quoted("price"), quoted("unit price"))
    price "unit price"
    """
    return name if BARE_NAME.fullmatch(name) else f'"{name.translate(_ESCAPED)}"'


def _attribute_text(document: GraphDocument, node: str) -> str:
    words = [_WRITTEN.get(role, role) for role in sorted(document.graph.roles.get(node, ()))]
    words += ["latent"] if node in document.graph.latent else []
    if node in document.positions:
        x, y = document.positions[node]
        words.append(f'pos="{x!r},{y!r}"')
    return f" [{', '.join(words)}]" if words else ""

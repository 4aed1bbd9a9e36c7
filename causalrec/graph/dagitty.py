"""Reader and writer of dagitty text (Textor et al. 2016, Int. J. Epidemiol. 45(6)).

Grammar, read in one pass without recursion::

    graph     = "dag" [name] "{" statement* "}"
    statement = name "=" value | ends (arrow ends)* [attributes]   ";" or "," may follow
    ends      = name | "{" name* "}"
    attributes = "[" (role | key "=" value)* "]"

dagitty's own roles are exposure, outcome, latent, adjusted and selected; causalrec adds block
and absorbed. Values such as ``pos="1,2"`` are read and not kept.
"""

from collections.abc import Iterator

from causalrec.errors import GraphError, GraphSyntaxError, nearest
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.tokens import Token, quoted, refuse, tokens

__all__ = ["read_dagitty", "write_dagitty"]

_ROLE_OF = {
    "exposure": "treatment",
    "source": "treatment",
    "outcome": "outcome",
    "target": "outcome",
    "selected": "selected",
    "adjusted": "adjusted",
    "block": "block",
    "absorbed": "absorbed",
}
_WRITTEN = {"treatment": "exposure"}


def read_dagitty(text: str) -> CausalGraph:
    """Graph that a dagitty text describes.

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
    if not isinstance(text, str):
        raise GraphError(f"Expected dagitty text, got {type(text).__name__}; load_graph reads a file.")
    return _Reader(text).graph()


class _Reader:
    """State of one reading: the next token, and what the statements so far have said."""

    def __init__(self, text: str):
        self._rest: Iterator[Token] = tokens(text.removeprefix("\ufeff"))
        self._next = next(self._rest)
        self._nodes: dict[str, None] = {}
        self._latent: dict[str, None] = {}
        self._roles: dict[str, set[str]] = {}
        self._edges: list[tuple[str, str]] = []
        self._bidirected: list[tuple[str, str]] = []

    def graph(self) -> CausalGraph:
        if (self._next.kind, self._next.text) != ("name", "dag"):
            raise refuse(self._next, "'dag {' (only directed acyclic graphs are causal graphs)")
        self._take()
        if self._next.is_name:
            self._take()
        self._expect("{", "'{' that opens the graph")
        while not self._at("}"):
            self._statement()
        self._take()
        if self._next.kind != "end":
            raise refuse(self._next, "nothing after the '}' that closes the graph")
        return CausalGraph(
            self._edges, bidirected=self._bidirected, latent=self._latent, nodes=self._nodes, roles=self._roles
        )

    def _statement(self) -> None:
        if self._at(";") or self._at(","):
            self._take()
            return
        first = self._next
        ends, is_edge = self._ends("a name, '{' or the '}' that closes the graph"), False
        if self._at("=") and first.is_name:
            self._take()
            self._value()
            return
        self._nodes.update(dict.fromkeys(ends))
        while self._next.kind == "arrow":
            arrow = self._take().text
            following = self._ends(f"a name or '{{' after {arrow}")
            self._nodes.update(dict.fromkeys(following))
            self._connect(ends, arrow, following)
            ends, is_edge = following, True
        if self._at("["):
            self._attributes(() if is_edge else ends)

    def _ends(self, expected: str) -> list[str]:
        if self._next.is_name:
            return [self._take().text]
        if not self._at("{"):
            raise refuse(self._next, expected)
        self._take()
        names: list[str] = []
        while not self._at("}"):
            if self._at(",") or self._at(";"):
                self._take()
            else:
                names.append(self._name("a name or the '}' that closes the group"))
        self._take()
        return names

    def _connect(self, left: list[str], arrow: str, right: list[str]) -> None:
        pairs = ((one, other) for one in left for other in right)
        if arrow == "<->":
            self._bidirected += pairs
        elif arrow == "->":
            self._edges += pairs
        else:
            self._edges += ((other, one) for one, other in pairs)

    def _attributes(self, nodes: list[str] | tuple[()]) -> None:
        self._take()
        while not self._at("]"):
            if self._at(",") or self._at(";"):
                self._take()
                continue
            token = self._next
            key = self._name("a role, a key or the ']' that closes the attributes")
            if self._at("="):
                self._take()
                self._value()
            else:
                self._attribute(token, key, nodes)
        self._take()

    def _attribute(self, token: Token, key: str, nodes: list[str] | tuple[()]) -> None:
        if not nodes:
            raise refuse(token, "key=value: roles stand in a node's own statement, not behind an edge")
        if key == "latent":
            self._latent.update(dict.fromkeys(nodes))
        elif key in _ROLE_OF:
            for node in nodes:
                self._roles.setdefault(node, set()).add(_ROLE_OF[key])
        else:
            message = f"there is no attribute {nearest([key], ['latent', *_ROLE_OF])}."
            raise GraphSyntaxError(message, line=token.line, column=token.column)

    def _value(self) -> None:
        if self._next.kind not in {"name", "number", "quoted"}:
            raise refuse(self._next, "a value: a number, a word or a text in quotes")
        self._take()

    def _name(self, expected: str) -> str:
        if not self._next.is_name:
            raise refuse(self._next, expected)
        return self._take().text

    def _at(self, mark: str) -> bool:
        return self._next.kind == "mark" and self._next.text == mark

    def _expect(self, mark: str, expected: str) -> None:
        if not self._at(mark):
            raise refuse(self._next, expected)
        self._take()

    def _take(self) -> Token:
        token = self._next
        self._next = next(self._rest)
        return token


def write_dagitty(graph: CausalGraph) -> str:
    """Dagitty text of `graph`; reading it gives an equal graph.

    >>> print(write_dagitty(CausalGraph([("display", "purchased")], roles={"display": "treatment"})))
    dag {
    display [exposure]
    purchased
    display -> purchased
    }
    """
    lines = [quoted(node) + _attribute_text(graph, node) for node in graph.nodes]
    lines += [f"{quoted(cause)} -> {quoted(effect)}" for cause, effect in graph.edges]
    lines += [f"{quoted(one)} <-> {quoted(other)}" for one, other in graph.bidirected]
    return "\n".join(["dag {", *lines, "}"])


def _attribute_text(graph: CausalGraph, node: str) -> str:
    words = [_WRITTEN.get(role, role) for role in sorted(graph.roles.get(node, ()))]
    words += ["latent"] if node in graph.latent else []
    return f" [{', '.join(words)}]" if words else ""

"""What a reading has gathered so far; it becomes a graph when the text ends."""

from collections.abc import Iterable, Sequence

from causalrec.errors import nearest
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.scanner import excerpt
from causalrec.graph.validation import ROLES

__all__ = ["SPARE_EDGES", "Draft", "role_named"]

SPARE_EDGES = 10_000
"""Groups may stand for as many edges as the text has characters, and this many more."""

_ALIASES = {
    "exposure": "treatment", "exposures": "treatment", "source": "treatment",
    "outcomes": "outcome", "target": "outcome",
    "adjustment": "adjusted", "mediators": "mediator", "instruments": "instrument",
    "latents": "latent",
}  # fmt: skip


class Draft:
    """Nodes, edges and what is said of them, in the order of the text.

    Parameters
    ----------
    n_characters : int
        Length of the text: it bounds the edges that products of groups may stand for.
    """

    __slots__ = ("_room", "bidirected", "edges", "latent", "nodes", "positions", "roles")

    def __init__(self, n_characters: int = 0):
        self._room = n_characters + SPARE_EDGES
        self.nodes: dict[str, None] = {}
        self.edges: list[tuple[str, str]] = []
        self.bidirected: list[tuple[str, str]] = []
        self.latent: dict[str, None] = {}
        self.roles: dict[str, set[str]] = {}
        self.positions: dict[str, tuple[float, float]] = {}

    def connect(self, left: Sequence[str], arrow: str, right: Sequence[str]) -> str:
        """Edges from each of `left` to each of `right`; why not, if they are more than a text may stand for."""
        self._room -= len(left) * len(right)
        if self._room < 0:
            return (
                f"edges no more than the text has characters and {SPARE_EDGES:,}: "
                f"these groups stand for {len(left):,} x {len(right):,}"
            )
        if arrow == "<-":
            self.edges += [(other, one) for one in left for other in right]
        elif arrow == "->":
            self.edges += [(one, other) for one in left for other in right]
        else:
            self.bidirected += [(one, other) for one in left for other in right]
        return ""

    def add(self, names: Iterable[str]) -> None:
        """Nodes, each once."""
        self.nodes.update(dict.fromkeys(names))

    def give(self, names: Iterable[str], role: str) -> None:
        """A role, or "latent", to nodes."""
        if role == "latent":
            self.latent.update(dict.fromkeys(names))
            return
        for name in names:
            self.roles.setdefault(name, set()).add(role)

    def document(self, bounds: tuple[float, float, float, float] | None = None) -> GraphDocument:
        """The graph, and where its nodes are drawn."""
        graph = CausalGraph(
            self.edges, bidirected=self.bidirected, latent=self.latent, nodes=self.nodes, roles=self.roles
        )
        return GraphDocument(graph, self.positions, bounds)


def role_named(word: str) -> tuple[str, str]:
    """Role that a word means in some format, or "latent"; else nothing, and what to say of it.

    >>> role_named("exposure"), role_named("block"), role_named("latents")
    (('treatment', ''), ('block', ''), ('latent', ''))
    """
    role = _ALIASES.get(word, word)
    if role == "latent" or role in ROLES:
        return role, ""
    return "", f"there is no role {nearest([excerpt(word)], ('latent', 'exposure', *ROLES))}"

"""What of a graph stands out: the roles of its nodes in a question, causal paths and biasing ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from causalrec.errors import GraphError, UnknownNodeError
from causalrec.graph.validation import names_of

__all__ = ["Edge", "Marks", "marks_of"]

Edge = tuple[str, str, str]
"""Two nodes and what joins them: "->", "<->" or "--"."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands out.

    Attributes
    ----------
    roles : mapping of str to frozenset of str
        Roles of every node, "latent" and "adjusted" among them.
    causal, biasing : frozenset of Edge
        Edges on causal paths from treatment to outcome, and on the paths that were asked for.
    """

    roles: Mapping[str, frozenset[str]]
    causal: frozenset[Edge]
    biasing: frozenset[Edge]

    def nodes_with(self, role: str) -> tuple[str, ...]:
        """Nodes that have `role`, in the order of the graph."""
        return tuple(node for node, roles in self.roles.items() if role in roles)


def marks_of(
    graph: Any,
    *,
    estimand: Any = None,
    treatment: str | Iterable[str] | None = None,
    outcome: str | Iterable[str] | None = None,
    adjustment: str | Iterable[str] | None = None,
    paths: Iterable[Sequence[str]] | None = None,
) -> Marks:
    """Marks of `graph`; what is an argument replaces what the estimand says, and that what the graph says."""
    given: dict[str, dict[str, None]] = {
        "treatment": _chosen(graph, "treatment", treatment, estimand),
        "outcome": _chosen(graph, "outcome", outcome, estimand),
        "adjusted": dict.fromkeys((*_role(graph, "adjusted"), *_named(estimand, "adjustment", adjustment))),
        "mediator": dict.fromkeys((*_role(graph, "mediator"), *_named(estimand, "mediators", None))),
        "instrument": dict.fromkeys((*_role(graph, "instrument"), *_named(estimand, "instruments", None))),
        "selected": dict.fromkeys((*_role(graph, "selected"), *_named(estimand, "selected", None))),
    }
    known = frozenset(graph.nodes)
    if unknown := [name for names in given.values() for name in names if name not in known]:
        raise UnknownNodeError(dict.fromkeys(unknown), graph.nodes)
    roles = _roles(graph, given)
    causal = _causal(graph, given["treatment"], given["outcome"])
    shown = _open_paths(graph, given, causal) if paths is None else paths
    biasing = frozenset(edge for path in shown for edge in _edges_along(graph, path))
    return Marks(roles, causal - biasing, biasing)


def _chosen(graph: Any, role: str, given: str | Iterable[str] | None, estimand: Any) -> dict[str, None]:
    if given is None and estimand is not None:
        given = getattr(estimand, role)
    return dict.fromkeys(_role(graph, role) if given is None else names_of(given))


def _named(estimand: Any, field: str, given: str | Iterable[str] | None) -> tuple[str, ...]:
    return names_of(getattr(estimand, field, ()) if given is None else given)


def _role(graph: Any, role: str) -> tuple[str, ...]:
    return tuple(node for node in graph.nodes if role in graph.roles.get(node, ()))


def _roles(graph: Any, given: Mapping[str, dict[str, None]]) -> dict[str, frozenset[str]]:
    roles = {}
    for node in graph.nodes:
        own = {role for role in graph.roles.get(node, ()) if role not in given}
        own |= {role for role, nodes in given.items() if node in nodes}
        roles[node] = frozenset(own | {"latent"} if node in graph.latent else own)
    return roles


def _causal(graph: Any, treatment: Iterable[str], outcome: Iterable[str]) -> frozenset[Edge]:
    # Proper causal paths leave the treatments and do not come back to one.
    starts = frozenset(treatment)
    children: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = {}
    for cause, effect in graph.edges:
        if effect not in starts:
            children.setdefault(cause, []).append(effect)
            parents.setdefault(effect, []).append(cause)
    after, before = _closure(children, starts), _closure(parents, outcome)
    return frozenset(
        (cause, effect, "->") for cause in children for effect in children[cause] if cause in after and effect in before
    )


def _closure(following: Mapping[str, list[str]], starts: Iterable[str]) -> frozenset[str]:
    stack = list(starts)
    seen = set(stack)
    while stack:
        for node in following.get(stack.pop(), ()):
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return frozenset(seen)


def _open_paths(graph: Any, given: Mapping[str, dict[str, None]], causal: frozenset[Edge]) -> list[Sequence[str]]:
    """A path that the adjustment leaves open, other than the causal ones; none where the graph cannot tell."""
    ends = given["treatment"], given["outcome"]
    if not all(ends) or not hasattr(graph, "open_path") or ends[0].keys() & ends[1].keys():
        return []
    first = [(cause, effect) for cause, effect, _ in causal if cause in ends[0]]
    held = {**given["adjusted"], **given["selected"]}
    path = graph.without_edges(first).open_path(*ends, [node for node in held if node not in ends[0] | ends[1]])
    return [path] if path else []


def _edges_along(graph: Any, path: Sequence[str]) -> list[Edge]:
    names = names_of(path)
    known = frozenset(graph.nodes)
    if unknown := [name for name in names if name not in known]:
        raise UnknownNodeError(dict.fromkeys(unknown), graph.nodes)
    arrows = getattr(path, "arrows", ()) or (None,) * (len(names) - 1)
    steps = zip(names, names[1:], arrows, strict=False)
    return [_edge(graph, one, other, arrow) for one, other, arrow in steps]


def _edge(graph: Any, one: str, other: str, arrow: str | None) -> Edge:
    found: list[tuple[str, Edge]] = []
    if one in graph.parents(other):
        found.append(("->", (one, other, "->")))
    if other in graph.parents(one):
        found.append(("<-", (other, one, "->")))
    for kind, pairs in (("<->", getattr(graph, "bidirected", ())), ("--", getattr(graph, "undirected", ()))):
        found += [(kind, (*pair, kind)) for pair in pairs if {one, other} == set(pair)]
    fitting = [edge for kind, edge in found if arrow in (None, kind)]
    if not fitting:
        raise GraphError(f"`paths` goes from {one!r} to {other!r}, and the graph has no such edge ({arrow or 'any'}).")
    return fitting[0]

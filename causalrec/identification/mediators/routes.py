"""Which of the treatment's first steps carry a path-specific effect, and where that has no answer.

A nested counterfactual such as Y(x, M(x')) gives the treatment two values at once, one on some paths
and one on the others. It is a function of interventions only when each first step belongs to one
kind: a node from which both kinds go on needs two values of its own, and is the recanting witness.

References
----------
Avin, Shpitser, Pearl (2005), IJCAI: Identifiability of path-specific effects.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.validation import names_of

__all__ = ["RecantingWitness", "Steps", "steps_along_edges", "steps_along_paths"]

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RecantingWitness:
    """A node that would need two values at once.

    Attributes
    ----------
    node : str
    on : NamedPath
        A path through it that belongs to the effect.
    off : NamedPath
        One that starts alike, and does not.
    """

    node: str
    on: NamedPath
    off: NamedPath

    def __str__(self) -> str:
        return f"{self.node!r} lies on {self.on}, which belongs to the effect, and on {self.off}, which does not"


@dataclass(frozen=True, slots=True)
class Steps:
    """First steps of the treatment towards the outcome, of each kind; a witness when one step is of both."""

    on: frozenset[str]
    off: frozenset[str]
    witness: RecantingWitness | None = None


def steps_along_edges(graph: CausalGraph, treatment: str, outcome: str, edges: Iterable[Edge]) -> Steps:
    """Steps where the effect goes along the paths that use these edges alone, in time linear in the graph."""
    active = frozenset(edges)
    towards = graph.ancestors(outcome)
    inside = _reaching(graph, outcome, lambda edge: edge in active)
    outside = _leaving(graph, towards, active)
    on, off = [], []
    for child in _children(graph, treatment, towards):
        if (treatment, child) not in active or child not in inside:
            off.append(child)
        elif child not in outside:
            on.append(child)
        else:
            return Steps(frozenset(), frozenset(), _edge_witness(graph, treatment, child, outcome, active, inside))
    return Steps(frozenset(on), frozenset(off))


def _children(graph: CausalGraph, node: str, towards: frozenset[str]) -> list[str]:
    return sorted(graph.children(node) & towards)


def _reaching(graph: CausalGraph, outcome: str, holds: Callable[[Edge], bool]) -> frozenset[str]:
    dropped = [edge for edge in graph.edges if not holds(edge)]
    return graph.without_edges(dropped).ancestors(outcome)


def _leaving(graph: CausalGraph, towards: frozenset[str], active: frozenset[Edge]) -> frozenset[str]:
    # Nodes with a path to the outcome on which at least one edge is not active.
    ends = {cause for cause, effect in graph.edges if effect in towards and (cause, effect) not in active}
    return graph.ancestors(*ends) & towards if ends else frozenset()


def _edge_witness(
    graph: CausalGraph, treatment: str, child: str, outcome: str, active: frozenset[Edge], inside: frozenset[str]
) -> RecantingWitness:
    # Walk on as long as all that goes on belongs to the effect: where it first does not, paths part.
    towards, head, node = graph.ancestors(outcome), [treatment, child], child
    outside = _leaving(graph, towards, active)
    while True:
        nexts = _children(graph, node, towards)
        parting = [end for end in nexts if (node, end) not in active or end not in inside]
        if parting:
            break
        node = next(end for end in nexts if end in outside)
        head.append(node)
    kept = graph.without_edges(edge for edge in graph.edges if edge not in active)
    on = (*head, *kept.directed_path(node, outcome)[1:])
    off = (*head, *graph.directed_path(parting[0], outcome))
    return RecantingWitness(node, _path(on), _path(off))


def steps_along_paths(graph: CausalGraph, treatment: str, outcome: str, paths: Iterable[Iterable[str]]) -> Steps:
    """Steps where the effect goes along exactly these paths; paths that are not named are counted, never listed."""
    tree = _prefix_tree(graph, treatment, outcome, paths)
    counts = _count(graph, outcome)
    on, off = [], []
    for child in _children(graph, treatment, graph.ancestors(outcome)):
        named = tree.n_named(child)
        if named == 0:
            off.append(child)
        elif named == counts[child]:
            on.append(child)
        else:
            return Steps(frozenset(), frozenset(), _path_witness(graph, treatment, child, tree, counts, outcome))
    return Steps(frozenset(on), frozenset(off))


@dataclass(slots=True)
class _Prefix:
    # Named paths that start alike: how many, and how they go on.
    n_paths: int
    onward: dict[str, "_Prefix"]

    def n_named(self, node: str) -> int:
        return self.onward[node].n_paths if node in self.onward else 0


def _prefix_tree(graph: CausalGraph, treatment: str, outcome: str, paths: Iterable[Iterable[str]]) -> _Prefix:
    tree = _Prefix(0, {})
    for nodes in dict.fromkeys(names_of(path) for path in paths):
        _check_path(graph, treatment, outcome, nodes)
        branch = tree
        for node in nodes[1:]:
            branch = branch.onward.setdefault(node, _Prefix(0, {}))
            branch.n_paths += 1
    return tree


def _check_path(graph: CausalGraph, treatment: str, outcome: str, nodes: tuple[str, ...]) -> None:
    graph.descendants(*nodes)  # refuses unknown names
    if len(nodes) < 2 or nodes[0] != treatment or nodes[-1] != outcome:
        raise GraphError(f"Each of `paths` goes from {treatment!r} to {outcome!r}, got {list(nodes)}.")
    if absent := [f"{a} -> {b}" for a, b in pairwise(nodes) if b not in graph.children(a)]:
        raise GraphError(f"{list(nodes)} is not a path of the graph: it has no edge {', '.join(absent)}.")


def _count(graph: CausalGraph, outcome: str) -> dict[str, int]:
    counts = dict.fromkeys(graph.nodes, 0)
    counts[outcome] = 1
    for node in reversed(graph.topological_order):
        if node != outcome:
            counts[node] = sum(counts[child] for child in graph.children(node))
    return counts


def _path_witness(
    graph: CausalGraph, treatment: str, child: str, tree: _Prefix, counts: dict[str, int], outcome: str
) -> RecantingWitness:
    nodes, branch = [treatment, child], tree.onward[child]
    while True:
        nexts = _children(graph, nodes[-1], graph.ancestors(outcome))
        partly = [end for end in nexts if 0 < branch.n_named(end) < counts[end]]
        if not partly:
            break
        nodes.append(partly[0])
        branch = branch.onward[partly[0]]
    named = next(end for end in nexts if branch.n_named(end))
    other = next(end for end in nexts if not branch.n_named(end))
    on, off = ((*nodes, *graph.directed_path(end, outcome)) for end in (named, other))
    return RecantingWitness(nodes[-1], _path(on), _path(off))


def _path(nodes: Iterable[str]) -> NamedPath:
    nodes = tuple(nodes)
    return NamedPath(nodes, ["->"] * (len(nodes) - 1))

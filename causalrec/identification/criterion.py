"""The adjustment criterion: which nodes a set may not hold, and which paths it must close.

References
----------
van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40: sets of nodes named as there.
Shpitser, VanderWeele, Robins (2010), UAI: the criterion is sound and complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.validation import names_of
from causalrec.identification.wording import quoted

__all__ = ["Criterion", "Verdict", "require_causal_graph"]

Names = str | Iterable[str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What the effect of `treatment` on `outcome` asks of an adjustment set.

    Attributes
    ----------
    graph : CausalGraph
    treatment : tuple of str
        X.
    outcome : tuple of str
        Y.
    causal : frozenset of str
        PCP(X, Y): nodes other than X on directed paths from X to Y that leave X at once.
    forbidden : frozenset of str
        Dpcp(X, Y): descendants of `causal`. A set that holds one of them gives another number.
    backdoor : CausalGraph
        G_pbd(X, Y): the graph less the first edges of the causal paths. A set must separate X from Y in it.
    """

    graph: CausalGraph
    treatment: tuple[str, ...]
    outcome: tuple[str, ...]
    causal: frozenset[str]
    forbidden: frozenset[str]
    backdoor: CausalGraph

    @classmethod
    def of(cls, graph: CausalGraph, treatment: Names, outcome: Names) -> Criterion:
        """Criterion for one treatment or several, in time linear in the graph.

        Raises
        ------
        UnknownNodeError : the graph lacks some of the nodes.
        GraphError : there is no treatment or outcome, one is latent, or a node is both.
        """
        x, y = _ends(require_causal_graph(graph), treatment, outcome)
        leaving = [(node, child) for node in x for child in graph.children(node)]
        causal = graph.descendants(*x).difference(x) & graph.without_edges(leaving).ancestors(*y)
        backdoor = graph.without_edges((node, child) for node, child in leaving if child in causal)
        return cls(graph, x, y, causal, graph.descendants(*causal), backdoor)

    @property
    def candidates(self) -> frozenset[str]:
        """Measured nodes that a set may hold."""
        return frozenset(self.graph.nodes) - self.forbidden - self.graph.latent - {*self.treatment, *self.outcome}

    def causal_path(self, node: str) -> NamedPath:
        """A directed path from the treatment to the outcome through a node of `causal`."""
        head = self.graph.directed_path(self.treatment, node)
        leaving = [(cause, child) for cause in self.treatment for child in self.graph.children(cause)]
        tail = self.graph.without_edges(leaving).directed_path(node, self.outcome)
        return NamedPath((*head, *tail[1:]), (*head.arrows, *tail.arrows))

    def why_forbidden(self, node: str) -> str:
        """Reason why a node of `forbidden` cannot be adjusted for, with the path that shows it."""
        if node in self.causal:
            return f"{node!r} lies on the causal path {self.causal_path(node)}"
        route = self.graph.directed_path(self.causal, node)
        path = self.causal_path(route[0])
        return f"{node!r} is an effect of {route[0]!r} ({route}), which lies on the causal path {path}"

    def open_path(self, given: Names) -> NamedPath:
        """A path that is not causal and stays open given these nodes; empty when there is none."""
        return self.backdoor.open_path(self.treatment, self.outcome, given)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no and why.

    Attributes
    ----------
    reason : str
        Why not; empty for yes.
    """

    reason: str

    def __bool__(self) -> bool:
        return not self.reason

    def __str__(self) -> str:
        return f"no: {self.reason}" if self.reason else "yes"


def require_causal_graph(graph: object) -> CausalGraph:
    """The graph itself, when it is a directed one.

    Raises
    ------
    GraphError : it is something else.
    """
    if not isinstance(graph, CausalGraph):
        one = " Take one graph of the class: consistent_extension()." if hasattr(graph, "undirected") else ""
        raise GraphError(f"Expected a CausalGraph, such as load_graph gives, got {type(graph).__name__}.{one}")
    return graph


def _ends(graph: CausalGraph, treatment: Names, outcome: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    x, y = (tuple(dict.fromkeys(names_of(names))) for names in (treatment, outcome))
    graph.descendants(*x, *y)  # refuses unknown names, all of them at once
    if not x or not y:
        raise GraphError("An effect needs a treatment and an outcome: name at least one node for each.")
    if both := set(x) & set(y):
        raise GraphError(f"{quoted(sorted(both))} is both treatment and outcome: an effect is on another node.")
    for what, names in (("treatment", x), ("outcome", y)):
        if hidden := [name for name in names if name in graph.latent]:
            raise GraphError(f"The {what} {quoted(hidden)} is latent: nothing is measured of it, so no data can tell.")
    return x, y

"""The adjustment criterion: which nodes a set may not hold, and which paths it must close.

References
----------
van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40: sets of nodes named as there.
Shpitser, VanderWeele, Robins (2010), UAI: the criterion is sound and complete.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.errors import AdjustmentError, GraphError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.validation import names_of

__all__ = ["Criterion", "check_adjustment", "is_adjustment_set"]

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
    def of(cls, graph: CausalGraph, treatment: Names, outcome: Names) -> "Criterion":
        """Criterion for one treatment or several, in time linear in the graph.

        Raises
        ------
        UnknownNodeError : the graph lacks some of the nodes.
        GraphError : there is no treatment or outcome, one is latent, or a node is both.
        """
        x, y = _ends(graph, treatment, outcome)
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


def check_adjustment(graph: CausalGraph, treatment: Names, outcome: Names, adjustment: Names) -> None:
    """Refuse a set that does not identify the total effect by adjustment.

    Raises
    ------
    AdjustmentError : the set holds a latent node, or an effect of the treatment on a causal path
        or of one there, or leaves open a path that is not causal. Says which, and what to do.

    Examples
    --------
    >>> graph = CausalGraph([("display", "click"), ("click", "purchased")])
    >>> check_adjustment(graph, "display", "purchased", ["click"])
    Traceback (most recent call last):
    causalrec.errors.AdjustmentError: Adjusting for ['click'] does not give the effect of 'display' on 'purchased': \
'click' lies on the causal path display -> click -> purchased. Leave it out.
    """
    criterion = Criterion.of(graph, treatment, outcome)
    chosen = tuple(dict.fromkeys(names_of(adjustment)))
    graph.descendants(*chosen)  # refuses unknown names, all of them at once
    if reason := _violation(criterion, chosen):
        effect = f"{_quoted(criterion.treatment)} on {_quoted(criterion.outcome)}"
        raise AdjustmentError(f"Adjusting for {sorted(chosen)} does not give the effect of {effect}: {reason}")


def is_adjustment_set(graph: CausalGraph, treatment: Names, outcome: Names, adjustment: Names) -> bool:
    """Whether adjusting for these nodes gives the total effect.

    >>> graph = CausalGraph([("season", "display"), ("season", "purchased"), ("display", "purchased")])
    >>> is_adjustment_set(graph, "display", "purchased", ["season"])
    True
    >>> is_adjustment_set(graph, "display", "purchased", [])
    False
    """
    try:
        check_adjustment(graph, treatment, outcome, adjustment)
    except AdjustmentError:
        return False
    return True


def _violation(criterion: Criterion, chosen: tuple[str, ...]) -> str:
    if ends := [node for node in chosen if node in (*criterion.treatment, *criterion.outcome)]:
        return f"{_quoted(ends)} is the treatment or the outcome itself. Leave it out."
    if hidden := [node for node in chosen if node in criterion.graph.latent]:
        return f"{_quoted(hidden)} is not measured. Measure it, or find another set with adjustment_set."
    if wrong := [node for node in chosen if node in criterion.forbidden]:
        it = "it" if len(wrong) == 1 else "them"
        return f"{'; '.join(map(criterion.why_forbidden, wrong))}. Leave {it} out."
    path = criterion.open_path(chosen)
    return f"the path {path} stays open{_opened(path)}. {_closing(criterion, path)}" if path else ""


def _opened(path: NamedPath) -> str:
    colliders = path.colliders()
    return f", opened by conditioning on {_quoted(colliders)} or on what follows from it" if colliders else ""


def _closing(criterion: Criterion, path: NamedPath) -> str:
    inner = set(path[1:-1]) - set(path.colliders())
    closing = sorted(inner & criterion.candidates)
    return f"Add {' or '.join(map(repr, closing))}." if closing else "No measured node on it can close it."


def _ends(graph: CausalGraph, treatment: Names, outcome: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    x, y = (tuple(dict.fromkeys(names_of(names))) for names in (treatment, outcome))
    graph.descendants(*x, *y)  # refuses unknown names, all of them at once
    if not x or not y:
        raise GraphError("An effect needs a treatment and an outcome: name at least one node for each.")
    if both := set(x) & set(y):
        raise GraphError(f"{_quoted(sorted(both))} is both treatment and outcome: an effect is on another node.")
    for what, names in (("treatment", x), ("outcome", y)):
        if hidden := [name for name in names if name in graph.latent]:
            raise GraphError(f"The {what} {_quoted(hidden)} is latent: nothing is measured of it, so no data can tell.")
    return x, y


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(map(repr, names))

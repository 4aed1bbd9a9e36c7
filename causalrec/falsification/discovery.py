"""`Discovery`: a graph that data propose."""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.falsification.skeleton import RemovedEdge
from causalrec.graph.partial_graph import PartialGraph

__all__ = ["Discovery"]

PROPOSAL = (
    "This is a proposal; a person decides. It is right where no common cause is unmeasured, no rows were selected, "
    "and every dependence is strong enough to be seen in this sample. No direction was seen: each follows from those "
    "assumptions, or from what you said beforehand."
)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search found.

    Attributes
    ----------
    graph : PartialGraph
        Directed where the tests and the knowledge say so; an undirected edge may go either way.
    removed : tuple of RemovedEdge
        Pairs without an edge, each with the set that separates them.
    conflicts : tuple of str
        Where tests contradict each other or the knowledge: edges there are left undirected.
    left_out : tuple of (str, str)
        Adjacent pairs for which not every separating set was tried, because of `deadline` or `max_given`.
    method : str
    alpha : float
        Level of each test; not corrected, and it is not a level of the graph.
    n_tests, n_untestable : int
        Tests made, and those among them in which the data said nothing; such a test removes no edge.
    """

    graph: PartialGraph
    removed: tuple[RemovedEdge, ...]
    conflicts: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    method: str
    alpha: float
    n_tests: int = 0
    n_untestable: int = 0

    def __str__(self) -> str:
        graph = self.graph
        lines = [f"{self.method} on {len(graph)} nodes, {self.n_tests} tests at level {self.alpha:g}:"]
        lines += [f"  {cause} -> {effect}" for cause, effect in graph.edges]
        lines += [f"  {one} - {other}" for one, other in graph.undirected]
        lines += [] if graph.edges or graph.undirected else ["  no edge"]
        lines += [f"Contradiction: {conflict}." for conflict in self.conflicts]
        if self.left_out:
            lines.append(f"Not tested to the end: {', '.join(f'{a} - {b}' for a, b in self.left_out)}.")
        if self.n_untestable:
            lines.append(f"{self.n_untestable} tests said nothing: too few rows for what was given.")
        return "\n".join([*lines, PROPOSAL])

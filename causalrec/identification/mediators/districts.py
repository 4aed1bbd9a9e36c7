"""The districts of a path-specific effect: one factor each, under one value of the treatment.

References
----------
Shpitser (2013), Cognitive Science 37(6): Counterfactual graphical models for longitudinal mediation
analysis with unobserved confounding. A district that meets steps of both kinds recants.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.graph import CausalGraph, NamedPath
from causalrec.identification.mediators.routes import Steps

__all__ = ["DistrictFactor", "Recanting", "district_factors"]


@dataclass(frozen=True, slots=True)
class DistrictFactor:
    """P(members | do(parents)): what one district contributes.

    Attributes
    ----------
    members, parents : tuple of str
        Causes before their effects; the treatment is among `parents` where the district meets it.
    on : bool
        Whether the treatment has the value of the paths that belong to the effect.
    """

    members: tuple[str, ...]
    parents: tuple[str, ...]
    on: bool


@dataclass(frozen=True, slots=True)
class Recanting:
    """Nodes that unmeasured causes tie together, of which one needs the one value and one the other.

    Attributes
    ----------
    on, off : str
    path : NamedPath
        Tie between them.
    """

    on: str
    off: str
    path: NamedPath

    def __str__(self) -> str:
        if self.on == self.off:
            return f"unmeasured effects of the treatment bring {self.on!r} both of its values at once. Measure them"
        return (
            f"{self.on!r} follows one value of the treatment and {self.off!r} the other, and unmeasured causes tie "
            f"them together: {self.path}. Measure these causes"
        )


def district_factors(
    graph: CausalGraph, treatment: str, outcome: str, steps: Steps
) -> tuple[DistrictFactor, ...] | Recanting:
    """Factors whose product, summed over all but the outcome, is the path-specific distribution of it."""
    projection = graph.latent_projection()
    on, off = (_measured_ends(graph, treatment, ends) for ends in (steps.on, steps.off))
    if both := sorted(on & off):
        return Recanting(both[0], both[0], NamedPath())
    leaving = [(treatment, child) for child in projection.children(treatment)]
    scope = projection.without_edges(leaving).ancestors(outcome) - {treatment}
    inner = projection.induced(scope)
    place = {node: number for number, node in enumerate(graph.topological_order)}
    factors = []
    for members in inner.districts():
        ends_on, ends_off = (sorted(members & ends, key=place.__getitem__) for ends in (on, off))
        if ends_on and ends_off:
            return _recanting(inner, ends_on, ends_off)
        parents = frozenset().union(*(projection.parents(node) for node in members)) - members
        inside, outside = (tuple(sorted(nodes, key=place.__getitem__)) for nodes in (members, parents))
        factors.append(DistrictFactor(inside, outside, bool(ends_on)))
    return tuple(sorted(factors, key=lambda factor: -place[factor.members[-1]]))


def _measured_ends(graph: CausalGraph, treatment: str, steps: Iterable[str]) -> frozenset[str]:
    # Where these steps come out when unmeasured nodes are left out.
    found, stack = set(), list(steps)
    seen = set(stack)
    while stack:
        node = stack.pop()
        if node not in graph.latent:
            found.add(node)
            continue
        onward = graph.children(node) - seen
        seen |= onward
        stack += onward
    return frozenset(found)


def _recanting(inner: CausalGraph, ends_on: list[str], ends_off: list[str]) -> Recanting:
    # With bidirected edges alone every inner node is a collider, so given all others each path is open.
    ties = CausalGraph((), bidirected=inner.bidirected, nodes=inner.nodes)
    path = ties.open_path(ends_on, ends_off, [node for node in ties.nodes if node not in {*ends_on, *ends_off}])
    return Recanting(path[0], path[-1], path)

"""Natural effects: the outcome under one value of the treatment, its mediators as under another."""

from __future__ import annotations

from causalrec.graph import CausalGraph
from causalrec.identification.composite import Composite, Factor
from causalrec.identification.expression import Expression, Probability
from causalrec.identification.expression.algebra import product, summed
from causalrec.identification.mediators.routes import steps_along_edges
from causalrec.identification.mediators.specific_paths import nested_expression

__all__ = ["Sets", "natural_expression"]

Names = tuple[str, ...]
Sets = tuple[tuple[str, Names], ...]
"""What is adjusted for, by its use."""


def natural_expression(graph: CausalGraph, x: str, y: str, m: Names, deadline: float | None) -> tuple[Composite, Sets]:
    """P(y(x, m(x₀))): by sets where Pearl's conditions hold, else district by district.

    The paths past the mediators follow x, those through them x₀.

    Raises
    ------
    NotIdentifiableError : with the recanting witness, the district that recants, or the hedge.
    """
    if found := _by_sets(graph, x, y, m):
        return found
    past = [edge for edge in graph.edges if edge[1] not in m]
    return nested_expression(graph, x, y, steps_along_edges(graph, x, y, past), deadline), ()


def _by_sets(graph: CausalGraph, x: str, y: str, m: Names) -> tuple[Composite, Sets] | None:
    # Assumption set A of Pearl 2014: W closes the mediators off from the outcome where the treatment is fixed
    # given W, one set closes the treatment off from the mediators, one both from the outcome.
    before = frozenset(graph.nodes) - graph.descendants(x, *m) - graph.latent - {y}
    apart = _cut(graph, (x, *m))
    w = apart.minimal_separator(m, y, within=before)
    if w is None:
        return None
    to_mediators = _cut(graph, (x,)).minimal_separator(x, m, include=w, within=before)
    to_outcome = apart.minimal_separator((x, *m), y, include=w, within=before)
    if to_mediators is None or to_outcome is None:
        return None
    shared, drawn, seen = (
        tuple(node for node in graph.topological_order if node in names)
        for names in (w, to_mediators - w, to_outcome - w)
    )
    factors = [Factor(_within(y, (x, *m), seen, shared)), Factor(_within(m, (x,), drawn, shared), reference=(x,))]
    factors += [Factor(Probability(shared))] if shared else []
    uses = (
        f"between {', '.join(m)} and {y}",
        f"between {x} and {', '.join(m)}",
        f"between {x}, {', '.join(m)} and {y}",
    )
    sets = tuple(zip(uses, (shared, (*shared, *drawn), (*shared, *seen)), strict=True))
    return Composite((*shared, *m), tuple(factors)), sets


def _cut(graph: CausalGraph, nodes: Names) -> CausalGraph:
    return graph.without_edges((node, child) for node in nodes for child in graph.children(node))


def _within(outcome: str | Names, given: Names, adjusted: Names, shared: Names) -> Expression:
    """P(outcome | do(given), shared): the sum over `adjusted`, given `shared`."""
    outcome = (outcome,) if isinstance(outcome, str) else outcome
    conditional = Probability(outcome, (*given, *adjusted, *shared))
    return summed(adjusted, product([conditional, Probability(adjusted, shared)])) if adjusted else conditional

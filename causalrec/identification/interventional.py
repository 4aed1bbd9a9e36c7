"""Interventional distributions as parts of larger formulas."""

from __future__ import annotations

from collections.abc import Iterable

from causalrec.errors import NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.expression import Expression, Probability, adjustment_expression
from causalrec.identification.id_algorithm import id_expression

__all__ = ["adjustment_formula", "district_expression", "interventional"]


def interventional(graph: CausalGraph, do: Iterable[str], outcome: Iterable[str], deadline: float | None) -> Expression:
    """P(outcome | do(do)): by adjustment where that works, as that is shorter, else by ID.

    Raises
    ------
    NotIdentifiableError : it is not identifiable; with the hedge.
    UndecidedError : the deadline has passed.
    """
    do, outcome = tuple(do), tuple(outcome)
    short = adjustment_formula(graph, do, outcome)
    return id_expression(graph, do, outcome, deadline=deadline) if short is None else short


def adjustment_formula(graph: CausalGraph, do: tuple[str, ...], outcome: tuple[str, ...]) -> Expression | None:
    """P(outcome | do(do)) by a minimal adjustment set; None when there is none."""
    try:
        found = adjustment_set(graph, do, outcome)
    except NotIdentifiableError:
        return None
    return adjustment_expression(do, outcome, [node for node in graph.topological_order if node in found])


def district_expression(
    graph: CausalGraph, members: tuple[str, ...], parents: tuple[str, ...], deadline: float | None
) -> Expression:
    """P(members | do(parents)), where `members` is a district of a part of the graph and `parents` its other parents.

    Raises
    ------
    NotIdentifiableError : it is not identifiable; with the hedge.
    UndecidedError : the deadline has passed.
    """
    if not parents:
        return Probability(members)
    if len(members) == 1 and not graph.spouses(members[0]) and not graph.parents(members[0]) & graph.latent:
        return Probability(members, parents)  # unconfounded, as ID finds too, but at the cost of the whole graph
    return id_expression(graph, parents, members, deadline=deadline)

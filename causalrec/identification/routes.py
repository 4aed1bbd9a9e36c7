"""The routes from a question to an estimand: adjustment, front door, ID, instruments."""

from __future__ import annotations

from collections.abc import Callable

from causalrec.errors import NotIdentifiableError
from causalrec.graph import CausalGraph, PartialGraph
from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.estimand import Estimand
from causalrec.identification.expression import Expression
from causalrec.identification.frontdoor import frontdoor_set
from causalrec.identification.id_algorithm import id_expression, idc_expression
from causalrec.identification.instrument import Instrument, conditional_instruments
from causalrec.identification.question import Question

__all__ = ["ROUTES"]

RIGHT_GRAPH = "the graph is right: no unmeasured confounding beyond what it draws"


def _by_adjustment(question: Question) -> Estimand:
    _refuse_late(question)
    kept = (*question.selected, *question.conditional)
    found = adjustment_set(question.graph, question.treatment, question.outcome, include=kept)
    adjustment = tuple(sorted(found.difference(kept)))
    held = tuple(sorted((*adjustment, *question.conditional)))
    strata = f" in every stratum of {', '.join(held)}" if held else ""
    return _estimand(
        question,
        "adjustment",
        adjustment=adjustment,
        assumptions=(f"positivity: each value of {_listed(question.treatment)} occurs{strata}",),
    )


def _by_frontdoor(question: Question) -> Estimand:
    _refuse_conditioning(question, "the front door", ("selected", "conditional"))
    mediators = tuple(sorted(frontdoor_set(_directed(question), question.treatment, question.outcome)))
    x, z = _listed(question.treatment), ", ".join(mediators)
    return _estimand(
        question,
        "frontdoor",
        mediators=mediators,
        assumptions=(
            f"the whole effect of {x} passes through {z}",
            f"positivity: each value of {z} occurs with each value of {x}",
        ),
    )


def _by_id(question: Question) -> Estimand:
    _refuse_conditioning(question, "the ID algorithm", ("selected",))
    graph, x, y, deadline = _directed(question), question.treatment, question.outcome, question.deadline
    if question.conditional:
        expression = idc_expression(graph, x, y, question.conditional, deadline=deadline)
    else:
        expression = id_expression(graph, x, y, deadline=deadline)
    return _estimand(
        question,
        "id",
        identified=expression,
        assumptions=("positivity: no probability that the expression divides by is zero",),
    )


def _by_instrument(question: Question) -> Estimand:
    _refuse_conditioning(question, "an instrument", ("conditional",))
    if len(question.treatment) > 1:
        raise _none(question, "an instrument is for one treatment, and there are several")
    x, y = question.treatment[0], question.outcome
    found = conditional_instruments(_directed(question), x, y, include=question.selected, deadline=question.deadline)
    if not found:
        raise _none(question, f"no measured node moves {x!r} and reaches {y!r} through it alone")
    named = question.graph.nodes_with("instrument")
    best = min(found, key=lambda one: (one.name not in named, len(one.given)))
    return _instrumented(question, best)


def _instrumented(question: Question, instrument: Instrument) -> Estimand:
    x, z = question.treatment[0], instrument.name
    return _estimand(
        question,
        "instrument",
        adjustment=tuple(name for name in instrument.given if name not in question.selected),
        instruments=(z,),
        target="LATE, or the linear effect",
        assumptions=(
            f"relevance: {z} moves {x}",
            f"monotonicity: {z} moves {x} in one direction only; then this is the effect among those whom it moves "
            f"(LATE). Or linearity: the effect of {x} is the same for all, and linear",
        ),
    )


ROUTES: dict[str, Callable[[Question], Estimand]] = {
    "adjustment": _by_adjustment,
    "frontdoor": _by_frontdoor,
    "id": _by_id,
    "instrument": _by_instrument,
}
"""Routes in the order in which "auto" tries them."""


def _estimand(
    question: Question,
    strategy: str,
    *,
    identified: Expression | None = None,
    adjustment: tuple[str, ...] = (),
    mediators: tuple[str, ...] = (),
    instruments: tuple[str, ...] = (),
    target: str = "ATE",
    assumptions: tuple[str, ...] = (),
) -> Estimand:
    x, kept = _listed(question.treatment), _listed(question.selected)
    among = (f"the effect is among {kept} only: nothing is said of the others",) if kept else ()
    alone = f"consistency, no interference: the outcome of a unit depends on its own {x} alone"
    return Estimand(
        question.treatment,
        question.outcome,
        strategy,
        adjustment,
        question.selected,
        mediators,
        instruments,
        question.conditional,
        identified,
        assumptions=(RIGHT_GRAPH, *assumptions, alone, *among),
        target=target,
    )


def _refuse_late(question: Question) -> None:
    # Within an effect of the treatment the distribution of the covariates is that after the intervention.
    effects = question.graph.descendants(*question.treatment)
    if late := [name for name in question.conditional if name in effects]:
        raise _none(
            question,
            f"{' and '.join(map(repr, late))} is an effect of the treatment, and adjustment takes what comes before it",
        )


def _directed(question: Question) -> CausalGraph:
    if isinstance(question.graph, PartialGraph):
        raise _none(question, "the graph has undirected edges, and only adjustment takes those")
    return question.graph


def _refuse_conditioning(question: Question, route: str, attributes: tuple[str, ...]) -> None:
    for attribute in attributes:
        if names := getattr(question, attribute):
            what = "every row has" if attribute == "selected" else "the effect is asked for within"
            raise _none(question, f"{what} {' and '.join(map(repr, names))}, and {route} does not take that")


def _none(question: Question, reason: str) -> NotIdentifiableError:
    return NotIdentifiableError(f"{reason}.", treatment=question.treatment, outcome=(question.outcome,))


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)

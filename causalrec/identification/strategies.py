"""`identify`: the routes, one after the other, until one leads to an estimand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from causalrec.errors import GraphError, IdentificationError, NotIdentifiableError, UndecidedError, nearest
from causalrec.graph import CausalGraph, PartialGraph
from causalrec.identification.estimand import Estimand
from causalrec.identification.question import Question
from causalrec.identification.routes import ROUTES

__all__ = ["identify"]

Names = str | Iterable[str]


def identify(
    graph: CausalGraph | PartialGraph,
    treatment: Names,
    outcome: str,
    *,
    conditional: Names = (),
    selected: Names | None = None,
    strategy: str = "auto",
    deadline: float | None = None,
) -> Estimand:
    """Effect of `treatment` on `outcome` as a function of what is observed, or the reason why there is none.

    Parameters
    ----------
    graph : CausalGraph or PartialGraph
        In a class of graphs only adjustment is tried: its estimand holds in all of them.
    treatment : str or iterable of str
        Several treatments are set together: the effect is their joint one.
    outcome : str
    conditional : str or iterable of str
        Nodes within whose values the effect is asked for. Where one is an effect of the treatment, its value is
        the one after the intervention.
    selected : str or iterable of str, optional
        Nodes that every row has, and that are thus always conditioned on: the effect is among them.
        Default: all nodes with the role "selected". Give () for data without that selection.
        For the effect in the whole population see `recover_from_selection`.
    strategy : {"auto", "adjustment", "frontdoor", "id", "instrument"}
        "auto" tries them in this order. Instruments come last: theirs is another effect.
    deadline : float, optional
        Seconds that a search which can be long may take.

    Returns
    -------
    Estimand
        `tried` says which strategies failed before, and why.

    Raises
    ------
    NotIdentifiableError : no strategy works; names the open path, what is unmeasured on it, the next step.
    UndecidedError : the deadline came before an answer: neither yes nor no.
    IdentificationError : the graph says that there is no effect, or the question contradicts itself.
    UnknownNodeError : the graph lacks some of the nodes; all of them are named.
    GraphError : treatment or outcome is latent, missing, or a node is both; or there is no such strategy.

    Examples
    --------
    >>> from causalrec.graph import load_graph
    >>> identify(load_graph("promotion"), "display", "purchased").adjustment
    ('item_store_availability', 'item_week_demand', 'mailer')
    """
    if not isinstance(graph, CausalGraph | PartialGraph):
        raise GraphError(f"Expected a CausalGraph, such as load_graph gives, got {type(graph).__name__}.")
    if isinstance(graph, PartialGraph) and not graph.undirected:
        graph = graph.consistent_extension()
    if not isinstance(strategy, str) or (strategy != "auto" and strategy not in ROUTES):
        raise GraphError(f"There is no strategy {nearest([str(strategy)], ['auto', *ROUTES])}.")
    question = Question.of(graph, treatment, outcome, selected, conditional, deadline)
    failures: dict[str, IdentificationError] = {}
    for name in ROUTES if strategy == "auto" else (strategy,):
        try:
            found = ROUTES[name](question)
        except (NotIdentifiableError, UndecidedError) as failure:
            failures[name] = failure
        else:
            return replace(found, tried=(*(f"{one}: {_reason(why)}" for one, why in failures.items()), name))
    raise _refusal(question, failures)


def _reason(failure: IdentificationError) -> str:
    sentence = str(failure).split(". ")[0]
    return sentence.split(": ", 1)[-1].rstrip(".")


def _refusal(question: Question, failures: dict[str, IdentificationError]) -> IdentificationError:
    first, *others = failures.items()
    also = "".join(f" {name}: {_reason(failure)}." for name, failure in others)
    message = f"{first[1]}{' Other strategies fail too.' if also else ''}{also}"
    if undecided := [failure for failure in failures.values() if isinstance(failure, UndecidedError)]:
        return UndecidedError(f"{undecided[0]} {message}" if others else message)
    found = [failure for failure in failures.values() if isinstance(failure, NotIdentifiableError)]
    return NotIdentifiableError(
        message,
        treatment=question.treatment,
        outcome=(question.outcome,),
        open_path=found[0].open_path,
        latent=found[0].latent,
        hedge=next((failure.hedge for failure in found if failure.hedge), ()),
        measure=found[0].measure,
    )

"""`identify`: the strategies, and the order in which they are tried."""

from collections.abc import Callable, Iterable

from causalrec.errors import GraphError, IdentificationError, nearest
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.criterion import Criterion
from causalrec.identification.estimand import Estimand

__all__ = ["STRATEGIES", "identify"]


def identify(
    graph: CausalGraph,
    treatment: str | Iterable[str],
    outcome: str,
    *,
    selected: str | Iterable[str] | None = None,
    strategy: str = "auto",
) -> Estimand:
    """Effect of `treatment` on `outcome` as a function of what is observed, or the reason why there is none.

    Parameters
    ----------
    graph : CausalGraph
    treatment : str or iterable of str
        Several treatments are set together: the effect is their joint one.
    outcome : str
    selected : str or iterable of str, optional
        Nodes that every row has, and that are thus always conditioned on: the effect is among them.
        Default: all nodes with the role "selected". Give () for data without that selection.
    strategy : {"auto", "adjustment"}
        "auto" tries all of them in order.

    Returns
    -------
    Estimand

    Raises
    ------
    NotIdentifiableError : no strategy works; names the open path, what is unmeasured on it, the next step.
    IdentificationError : the graph says that there is no effect, or there is no such strategy.
    UnknownNodeError : the graph lacks some of the nodes; all of them are named.
    GraphError : treatment or outcome is latent, missing, or a node is both.

    Examples
    --------
    >>> from causalrec.graph import load_graph
    >>> identify(load_graph("promotion"), "display", "purchased").adjustment
    ('item_store_availability', 'item_week_demand', 'mailer')
    """
    if not isinstance(graph, CausalGraph):
        raise GraphError(f"Expected a CausalGraph, such as load_graph gives, got {type(graph).__name__}.")
    if strategy != "auto" and strategy not in STRATEGIES:
        raise IdentificationError(f"There is no strategy {nearest([strategy], ['auto', *STRATEGIES])}.")
    treatment, outcome = tuple(dict.fromkeys(names_of(treatment))), _single(outcome)
    kept = graph.nodes_with("selected") if selected is None else tuple(dict.fromkeys(names_of(selected)))
    graph.descendants(*treatment, outcome, *kept)  # refuses unknown names, all of them at once
    criterion = Criterion.of(graph, treatment, outcome)
    _refuse_no_effect(criterion)
    _refuse_selection(criterion, kept)
    return STRATEGIES["adjustment"](graph, treatment, outcome, kept)


def _by_adjustment(graph: CausalGraph, treatment: tuple[str, ...], outcome: str, kept: tuple[str, ...]) -> Estimand:
    found = adjustment_set(graph, treatment, outcome, include=kept)
    adjustment = tuple(sorted(found.difference(kept)))
    return Estimand(
        treatment,
        outcome,
        "adjustment",
        adjustment,
        kept,
        expression=_expression(treatment, outcome, adjustment, kept),
        assumptions=_assumptions(treatment, adjustment, kept),
        tried=("adjustment",),
    )


STRATEGIES: dict[str, Callable[[CausalGraph, tuple[str, ...], str, tuple[str, ...]], Estimand]] = {
    "adjustment": _by_adjustment,
}
"""Strategies in the order in which "auto" tries them."""


def _expression(treatment: tuple[str, ...], outcome: str, adjustment: tuple[str, ...], kept: tuple[str, ...]) -> str:
    among = f" | {', '.join(kept)}" if kept else ""
    if not adjustment:
        return f"E[{outcome} | {', '.join((*treatment, *kept))}]"
    inner = ", ".join((*treatment, "z", *kept))
    return f"sum over z of E[{outcome} | {inner}] P(z{among}), z = ({', '.join(adjustment)})"


def _assumptions(treatment: tuple[str, ...], adjustment: tuple[str, ...], kept: tuple[str, ...]) -> tuple[str, ...]:
    names = " and ".join(treatment)
    strata = f" in every stratum of {', '.join(adjustment)}" if adjustment else ""
    among = (f"the effect is among {' and '.join(kept)} only: nothing is said of the others",) if kept else ()
    return (
        "the graph is right: no unmeasured confounding beyond what it draws",
        f"positivity: each value of {names} occurs{strata}",
        f"consistency, no interference: the outcome of a unit depends on its own {names} alone",
        *among,
    )


def _single(outcome: str) -> str:
    names = names_of(outcome)
    if len(names) != 1:
        raise GraphError(f"An estimand has one outcome, got {list(names)}: identify each one for itself.")
    return names[0]


def _refuse_no_effect(criterion: Criterion) -> None:
    treatment, outcome = criterion.treatment, criterion.outcome[0]
    names = " and ".join(map(repr, treatment))
    if backwards := criterion.graph.directed_path(outcome, treatment):
        raise IdentificationError(
            f"{outcome!r} is a cause of {backwards[-1]!r}, not the other way round: {backwards}. By the graph "
            f"{backwards[-1]!r} has no effect on it, so there is nothing to estimate. Turn the question round, or "
            f"the edges."
        )
    if not criterion.causal:
        raise IdentificationError(
            f"The graph has no directed path from {names} to {outcome!r}, so it says that the effect is zero and "
            f"there is nothing to estimate. Add the edges that are missing."
        )


def _refuse_selection(criterion: Criterion, kept: tuple[str, ...]) -> None:
    if ends := [node for node in kept if node in (*criterion.treatment, *criterion.outcome)]:
        raise IdentificationError(
            f"Every row has {ends[0]!r}, so it does not vary, and its effect or an effect on it cannot be seen. Use "
            f"data with rows without it, and drop it from the selected nodes."
        )
    if hidden := sorted(criterion.graph.latent.intersection(kept)):
        raise IdentificationError(
            f"{' and '.join(map(repr, hidden))} is latent and selected at once: if every row has it, it is known. "
            f"Drop one of the two."
        )

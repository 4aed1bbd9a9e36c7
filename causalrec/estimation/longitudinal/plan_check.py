"""Whether a plan, and rules that read its covariates, are what a graph allows."""

from __future__ import annotations

from collections.abc import Mapping

from causalrec.errors import AdjustmentError, DataError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.identification import SequentialPlan

__all__ = ["refuse_plan", "refuse_rules"]


def refuse_plan(plan: SequentialPlan) -> None:
    """Refuse what is no plan, or one that contradicts itself.

    Raises
    ------
    DataError : not a `SequentialPlan`.
    AdjustmentError : sets that are not one a treatment, or that hold a treatment, the outcome or a node twice.
    """
    if not isinstance(plan, SequentialPlan):
        raise DataError(
            f"`plan` is a {type(plan).__name__}; ask for one first: sequential_backdoor(graph, treatments, outcome)."
        )
    if len(plan.adjustment) != len(plan.treatment):
        raise AdjustmentError(
            f"The plan has {len(plan.treatment)} treatments and {len(plan.adjustment)} sets to adjust for; it needs "
            f"one a treatment."
        )
    nodes = [*plan.treatment, *plan.outcome, *(node for names in plan.adjustment for node in names)]
    if twice := sorted({node for node in nodes if nodes.count(node) > 1}):
        raise AdjustmentError(
            f"The plan names {', '.join(map(repr, twice))} twice: a node is a treatment, the outcome, or adjusted for "
            f"at one treatment, and counts from then on."
        )


def refuse_rules(plan: SequentialPlan, graph: CausalGraph, reads: Mapping[str, frozenset[str]]) -> None:
    """Refuse a plan that the graph does not allow, with rules that read some nodes before a treatment.

    The sequential back-door is of constants. A rule makes what it reads a cause of its treatment, and that may open a
    path that constants leave closed. So each treatment must be separated from the outcome in the graph whose later
    treatments have no causes but what their rules read.

    Parameters
    ----------
    plan : SequentialPlan
    graph : CausalGraph
    reads : mapping of str to frozenset of str
        What the rule of each treatment reads; empty for constants.

    Raises
    ------
    AdjustmentError : a set that holds effects of its treatment or of a later one.
    NotIdentifiableError : names the treatment, and the path that stays open.

    References
    ----------
    Pearl, Robins (1995), UAI. Robins (1986), Mathematical Modelling 7: rules.

    Examples
    --------
    >>> graph = CausalGraph([("mail", "visit"), ("visit", "coupon"), ("visit", "bought"), ("coupon", "bought")])
    >>> from causalrec.identification import sequential_backdoor
    >>> refuse_rules(sequential_backdoor(graph, ["mail", "coupon"], "bought"), graph, {"coupon": frozenset({"visit"})})
    """
    given: set[str] = set(plan.selected)
    for time, (treatment, names) in enumerate(zip(plan.treatment, plan.adjustment, strict=True)):
        later = plan.treatment[time:]
        if late := sorted(graph.descendants(*later) & {*names}):
            raise AdjustmentError(
                f"At {treatment!r} the plan adjusts for {', '.join(map(repr, late))}, which it or a later treatment "
                f"moves."
            )
        given |= {*names, *plan.treatment[:time]}
        world = _ruled(graph, treatment, plan.treatment[time + 1 :], reads)
        if path := world.open_path(treatment, plan.outcome, sorted(given)):
            ruled = [name for name in plan.treatment[time + 1 :] if name in path and reads.get(name)]
            why = f", by what the rule of {ruled[0]!r} reads" if ruled else ""
            raise NotIdentifiableError(
                f"At {treatment!r} the plan leaves the path {path} open{why}. Ask for a plan of this graph with "
                f"sequential_backdoor, or for rules that read less.",
                treatment=plan.treatment, outcome=plan.outcome, open_path=path,
            )  # fmt: skip


def _ruled(
    graph: CausalGraph, treatment: str, later: tuple[str, ...], reads: Mapping[str, frozenset[str]]
) -> CausalGraph:
    """The graph without effects of the treatment, whose later treatments follow rules."""
    cut = graph.mutilated(*later)
    cut = cut.without_edges((treatment, child) for child in cut.children(treatment))
    ruled = [(node, name) for name in later for node in sorted(reads.get(name, frozenset())) if node != treatment]
    return CausalGraph(
        [*cut.edges, *ruled], bidirected=cut.bidirected, latent=graph.latent, nodes=graph.nodes
    )  # fmt: skip

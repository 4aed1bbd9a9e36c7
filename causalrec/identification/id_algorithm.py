"""ID and IDC: any effect that the graph identifies, as an expression, or the hedge that forbids it.

References
----------
Shpitser, Pearl (2006), AAAI: "Identification of joint interventional distributions in recursive
semi-Markovian causal models"; algorithm ID. Shpitser, Pearl (2006), UAI: "Identification of
conditional interventional distributions"; algorithm IDC. Line numbers in comments are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.c_factors import HedgeFound, c_factor
from causalrec.identification.confounding import Confounding
from causalrec.identification.criterion import require_causal_graph
from causalrec.identification.deadline import Deadline
from causalrec.identification.expression.algebra import product, quotient, summed
from causalrec.identification.expression.tree import Expression, Probability
from causalrec.identification.hedge import hedge_message, small_hedge
from causalrec.identification.wording import quoted

__all__ = ["id_expression", "idc_expression"]

Names = str | Iterable[str]


def id_expression(graph: CausalGraph, treatment: Names, outcome: Names, *, deadline: float | None = None) -> Expression:
    """P(outcome | do(treatment)) as a function of the distribution of what is measured.

    Sound and complete: when this raises NotIdentifiableError, two models with this graph and the same
    observed distribution differ in the effect. Linear in the graph for each node where nothing is
    hidden; polynomial otherwise.

    Parameters
    ----------
    graph : CausalGraph
        With latent nodes and bidirected edges.
    treatment, outcome : str or iterable of str
    deadline : float, optional
        Seconds after which the search gives up and says that it is undecided.

    Returns
    -------
    Expression
        Its free variables are outcomes and treatments; treatments without an effect do not occur.
        Where a quotient is the same for all values of another variable, it is averaged over that one.

    Raises
    ------
    NotIdentifiableError : the effect is not identifiable; `hedge` holds the witness (F, F').
    UndecidedError : the deadline passed first.
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : there is no treatment or outcome, one is latent, or a node is both.

    References
    ----------
    Shpitser, Pearl (2006), AAAI, 1219-1226.

    Examples
    --------
    >>> graph = CausalGraph([("seen", "click"), ("click", "bought")], bidirected=[("seen", "bought")])
    >>> print(id_expression(graph, "seen", "bought"))
    Σ_{click} P(click | seen) Σ_{seen'} P(bought | seen', click) P(seen')
    """
    x, y = _disjoint(graph, treatment=treatment, outcome=outcome)
    return _identified(graph, x, y, Deadline(deadline, f"the search for the effect of {quoted(x)} on {quoted(y)}"))


def idc_expression(
    graph: CausalGraph, treatment: Names, outcome: Names, conditional: Names, *, deadline: float | None = None
) -> Expression:
    """P(outcome | do(treatment), conditional) as a function of the distribution of what is measured.

    The effect within the values of `conditional`, which may be effects of the treatment too: the
    distribution of the outcome among those that have these values *after* the intervention.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome, conditional : str or iterable of str
    deadline : float, optional
        Seconds after which the search gives up and says that it is undecided.

    Returns
    -------
    Expression
        Its free variables are outcomes, treatments and conditions.

    Raises
    ------
    NotIdentifiableError : the effect is not identifiable; `hedge` holds the witness (F, F').
    UndecidedError : the deadline passed first.
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : there is no treatment or outcome, a node is latent, or in two of the sets.

    References
    ----------
    Shpitser, Pearl (2006), UAI, 437-444.

    Examples
    --------
    >>> graph = CausalGraph([("age", "seen"), ("age", "bought"), ("seen", "bought")])
    >>> print(idc_expression(graph, "seen", "bought", "age"))
    P(bought | age, seen)
    """
    x, y, z = _disjoint(graph, treatment=treatment, outcome=outcome, conditional=conditional)
    watch = Deadline(deadline, f"the search for the effect of {quoted(x)} on {quoted(y)} given {quoted(z)}")
    moved = _exchangeable(graph, x, y, z, watch)
    x, z = (*x, *moved), tuple(node for node in z if node not in moved)
    joint = _identified(graph, x, (*y, *z), watch)  # line 2
    return quotient(joint, summed(y, joint)) if z else joint


def _exchangeable(
    graph: CausalGraph, x: tuple[str, ...], y: tuple[str, ...], z: tuple[str, ...], deadline: Deadline
) -> tuple[str, ...]:
    """Line 1, again and again: conditions that might as well be set, by rule 2 of the do-calculus."""
    moved: tuple[str, ...] = ()
    found: str | None = ""
    while found is not None:
        moved = (*moved, found) if found else moved
        left = [node for node in z if node not in moved]
        fixed = graph.mutilated(*x, *moved)
        found = next((node for node in left if _rule_2(fixed, node, y, (*x, *moved, *left), deadline)), None)
    return moved


def _rule_2(mutilated: CausalGraph, node: str, y: tuple[str, ...], given: tuple[str, ...], deadline: Deadline) -> bool:
    deadline.check()
    leaving = [(node, child) for child in mutilated.children(node)]
    return mutilated.without_edges(leaving).is_separated(node, y, [end for end in given if end != node])


def _identified(graph: CausalGraph, x: tuple[str, ...], y: tuple[str, ...], deadline: Deadline) -> Expression:
    deadline.check()
    model = Confounding.of(graph, graph.ancestors(*y))  # line 2
    number = {name: node for node, name in enumerate(model.names)}
    fixed = frozenset(number[name] for name in x if name in number)
    if not fixed:  # line 1
        return Probability(y)
    # Line 3: whatever is no ancestor of Y once X is set may be set as well.
    moving = model.ancestors((number[name] for name in y), frozenset(range(len(number))) - fixed)
    try:
        factors = [c_factor(model, district, deadline) for district in model.districts(moving)]
    except HedgeFound as hedge:
        forests = small_hedge(model, hedge.larger, hedge.smaller, fixed)
        raise _refusal(graph, model, x, y, *forests) from None
    known = frozenset(model.names[node] for node in moving | fixed)
    over = [name for name in model.names if number[name] in moving and name not in y]
    return summed(over, product(_averaged(factor, known, number) for factor in reversed(factors)))  # line 4


def _averaged(factor: Expression, known: frozenset[str], number: dict[str, int]) -> Expression:
    """Average over what was set in line 3: the factor is the same for all its values, by rule 3."""
    extra = sorted(factor.free - known, key=number.__getitem__)
    return summed(extra, product([Probability(tuple(extra)), factor])) if extra else factor


def _refusal(
    graph: CausalGraph,
    model: Confounding,
    x: tuple[str, ...],
    y: tuple[str, ...],
    larger: frozenset[int],
    smaller: frozenset[int],
) -> NotIdentifiableError:
    groups = (frozenset(group) & larger for group in model.groups)
    causes = [cause for cause, members in zip(model.causes, groups, strict=True) if len(members) > 1]
    forests = tuple(frozenset(model.names[node] for node in forest) for forest in (larger, smaller))
    return NotIdentifiableError(
        hedge_message(x, y, forests[0], forests[1], causes),
        treatment=x,
        outcome=y,
        latent=graph.latent.intersection(name for cause in causes for name in cause),
        hedge=forests,
    )


def _disjoint(graph: CausalGraph, **sets: Names) -> list[tuple[str, ...]]:
    found = {argument: tuple(dict.fromkeys(names_of(names))) for argument, names in sets.items()}
    asked = [name for named in found.values() for name in named]
    require_causal_graph(graph).numbers(asked)  # refuses unknown names, all of them at once
    if empty := [argument for argument in ("treatment", "outcome") if not found[argument]]:
        raise GraphError(f"An effect needs a treatment and an outcome: `{empty[0]}` names no node.")
    owner: dict[str, str] = {}
    for argument, names in found.items():
        if hidden := [name for name in names if name in graph.latent]:
            raise GraphError(
                f"The {argument} {quoted(hidden)} is latent: nothing is measured of it, so no data can tell."
            )
        for name in names:
            if owner.setdefault(name, argument) != argument:
                raise GraphError(f"{name!r} is in both `{owner[name]}` and `{argument}`: they must be disjoint.")
    return list(found.values())

"""Sequential back-door: treatments in time, whose later confounders may be effects of earlier treatments.

References
----------
Pearl, Robins (1995), UAI: conditions and the complete choice of the sets. Robins (1986), Math. Modelling 7: g-formula.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.expression import Expression, Probability
from causalrec.identification.expression.algebra import product, summed
from causalrec.identification.selected_rows import selected_nodes
from causalrec.identification.wording import quoted

__all__ = ["SequentialPlan", "sequential_backdoor"]


@dataclass(frozen=True, slots=True)
class SequentialPlan:
    """What to adjust for before each treatment of a plan, and the g-formula.

    Attributes
    ----------
    treatment : tuple of str
        In time.
    outcome : tuple of str
    adjustment : tuple of tuple of str, one for each treatment
        Nodes to adjust for at that treatment, beside those before and `selected`.
    selected : tuple of str
        Nodes that every row has: the effect is among those.
    expression : Expression
        The g-formula: P(outcome | do(treatment)).
    """

    treatment: tuple[str, ...]
    outcome: tuple[str, ...]
    adjustment: tuple[tuple[str, ...], ...]
    selected: tuple[str, ...]
    expression: Expression

    def __str__(self) -> str:
        rows = [
            f"  at {treatment}: {', '.join(names) or 'nothing'}"
            for treatment, names in zip(self.treatment, self.adjustment, strict=True)
        ]
        among = f" among {', '.join(self.selected)}" if self.selected else ""
        effect = f"Joint effect of {', then '.join(self.treatment)} on {', '.join(self.outcome)}"
        title = f"{effect}{among} (sequential back-door)"
        return "\n".join([title, *rows, f"  {self.expression}"])


def sequential_backdoor(
    graph: CausalGraph, treatments: Iterable[str], outcome: Names, *, selected: Names | None = None
) -> SequentialPlan:
    """Sets that identify the joint effect of treatments in time by the g-formula.

    At each treatment a set of measured nodes must close the paths into it, in the graph in which
    its own effects are cut and later treatments are set by nobody else; the set may hold effects of
    *earlier* treatments, which adjustment for all treatments at once may not. Sound, and complete
    for this criterion: when it refuses, no sequence of sets meets it. The effect can still be
    identifiable by another formula, which `id_expression` finds. Linear in the graph for each treatment.

    Parameters
    ----------
    graph : CausalGraph
    treatments : iterable of str
        In time: none causes one before it. They are set to constants, not by a rule.
    outcome : str or iterable of str
    selected : str or iterable of str, optional
        Nodes that every row has, and that are thus always conditioned on: the effect is among them.
        Default: all nodes with the role "selected".

    Returns
    -------
    SequentialPlan
        No node can be left out of the set of a treatment, given the sets before.

    Raises
    ------
    NotIdentifiableError : names the treatment at which no set works, and the path that stays open; or
        the selected node that a treatment moves.
    GraphError : a treatment causes one before it; treatment or outcome is latent, missing, or both.

    References
    ----------
    Pearl, Robins (1995), UAI: Probabilistic evaluation of sequential plans.

    Examples
    --------
    >>> graph = CausalGraph([("mail", "visit"), ("visit", "coupon"), ("visit", "bought"), ("coupon", "bought")])
    >>> print(sequential_backdoor(graph, ["mail", "coupon"], "bought"))
    Joint effect of mail, then coupon on bought (sequential back-door)
      at mail: nothing
      at coupon: visit
      Σ_{visit} P(visit | mail) P(bought | mail, visit, coupon)
    """
    criterion = Criterion.of(graph, treatments, outcome)
    x, y = criterion.treatment, criterion.outcome
    rows = selected_nodes(graph, selected)
    _refuse_order(graph, x)
    _refuse_moved(graph, x, y, rows)
    allowed: frozenset[str] = frozenset()
    chosen: list[frozenset[str]] = []
    for k, treatment in enumerate(x):
        cut = _cut(graph, x, k)
        allowed |= _covariates(graph, cut, (*x, *y, *rows), x[k:], (x[k], *y, *rows))
        kept = frozenset((*x[:k], *rows)).union(*chosen)
        found = cut.minimal_separator(treatment, y, include=kept, within=allowed)
        if found is None:
            raise _refusal(graph, cut, x, y, k, (cut.ancestors(treatment, *y, *kept) & allowed) | kept)
        chosen.append(found - kept)
    order = graph.topological_order
    sets = tuple(tuple(node for node in order if node in names) for names in chosen)
    return SequentialPlan(x, y, sets, rows, _g_formula(x, y, sets, rows))


def _g_formula(
    x: tuple[str, ...], y: tuple[str, ...], sets: tuple[tuple[str, ...], ...], rows: tuple[str, ...]
) -> Expression:
    past: list[str] = []
    factors = []
    for treatment, names in zip(x, sets, strict=True):
        factors += [Probability(names, (*past, *rows))] if names else []
        past += [*names, treatment]
    return summed([name for names in sets for name in names], product([*factors, Probability(y, (*past, *rows))]))


def _cut(graph: CausalGraph, x: tuple[str, ...], k: int) -> CausalGraph:
    # G less the arrows out of X_k and into X_{k+1}, ..., X_n.
    later = graph.mutilated(*x[k + 1 :])
    return later.without_edges((x[k], child) for child in later.children(x[k]))


def _covariates(
    graph: CausalGraph, cut: CausalGraph, apart: tuple[str, ...], later: tuple[str, ...], ends: tuple[str, ...]
) -> frozenset[str]:
    # W_k of theorem 3: no effects of X_k or later ones, and causes of Y or X_k in the cut graph (or of what every row
    # has). The union of W_1, ..., W_k closes X_k off if any sequence does, and contains what was chosen before: so a
    # minimal choice at each step never spoils a later one.
    return cut.ancestors(*ends) - graph.descendants(*later) - graph.latent - {*apart}


def _refuse_moved(graph: CausalGraph, x: tuple[str, ...], y: tuple[str, ...], rows: tuple[str, ...]) -> None:
    if path := graph.directed_path(x, rows) if rows else NamedPath():
        raise NotIdentifiableError(
            f"Every row has {path[-1]!r}, which {path[0]!r} moves: {path}. The g-formula among {path[-1]!r} is not the "
            f"effect of the treatments. Use data that have rows without it.",
            treatment=x,
            outcome=y,
            open_path=path,
        )


def _refuse_order(graph: CausalGraph, x: tuple[str, ...]) -> None:
    for k, treatment in enumerate(x):
        if path := graph.directed_path(treatment, x[:k]) if k else NamedPath():
            raise GraphError(
                f"The treatments are not in time: {treatment!r} comes after {path[-1]!r}, but causes it: {path}. "
                f"Turn their order round."
            )


def _refusal(
    graph: CausalGraph, cut: CausalGraph, x: tuple[str, ...], y: tuple[str, ...], k: int, given: frozenset[str]
) -> NotIdentifiableError:
    path = cut.open_path(x[k], y, given)
    hidden = sorted(graph.latent.intersection(path))
    blame = f", where {quoted(hidden)} {'is' if len(hidden) == 1 else 'are'} not measured" if hidden else ""
    effects = sorted(graph.descendants(*x[k:]).intersection(path[1:-1]) - set(path.colliders()) - graph.latent)
    late = f" {quoted(effects)} would close it, but comes after {x[k]!r}." if effects else ""
    return NotIdentifiableError(
        f"The joint effect of {quoted(x)} on {quoted(y)} is not identifiable by the sequential back-door criterion: "
        f"at {x[k]!r}, conditioning on {sorted(given)} leaves the path {path} open{blame}.{late} Measure what would "
        f"close it, or try id_expression: it knows other formulas than this one.",
        treatment=x,
        outcome=y,
        open_path=path,
        latent=hidden,
    )

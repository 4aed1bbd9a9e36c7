"""`transport`: an effect in one population from a trial in another.

References
----------
Pearl, Bareinboim (2011), AAAI: selection diagrams, sets that are S-admissible. Bareinboim, Pearl (2013),
J. Causal Inference 1(1): algorithm sID; line numbers in comments are its.
"""

from __future__ import annotations

from dataclasses import dataclass

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.composite import Composite, Factor
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.expression import Expression, Probability, Product
from causalrec.identification.interventional import adjustment_formula, district_expression
from causalrec.identification.selected_rows import refuse_selected
from causalrec.identification.wording import quoted

__all__ = ["Transport", "transport"]


@dataclass(frozen=True, slots=True)
class Transport:
    """How the effect in the target population follows from a trial in the source population.

    Attributes
    ----------
    treatment, outcome : tuple of str
    domain : tuple of str
        Nodes that mark what differs between the populations.
    kind : str
        "direct": the trial's result holds as it stands. "reweighed": it holds within the levels of
        `adjustment`, whose distribution is the target's. "observed": adjustment in the target
        suffices, without a trial. "by districts": some parts of the formula come from the trial, the
        others from the target's observations. Tried in this order.
    adjustment : tuple of str
        An S-admissible set, where the kind is "reweighed".
    expression : Composite
        P(outcome | do(treatment)) in the target. Its distributions: "source", of the trial in which
        the treatment was drawn at random, and "target", observed.
    """

    treatment: tuple[str, ...]
    outcome: tuple[str, ...]
    domain: tuple[str, ...]
    kind: str
    adjustment: tuple[str, ...]
    expression: Composite

    def __str__(self) -> str:
        title = f"Effect of {', '.join(self.treatment)} on {', '.join(self.outcome)} in the target ({self.kind})"
        rows = [("reweigh by", ", ".join(self.adjustment)), ("expression", str(self.expression))]
        return "\n".join([title, *(f"  {name:<12} {text}" for name, text in rows if text)])


def transport(
    graph: CausalGraph,
    treatment: Names,
    outcome: Names,
    *,
    domain: Names | None = None,
    deadline: float | None = None,
) -> Transport:
    """Effect in a target population, from a trial in a source population and the target's observations.

    Both populations have this graph. A domain node points at each node whose mechanism, or whose
    unmeasured causes, may differ between them; all else is taken to be the same. What is asked of
    the source is the trial on the treatment alone. Sound and complete: what is refused here is no
    function of all the source's experiments and the target's observations.

    Parameters
    ----------
    graph : CausalGraph
        With domain nodes: a selection diagram.
    treatment, outcome : str or iterable of str
    domain : str or iterable of str, optional
        Default: all nodes with the role "domain".
    deadline : float, optional
        Seconds that one search may take.

    Returns
    -------
    Transport

    Raises
    ------
    NotIdentifiableError : names the part that differs and that the target's observations do not give, with the hedge.
    UndecidedError : the deadline has passed.
    IdentificationError : a node has the role "selected".
    GraphError : there is no domain node, or one has a cause; a node is latent or unknown.

    References
    ----------
    Bareinboim, Pearl (2013), J. Causal Inference 1(1): A general algorithm for deciding transportability.

    Examples
    --------
    >>> graph = CausalGraph(
    ...     [("country", "age"), ("age", "bought"), ("age", "shown"), ("shown", "bought")], roles={"country": "domain"}
    ... )
    >>> print(transport(graph, "shown", "bought"))
    Effect of shown on bought in the target (reweighed)
      reweigh by   age
      expression   Σ_{age} P_source(bought | do(shown), age) P_target(age)
    """
    criterion = Criterion.of(graph, treatment, outcome)
    refuse_selected(graph, "transport")
    x, y = criterion.treatment, criterion.outcome
    marks = _marks(graph, criterion, domain)
    fixed = graph.mutilated(*x)
    if fixed.is_separated(y, marks, x):
        return Transport(x, y, marks, "direct", (), Composite((), (_trial(y, x, ()),)))
    before = frozenset(graph.nodes) - graph.descendants(*x) - graph.latent - {*y, *marks}
    admissible = fixed.minimal_separator(y, marks, include=x, within=before)
    if admissible is not None:
        z = tuple(node for node in graph.topological_order if node in admissible.difference(x))
        expression = Composite(z, (_trial(y, x, z), Factor(Probability(z), "target")))
        return Transport(x, y, marks, "reweighed", z, expression)
    inner = graph.induced(node for node in graph.nodes if node not in marks)
    if (alone := adjustment_formula(inner, x, y)) is not None:
        return Transport(x, y, marks, "observed", (), Composite((), (Factor(alone, "target"),)))
    return Transport(x, y, marks, "by districts", (), _by_districts(graph, inner, x, y, marks, deadline))


def _trial(variables: tuple[str, ...], x: tuple[str, ...], given: tuple[str, ...]) -> Factor:
    return Factor(Probability(variables, (*x, *given)), "source", do=x)


def _marks(graph: CausalGraph, criterion: Criterion, domain: Names | None) -> tuple[str, ...]:
    marks = graph.nodes_with("domain") if domain is None else tuple(dict.fromkeys(names_of(domain)))
    graph.descendants(*marks)  # refuses unknown names, all of them at once
    if not marks:
        raise GraphError(
            "No node marks what differs between the populations: point a node with the role 'domain' at each node "
            "whose mechanism may differ, or name it in `domain`."
        )
    if caused := [node for node in marks if graph.parents(node) or graph.spouses(node) or node in graph.latent]:
        raise GraphError(f"The domain node {caused[0]!r} marks a difference: it has no causes, and is not latent.")
    if ends := [node for node in marks if node in (*criterion.treatment, *criterion.outcome)]:
        raise GraphError(f"{ends[0]!r} is a domain node, so it is neither treatment nor outcome.")
    return marks


def _by_districts(
    graph: CausalGraph,
    inner: CausalGraph,
    x: tuple[str, ...],
    y: tuple[str, ...],
    marks: tuple[str, ...],
    deadline: float | None,
) -> Composite:
    # Lines 2 to 4: only causes of Y once X is set, one factor for each of their districts. Lines 6 and 7: what the
    # domain touches must come from the target. Line 8: the rest is the same in the source; as X is set there, its
    # districts are whole districts of the trial, so one trial gives them all.
    projection = graph.latent_projection()
    touched = frozenset().union(*(projection.children(mark) for mark in marks))
    leaving = [(node, child) for node in x for child in projection.children(node)]
    scope = projection.without_edges(leaving).ancestors(*y).difference(x, marks)
    place = {node: number for number, node in enumerate(graph.topological_order)}
    factors: list[Factor] = []
    for district in projection.induced(scope).districts():
        around = frozenset().union(*(projection.parents(node) for node in district)) - district - {*marks}
        members, parents = (tuple(sorted(nodes, key=place.__getitem__)) for nodes in (district, around))
        if district & touched:
            factors.append(_observed(inner, x, y, members, parents, touched, deadline))
        else:
            found = district_expression(inner.mutilated(*x), members, parents, deadline)
            factors += [Factor(part, "source", do=x) for part in _parts(found)]
    return Composite(tuple(sorted(scope.difference(y), key=place.__getitem__)), tuple(factors))


def _parts(expression: Expression) -> tuple[Expression, ...]:
    return expression.factors if isinstance(expression, Product) else (expression,)


def _observed(
    graph: CausalGraph,
    x: tuple[str, ...],
    y: tuple[str, ...],
    members: tuple[str, ...],
    parents: tuple[str, ...],
    touched: frozenset[str],
    deadline: float | None,
) -> Factor:
    try:
        return Factor(district_expression(graph, members, parents, deadline), "target")
    except NotIdentifiableError as error:
        differing = [node for node in members if node in touched]
        raise NotIdentifiableError(
            f"The effect of {quoted(x)} on {quoted(y)} cannot be transported: {quoted(differing)} may differ "
            f"between the populations, so P({', '.join(members)} | do({', '.join(parents)})) must come from the "
            f"target, but its observations do not give it (an s-hedge). {error}",
            treatment=x,
            outcome=y,
            latent=error.latent,
            hedge=error.hedge,
        ) from None

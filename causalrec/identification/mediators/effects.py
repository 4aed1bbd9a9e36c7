"""`mediation`: which effects through and past mediators the graph identifies, and by which sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.composite import REFERENCE, Composite, Factor
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.expression import Expression
from causalrec.identification.interventional import interventional
from causalrec.identification.mediators.natural import Sets, natural_expression
from causalrec.identification.selected_rows import refuse_selected
from causalrec.identification.sequential import sequential_backdoor

__all__ = ["Mediation", "MediationEffect", "mediation"]

Found = tuple[Expression | Composite, Sets]


@dataclass(frozen=True, slots=True)
class MediationEffect:
    """One kind of effect: a formula when it is identified, else the reason why not. True when identified.

    Attributes
    ----------
    meaning : str
        What the formula gives, such as P(y(x, m)).
    expression : Expression, Composite or None
    sets : tuple of (str, tuple of str)
        What is adjusted for, and what for; empty where the formula is not one of adjustment.
    reason : str
        Empty when identified.
    """

    meaning: str
    expression: Expression | Composite | None
    sets: Sets = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.expression is not None

    def __str__(self) -> str:
        if self.expression is None:
            return f"{self.meaning}: not identified. {self.reason}"
        sets = "".join(f"\n    {use}: {', '.join(names) or 'nothing'}" for use, names in self.sets)
        return f"{self.meaning} = {self.expression}{sets}"


@dataclass(frozen=True, slots=True)
class Mediation:
    """Effects of a treatment through mediators and past them.

    With the treatment at x against the reference x₀, and E of the outcome under each formula: the
    natural direct effect is E[y(x, m(x₀))] - E[y(x₀)], the natural indirect one E[y(x)] - E[y(x, m(x₀))];
    they add up to the total effect. The interventional ones are the same contrasts of
    E[y(x, G(x₀))], where G(x₀) draws the mediators anew from their distribution under x₀. A controlled
    direct effect is E[y(x, m)] - E[y(x₀, m)].

    Attributes
    ----------
    treatment, outcome : str
    mediators : tuple of str
    total, controlled, natural, interventional : MediationEffect
    """

    treatment: str
    outcome: str
    mediators: tuple[str, ...]
    total: MediationEffect
    controlled: MediationEffect
    natural: MediationEffect
    interventional: MediationEffect

    def __str__(self) -> str:
        title = f"Effect of {self.treatment} on {self.outcome} through {', '.join(self.mediators)}"
        names = ("total", "controlled", "natural", "interventional")
        return "\n".join([title, *(f"  {name}: {getattr(self, name)}" for name in names)])


def mediation(
    graph: CausalGraph, treatment: str, outcome: str, mediators: Names, *, deadline: float | None = None
) -> Mediation:
    """Which of the total, controlled, natural and interventional effects the observed distribution gives.

    Each is decided for itself. Natural effects ask for more than experiments could tell: no node that
    the treatment moves may confound mediator and outcome (it would be a recanting witness). Where they
    fail for that reason, interventional ones often stay.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
    mediators : str or iterable of str
        Each an effect of the treatment and a cause of the outcome; taken together.
    deadline : float, optional
        Seconds that one search may take.

    Returns
    -------
    Mediation

    Raises
    ------
    GraphError : a mediator is none; a node is latent or unknown.
    IdentificationError : a node has the role "selected".
    UndecidedError : the deadline has passed.

    References
    ----------
    Pearl (2001), UAI: Direct and indirect effects. Pearl (2014), Psychological Methods 19(4): the sets.
    VanderWeele, Vansteelandt, Robins (2014), Epidemiology 25(2): interventional effects.

    Examples
    --------
    >>> graph = CausalGraph([("title", "click"), ("click", "watched"), ("title", "watched")])
    >>> print(mediation(graph, "title", "watched", "click").natural)
    P(watched(title, click(title₀))) = Σ_{click} P(watched | title, click) P(click | title₀)
        between click and watched: nothing
        between title and click: nothing
        between title, click and watched: nothing
    """
    x, y, m = _checked(graph, treatment, outcome, mediators)
    refuse_selected(graph, "mediation")
    inner = ", ".join(m)
    return Mediation(
        x,
        y,
        m,
        total=_effect(f"P({y}({x}))", lambda: (interventional(graph, [x], [y], deadline), ())),
        controlled=_effect(f"P({y}({x}, {inner}))", lambda: _controlled(graph, x, y, m, deadline)),
        natural=_effect(
            f"P({y}({x}, {', '.join(f'{node}({x}{REFERENCE})' for node in m)}))",
            lambda: natural_expression(graph, x, y, m, deadline),
        ),
        interventional=_effect(f"P({y}({x}, G({x}{REFERENCE})))", lambda: _interventional(graph, x, y, m, deadline)),
    )


def _checked(graph: CausalGraph, treatment: str, outcome: str, mediators: Names) -> tuple[str, str, tuple[str, ...]]:
    criterion = Criterion.of(graph, (treatment,), (outcome,))
    x, y = criterion.treatment[0], criterion.outcome[0]
    named = names_of(mediators)
    graph.descendants(*named)  # refuses unknown names, all of them at once
    if not named:
        raise GraphError("Mediation needs a mediator: name at least one node.")
    if hidden := [node for node in named if node in graph.latent]:
        raise GraphError(f"The mediator {' and '.join(map(repr, hidden))} is latent: nothing is measured of it.")
    between = graph.descendants(x) & graph.ancestors(y) - {x, y}
    if wrong := [node for node in named if node not in between]:
        raise GraphError(
            f"{' and '.join(map(repr, wrong))} is no mediator: it must be an effect of {x!r} and a cause of {y!r}. "
            f"Nodes between them are {sorted(between)}."
        )
    return x, y, tuple(node for node in graph.topological_order if node in named)


def _effect(meaning: str, find: Callable[[], Found]) -> MediationEffect:
    try:
        return MediationEffect(meaning, *find())
    except NotIdentifiableError as error:
        return MediationEffect(meaning, None, reason=str(error))


def _controlled(
    graph: CausalGraph, x: str, y: str, m: tuple[str, ...], deadline: float | None
) -> tuple[Expression, Sets]:
    try:
        plan = sequential_backdoor(graph, (x, *m), y)
    except NotIdentifiableError:
        return interventional(graph, (x, *m), (y,), deadline), ()
    sets = zip((f"at {node}" for node in plan.treatment), plan.adjustment, strict=True)
    return plan.expression, tuple(sets)


def _interventional(graph: CausalGraph, x: str, y: str, m: tuple[str, ...], deadline: float | None) -> Found:
    outcome, _ = _controlled(graph, x, y, m, deadline)
    drawn = interventional(graph, (x,), m, deadline)
    return Composite(m, (Factor(outcome), Factor(drawn, reference=(x,)))), ()

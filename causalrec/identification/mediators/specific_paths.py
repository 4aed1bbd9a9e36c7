"""`path_specific`: the effect along some of the ways from treatment to outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import checked_pairs
from causalrec.identification.composite import REFERENCE, Composite, Factor
from causalrec.identification.criterion import Criterion
from causalrec.identification.interventional import district_expression
from causalrec.identification.mediators.districts import DistrictFactor, Recanting, district_factors
from causalrec.identification.mediators.routes import Steps, steps_along_edges, steps_along_paths
from causalrec.identification.selected_rows import refuse_selected

__all__ = ["PathSpecificEffect", "nested_expression", "path_specific"]


@dataclass(frozen=True, slots=True)
class PathSpecificEffect:
    """Distribution of the outcome when the treatment acts along some paths, and stays at a reference on all others.

    Attributes
    ----------
    treatment, outcome : str
    on, off : tuple of str
        First nodes that the treatment reaches on paths of the effect, and on all other paths.
    expression : Composite
        Function of the outcome, the treatment and its reference value (marked ₀). Where both are
        equal it is P(outcome | do(treatment)). The effect is its contrast with both at the reference.
    """

    treatment: str
    outcome: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    expression: Composite

    def __str__(self) -> str:
        return (
            f"Effect of {self.treatment} on {self.outcome} along some paths\n"
            f"  {self.treatment} acts on   {', '.join(self.on) or 'nothing'}\n"
            f"  {self.treatment}{REFERENCE} acts on  {', '.join(self.off) or 'nothing'}\n"
            f"  {self.expression}"
        )


def path_specific(
    graph: CausalGraph,
    treatment: str,
    outcome: str,
    *,
    edges: Iterable[tuple[str, str]] | None = None,
    paths: Iterable[Iterable[str]] | None = None,
    deadline: float | None = None,
) -> PathSpecificEffect:
    """Effect along the paths that are named, from the observed distribution.

    Identified if no recanting witness exists (without unmeasured causes: only then), no district of
    nodes that share unmeasured causes needs both values of the treatment, and what remains is
    identifiable district by district. Sound, and complete for structural models whose noises are
    independent but for what the graph draws. Paths are never enumerated.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
    edges : iterable of (str, str), optional
        The effect goes along the directed paths that use these edges alone. Give this or `paths`.
    paths : iterable of iterable of str, optional
        The effect goes along exactly these directed paths, from treatment to outcome.
    deadline : float, optional
        Seconds that one search may take.

    Returns
    -------
    PathSpecificEffect

    Raises
    ------
    NotIdentifiableError : names the recanting witness with two paths through it, the district that
        recants, or the hedge.
    UndecidedError : the deadline has passed.
    IdentificationError : a node has the role "selected".
    GraphError : a path or an edge is not in the graph; treatment or outcome is latent.

    References
    ----------
    Avin, Shpitser, Pearl (2005), IJCAI: Identifiability of path-specific effects.
    Shpitser (2013), Cognitive Science 37(6): districts, where there are unmeasured causes.

    Examples
    --------
    >>> graph = CausalGraph([("gender", "genre"), ("gender", "shown"), ("genre", "shown")])
    >>> print(path_specific(graph, "gender", "shown", edges=[("gender", "shown")]))
    Effect of gender on shown along some paths
      gender acts on   shown
      gender₀ acts on  genre
      Σ_{genre} P(shown | gender, genre) P(genre | gender₀)
    """
    Criterion.of(graph, treatment, outcome)  # refuses unknown and latent names
    refuse_selected(graph, "a path-specific effect")
    if (edges is None) == (paths is None):
        raise GraphError("Say which paths carry the effect: give one of `edges` and `paths`.")
    if edges is not None:
        kept = checked_pairs(edges, "edges")
        graph.without_edges(kept)  # refuses pairs that are no edges
        steps = steps_along_edges(graph, treatment, outcome, kept)
    else:
        steps = steps_along_paths(graph, treatment, outcome, paths or ())
    expression = nested_expression(graph, treatment, outcome, steps, deadline)
    on, off = (tuple(node for node in graph.topological_order if node in kind) for kind in (steps.on, steps.off))
    return PathSpecificEffect(treatment, outcome, on, off, expression)


def nested_expression(
    graph: CausalGraph, treatment: str, outcome: str, steps: Steps, deadline: float | None
) -> Composite:
    """Distribution of the outcome when the treatment has one value on the steps of one kind and another on the others.

    Raises
    ------
    NotIdentifiableError : as `path_specific`.
    """
    if steps.witness:
        reason = (
            f"{steps.witness}: it would have to take both values of {treatment!r} at once (a recanting witness). Ask "
            f"for an effect whose paths do not part there, or for interventional effects."
        )
        raise _refused(treatment, outcome, reason, open_path=steps.witness.on)
    found = district_factors(graph, treatment, outcome, steps)
    if isinstance(found, Recanting):
        reason = f"{found}, or ask for an effect in which all of them follow one value (a recanting district)."
        raise _refused(treatment, outcome, reason, open_path=found.path)
    factors = tuple(_factor(graph, treatment, outcome, factor, deadline) for factor in found)
    inner = {node for factor in found for node in factor.members if node != outcome}
    return Composite(tuple(node for node in graph.topological_order if node in inner), factors)


def _factor(graph: CausalGraph, treatment: str, outcome: str, factor: DistrictFactor, deadline: float | None) -> Factor:
    try:
        expression = district_expression(graph, factor.members, factor.parents, deadline)
    except NotIdentifiableError as error:
        raise _refused(
            treatment,
            outcome,
            f"it needs P({', '.join(factor.members)} | do({', '.join(factor.parents)})). {error}",
            hedge=error.hedge,
        ) from None
    return Factor(expression, reference=() if factor.on else (treatment,))


def _refused(treatment: str, outcome: str, reason: str, open_path=(), hedge=()) -> NotIdentifiableError:
    return NotIdentifiableError(
        f"The effect of {treatment!r} on {outcome!r} along these paths is not identifiable: {reason}",
        treatment=[treatment],
        outcome=[outcome],
        open_path=open_path,
        hedge=hedge,
    )

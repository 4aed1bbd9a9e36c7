"""Recovery from selection: the effect in the whole population, from rows that exist for a part of it.

References
----------
Correa, Tian, Bareinboim (2018), AAAI: generalized adjustment, type 3. Bareinboim, Tian, Pearl (2014), AAAI.
"""

from dataclasses import dataclass

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.validation import names_of
from causalrec.identification.composite import Composite, Factor
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.expression import Probability
from causalrec.identification.selected_rows import selected_nodes
from causalrec.identification.wording import quoted, some

__all__ = ["SelectionRecovery", "recover_from_selection"]


@dataclass(frozen=True, slots=True)
class SelectionRecovery:
    """How the effect in the whole population follows from selected rows.

    Attributes
    ----------
    treatment, outcome, selected : tuple of str
    adjustment : tuple of str
        Z: nodes to adjust for, `external` among them.
    external : tuple of str
        Nodes of Z whose distribution must come from the whole population; empty where the selected
        rows suffice.
    expression : Composite
        The formula; its distributions are "selected", of the rows, and "population", of everybody.
    """

    treatment: tuple[str, ...]
    outcome: tuple[str, ...]
    selected: tuple[str, ...]
    adjustment: tuple[str, ...]
    external: tuple[str, ...]
    expression: Composite

    def __str__(self) -> str:
        names = [", ".join(names) for names in (self.treatment, self.outcome, self.selected)]
        return (
            f"Effect of {names[0]} on {names[1]} in the whole population, from rows with {names[2]}\n"
            f"  adjust for        {', '.join(self.adjustment) or 'nothing'}\n"
            f"  known of everyone {', '.join(self.external) or 'nothing'}\n"
            f"  {self.expression}"
        )


def recover_from_selection(
    graph: CausalGraph,
    treatment: Names,
    outcome: Names,
    *,
    selected: Names | None = None,
    external: Names = (),
) -> SelectionRecovery:
    """Effect in the *whole* population, from data that have rows for the selected part alone.

    `identify` gives the effect *among the selected*, another number. Here the target is everybody.
    With S the selection, Z the set and T its part that is known of everybody, the formula is
    sum over z of P(y | x, z, S=1) P(z without t | t, S=1) P(t). Sound, and complete for it: when
    this refuses, no pair of sets gives the effect by that formula; others may. Linear in the graph.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str or iterable of str
        Several treatments are set together.
    selected : str or iterable of str, optional
        Nodes that are 1 in every row. Default: all nodes with the role "selected".
    external : str or iterable of str
        Measured nodes whose joint distribution in the whole population is known as well, say from
        a census or a catalogue of all items.

    Returns
    -------
    SelectionRecovery
        From `external` it takes no more than it needs.

    Raises
    ------
    NotIdentifiableError : names the path that ties the outcome to the selection, or the treatment to the outcome.
    GraphError : no node is selected; a node plays two parts; one that must be measured is latent.

    References
    ----------
    Correa, Tian, Bareinboim (2018), AAAI: Generalized adjustment under confounding and selection biases.

    Examples
    --------
    >>> graph = CausalGraph(
    ...     [("fame", "seen"), ("fame", "rating"), ("fame", "promoted"), ("promoted", "rating")],
    ...     roles={"seen": "selected"},
    ... )
    >>> print(recover_from_selection(graph, "promoted", "rating", external="fame"))
    Effect of promoted on rating in the whole population, from rows with seen
      adjust for        fame
      known of everyone fame
      Σ_{fame} P(rating | promoted, fame, seen=1) P(fame)
    """
    criterion = Criterion.of(graph, treatment, outcome)
    chosen = selected_nodes(graph, selected)
    if not chosen:
        raise GraphError(
            "No node is selected: name in `selected` the node that every row has, or give it the role "
            "'selected'. Without selection, identify gives the effect in the whole population."
        )
    known = _external(graph, external)
    _refuse_overlap(criterion, chosen, known)
    candidates = criterion.candidates.difference(chosen)
    backdoor, x, y = criterion.backdoor, criterion.treatment, criterion.outcome
    # Both conditions are about causes of X, Y and S alone. The widest sets there work if any do, and hold every
    # minimal choice of the external part: so the two sets are found one after the other.
    tie = backdoor.minimal_separator(y, chosen, within=candidates.intersection(known))
    if tie is None:
        raise _selection_refusal(criterion, chosen, known)
    found = backdoor.minimal_separator(x, y, include=tie.union(chosen), within=candidates)
    if found is None:
        raise _confounding_refusal(criterion, chosen, tie)
    order = graph.topological_order
    adjustment = tuple(node for node in order if node in found and node not in chosen)
    known_of_all = tuple(node for node in order if node in tie)
    return SelectionRecovery(x, y, chosen, adjustment, known_of_all, _formula(x, y, chosen, adjustment, known_of_all))


def _formula(
    x: tuple[str, ...], y: tuple[str, ...], selected: tuple[str, ...], z: tuple[str, ...], external: tuple[str, ...]
) -> Composite:
    factors = [Factor(Probability(y, (*x, *z)), "selected", among=selected)]
    if rest := tuple(node for node in z if node not in external):
        factors.append(Factor(Probability(rest, external), "selected", among=selected))
    if external:
        factors.append(Factor(Probability(external), "population"))
    return Composite(z, tuple(factors))


def _external(graph: CausalGraph, external: Names) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(names_of(external)))
    graph.descendants(*known)
    if hidden := sorted(graph.latent.intersection(known)):
        raise GraphError(f"`external` holds {quoted(hidden)}, which is latent: the selected rows must have it too.")
    return known


def _refuse_overlap(criterion: Criterion, selected: tuple[str, ...], known: tuple[str, ...]) -> None:
    if ends := [node for node in selected if node in (*criterion.treatment, *criterion.outcome)]:
        raise GraphError(
            f"Every row has {ends[0]!r}, so it does not vary: its effect, or an effect on it, is not seen."
        )
    if both := sorted(set(known).intersection(selected)):
        raise GraphError(f"{quoted(both)} is in both `selected` and `external`: it is 1 in every row.")


def _selection_refusal(criterion: Criterion, selected: tuple[str, ...], known: tuple[str, ...]) -> NotIdentifiableError:
    backdoor, y = criterion.backdoor, criterion.outcome
    widest = backdoor.ancestors(*y, *selected) & criterion.candidates.intersection(known) - set(selected)
    path = backdoor.open_path(selected, y, widest)
    inner = [node for node in path[1:-1] if node in criterion.candidates and node not in path.colliders()]
    effects = sorted(criterion.forbidden.intersection(path[1:-1]))
    steps = [f"Find out how {' or '.join(map(repr, inner))} is distributed in the whole population."] if inner else []
    steps += [f"{quoted(effects)} carries the effect, so it cannot be adjusted for."] if effects else []
    steps += [] if steps else ["Ask for the effect among the selected (identify), or use data without that selection."]
    have = f"with {some(known)} known of everybody, " if known else "with nothing known of everybody, "
    return _refused(criterion, f"{have}the path {path} ties the outcome to the selection. {' '.join(steps)}", path)


def _confounding_refusal(criterion: Criterion, selected: tuple[str, ...], tie: frozenset[str]) -> NotIdentifiableError:
    backdoor, x, y = criterion.backdoor, criterion.treatment, criterion.outcome
    kept = tie.union(selected)
    widest = (backdoor.ancestors(*x, *y, *kept) & criterion.candidates) | kept
    path = backdoor.open_path(x, y, widest)
    held = sorted(kept.intersection(path.colliders()))
    why = f" ({quoted(held)} is conditioned on in any case)" if held else ""
    return _refused(
        criterion, f"conditioning on {some(widest)} leaves the path {path} open{why}. Measure what lies on it.", path
    )


def _refused(criterion: Criterion, reason: str, path: NamedPath) -> NotIdentifiableError:
    effect = f"{quoted(criterion.treatment)} on {quoted(criterion.outcome)}"
    return NotIdentifiableError(
        f"The effect of {effect} in the whole population does not follow from selected rows by adjustment: {reason}",
        treatment=criterion.treatment,
        outcome=criterion.outcome,
        open_path=path,
        latent=criterion.graph.latent.intersection(path),
    )

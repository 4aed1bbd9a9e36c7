"""Adjustment: a minimal set, or the refusal that says which path stays open."""

from causalrec.errors import NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.graph.validation import names_of
from causalrec.identification.criterion import Criterion, Names
from causalrec.identification.refusal import forbidden_message, open_path_message

__all__ = ["adjustment_set"]


def adjustment_set(graph: CausalGraph, treatment: Names, outcome: Names, *, include: Names = ()) -> frozenset[str]:
    """A minimal measured set whose adjustment identifies the total effect, the one nearest to the treatment.

    Sound and complete: when this raises, no measured adjustment set exists (that holds `include`).
    Takes time linear in the graph; paths and subsets are never enumerated.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str or sequence of str
        Several treatments are set together: the effect is their joint one.
    include : str or sequence of str
        Nodes that are conditioned on in any case, such as the one that every row has. The set holds
        them; minimal then means that no other node can be left out.

    Returns
    -------
    frozenset of str

    Raises
    ------
    NotIdentifiableError : every candidate set leaves a path open that is not causal.
    UnknownNodeError : the graph lacks some of the nodes.
    GraphError : treatment or outcome is latent, missing, or a node is both.

    References
    ----------
    van der Zander, Liskiewicz, Textor (2019), Artif. Intell. 270, 1-40.

    Examples
    --------
    >>> graph = CausalGraph([("season", "display"), ("season", "purchased"), ("display", "purchased")])
    >>> sorted(adjustment_set(graph, "display", "purchased"))
    ['season']
    """
    criterion = Criterion.of(graph, treatment, outcome)
    kept = frozenset(names_of(include))
    graph.descendants(*kept)  # refuses unknown names, all of them at once
    if blocked := sorted(kept & criterion.forbidden):
        raise _refusal(criterion, *forbidden_message(criterion, blocked))
    separator = criterion.backdoor.minimal_separator(
        criterion.treatment, criterion.outcome, include=kept, within=criterion.candidates
    )
    if separator is None:
        raise _refusal(criterion, *open_path_message(criterion, kept))
    return separator


def _refusal(criterion: Criterion, message: str, path: tuple[str, ...]) -> NotIdentifiableError:
    return NotIdentifiableError(
        message,
        treatment=criterion.treatment,
        outcome=criterion.outcome,
        open_path=path,
        latent=criterion.graph.latent.intersection(path),
    )

"""`path_effect` and `natural_effects`: the effect along some ways, and along all others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import GraphError, NotIdentifiableError
from causalrec.graph.validation import checked_pairs, names_of
from causalrec.identification import mediation, path_specific
from causalrec.structural.hidden import measured_graph
from causalrec.structural.influence.contrast import Contrast, contrast_of
from causalrec.structural.influence.decomposing import assembled, decomposed, engines, no_effect
from causalrec.structural.influence.decomposition import PathDecomposition
from causalrec.structural.influence.linear import LinearPaths
from causalrec.structural.refusals import refuse_question
from causalrec.structural.setting import between

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["natural_effects", "path_effect"]

Edges = tuple[tuple[str, str], ...]
Paths = tuple[tuple[str, ...], ...]


def path_effect(
    model: Questions, treatment: str, outcome: str, *, edges: Iterable[tuple[str, str]] | None = None,
    paths: Iterable[Iterable[str]] | None = None, start: Any = 0, to: Any = 1, n_samples: int = 10_000,
) -> PathDecomposition:  # fmt: skip
    """Effect along some directed paths, the treatment acting as before on all others.

    Where the mechanisms of the outcome and of all its causes are linear, in amounts and categories of two, it is a
    sum of products of coefficients. Else it is the mean of nested counterfactuals over simulated units, which asks
    that each first step of the treatment belongs to one kind of path: a node at which both kinds part would have to
    take two values at once (a recanting witness).

    Parameters
    ----------
    model : StructuralModel
        Fitted, with refits.
    treatment, outcome : str
    edges : iterable of (str, str), optional
        The effect goes along the paths that use these edges alone. Give this or `paths`.
    paths : iterable of iterable of str, optional
        The effect goes along exactly these paths, from treatment to outcome.
    start, to : value of the treatment
    n_samples : int
        Simulated units, where mechanisms are not linear.

    Returns
    -------
    PathDecomposition
        With the parts "along" and "elsewhere".

    Raises
    ------
    NotIdentifiableError : a recanting witness, where mechanisms are not all linear; with two paths through it.
    GraphError : a path or an edge is not in the graph.
    DataError : the outcome has no mean, the treatment never had a value, or there were no refits.

    References
    ----------
    Avin, Shpitser, Pearl (2005), IJCAI: Identifiability of path-specific effects.

    Examples
    --------
    >>> from causalrec.graph import CausalGraph
    >>> rng = np.random.default_rng(0)
    >>> shown = rng.normal(size=500)
    >>> clicks = shown + rng.normal(size=500)
    >>> bought = 2 * clicks + shown + rng.normal(size=500)
    >>> graph = CausalGraph([("shown", "clicks"), ("clicks", "bought"), ("shown", "bought")])
    >>> from causalrec.structural import StructuralModel
    >>> model = StructuralModel(graph).fit({"shown": shown, "clicks": clicks, "bought": bought})
    >>> along = path_effect(model, "shown", "bought", paths=[("shown", "clicks", "bought")]).parts["along"]
    >>> abs(along.value - 2) < 3 * along.stderr
    True
    """
    contrast = _asked(model, treatment, outcome, (start, to), n_samples)
    for name, given in (("edges", edges), ("paths", paths)):
        if given is not None and not isinstance(given, Iterable):
            raise GraphError(f"`{name}` is {given!r}; it is a list of such as ('shown', 'clicked').")
    named = None if edges is None else checked_pairs(edges, "edges")
    listed = None if paths is None else tuple(names_of(path) for path in paths)
    return _two_parts(model, contrast, outcome, ("along", "elsewhere"), named, listed, n_samples)


def natural_effects(
    model: Questions, treatment: str, outcome: str, mediators: str | Iterable[str], *, start: Any = 0, to: Any = 1,
    n_samples: int = 10_000,
) -> PathDecomposition:  # fmt: skip
    """Natural direct and indirect effects: past some mediators, and through them.

    "direct" is E[Y(to, M(start))] - E[Y(start)], the part through the mediators E[Y(start, M(to))] - E[Y(start)]
    (the pure indirect effect), and `remainder` the total indirect effect E[Y(to)] - E[Y(to, M(start))], which is the
    pure one plus the interaction.

    Parameters
    ----------
    model : StructuralModel
        Fitted, with refits.
    treatment, outcome : str
    mediators : str or iterable of str
        Each an effect of the treatment and a cause of the outcome; taken together.
    start, to : value of the treatment
    n_samples : int
        Simulated units, where mechanisms are not linear.

    Raises
    ------
    GraphError : a mediator is none.
    NotIdentifiableError : the treatment moves something that moves mediator and outcome (a recanting witness), and
        mechanisms are not all linear.
    DataError : as in `path_effect`.

    References
    ----------
    Pearl (2001), UAI: Direct and indirect effects. Robins, Greenland (1992), Epidemiology 3(2): pure and total ones.
    """
    contrast = _asked(model, treatment, outcome, (start, to), n_samples)
    graph = measured_graph(model.graph)
    found = mediation(graph, treatment, outcome, mediators)
    past = tuple(edge for edge in graph.edges if edge[1] not in found.mediators)
    names = ("direct", f"through {', '.join(found.mediators)}")
    return _two_parts(model, contrast, outcome, names, past, None, n_samples)


def _asked(model: Questions, treatment: str, outcome: str, pair: tuple[Any, Any], n_samples: int) -> Contrast:
    refuse_question(model, outcome, n_samples, treatment)
    return contrast_of(model.nodes_[treatment], pair)


def _two_parts(
    model: Questions, contrast: Contrast, outcome: str, names: tuple[str, str], edges: Edges | None,
    paths: Paths | None, n_samples: int,
) -> PathDecomposition:  # fmt: skip
    """Along these edges or paths, and along all others."""
    graph, treatment = measured_graph(model.graph), contrast.node.name
    try:
        found = path_specific(graph, treatment, outcome, edges=edges, paths=paths)
    except NotIdentifiableError as error:
        return _parting(model, contrast, outcome, names, edges, paths, error)
    if not between(model.equations_, treatment, outcome):
        return no_effect(model, contrast, outcome, names)
    parts = {names[0]: frozenset(found.on), names[1]: frozenset(found.off)}
    return decomposed(model, outcome, [(contrast, parts)], n_samples)[0]


def _parting(
    model: Questions, contrast: Contrast, outcome: str, names: tuple[str, str], edges: Edges | None,
    paths: Paths | None, error: NotIdentifiableError,
) -> PathDecomposition:  # fmt: skip
    """Paths that part at a node beyond the treatment: coefficients tell them apart, and nothing else does."""
    rows = []
    for engine in engines(model, outcome, 2):
        if not isinstance(engine, LinearPaths):
            raise error
        total = engine.changes(contrast, [])[0]
        along = engine.along_paths(contrast, paths or ()) if edges is None else engine.along_edges(contrast, edges)
        rows.append([total, along, total - along, engine.scale(contrast)])
    note = (
        "the paths part at a node beyond the treatment (a recanting witness): that linear mechanisms are right is "
        "all that gives these parts"
    )
    return assembled(model, contrast, outcome, names, np.array(rows), 0, (note,))

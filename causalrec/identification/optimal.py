"""The adjustment set that gives the smallest standard error."""

from __future__ import annotations

from causalrec.graph import CausalGraph, PartialGraph
from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.criterion import Names
from causalrec.identification.partial_adjustment import criterion_of

__all__ = ["optimal_adjustment_set"]


def optimal_adjustment_set(graph: CausalGraph | PartialGraph, treatment: Names, outcome: Names) -> frozenset[str]:
    """The valid adjustment set with the smallest asymptotic variance.

    The direct causes of the outcome and of the mediators that are no effects of the treatment:
    what explains most of the outcome. Where all of them are measured no other valid set does
    better, for linear regression and for efficient nonparametric estimators alike. Where some are
    latent there may be no best set; then this is the best one among the minimal sets, the one
    nearest to the outcome.

    Raises
    ------
    NotIdentifiableError, UnknownNodeError, GraphError : as in `adjustment_set`.

    References
    ----------
    Henckel, Perkovic, Maathuis (2022), J. Royal Stat. Soc. B 84(2), 579-599: linear models.
    Rotnitzky, Smucler (2020), J. Machine Learning Research 21(188): nonparametric models.
    Smucler, Sapienza, Rotnitzky (2022), Biometrika 109(1), 49-65: latent nodes, minimal sets.

    Examples
    --------
    >>> graph = CausalGraph([("a", "x"), ("a", "b"), ("b", "y"), ("x", "y"), ("c", "y"), ("d", "x")])
    >>> sorted(optimal_adjustment_set(graph, "x", "y"))
    ['b', 'c']
    """
    adjustment_set(graph, treatment, outcome)  # refuses what no set identifies
    criterion = criterion_of(graph, treatment, outcome)
    graph = criterion.graph
    if criterion.causal.issuperset(criterion.outcome):
        direct = frozenset[str]().union(*map(graph.parents, criterion.causal))
        twins = frozenset[str]().union(*map(graph.spouses, criterion.causal))
        best = direct - criterion.forbidden - {*criterion.treatment}
        if not best & graph.latent and not twins - criterion.forbidden:
            return best
    nearest = criterion.backdoor.minimal_separator(criterion.outcome, criterion.treatment, within=criterion.candidates)
    assert nearest is not None  # adjustment_set has found one
    return nearest

"""Markov classes: graphs that say the same of the data, and the CPDAG that stands for all of them."""

from collections.abc import Iterator

from causalrec.errors import GraphError
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.local_independences import local_independences
from causalrec.graph.partial_graph import PartialGraph

__all__ = ["cpdag", "equivalent"]


def cpdag(graph: CausalGraph) -> PartialGraph:
    """CPDAG of a directed graph: directed where all graphs of its Markov class agree.

    Takes time linear in the graph.

    Parameters
    ----------
    graph : CausalGraph
        Without latent nodes and bidirected edges.

    Raises
    ------
    GraphError : the graph has latent nodes or bidirected edges, whose class is no CPDAG.

    References
    ----------
    Chickering (1995), UAI: A transformational characterization of equivalent Bayesian network structures.

    Examples
    --------
    >>> found = cpdag(CausalGraph([("season", "price"), ("price", "sold"), ("promotion", "sold")]))
    >>> found.edges, found.undirected
    ((('price', 'sold'), ('promotion', 'sold')), (('season', 'price'),))
    """
    _refuse_latent(graph)
    names, parents = graph.nodes, graph.adjacency.parents
    compelled = _compelled(parents, graph.numbers(graph.topological_order))
    edges = [(names[node], names[child]) for node, child in _pairs(parents) if node in compelled[child]]
    undirected = [(names[node], names[child]) for node, child in _pairs(parents) if node not in compelled[child]]
    return PartialGraph(edges, undirected=undirected, nodes=names, roles=graph.roles)


def equivalent(one: CausalGraph, other: CausalGraph) -> bool:
    """Whether two graphs imply the same independences among what is measured, so that no data tell them apart.

    Without latent nodes and bidirected edges this takes linear time: the CPDAGs are compared. With
    them, each graph is asked for the local independences of the other, at most quadratically many.
    Graphs that do not measure the same nodes are not equivalent.

    Parameters
    ----------
    one, other : CausalGraph

    References
    ----------
    Verma, Pearl (1990), UAI: same adjacencies and same unshielded colliders.
    Sadeghi, Lauritzen (2014), Bernoulli 20(2): in maximal mixed graphs the pairwise Markov property gives the global.

    Examples
    --------
    >>> chain = CausalGraph([("season", "price"), ("price", "sold")])
    >>> equivalent(chain, CausalGraph([("sold", "price"), ("price", "season")]))
    True
    >>> equivalent(chain, CausalGraph([("season", "price"), ("sold", "price")]))
    False
    """
    if set(one.nodes) - one.latent != set(other.nodes) - other.latent:
        return False
    if not (_is_hidden(one) or _is_hidden(other)):
        first, second = cpdag(one), cpdag(other)
        pairs = (frozenset(map(frozenset, graph.undirected)) for graph in (first, second))
        return set(first.edges) == set(second.edges) and next(pairs) == next(pairs)
    return all(
        there.is_separated(statement.x, statement.y, statement.given)
        for here, there in ((one, other), (other, one))
        for statement in local_independences(here)
    )


def _compelled(parents: list[list[int]], order: list[int]) -> list[set[int]]:
    # LABEL-EDGES: edges in order of their heads, and among one head's the latest tail first. That first edge
    # settles all edges of its head that the edges before left open.
    rank = {node: place for place, node in enumerate(order)}
    known = [set(ends) for ends in parents]
    compelled: list[set[int]] = [set() for _ in parents]
    for head in order:
        if not parents[head]:
            continue
        tail = max(parents[head], key=rank.__getitem__)
        apart = any(node not in known[head] for node in compelled[tail])
        apart = apart or any(node != tail and node not in known[tail] for node in parents[head])
        compelled[head] = set(parents[head]) if apart else set(compelled[tail])
    return compelled


def _pairs(parents: list[list[int]]) -> Iterator[tuple[int, int]]:
    return ((node, child) for child, ends in enumerate(parents) for node in ends)


def _is_hidden(graph: CausalGraph) -> bool:
    return bool(graph.latent or graph.bidirected)


def _refuse_latent(graph: CausalGraph) -> None:
    hidden = sorted(graph.latent)
    twins = [f"{one} <-> {other}" for one, other in graph.bidirected]
    if hidden or twins:
        what = " and ".join(filter(None, [", ".join(map(repr, hidden)), ", ".join(twins)]))
        raise GraphError(
            f"A CPDAG stands for graphs in which everything is measured, but {what} "
            f"{'is' if len(hidden) + len(twins) == 1 else 'are'} not. Drop what is latent, or compare two such "
            f"graphs with equivalent()."
        )

"""Clusters of a network: groups with many edges within and few between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.interference.network import Network, refuse_no_network

__all__ = ["GraphClusters", "graph_clusters"]

LOOSE = 0.1
"""Share of edges that leave a cluster above which clustered errors are doubtful."""


@dataclass(frozen=True, slots=True, eq=False)
class GraphClusters:
    """Clusters of the units of a network.

    Attributes
    ----------
    codes : int64, shape (n,)
        Cluster of each unit, 0 to n_clusters - 1.
    conductance : float64, shape (n_clusters,)
        Share of the edge ends of a cluster that lead out of it, in [0, 1]; 0 is a component of its own.
    """

    codes: np.ndarray
    conductance: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.conductance)

    @property
    def max_conductance(self) -> float:
        """Largest of all clusters; errors clustered by them need it small."""
        return float(self.conductance.max())

    def __str__(self) -> str:
        sizes = np.bincount(self.codes)
        said = "few edges between them" if self.max_conductance <= LOOSE else (
            "many edges between them: errors clustered by them may be too small")  # fmt: skip
        return (
            f"{self.n_clusters:,} clusters of {sizes.min():,} to {sizes.max():,} units; at most "
            f"{self.max_conductance:.0%} of the edge ends of one lead out of it ({said})"
        )


def graph_clusters(network: Network, *, resolution: float = 1.0, random_state: int = 0) -> GraphClusters:
    """Communities of a network (Louvain), for errors that are clustered by them.

    Clustered errors hold where dependence dies out with distance and few edges lead from one cluster to another,
    that is where the largest conductance is small (Leung 2023, Econometrica 91(2)). Fewer and larger clusters
    have less of it: lower `resolution`. Units without friends are clusters of their own. The clusters do not
    depend on the order of the units.

    Parameters
    ----------
    network : Network
    resolution : float
        Above 0; 1 is modularity as it is, less gives larger clusters.
    random_state : int

    Raises
    ------
    DataError : what is no network, or a resolution that is not above 0.

    References
    ----------
    Blondel, Guillaume, Lambiotte, Lefebvre (2008), J. Statistical Mechanics, P10008.

    Examples
    --------
    >>> from causalrec.estimation.interference.network import network_of
    >>> two = network_of([0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3], n=6)
    >>> print(graph_clusters(two))
    2 clusters of 3 to 3 units; at most 0% of the edge ends of one lead out of it (few edges between them)
    """
    import networkx as nx

    refuse_no_network(network)
    if not (isinstance(resolution, int | float | np.number) and resolution > 0):
        raise DataError(f"resolution is {resolution!r}; it is a number above 0.")
    order = network.by_name
    ties = network.rows(order).ties().tocoo()
    graph = nx.Graph()
    graph.add_nodes_from(range(network.n))
    graph.add_edges_from(zip(*(ends.tolist() for ends in ties.coords), strict=True))
    found = nx.community.louvain_communities(graph, resolution=resolution, seed=random_state)
    codes = np.empty(network.n, dtype=np.int64)
    for code, members in enumerate(sorted(found, key=min)):
        codes[order[list(members)]] = code
    return GraphClusters(codes, _conductance(network, codes))


def _conductance(network: Network, codes: np.ndarray) -> np.ndarray:
    ties = network.ties().tocoo()
    rows, columns = ties.coords
    ends = np.bincount(codes[rows], minlength=codes.max() + 1)
    out = np.bincount(codes[rows], weights=codes[rows] != codes[columns], minlength=len(ends))
    return np.divide(out, ends, out=np.zeros(len(ends)), where=ends > 0)

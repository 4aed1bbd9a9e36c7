"""Covariances of sums whose terms depend on each other the more, the nearer they stand in a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference.network import Network, refuse_no_network
from causalrec.estimation.uncertainty.clusters import is_covariance
from causalrec.estimation.uncertainty.few_clusters import LEAST_CLUSTERS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["NetworkError", "bandwidth", "neighbourhoods", "network_covariance"]

N_SOURCES = 200
"""Units from which path lengths are counted, where there are more."""
N_CELLS = 4_000_000
"""Pairs of near units that are held at once, about."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkError:
    """A covariance that is robust to dependence in a network.

    Attributes
    ----------
    covariance : float64, shape (k, k)
        Of the means of the scores; positive semidefinite.
    radius : int
        Edges within which units may depend on each other.
    kernel : {"uniform", "balls"}
        How pairs of units within the radius count.
    mean_near : float
        Units that count with a unit, itself included, each by its weight in the kernel; their average.
    dof : float
        Degrees of freedom, those of clusters of `mean_near` units each: n / mean_near - 1.
    """

    covariance: np.ndarray
    radius: int
    kernel: str
    mean_near: float
    dof: float

    @property
    def words(self) -> str:
        """How the error was estimated."""
        shape = "" if self.kernel == "uniform" else ", kernel of overlapping neighbourhoods"
        return f"network HAC within {self.radius} edges ({self.mean_near:.1f} units on average){shape}"


def network_covariance(scores: np.ndarray, network: Network, radius: int, kernel: str = "uniform") -> NetworkError:
    """Covariance of the means of scores whose dependence dies out with the path distance.

    With the kernel "uniform" all pairs within the radius count fully (Leung 2022, Econometrica 90(1)). That need
    not be positive semidefinite. Where it is not, and with the kernel "balls", a pair counts by the overlap of the
    neighbourhoods of both units, |N(i) and N(j)| / sqrt(|N(i)| |N(j)|), each within half the radius (rounded up):
    a product of a matrix with its transpose, so never negative. Neighbourhoods are found by breadth-first search
    over sparse rows, some units at a time.

    Near units act like clusters, of which a small network has few: the covariance has the factor G / (G - 1) and G - 1
    degrees of freedom, with G the units over those that count with one on average.

    Parameters
    ----------
    scores : float64, shape (n, k)
        Influence of each unit on each estimate; they are centred here.
    network : Network
    radius : int
        0 or more; 0 says that units are independent.
    kernel : {"uniform", "balls"}

    Raises
    ------
    DataError : what is no network, another kernel, a radius below 0, or scores that are no finite numbers.
    ShapeError : scores that are no table with one row a unit.
    EstimationError : the neighbourhoods are so large that fewer than three of them fill the network.

    Examples
    --------
    >>> from causalrec.estimation.interference.network import network_of
    >>> pairs = network_of([0, 2, 4, 6], [1, 3, 5, 7], n=8)
    >>> scores = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])
    >>> found = network_covariance(scores[:, None], pairs, 1)
    >>> found.covariance.round(4), found.dof
    (array([[0.3333]]), 3.0)
    """
    if kernel not in ("uniform", "balls"):
        raise DataError(f"kernel is {kernel!r}; it is 'uniform' or 'balls'.")
    if isinstance(radius, bool) or not isinstance(radius, int | np.integer) or radius < 0:
        raise DataError(f"radius is {radius!r}; it is a whole number of edges, 0 or more.")
    _refuse_scores(scores, network)
    centred = scores - scores.mean(axis=0)
    if kernel == "uniform":
        meat, near = _uniform_meat(centred, network, int(radius))
        if is_covariance(meat):
            return _found(meat, network.n, int(radius), kernel, near)
    meat, near = _ball_meat(centred, network, (int(radius) + 1) // 2)
    return _found(meat, network.n, int(radius), "balls", near)


def bandwidth(network: Network, hops: int = 1) -> int:
    """How far dependence reaches, in edges, by the rule of Leung (2022, Econometrica 90(1)).

    Half the average path length where it is short for the size (below 2 log n / log of the mean degree: paths
    grow with the logarithm of n), its cube root where it is long, and never less than twice the reach of the
    exposure. Path lengths are those of the largest component, from 200 of its units where it has more.
    """
    degree, least = network.ties().nnz / network.n, 2 * hops
    if degree <= 1:
        return least
    length = _average_path(network)
    short = length < 2 * np.log(network.n) / np.log(degree)
    return round(max(length / 2 if short else length ** (1 / 3), least))


def neighbourhoods(network: Network, radius: int) -> Iterator[tuple[np.ndarray, csr_array]]:
    """Units within `radius` edges of each unit, itself included, some units at a time.

    Yields
    ------
    units : int64, shape (m,)
    near : scipy.sparse.csr_array of 1, shape (m, n)
    """
    from scipy.sparse import csr_array

    ties, n, start, size = network.ties(), network.n, 0, min(network.n, 256)
    while start < n:
        units = np.arange(start, min(start + size, n))
        near = csr_array((np.ones(len(units)), (np.arange(len(units)), units)), shape=(len(units), n))
        for _ in range(radius):
            near = (near + near @ ties).tocsr()
            near.data[:] = 1.0
        yield units, near
        start += len(units)
        # The next units take about as many pairs each as these did.
        size = int(np.clip(N_CELLS * len(units) / near.nnz, 16, 65_536))


def _refuse_scores(scores: np.ndarray, network: Network) -> None:
    refuse_no_network(network)
    if np.ndim(scores) != 2 or len(scores) != network.n:
        raise ShapeError(f"`scores` {np.shape(scores)} must have one row for each of the {network.n:,} units.")
    if not np.isfinite(scores).all():
        raise DataError(f"{int((~np.isfinite(scores)).sum()):,} scores are not finite numbers.")


def _found(meat: np.ndarray, n: int, radius: int, kernel: str, near: float) -> NetworkError:
    groups = n / near
    if groups < LEAST_CLUSTERS:
        raise EstimationError(
            f"Within {radius} edges of a unit stand {near:.0f} of {n:,} units on average, so that errors would rest "
            f"on {groups:.1f} neighbourhoods. Take a smaller radius if dependence reaches less far, or another design."
        )
    return NetworkError(meat / n**2 * groups / (groups - 1), radius, kernel, near, groups - 1)


def _uniform_meat(scores: np.ndarray, network: Network, radius: int) -> tuple[np.ndarray, float]:
    meat, pairs = np.zeros((scores.shape[1], scores.shape[1])), 0
    for units, near in neighbourhoods(network, radius):
        meat += scores[units].T @ (near @ scores)
        pairs += near.nnz
    return (meat + meat.T) / 2, pairs / network.n


def _ball_meat(scores: np.ndarray, network: Network, radius: int) -> tuple[np.ndarray, float]:
    sizes = np.concatenate([np.diff(near.indptr) for _, near in neighbourhoods(network, radius)])
    # Paths run both ways, so that rows serve as columns. The last column counts the weights of all pairs.
    scaled = np.column_stack([scores, np.ones(network.n)]) / np.sqrt(sizes)[:, None]
    sums = np.concatenate([near @ scaled for _, near in neighbourhoods(network, radius)])
    return sums[:, :-1].T @ sums[:, :-1], float((sums[:, -1] ** 2).sum() / network.n)


def _average_path(network: Network) -> float:
    from scipy.sparse.csgraph import connected_components, shortest_path

    ties = network.ties()
    _, labels = connected_components(ties, directed=False)
    largest = np.flatnonzero(labels == np.bincount(labels).argmax())
    inner = ties[largest][:, largest]
    sources = _chosen(network, largest)
    total = shortest_path(inner, unweighted=True, directed=False, indices=sources).sum()
    return float(total / (len(sources) * (len(largest) - 1)))


def _chosen(network: Network, units: np.ndarray) -> np.ndarray:
    """Some of the units by what they are called, whatever their order."""
    if len(units) <= N_SOURCES:
        return np.arange(len(units))
    from zlib import crc32

    names = network.ids.take(units).to_pylist()
    keys = [(crc32(str(name).encode()), str(name)) for name in names]
    return np.array(sorted(range(len(units)), key=keys.__getitem__)[:N_SOURCES])

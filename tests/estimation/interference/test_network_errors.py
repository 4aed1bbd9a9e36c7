"""Network HAC against distances of networkx, and its signs."""

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference import network_errors
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.network_errors import bandwidth, neighbourhoods, network_covariance
from causalrec.estimation.interference.slates import Slates
from tests.estimation.interference.worlds import geometric, ring


def distances(network):
    import networkx as nx

    graph = nx.from_scipy_sparse_array(network.ties())
    found = np.full((network.n, network.n), np.inf)
    for unit, reached in nx.all_pairs_shortest_path_length(graph):
        found[unit, list(reached)] = list(reached.values())
    return found


def stated(centred, weights):
    """The formula, with the factor for few neighbourhoods."""
    n = len(centred)
    groups = n**2 / weights.sum()
    return centred.T @ weights @ centred / n**2 * groups / (groups - 1)


@pytest.mark.parametrize("radius", [0, 1, 2, 4])
def test_neighbourhoods_are_those_of_networkx(radius, monkeypatch):
    network = geometric(150, 4)
    monkeypatch.setattr(network_errors, "N_CELLS", 500)  # so that there are several parts
    found = np.vstack([near.toarray() for _, near in neighbourhoods(network, radius)])
    np.testing.assert_array_equal(found > 0, distances(network) <= radius)


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_equals_the_formula(radius):
    network, scores = geometric(100, 5), np.random.default_rng(0).normal(size=(100, 2)) + 3
    centred = scores - scores.mean(axis=0)
    near = (distances(network) <= radius).astype(float)
    expected = stated(centred, near)
    found = network_covariance(scores, network, radius)
    if np.linalg.eigvalsh(expected)[0] >= 0:
        assert found.kernel == "uniform"
        np.testing.assert_allclose(found.covariance, expected, rtol=1e-12)
        assert (found.mean_near, found.dof) == pytest.approx((near.sum() / 100, 100**2 / near.sum() - 1))
    half = (distances(network) <= (radius + 1) // 2).astype(float)
    overlap = half @ half / np.sqrt(np.outer(half.sum(axis=1), half.sum(axis=1)))
    balls = network_covariance(scores, network, radius, "balls")
    np.testing.assert_allclose(balls.covariance, stated(centred, overlap), rtol=1e-10)
    assert balls.mean_near == pytest.approx(overlap.sum() / 100)


def test_a_negative_variance_is_never_given():
    star = network_of(np.repeat(np.arange(0, 60, 6), 5), [at for at in range(60) if at % 6], n=60)
    scores = np.tile([5.0, -1, -1, -1, -1, -1], 10)[:, None]
    near = (distances(star) <= 1).astype(float)
    assert (scores.T @ near @ scores).item() < 0
    found = network_covariance(scores, star, 1)
    assert found.kernel == "balls"
    assert found.covariance.item() >= 0
    assert "kernel of overlapping neighbourhoods" in found.words


def test_the_kernel_of_balls_is_a_covariance_on_any_network():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        network = network_of(*rng.integers(0, 80, (2, 60)), 80, directed=seed % 2 == 1)
        found = network_covariance(rng.normal(size=(80, 3)), network, seed % 5, "balls").covariance
        assert np.linalg.eigvalsh(found)[0] >= -1e-12


def test_no_radius_is_the_ordinary_variance():
    scores = np.random.default_rng(0).normal(size=(200, 1))
    found = network_covariance(scores, ring(200), 0).covariance.item()
    assert found == pytest.approx(scores.var() / 199)


def test_the_bandwidth_is_leungs():
    # A ring of 400 with two friends on either side: paths of 50.4 edges, more than 2 log(400) / log(4) = 8.6.
    length = distances(ring(400)).sum() / (400 * 399)
    assert length > 2 * np.log(400) / np.log(4)
    assert bandwidth(ring(400)) == round(length ** (1 / 3)) == 4
    # A complete network has path length 1, so that the reach of the exposure decides.
    rows, columns = np.triu_indices(30, 1)
    assert bandwidth(network_of(rows, columns, n=30)) == 2
    assert bandwidth(network_of(rows, columns, n=30), hops=2) == 4
    # Pairs alone have one friend each: no path length is known.
    assert bandwidth(network_of([0, 2], [1, 3], n=4)) == 2


def test_a_random_network_has_half_the_path_length(monkeypatch):
    monkeypatch.setattr(network_errors, "N_SOURCES", 100)
    rng = np.random.default_rng(0)
    network = network_of(*rng.integers(0, 700, (2, 700)), 700)
    far = distances(network)
    inside = np.isfinite(far).sum(axis=1) == np.isfinite(far).sum(axis=1).max()
    length = far[np.ix_(inside, inside)].sum() / (inside.sum() * (inside.sum() - 1))
    assert length < 2 * np.log(700) / np.log(network.ties().nnz / 700)
    assert bandwidth(network) == round(length / 2) == 4  # from 100 of them


def test_the_order_of_rows_does_not_matter():
    network, scores = geometric(1200, 6), np.random.default_rng(0).normal(size=(1200, 2))
    order = np.random.default_rng(1).permutation(1200)
    assert bandwidth(network.rows(order)) == bandwidth(network)
    np.testing.assert_allclose(
        network_covariance(scores[order], network.rows(order), 3).covariance,
        network_covariance(scores, network, 3).covariance, rtol=1e-10,
    )  # fmt: skip


def test_neighbourhoods_that_fill_the_network_are_refused():
    rows, columns = np.triu_indices(30, 1)
    with pytest.raises(EstimationError, match="stand 30 of 30 units on average, so that errors would rest on 1"):
        network_covariance(np.random.default_rng(0).normal(size=(30, 1)), network_of(rows, columns, n=30), 1)


@pytest.mark.parametrize(("radius", "kernel", "words"), [(-1, "uniform", "radius is -1"), (1.5, "uniform", "1.5"),
                                                         (2, "bartlett", "'uniform' or 'balls'")])  # fmt: skip
def test_radii_and_kernels_that_are_none(radius, kernel, words):
    with pytest.raises(DataError, match=words):
        network_covariance(np.zeros((4, 1)), ring(4, 1), radius, kernel)


@pytest.mark.parametrize(("scores", "error", "words"), [
    (np.zeros(4), ShapeError, "one row for each of the 4 units"), (np.zeros((3, 1)), ShapeError, "one row for each"),
    (np.full((4, 1), np.nan), DataError, "4 scores are not finite"),
])  # fmt: skip
def test_scores_that_are_none(scores, error, words):
    with pytest.raises(error, match=words):
        network_covariance(scores, ring(4, 1), 1)


def test_slates_are_no_network():
    with pytest.raises(DataError, match="Expected a network, got Slates"):
        network_covariance(np.zeros((4, 1)), Slates(np.array([0, 0, 1, 1])), 1)

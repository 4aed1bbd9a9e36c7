"""Communities of a network and how loose they are."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.estimation.interference.graph_clusters import graph_clusters
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.slates import Slates
from tests.estimation.interference.worlds import blocks, geometric


def test_planted_blocks_are_found():
    network, code = blocks(600, 0, n_blocks=12, inside=14.0)
    found = graph_clusters(network)
    pairs = {(a, b) for a, b in zip(code, found.codes, strict=True)}
    assert len(pairs) == found.n_clusters == 12


def test_conductance_equals_networkx():
    import networkx as nx

    network = geometric(200, 1)
    graph, found = nx.from_scipy_sparse_array(network.ties()), graph_clusters(network)
    for code in range(found.n_clusters):
        members = set(np.flatnonzero(found.codes == code).tolist())
        if len(members) > 1:
            out = nx.cut_size(graph, members) / nx.volume(graph, members)
            assert found.conductance[code] == pytest.approx(out)


def test_order_and_seed_do_not_matter_where_they_must_not():
    network = geometric(200, 2)
    order = np.random.default_rng(0).permutation(200)
    first, other = graph_clusters(network), graph_clusters(network.rows(order))
    same = first.codes[order]
    np.testing.assert_array_equal(same[:, None] == same, other.codes[:, None] == other.codes)
    np.testing.assert_array_equal(first.codes, graph_clusters(network).codes)


def test_lower_resolution_gives_larger_clusters_with_fewer_edges_between():
    network = geometric(400, 3)
    fine, coarse = graph_clusters(network, resolution=4.0), graph_clusters(network, resolution=0.2)
    assert coarse.n_clusters < fine.n_clusters
    assert coarse.max_conductance < fine.max_conductance
    assert "errors clustered by them may be too small" in str(fine)


def test_who_has_no_friends_is_a_cluster():
    found = graph_clusters(network_of([0], [1], n=4))
    assert found.n_clusters == 3
    assert found.max_conductance == 0


def test_resolutions_that_are_none():
    with pytest.raises(DataError, match="a number above 0"):
        graph_clusters(geometric(30, 1), resolution=0)


def test_slates_are_clusters_as_they_are():
    with pytest.raises(DataError, match="Expected a network, got Slates"):
        graph_clusters(Slates(np.array([0, 0, 1, 1])))

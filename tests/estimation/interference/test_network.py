"""Who is tied to whom: what counts as an edge, and what is refused."""

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.estimation.interference.network import Network, network_of, social_network
from tests.estimation.interference.worlds import geometric

USERS = {"user": ["a", "b", "c", "d"], "came": [1, 0, 1, 0]}


def data(edges, users=None, **options):
    return Dataset.from_frames(users or USERS, social=edges, **options)


def friends(network):
    return network.friends.toarray().tolist()


def test_an_edge_runs_both_ways():
    network = social_network(data({"user": ["a", "b"], "friend": ["b", "c"]}))
    assert friends(network) == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert network.n_friends.tolist() == [1, 2, 1, 0]
    assert not network.directed
    assert not network.weighted


def test_a_directed_edge_runs_from_who_sees_to_who_is_seen():
    network = social_network(data({"fan": ["a", "b"], "star": ["b", "a"]}), source="fan", target="star", directed=True)
    assert network.n_duplicates == 0
    one = social_network(data({"fan": ["a"], "star": ["b"]}), source="fan", target="star", directed=True)
    assert friends(one)[:2] == [[0, 1, 0, 0], [0, 0, 0, 0]]
    assert one.treated_friends(np.array([0.0, 1, 0, 0])).tolist() == [1, 0, 0, 0]
    assert one.ties().toarray()[:2].tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


def test_self_loops_and_edges_said_twice_are_left_out_and_counted():
    network = social_network(data({"user": ["a", "b", "a", "c", "c"], "friend": ["b", "a", "b", "c", "d"]}))
    assert (network.n_self_loops, network.n_duplicates) == (1, 2)
    assert network.friends.sum() == 4
    assert str(network) == (
        "Network: 4 units, 2 edges, 1.0 friends on average, 0 without; left out 1 of a unit with itself, 2 said twice"
    )


def test_of_an_edge_said_twice_the_largest_weight_counts():
    edges = {"user": ["a", "b", "c"], "friend": ["b", "a", "d"], "visits": [1.0, 3.0, 2.0]}
    network = social_network(data(edges), weight="visits")
    assert friends(network)[0] == [0, 3, 0, 0]
    assert friends(network)[1] == [3, 0, 0, 0]
    assert network.weighted


def test_unknown_ids_are_refused_with_counts_and_examples():
    edges = {"user": ["a", "x", "x"], "friend": ["b", "a", "y"]}
    with pytest.raises(DataError, match=r"none of the 4 units of column 'user': 'user' names 1 of them in 2 edges, the "
                       r"first \['x'\]; 'friend' names 1 of them in 1 edges, the first \['y'\]"):  # fmt: skip
        social_network(data(edges))
    kept = social_network(data(edges), strangers="drop")
    assert kept.n_strangers == 2
    assert kept.friends.sum() == 2
    assert "2 with ids that are no unit" in str(kept)


@pytest.mark.parametrize(("edges", "options", "words"), [
    ({"user": ["a"], "friend": ["a"]}, {}, "no edge between two of them \\(1 of a unit with itself\\)"),
    ({"user": pa.array([], pa.string()), "friend": pa.array([], pa.string())}, {}, "no edge"),
    ({"user": ["a", None], "friend": ["b", "c"]}, {}, "1 of 2 edges miss 'user'"),
    ({"user": [1], "friend": [2]}, {}, "int64 in one table and string in another"),
    ({"user": ["a"], "friend": ["b"], "w": [0.0]}, {"weight": "w"}, "not above 0, the first 0.0"),
    ({"user": ["a"], "friend": ["b"], "w": [np.nan]}, {"weight": "w"}, "not above 0, the first nan"),
    ({"user": ["a"], "friend": ["b"], "w": ["much"]}, {"weight": "w"}, "the weight of an edge is a number"),
    ({"user": ["a"], "friend": ["b"]}, {"strangers": "ignore"}, "'refuse' or 'drop'"),
])  # fmt: skip
def test_edges_that_say_nothing_are_refused(edges, options, words):
    with pytest.raises(DataError, match=words):
        social_network(data(edges), **options)


def test_what_a_network_needs():
    with pytest.raises(DataError, match="no relation of who knows whom"):
        social_network(Dataset.from_frames(USERS))
    with pytest.raises(MissingColumnsError, match="friend"):
        social_network(data({"user": ["a"], "frend": ["b"]}))
    with pytest.raises(DataError, match="3 rows hold 2 values of 'user'"):
        social_network(data({"user": ["a"], "friend": ["b"]}, {"user": ["a", "b", "a"]}))
    with pytest.raises(DataError, match="1 of 2 rows miss 'user'"):
        social_network(data({"user": ["a"], "friend": ["b"]}, {"user": ["a", None]}))
    with pytest.raises(DataError, match="positions, 0 to 2"):
        network_of([0], [3], n=3)
    with pytest.raises(ShapeError):
        Network(network_of([0], [1], n=3).friends, pa.array([1, 2]))


def test_the_unit_may_have_another_name():
    found = social_network(data({"user": [7], "friend": [8]}, {"household": [8, 9, 7]}), unit="household")
    assert found.n_friends.tolist() == [1, 0, 1]


def test_friends_of_friends_are_no_friends_and_not_oneself():
    path = network_of([0, 1, 2, 0], [1, 2, 3, 2], n=5)
    assert friends(path.two_hops()) == [[0, 0, 0, 1, 0], [0, 0, 0, 1, 0], [0] * 5, [1, 1, 0, 0, 0], [0] * 5]


def test_two_hops_are_distances_of_two():
    import networkx as nx

    network = geometric(120, 3)
    graph = nx.from_scipy_sparse_array(network.friends)
    far = np.zeros((120, 120))
    for unit, reached in nx.all_pairs_shortest_path_length(graph, cutoff=2):
        far[unit, [other for other, steps in reached.items() if steps == 2]] = 1
    np.testing.assert_array_equal(network.two_hops().friends.toarray(), far)


def test_rows_keep_names_and_edges():
    network = geometric(50, 1)
    order = np.random.default_rng(0).permutation(50)
    part = network.rows(order)
    assert part.ids.to_pylist() == order.tolist()
    np.testing.assert_array_equal(part.friends.toarray(), network.friends.toarray()[np.ix_(order, order)])


def test_it_stays_sparse():
    n = 200_000
    network = network_of(np.arange(n - 1), np.arange(1, n), n=n)
    assert network.friends.nnz == 2 * (n - 1)
    assert network.two_hops().friends.nnz == 2 * (n - 2)


@pytest.mark.parametrize(("ends", "options", "error", "words"), [
    (([0, 1], [1]), {}, ShapeError, "are one an edge"), (([0], [1]), {"weight": [1.0, 2.0]}, ShapeError, "one an edge"),
    (([0.7], [1]), {}, DataError, "positions, 0 to 2"), (([np.nan], [1]), {}, DataError, "positions, 0 to 2"),
    ((["a"], [1]), {}, DataError, "by their positions"), (([0], [1]), {"weight": ["a"]}, DataError, "are numbers"),
    (([0], [1]), {"n": 3.5}, DataError, "n is 3.5"), (([0], [1]), {"n": "3"}, DataError, "n is '3'"),
])  # fmt: skip
def test_positions_that_are_none(ends, options, error, words):
    with pytest.raises(error, match=words):
        network_of(*ends, **{"n": 3, **options})

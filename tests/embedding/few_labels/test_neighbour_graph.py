import numpy as np
import pytest

from causalrec.embedding.few_labels import neighbour_graph as module
from causalrec.embedding.few_labels.neighbour_graph import neighbour_graph, spread
from causalrec.errors import DataError, ShapeError


def by_hand(vectors, k):
    """The same by loops over pairs."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    n = len(unit)
    weight = np.zeros((n, n))
    for i in range(n):
        others = sorted((j for j in range(n) if j != i), key=lambda j: -unit[i] @ unit[j])[:k]
        for j in others:
            weight[i, j] = weight[j, i] = max(weight[i, j], max(unit[i] @ unit[j], 0) ** 3)
    degree = np.where(weight.sum(axis=1) > 0, weight.sum(axis=1), 1)
    return weight / np.sqrt(np.outer(degree, degree))


@pytest.mark.parametrize("block", [1024, 7])
def test_it_equals_loops_over_pairs_in_one_block_and_in_many(block, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_ROWS", block)
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    found = neighbour_graph(vectors, 4).toarray()
    np.testing.assert_allclose(found, by_hand(vectors, 4), atol=1e-6)
    assert np.abs(np.linalg.eigvalsh(found)).max() < 1 + 1e-6


def test_spreading_solves_the_equation_of_the_paper():
    """Zhou et al. 2004: Q = (1 - a) (I - a S)^-1 Y."""
    rng = np.random.default_rng(1)
    graph = neighbour_graph(rng.normal(size=(30, 4)), 5)
    answers = rng.dirichlet(np.ones(3), size=30)
    exact = np.linalg.solve(np.eye(30) - 0.8 * graph.toarray(), 0.2 * answers)
    np.testing.assert_allclose(spread(graph, answers, 0.8), exact / exact.sum(axis=1, keepdims=True), atol=2e-3)
    np.testing.assert_allclose(spread(graph, answers, 0.0), answers, rtol=1e-12)


def test_one_label_of_each_crosses_two_clusters():
    rng = np.random.default_rng(2)
    vectors = np.repeat([[5.0, 0.0, 0.0], [0.0, 5.0, 0.0]], 50, axis=0) + rng.normal(size=(100, 3))
    answers = np.full((100, 2), 0.5)
    answers[0], answers[50] = [1, 0], [0, 1]
    chosen = spread(neighbour_graph(vectors, 6), answers).argmax(axis=1)
    assert (chosen == np.repeat([0, 1], 50)).mean() > 0.95


def test_a_text_without_neighbours_keeps_its_answer():
    found = spread(neighbour_graph(np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 0.0]]), 2), np.eye(3)[:, :2])
    assert found[2].tolist() == [0.5, 0.5]  # no vector and no answer
    single = neighbour_graph(np.ones((1, 3)))
    assert single.shape == (1, 1)
    np.testing.assert_array_equal(spread(single, np.array([[0.2, 0.8]]), 0.9), [[0.2, 0.8]])


@pytest.mark.parametrize(
    ("vectors", "error", "said"),
    [
        (np.ones(3), ShapeError, r"\(3,\)"),
        (np.array([["a"]]), ShapeError, "table of numbers"),
        (np.array([[1.0], [np.nan]]), DataError, "1 vectors hold NaN"),
    ],
)
def test_what_are_no_vectors_is_refused(vectors, error, said):
    with pytest.raises(error, match=said):
        neighbour_graph(vectors)


def test_no_neighbours_are_refused():
    with pytest.raises(DataError, match="n_neighbors is 0"):
        neighbour_graph(np.ones((2, 2)), 0)

import random
import time

import numpy as np
import pytest

from causalrec.graph.drawing.crossings import count_crossings, ordered
from causalrec.graph.drawing.curves import sampled
from causalrec.graph.drawing.layers import layers_of
from causalrec.graph.drawing.layout import layered

N_GRAPHS = 60


def random_graph(seed, n_nodes, n_edges, n_bidirected=0):
    draw = random.Random(seed)
    pairs = [(one, other) for one in range(n_nodes) for other in range(one + 1, n_nodes)]
    edges = draw.sample(pairs, min(n_edges, len(pairs)))
    bidirected = draw.sample(pairs, min(n_bidirected, len(pairs)))
    sizes = [(draw.uniform(46, 170), draw.choice([34.0, 50.0])) for _ in range(n_nodes)]
    return sizes, edges, bidirected


def layout_of(seed, sideways=False):
    draw = random.Random(seed)
    n_nodes = draw.randint(1, 16)
    graph = random_graph(seed, n_nodes, draw.randint(0, 2 * n_nodes), draw.randint(0, 3))
    return graph, layered(*graph, sideways=sideways)


def longest_path_lengths(n_nodes, edges):
    best = [0] * n_nodes
    for _ in range(n_nodes):
        for one, other in edges:
            best[other] = max(best[other], best[one] + 1)
    return best


@pytest.mark.parametrize("sideways", [False, True])
@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_no_two_nodes_overlap_and_every_edge_leads_to_a_later_layer(seed, sideways):
    (_, edges, _), layout = layout_of(seed, sideways)
    for at, one in enumerate(layout.boxes):
        for other in layout.boxes[at + 1 :]:
            apart = abs(one.x - other.x) >= (one.width + other.width) / 2 + 10
            above = abs(one.y - other.y) >= (one.height + other.height) / 2 + 10
            assert apart or above
    for one, other in edges:
        assert layout.layer[one] < layout.layer[other]
        start, end = layout.boxes[one], layout.boxes[other]
        assert start.right < end.left if sideways else start.bottom < end.top


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_edges_begin_and_end_at_their_nodes_and_run_through_no_other(seed):
    _, layout = layout_of(seed)
    for pair, curve in [*layout.directed.items(), *layout.bidirected.items()]:
        points = sampled(curve, 40)
        for node, box in enumerate(layout.boxes):
            inside = (np.abs(points - (box.x, box.y)) < (box.width / 2 - 0.6, box.height / 2 - 0.6)).all(axis=1)
            assert not inside.any(), (pair, node)
        for node, point in zip(pair, (points[0], points[-1]), strict=True):
            box = layout.boxes[node]
            assert abs(point[0] - box.x) <= box.width / 2 + 1e-6
            assert abs(point[1] - box.y) <= box.height / 2 + 1e-6


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_everything_is_inside_the_picture(seed):
    _, layout = layout_of(seed)
    points = [*layout.directed.values(), *layout.bidirected.values()]
    points.append(np.array([(box.left, box.top) for box in layout.boxes]))
    points.append(np.array([(box.right, box.bottom) for box in layout.boxes]))
    everything = np.concatenate(points)
    assert everything.min() >= -1e-6
    assert (everything.max(axis=0) <= (layout.width + 1e-6, layout.height + 1e-6)).all()


def test_the_same_graph_has_the_same_layout():
    graph = random_graph(3, 30, 60, 5)
    first, second = layered(*graph), layered(*graph)
    assert first.boxes == second.boxes
    for name in ("directed", "bidirected"):
        assert all((one == getattr(second, name)[pair]).all() for pair, one in getattr(first, name).items())


@pytest.mark.parametrize("seed", range(20))
def test_no_more_layers_than_the_longest_path_needs_and_edges_not_longer_than_before(seed):
    _, edges, _ = random_graph(seed, 14, 18)
    layer, plain = layers_of(14, edges), longest_path_lengths(14, edges)
    ends = {node for pair in edges for node in pair}
    assert max(layer[node] for node in ends) <= max(plain)
    assert sum(layer[b] - layer[a] for a, b in edges) <= sum(plain[b] - plain[a] for a, b in edges)


def test_a_cause_stands_right_above_its_only_effect():
    assert layers_of(4, [(0, 1), (1, 2), (3, 2)]) == [0, 1, 2, 1]


def crossings_by_hand(rows, edges):
    layer = {node: index for index, row in enumerate(rows) for node in row}
    place = {node: at for row in rows for at, node in enumerate(row)}
    total = 0
    for at, (a, b) in enumerate(edges):
        for c, d in edges[at + 1 :]:
            if layer[a] == layer[c] and layer[b] == layer[d]:
                total += (place[a] - place[c]) * (place[b] - place[d]) < 0
    return total


@pytest.mark.parametrize("seed", range(20))
def test_crossings_are_counted_as_the_definition_says(seed):
    draw = random.Random(seed)
    rows = [draw.sample(range(0, 6), 6), draw.sample(range(6, 12), 6), draw.sample(range(12, 18), 6)]
    edges = [(a, b) for a in range(12) for b in range(18) if a // 6 + 1 == b // 6 and draw.random() < 0.4]
    down = [[b for a, b in edges if a == node] for node in range(18)]
    assert count_crossings(rows, down) == crossings_by_hand(rows, edges)


# What is known: trees and ladders are planar; K(m, n) on two lines has C(m, 2) C(n, 2) crossings, whatever the order.
KNOWN = {
    "binary tree": ([[0], [1, 2], [6, 3, 5, 4]], [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)], 0),
    "ladder, shuffled": ([[0, 1, 2, 3], [6, 5, 7, 4]], [(k, 4 + k) for k in range(4)], 0),
    "K(3, 3)": ([[0, 1, 2], [3, 4, 5]], [(a, b) for a in range(3) for b in range(3, 6)], 9),
    "K(2, 4)": ([[0, 1], [2, 3, 4, 5]], [(a, b) for a in range(2) for b in range(2, 6)], 6),
    "hexagon": ([[0], [2, 1], [3, 4], [5]], [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 5)], 0),
}


@pytest.mark.parametrize(("rows", "edges", "fewest"), KNOWN.values(), ids=KNOWN)
def test_known_graphs_have_the_fewest_crossings(rows, edges, fewest):
    n_nodes = sum(map(len, rows))
    up = [[a for a, b in edges if b == node] for node in range(n_nodes)]
    down = [[b for a, b in edges if a == node] for node in range(n_nodes)]
    assert count_crossings(ordered(rows, up, down), down) == fewest


@pytest.mark.parametrize(
    ("n_nodes", "edges", "seconds"),
    [
        (100, random_graph(0, 100, 200)[1], 3),
        (2000, random_graph(0, 2000, 4000)[1], 20),
        (10_001, [(0, leaf) for leaf in range(1, 10_001)], 20),
        (120, [(a, b) for a in range(120) for b in range(a + 1, 120)], 20),
    ],
    ids=["100 nodes", "2,000 nodes", "star", "complete"],
)
def test_large_graphs_do_not_hang(n_nodes, edges, seconds):
    # The times are several times those of a quiet machine.
    begin = time.perf_counter()
    layout = layered([(60.0, 34.0)] * n_nodes, edges, [])
    assert time.perf_counter() - begin < seconds
    assert len(layout.directed) == len(edges)

import numpy as np
import pytest

from causalrec.graph.drawing.arcs import arcs_between
from causalrec.graph.drawing.boxes import Box
from causalrec.graph.drawing.curves import sampled


def column(n_nodes, gap=80):
    return [Box(0, gap * k, 90, 34) for k in range(n_nodes)]


def distance(curve, box):
    away = np.abs(sampled(curve, 60) - (box.x, box.y)) - (box.width / 2, box.height / 2)
    return np.hypot(*np.maximum(away, 0).T).min()


@pytest.mark.parametrize("n_nodes", [3, 4, 6, 9])
def test_an_arc_keeps_clear_of_the_nodes_between(n_nodes):
    boxes = column(n_nodes)
    arcs, n_poor = arcs_between([(0, n_nodes - 1)], boxes, [])
    assert n_poor == 0
    assert all(distance(arcs[0, n_nodes - 1], box) > 4 for box in boxes[1:-1])


def test_a_wall_of_nodes_is_walked_around():
    boxes = [Box(60 * (k % 30), 40 * (k // 30), 58, 30) for k in range(30 * 12)]
    arcs, n_poor = arcs_between([(0, 30 * 12 - 1)], boxes, [])
    assert n_poor == 1
    assert set(arcs) == {(0, 30 * 12 - 1)}


def test_an_arc_beside_an_edge_is_not_that_edge():
    boxes = column(2)
    edge = np.array([[0, 17], [0, 32], [0, 48], [0, 63]], dtype=float)
    arcs, _ = arcs_between([(0, 1)], boxes, [edge])
    middle = sampled(arcs[0, 1])[12]
    assert abs(middle[0]) > 9


def test_a_lane_is_taken_where_no_simple_arc_is_free():
    wall = [Box(x, 450, 98, 34) for x in range(-2000, 2001, 100) if x != 1000]
    lane = np.array([[0, 17], [0, 200], [1000, 300], [1000, 450], [1000, 600], [0, 700], [0, 883]], dtype=float)
    boxes = [Box(0, 0, 90, 34), Box(0, 900, 90, 34), *wall]
    assert arcs_between([(1, 0)], boxes, [])[1] == 1
    arcs, n_poor = arcs_between([(1, 0)], boxes, [], lanes={(0, 1): lane})
    assert n_poor == 0
    assert (arcs[1, 0] == lane[::-1]).all()

"""Meek's rules, one at a time, as drawn in Meek 1995; what they give together is held in test_partial_graph."""

import pytest

from causalrec.graph.adjacency import Adjacency
from causalrec.graph.meek import Orientation
from causalrec.graph.partial_graph import PartialGraph

RULES = {  # name: (edges, undirected, all edges that follow)
    "1: no new collider": ("ab", "bc", "bc"),
    "2: no cycle": ("ab bc", "ac", "ac"),
    "3: two causes that are not adjacent": ("cb db", "ab ac ad", "ab"),
    "4: beside a chain": ("dc cb", "ab ac ad", "ab"),
    "1, then 2, then 1 again": ("ab ad", "bc ac bd ce", ""),
    "a shielded edge stays": ("ab", "bc ac", ""),
    "a chain falls like dominoes": ("ab", "bc cd de", "bc cd de"),
}


@pytest.mark.parametrize(("edges", "undirected", "follows"), RULES.values(), ids=RULES)
def test_rule(edges, undirected, follows):
    edges, follows = (set(map(tuple, text.split())) for text in (edges, follows))
    graph = PartialGraph(sorted(edges), undirected=map(tuple, undirected.split()))
    closed = graph.with_orientations(())
    assert set(closed.edges) - edges == follows
    assert graph.is_maximally_oriented == (not follows)
    assert closed.is_maximally_oriented


def test_closing_counts_what_it_directs_and_leaves_what_it_was_given():
    adjacency = Adjacency.from_pairs(4, [(0, 1)], [(1, 2), (2, 3)])
    marks = Orientation(adjacency)
    assert marks.close(marks.directed()) == 2
    assert marks.directed() == [(0, 1), (1, 2), (2, 3)]
    assert list(map(set, adjacency.spouses)) == [set(), {2}, {1, 3}, {2}]
    assert marks.close([]) == 0


def test_an_edge_that_is_directed_cannot_be_turned():
    marks = Orientation(Adjacency.from_pairs(2, [(0, 1)], []))
    with pytest.raises(KeyError):
        marks.orient(1, 0)

"""Extensions: known answers; against enumeration they are held in test_partial_graph."""

from causalrec.graph.adjacency import Adjacency
from causalrec.graph.extension import extension


def test_a_tree_is_directed_away_from_one_root():
    found = extension(Adjacency.from_pairs(5, [], [(0, 1), (1, 2), (1, 3), (3, 4)]))
    heads = [head for _, head in found]
    assert len(found) == len(set(heads)) == 4


def test_no_new_collider_and_no_cycle():
    # 0 -> 1 - 2: the other direction would make a collider. Dor, Tarsi 1992.
    assert extension(Adjacency.from_pairs(3, [(0, 1)], [(1, 2)])) == [(1, 2)]
    assert extension(Adjacency.from_pairs(3, [(0, 1), (2, 1)], [])) == []
    square = [(0, 1), (1, 2), (2, 3), (0, 3)]
    assert extension(Adjacency.from_pairs(4, [], square)) is None
    assert extension(Adjacency.from_pairs(4, [], [*square, (0, 2)])) is not None
    assert extension(Adjacency.from_pairs(4, [(0, 1), (3, 2)], [(1, 2)])) is None


def test_a_star_of_many_leaves_and_a_clique():
    star = extension(Adjacency.from_pairs(5001, [], [(0, leaf) for leaf in range(1, 5001)]))
    assert len(star) == 5000
    pairs = [(one, other) for one in range(40) for other in range(one + 1, 40)]
    clique = extension(Adjacency.from_pairs(40, [], pairs))
    assert sorted(sum(head == node for _, head in clique) for node in range(40)) == list(range(40))

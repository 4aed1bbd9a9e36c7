"""The criterion of a class: its witnesses are true of the class."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from causalrec.errors import GraphError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.graph.markov_class import cpdag
from causalrec.graph.partial_graph import PartialGraph
from causalrec.identification.partial_criterion import PartialCriterion

N_RANDOM = 500


def test_reasons_draw_what_is_not_known():
    graph = PartialGraph(
        [("x", "m"), ("x", "n"), ("x", "y"), ("m", "y"), ("n", "y")], undirected=[("m", "n")], nodes=["x", "m"]
    )
    criterion = PartialCriterion.of(graph, "x", "y")
    assert not criterion.doubtful
    assert criterion.member.forbidden == {"m", "n", "y"}
    assert criterion.why_forbidden("m") == "'m' lies on the causal path x -> m -> y"
    assert str(criterion.drawn(("x", "m", "n"))) == "x -> m -- n"


@pytest.mark.parametrize(
    ("treatment", "outcome", "error"), [("x", "z", UnknownNodeError), ("x", "u", GraphError), ((), "y", GraphError)]
)
def test_questions_that_cannot_be_asked(treatment, outcome, error):
    graph = PartialGraph([("x", "y")], undirected=[("u", "v")], latent=["u"])
    with pytest.raises(error):
        PartialCriterion.of(graph, treatment, outcome)


def test_a_doubtful_path_is_causal_in_one_graph_and_not_in_another():
    random = np.random.default_rng(0)
    n_doubtful = 0
    for _ in range(N_RANDOM):
        names = [f"v{number}" for number in random.permutation(int(random.integers(3, 9)))]
        edges = [pair for pair in combinations(names, 2) if random.random() < 0.5]
        graph = cpdag(CausalGraph(edges, nodes=names))
        graph = graph.with_orientations(pair for pair in edges if random.random() < 0.2)
        y, *x = map(str, random.permutation(names)[: 2 + (random.random() < 0.3)])
        path = PartialCriterion.of(graph, x, y).doubtful
        if path:
            n_doubtful += 1
            assert path[0] in x
            assert path[-1] == y
            assert set(path[1:]).isdisjoint(x)
            assert path[1] in graph.neighbours(path[0])
            steps = list(pairwise(path))
            assert set(steps) <= set(graph.with_orientations(steps).edges)
            assert path[0] in graph.with_orientations([steps[0][::-1]]).children(path[1])
    assert n_doubtful > N_RANDOM / 10

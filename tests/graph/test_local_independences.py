"""Local independences: few, true, and enough (test_markov_class holds that they give all others)."""

from itertools import combinations

import numpy as np

from causalrec.graph import CausalGraph
from causalrec.graph.independence import Independence
from causalrec.graph.local_independences import local_independences

N_RANDOM = 300


def test_a_chain_has_one_for_each_node():
    chain = CausalGraph([("a", "b"), ("b", "c"), ("c", "d")])
    assert list(local_independences(chain)) == [
        Independence(("c",), ("a",), ("b",)),
        Independence(("d",), ("a", "b"), ("c",)),
    ]


def test_a_hidden_cause_joins_its_effects():
    # Verma, Pearl 1990: a and d are independent given b and c nowhere; a and c given b only.
    verma = CausalGraph([("a", "b"), ("b", "c"), ("c", "d")], bidirected=[("b", "d")])
    assert list(local_independences(verma)) == [
        Independence(("c",), ("a",), ("b",)),
    ]


def test_pairs_that_widen_each_others_blanket_are_asked_for_one_at_a_time():
    chain = CausalGraph([], bidirected=[("a", "b"), ("b", "c"), ("c", "d")])
    found = {(*one.x, *one.y, *one.given) for one in local_independences(chain)}
    assert found == {("a", "c", "d"), ("b", "d")}


def test_on_random_graphs_they_are_true_and_name_only_measured_nodes():
    random = np.random.default_rng(0)
    for _ in range(N_RANDOM):
        names = [f"v{number}" for number in random.permutation(7)]
        pairs = list(combinations(names, 2))
        edges = [pair for pair in pairs if random.random() < 0.3]
        twins = [pair for pair in pairs if random.random() < 0.1]
        latent = set(names[:3]) if random.random() < 0.5 else set()
        graph = CausalGraph(edges, bidirected=twins, nodes=names, latent=latent)
        for statement in local_independences(graph):
            assert graph.is_separated(statement.x, statement.y, statement.given)
            assert latent.isdisjoint({*statement.x, *statement.y, *statement.given})

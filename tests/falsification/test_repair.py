"""Proposed edges do take away what fails."""

import random

import networkx as nx
import pytest

from causalrec.falsification.implications import implications
from causalrec.falsification.repair import repair, repaired_graph
from causalrec.graph import CausalGraph
from causalrec.identification.deadline import Deadline

N_GRAPHS = 150


def random_graphs(seed):
    """A graph less one edge, and the graph."""
    rng = random.Random(seed)
    nodes = list("abcdef")
    edges = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :] if rng.random() < 0.4]
    if not edges:
        edges = [("a", "b")]
    dropped = rng.choice(edges)
    return CausalGraph([edge for edge in edges if edge != dropped], nodes=nodes), CausalGraph(edges, nodes=nodes)


@pytest.mark.parametrize("block", range(3))
def test_one_edge_that_is_missing_is_one_edge_to_add(block):
    for seed in range(block * N_GRAPHS // 3, (block + 1) * N_GRAPHS // 3):
        graph, truth = random_graphs(seed)
        directed = nx.DiGraph(truth.edges)
        directed.add_nodes_from(truth.nodes)
        failing = [
            statement
            for statement in implications(graph)
            if not nx.is_d_separator(directed, set(statement.x), set(statement.y), set(statement.given))
        ]
        proposal = repair(graph, failing, Deadline(None, "the search"))
        assert len(proposal.edges) == 1
        assert proposal.repaired == tuple(failing)
        repaired = nx.DiGraph(repaired_graph(graph, proposal).edges)
        repaired.add_nodes_from(graph.nodes)
        assert nx.is_directed_acyclic_graph(repaired)
        assert not any(nx.is_d_separator(repaired, set(s.x), set(s.y), set(s.given)) for s in failing)


def test_nothing_fails_nothing_is_added():
    graph, _ = random_graphs(0)
    assert repair(graph, [], Deadline(None, "the search")).edges == ()

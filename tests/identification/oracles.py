"""Definitions written out, and small random questions to hold the algorithms against them."""

from itertools import chain, combinations

import networkx as nx
import numpy as np

from causalrec.graph import CausalGraph, read_dagitty


def parse(statements, latent=""):
    hidden = "".join(f"{node} [latent];" for node in latent.split())
    return read_dagitty(f"dag {{ {hidden} {statements} }}")


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def measured(graph, x, y):
    return set(graph.nodes) - graph.latent - {*x, *y}


def random_query(seed, n_nodes=(4, 8)):
    """Graph with bidirected edges and latent nodes, of 4 to 7 nodes or as said; one or two treatments, one outcome."""
    rng = np.random.default_rng(seed)
    names = list("abcdefgh"[: rng.integers(*n_nodes)])
    pairs = list(combinations(rng.permutation(names).tolist(), 2))
    density, hidden = rng.uniform(0.2, 0.8), rng.uniform(0, 0.15)
    directed = [pair for pair in pairs if rng.random() < density]
    bidirected = [pair for pair in pairs if rng.random() < hidden]
    ends = rng.permutation(names).tolist()[: 2 + (rng.random() < 0.3)]
    latent = [name for name in names if name not in ends and rng.random() < 0.2]
    return CausalGraph(directed, bidirected=bidirected, nodes=names, latent=latent), ends[1:], ends[:1]


def canonical(edges, graph):
    """In networkx, with a latent node for each bidirected edge."""
    twins = ((f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b))
    dag = nx.DiGraph([*edges, *twins])
    dag.add_nodes_from(graph.nodes)
    return dag


def proper_causal_paths(graph, x, y):
    """Directed paths from the treatments to the outcome that meet the treatments at their start only."""
    dag = nx.DiGraph(graph.edges)
    dag.add_nodes_from(graph.nodes)
    every = (path for source in x for path in nx.all_simple_paths(dag, source, y[0]))
    return [path for path in every if not set(path[1:]) & set(x)]


def by_definition(graph, x, y, z):
    """Criterion of van der Zander et al. 2019, definition 6: no descendants of the paths, all others closed."""
    causal = proper_causal_paths(graph, x, y)
    dag = canonical(graph.edges, graph)
    below = set().union(*({node, *nx.descendants(dag, node)} for path in causal for node in path[1:]))
    if z & below:
        return False
    first = {(path[0], path[1]) for path in causal}
    return nx.is_d_separator(canonical([edge for edge in graph.edges if edge not in first], graph), set(x), set(y), z)


class Covariance:
    def __init__(self, matrix, names):
        self.matrix, self.names = matrix, list(names)

    def index(self, name):
        return self.names.index(name)


def linear_model(graph, x, y, seed):
    """Covariance of a linear model with random weights on the graph, and the joint effect of x on y in it."""
    rng = np.random.default_rng(seed + 10_000)
    dag = canonical(graph.edges, graph)
    names = list(dag)
    weights = np.zeros((len(names), len(names)))  # weights[i, j]: effect of j on i
    for cause, effect in dag.edges:
        weights[names.index(effect), names.index(cause)] = rng.uniform(0.4, 1.2) * rng.choice([-1, 1])
    total = np.linalg.inv(np.eye(len(names)) - weights)
    matrix = total @ np.diag(rng.uniform(0.5, 2, len(names))) @ total.T
    fixed = weights.copy()
    fixed[[names.index(node) for node in x]] = 0
    effect = np.linalg.inv(np.eye(len(names)) - fixed)[names.index(y[0]), [names.index(node) for node in x]]
    return Covariance(matrix, names), effect

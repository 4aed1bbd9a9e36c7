"""Identification by its definitions, for graphs of up to 15 nodes: sets and paths are enumerated.

Written on networkx, with every unmeasured cause drawn as a node; it shares no code with causalrec.
"""

from functools import cache, cached_property
from itertools import chain, combinations, pairwise

import networkx as nx

from causalrec.graph import CausalGraph, load_graph, read_header


class Case:
    """A shipped graph and the question of its header.

    `strategy` is the first word of what is expected, `nodes` are those behind it, `given` the sets behind each
    "given"; `dag` has every unmeasured cause as a node of its own.
    """

    def __init__(self, graph, header):
        self.graph = graph
        self.x, self.y = words(header["treatment"]), header["outcome"]
        self.kept = set(words(header.get("selected", "")))
        self.strategy, _, self.text = header["expected"].partition(" ")
        parts = [part.partition(" given ") for part in self.text.split("; ")]
        self.nodes = [node for part in parts for node in words(part[0])]
        self.given = [set(words(part[2])) for part in parts]
        self.dag = canonical(graph)
        self.measured = set(graph.nodes) - graph.latent - {*self.x, self.y, *self.kept}

    @cached_property
    def causal_paths(self):
        every = (path for x in self.x for path in nx.all_simple_paths(self.dag, x, self.y))
        return [path for path in every if not set(path[1:]) & set(self.x)]

    @cached_property
    def forbidden(self):
        """What lies on a causal path, and all that follows from it."""
        return below(self.dag, {node for path in self.causal_paths for node in path[1:]})

    @cached_property
    def backdoor(self):
        """The graph less the first edges of the causal paths."""
        return less(self.dag, {(path[0], path[1]) for path in self.causal_paths})

    def with_edges(self, *edges):
        header = {"treatment": ", ".join(self.x), "outcome": self.y, "selected": ", ".join(sorted(self.kept))}
        graph = CausalGraph(
            [*self.graph.edges, *edges], nodes=self.graph.nodes, latent=self.graph.latent, roles=self.graph.roles
        )
        return Case(graph, {**header, "expected": f"{self.strategy} {self.text}"})


@cache
def case(name):
    return Case(load_graph(name), read_header(name))


def identified(it):
    """The first strategy that the definitions allow, "" where there is none; under selection, among the selected."""
    if adjustable(it):
        return "adjustment"
    if not it.kept and len(it.x) == 1 and frontdoors(it):
        return "frontdoor"
    if not it.kept and not hedged(it):
        return "id"
    return "instrument" if len(it.x) == 1 and instruments(it) else ""


def words(text):
    return tuple(word for word in text.split(", ") if word)


def subsets(names):
    return chain.from_iterable(combinations(sorted(names), size) for size in range(len(names) + 1))


def canonical(graph):
    twins = ((f"{a}<->{b}", end) for a, b in graph.bidirected for end in (a, b))
    dag = nx.DiGraph([*graph.edges, *twins])
    dag.add_nodes_from(graph.nodes)
    return dag


def less(dag, edges):
    cut = dag.copy()
    cut.remove_edges_from(list(edges))
    return cut


def below(dag, nodes):
    return set(nodes).union(*(nx.descendants(dag, node) for node in nodes))


def above(dag, nodes):
    return set(nodes).union(*(nx.ancestors(dag, node) for node in nodes))


def separated(dag, x, y, given):
    x, y = ({names} if isinstance(names, str) else set(names) for names in (x, y))
    return nx.is_d_separator(dag, x, y, set(given) - x - y)


def question(it, x, y):
    header = {"treatment": ", ".join(x), "outcome": y, "expected": "none", "selected": ", ".join(sorted(it.kept))}
    return Case(it.graph, header)


def is_adjustment(it, given):
    """Van der Zander et al. 2019, definition 6, with what every row has."""
    given = given | it.kept
    return not given & it.forbidden and separated(it.backdoor, it.x, it.y, given)


def adjustable(it):
    return any(is_adjustment(it, set(given)) for given in subsets(it.measured - it.forbidden))


def frontdoors(it):
    """Sets that meet the three conditions of Pearl 1995, on enumerated paths; the smallest first."""
    (x,) = it.x
    near = above(it.dag, {it.y}) & below(it.dag, {x})
    candidates = it.measured & near
    return [set(m) for m in subsets(candidates) if m and is_frontdoor(it, x, set(m))]


def is_frontdoor(it, x, m):
    if any(not m & set(path) for path in it.causal_paths):
        return False
    if any(open_along(it.dag, path, set()) for node in m for path in into_first(it.dag, x, node)):
        return False
    cut = less(it.dag, it.dag.out_edges(m))
    return not any(open_along(cut, path, {x}) for node in m for path in into_first(cut, node, it.y))


def into_first(dag, start, end):
    every = nx.all_simple_paths(dag.to_undirected(), start, end)
    return (path for path in every if dag.has_edge(path[1], path[0]))


def drawn(dag, nodes):
    arrows = ["->" if dag.has_edge(a, b) else "<-" for a, b in pairwise(nodes)]
    return [nodes[0], *chain.from_iterable(zip(arrows, nodes[1:], strict=True))]


def open_along(dag, path, given):
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        collider = dag.has_edge(a, b) and dag.has_edge(c, b)
        if collider != bool(below(dag, {b}) & given) if collider else b in given:
            return False
    return True


def instruments(it):
    """Each instrument with each minimal set that makes it one: Brito, Pearl 2002, for the total effect."""
    (x,) = it.x
    allowed = it.measured - it.forbidden
    found = []
    for node in sorted(allowed):
        for given in map(set, subsets(allowed - {node})):
            smaller = any(name == node and known < given for name, known in found)
            if not smaller and is_instrument(it, x, node, given | it.kept):
                found.append((node, given))
    return found


def is_instrument(it, x, node, given):
    if given & it.forbidden:
        return False
    return separated(it.backdoor, node, it.y, given) and not separated(it.dag, node, x, given)


def hedged(it):
    """Shpitser, Pearl 2006, theorem 4: two c-forests with common roots among the causes of Y, one within the other."""
    directed, twins = projection(it)
    roots = above(less(directed, directed.in_edges(it.x)), {it.y})
    inner = set(directed) - set(it.x)
    for small in map(set, subsets(inner)):
        tops = small & roots
        if tops and whole(twins, small) and above(directed.subgraph(small), tops) == small:
            # The largest c-forest around `small` with the same roots: what can be in none is peeled off.
            large, before = set(directed), None
            while large != before:
                before = large
                large = set(nx.node_connected_component(twins.subgraph(large), min(small)))
                large = above(directed.subgraph(large), tops)
            if large & set(it.x):
                return True
    return False


def whole(twins, nodes):
    return nx.is_connected(twins.subgraph(nodes))


def projection(it):
    """Measured nodes: an edge for each directed path through latent ones, a twin edge for each common cause."""
    seen = [node for node in it.graph.nodes if node not in it.graph.latent]
    hidden = set(it.dag) - set(seen)
    directed, twins = nx.DiGraph(), nx.Graph()
    for graph in (directed, twins):
        graph.add_nodes_from(seen)
    for node in it.dag:
        ends = reached_through(it.dag, node, hidden)
        if node in hidden:
            twins.add_edges_from(combinations(sorted(ends), 2))
        else:
            directed.add_edges_from((node, end) for end in ends)
    return directed, twins


def reached_through(dag, node, hidden):
    ends = set()
    for child in dag.successors(node):
        ends |= reached_through(dag, child, hidden) if child in hidden else {child}
    return ends

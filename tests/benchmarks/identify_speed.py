"""From an edge list to an adjustment set, against DoWhy, pgmpy, networkx and CIfly, each with a time limit.

Each library runs in a process of its own that imports it, makes one warm call on a small graph, then
builds the graph from the list of names and asks for a set; the best of up to five runs counts. Sparse
random graphs have two edges a node, with confounding planted so that the answer is not empty.
"""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

TITLE = "From an edge list to an adjustment set"
LIMIT = 15.0  # seconds
TASKS = ("100 nodes", "1,000 nodes", "100,000 nodes", "star of 384", "star of 10,000")


def rows() -> list[dict[str, object]]:
    """Seconds of each library and task; a limit where it gave no answer in time."""
    return [{"method": name, **{task: seconds(name, task) for task in TASKS}} for name in LIBRARIES]


def seconds(name: str, task: str) -> object:
    """Best time of one library, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.identify_speed", name, task]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT + 15, check=False)
    except subprocess.TimeoutExpired:
        return f"> {LIMIT:.0f} s"
    if done.returncode and "TimeoutError" in done.stderr:
        return f"> {LIMIT:.0f} s"
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1].split(':')[0]}"
    return f"{float(done.stdout.split()[-1]) * 1000:,.1f} ms"


def main(name: str, task: str) -> None:
    """Print the best time of up to five runs."""
    LIBRARIES[name](*question("100 nodes"))
    edges, x, y = question(task)
    best, spent = float("inf"), 0.0
    while spent < 2 and best > 0.001 * spent:
        start = time.perf_counter()
        found = set(LIBRARIES[name](edges, x, y))
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
        if took > LIMIT:
            raise TimeoutError(f"{took:.0f} s")
    assert found
    print(best)


def question(task: str) -> tuple[list[tuple[str, str]], str, str]:
    """Edges, treatment and outcome."""
    size = int(task.split()[-1 if task.startswith("star") else 0].replace(",", ""))
    if task.startswith("star"):
        edges = [(f"c{i}", end) for i in range(size) for end in ("x", "y")]
        return [*edges, ("x", "y")], "x", "y"
    rng = np.random.default_rng(0)
    ends = np.sort(rng.integers(0, size, (2 * size, 2)), axis=1)
    edges = [(f"n{a}", f"n{b}") for a, b in ends.tolist() if a < b]
    x, y = f"n{size // 2}", f"n{size - 1}"
    planted = [(f"n{size // part}", end) for part in (3, 4, 5) for end in (x, y)]
    return list(dict.fromkeys([*edges, *planted, (x, y)])), x, y


def by_causalrec(edges, x, y):
    """The whole way, through the public verbs."""
    from causalrec import CausalGraph, identify

    return identify(CausalGraph(edges), x, y).adjustment


def by_dowhy(edges, x, y):
    """DoWhy's default identification, which looks for all sets, front doors and instruments."""
    import networkx as nx
    from dowhy.causal_identifier import EstimandType, identify_effect_auto

    graph = nx.DiGraph(edges)
    found = identify_effect_auto(graph, [x], [y], list(graph), EstimandType.NONPARAMETRIC_ATE)
    return found.get_backdoor_variables()


def by_dowhy_efficient(edges, x, y):
    """DoWhy's search for one optimal minimal set, alone."""
    import networkx as nx
    from dowhy.causal_identifier.auto_identifier import BackdoorAdjustment, identify_efficient_backdoor

    graph = nx.DiGraph(edges)
    kind = BackdoorAdjustment.BACKDOOR_MIN_EFFICIENT
    found = identify_efficient_backdoor(graph, [x], [y], list(graph), kind, None, [])
    return found.get_adjustment_variables()


def by_pgmpy(edges, x, y):
    """Minimal separator in the proper back-door graph, whose paths it enumerates."""
    from pgmpy.base import DAG
    from pgmpy.identification import Adjustment

    found, _ = Adjustment(variant="minimal").identify(DAG(edges, roles={"exposures": x, "outcomes": y}))
    return found.get_role("adjustment")


def by_networkx(edges, x, y):
    """The criterion written out with networkx: no library call, what an expert would do."""
    import networkx as nx

    graph = nx.DiGraph(edges)
    causal = (nx.descendants(graph, x) & (nx.ancestors(graph, y) | {y})) - {x}
    forbidden = causal.union(*(nx.descendants(graph, node) for node in graph.successors(x) if node in causal))
    graph.remove_edges_from([(x, node) for node in list(graph.successors(x)) if node in causal])
    return nx.algorithms.d_separation.find_minimal_d_separator(graph, x, y, restricted=set(graph) - forbidden - {x, y})


DESCENDANTS = "EDGES --> <--\nSETS X\nSTART ... AT X\nOUTPUT ...\n... | --> | true"
ANCESTORS = "EDGES --> <--\nSETS X\nSTART ... AT X\nOUTPUT ...\n... | <-- | true"
REACHED = """EDGES --> <--
SETS X, Z, A
START <-- AT X
OUTPUT ...
--> | <-- | next in A
... | ... | current not in Z and next in A"""


def by_cifly(edges, x, y):
    """Rule tables of the same algorithm; its searches are in Rust."""
    import ciflypy

    names = list(dict.fromkeys(name for edge in edges for name in edge))
    index = {name: number for number, name in enumerate(names)}
    pairs = [(index[a], index[b]) for a, b in edges]
    source, target = index[x], index[y]

    def search(table, arcs, **sets):
        return set(ciflypy.reach({"-->": arcs}, sets, table, table_as_string=True))

    causal = (search(DESCENDANTS, pairs, X=[source]) & search(ANCESTORS, pairs, X=[target])) - {source}
    forbidden = search(DESCENDANTS, pairs, X=list(causal))
    backdoor = [(a, b) for a, b in pairs if a != source or b not in causal]
    scope = search(ANCESTORS, backdoor, X=[source, target])
    widest = scope - forbidden - {source, target}
    near = widest & search(REACHED, backdoor, X=[source], Z=list(widest), A=list(scope))
    return [names[node] for node in near & search(REACHED, backdoor, X=[target], Z=list(near), A=list(scope))]


LIBRARIES = {
    "causalrec": by_causalrec,
    "CIfly, rule tables of the algorithm": by_cifly,
    "networkx, the algorithm written out": by_networkx,
    "pgmpy": by_pgmpy,
    "DoWhy, one efficient set alone": by_dowhy_efficient,
    "DoWhy, identification": by_dowhy,
}

if __name__ == "__main__":
    main(*sys.argv[1:])

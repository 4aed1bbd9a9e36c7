"""Reading a graph of 100,000 edges from text, against networkx and pydot where they read the format."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings

import numpy as np

TITLE = "Reading a graph of 100,000 edges"
N_NODES, N_EDGES = 50_000, 100_000
LIMIT = 60.0  # seconds
FORMATS = ("dagitty", "json", "dot", "gml", "mermaid", "lavaan", "csv")
PEERS = {"gml": "networkx", "dot": "pydot"}


def rows() -> list[dict[str, object]]:
    """Seconds of each format and of its peer."""
    return [row(name) for name in FORMATS]


def row(name: str) -> dict[str, object]:
    """Seconds of one format."""
    ours, peer = seconds("causalrec", name), PEERS.get(name)
    theirs = seconds(peer, name) if peer else ""
    ratio = theirs / ours if isinstance(theirs, float) else ""
    return {"method": name, "causalrec, seconds": ours, "peer": peer or "", "peer, seconds": theirs, "ratio": ratio}


def seconds(reader: str, name: str) -> object:
    """Best of three, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.read_graph_speed", reader, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
    except subprocess.TimeoutExpired:
        return f"> {LIMIT:.0f} s"
    return float(done.stdout.split()[-1])


def main(reader: str, name: str) -> None:
    """Print the best of three times."""
    text = written(name)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        n_edges = READERS[reader](text, name)
        best = min(best, time.perf_counter() - start)
        assert n_edges == N_EDGES
    print(best)


def written(name: str) -> str:
    """Text of a random graph."""
    from causalrec.graph import CausalGraph
    from causalrec.graph.formats import write_graph

    rng = np.random.default_rng(0)
    ends = np.sort(rng.integers(0, N_NODES, (2 * N_EDGES, 2)), axis=1)
    edges = list(dict.fromkeys((f"n{a}", f"n{b}") for a, b in ends.tolist() if a < b))[:N_EDGES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return write_graph(CausalGraph(edges), name)


def by_causalrec(text: str, name: str) -> int:
    """Checked: it is a causal graph afterwards."""
    from causalrec.graph.formats import read_graph

    return len(read_graph(text, name).edges)


def by_networkx(text: str, name: str) -> int:
    """A directed graph."""
    import networkx as nx

    return nx.parse_gml(text).number_of_edges()


def by_pydot(text: str, name: str) -> int:
    """The parsed text."""
    import pydot

    return len(pydot.graph_from_dot_data(text)[0].get_edges())


READERS = {"causalrec": by_causalrec, "networkx": by_networkx, "pydot": by_pydot}

if __name__ == "__main__":
    main(*sys.argv[1:])

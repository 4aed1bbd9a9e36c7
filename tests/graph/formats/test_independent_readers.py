"""What other packages read in the same texts: networkx (GML), pydot (DOT), the csv module, pgmpy.

``pgmpy_readings.json`` holds random texts and what the parsers of pgmpy 1.1.2 made of them
(``pgmpy.utils.parser.parse_dagitty`` and ``parse_lavaan``); its nodes ``u_a_b`` for ``a <-> b`` were turned
back. Groups there have two nodes at most: of a group of three, pgmpy 1.1.2 takes the middle one for an
arrow. ``dowhy_linear.gml`` and ``.dot`` are what ``dowhy.datasets.linear_dataset`` of DoWhy 0.14 gives.
"""

import csv
import io
import json
import random
import re
import warnings
from pathlib import Path

import networkx as nx
import pytest

from causalrec.graph import CausalGraph, load_graph, read_dagitty
from causalrec.graph.formats import (
    from_networkx,
    read_dot,
    read_edge_list,
    read_gml,
    read_lavaan,
    to_networkx,
    write_dot,
    write_edge_list,
    write_gml,
)

HERE = Path(__file__).parent
READINGS = json.loads((HERE / "pgmpy_readings.json").read_text())
N_GRAPHS = 100


def random_graph(seed: int) -> CausalGraph:
    rng = random.Random(seed)
    names = [f"n{number}" for number in range(rng.randrange(2, 9))]
    names = [name + rng.choice(["", " x", "é", "-y"]) for name in names]
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    return CausalGraph(
        [pair for pair in pairs if rng.random() < 0.4],
        bidirected=[pair for pair in pairs if rng.random() < 0.1],
        latent=[name for name in names if rng.random() < 0.2],
        nodes=names,
        roles={name: rng.choice(["treatment", "outcome", "block"]) for name in names if rng.random() < 0.3},
    )


def as_read_by_pydot(text: str) -> CausalGraph:
    """Edges and nodes of pydot; attributes by the rules of the format, written anew here."""
    import pydot

    (graph,) = pydot.graph_from_dot_data(text)
    strip = lambda word: word[1:-1].replace('\\"', '"') if word[:1] == '"' else word  # noqa: E731
    edges, bidirected = [], []
    for edge in graph.get_edges():
        pair = strip(edge.get_source()), strip(edge.get_destination())
        (bidirected if edge.get("dir") == "both" else edges).append(pair)
    nodes = [node for node in graph.get_nodes() if node.get_name() not in {"node", "edge", "graph"}]
    latent = [strip(node.get_name()) for node in nodes if strip(node.get("observed") or "yes") == "no"]
    roles = {strip(node.get_name()): strip(node.get("roles")).split() for node in nodes if node.get("roles")}
    return CausalGraph(
        edges, bidirected=bidirected, latent=latent, nodes=[strip(node.get_name()) for node in nodes], roles=roles
    )


def plain_dot(text: str) -> CausalGraph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return as_read_by_pydot(text)


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_networkx_and_pydot_read_what_is_written(seed):
    graph = random_graph(seed)
    assert from_networkx(nx.parse_gml(write_gml(graph))) == graph
    assert plain_dot(write_dot(graph)) == graph


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_what_networkx_writes_as_gml_is_read(seed):
    graph = random_graph(seed)
    assert read_gml("\n".join(nx.generate_gml(to_networkx(graph)))) == graph


def test_gml_of_dowhy_is_read_as_networkx_reads_it():
    text = (HERE / "corpus" / "dowhy_linear.gml").read_text()
    expected = nx.DiGraph(nx.parse_gml(text))
    assert read_gml(text) == from_networkx(expected)
    assert len(expected.edges) > 5


def test_dot_of_dowhy_is_read_as_pydot_reads_it():
    text = (HERE / "corpus" / "dowhy_linear.dot").read_text()
    assert read_dot(text) == plain_dot(text)
    assert len(read_dot(text).edges) > 5


@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_edge_lists_are_what_the_csv_module_reads(seed):
    graph = random_graph(seed)
    bare = CausalGraph(graph.edges, bidirected=graph.bidirected, nodes=graph.nodes)
    rows = list(csv.DictReader(io.StringIO(write_edge_list(bare))))
    kinds = [(row["cause"], row["effect"], row.get("type", "->")) for row in rows if row["effect"]]
    assert {row["cause"] for row in rows} | {effect for _, effect, _ in kinds} == set(bare.nodes)
    assert {(cause, effect) for cause, effect, kind in kinds if kind == "->"} == set(bare.edges)
    assert {(one, other) for one, other, kind in kinds if kind == "<->"} == set(bare.bidirected)
    written = io.StringIO()
    csv.writer(written).writerows(
        [("source", "target", "type"), *((r["cause"], r["effect"], r.get("type", "")) for r in rows)]
    )
    assert read_edge_list(written.getvalue()) == bare


@pytest.mark.parametrize("reading", READINGS["dagitty"], ids=lambda reading: re.sub(r"\s+", " ", reading["text"])[:30])
def test_dagitty_text_is_read_as_by_pgmpy(reading):
    roles = {node: role for role in ("treatment", "outcome") for node in reading[role]}
    both = set(reading["treatment"]) & set(reading["outcome"])
    assert not both
    assert read_dagitty(reading["text"]) == CausalGraph(
        reading["edges"],
        bidirected=reading["bidirected"],
        latent=reading["latent"],
        nodes=reading["nodes"],
        roles=roles,
    )


@pytest.mark.parametrize("reading", READINGS["lavaan"], ids=lambda reading: re.sub(r"\s+", " ", reading["text"])[:30])
def test_lavaan_is_read_as_by_pgmpy(reading):
    expected = CausalGraph(reading["edges"], bidirected=reading["bidirected"], latent=reading["latent"])
    assert read_lavaan(reading["text"]) == expected


def test_a_shipped_graph_goes_through_both():
    graph = load_graph("promotion")
    assert from_networkx(nx.parse_gml(write_gml(graph))) == plain_dot(write_dot(graph)) == graph

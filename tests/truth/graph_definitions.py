"""Searches on graphs against the definitions by enumeration, on random graphs of up to 8 nodes with hidden causes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import networkx as nx

from causalrec.errors import NotIdentifiableError
from causalrec.identification import (
    adjustment_set,
    adjustment_sets,
    conditional_instruments,
    frontdoor_set,
    frontdoor_sets,
    instruments,
    is_adjustment_set,
)
from tests.identification.oracles import by_definition, canonical, measured, random_query, subsets
from tests.identification.test_frontdoor import frontdoor_query, is_frontdoor
from tests.identification.test_instrument import ancestral
from tests.identification.test_instrument import by_definition as is_instrument_by_definition

TITLE = "Searches against the definitions, every subset enumerated"
N_RUNS = 2_000
N_NODES = (4, 9)


def run(seed: int) -> dict:
    """For each search: questions asked, those with an answer, those where brute force says otherwise."""
    graph, x, y = random_query(seed, N_NODES)
    return {
        "separation": separation(graph),
        "adjustment": adjustment(graph, x, y),
        "front door": frontdoor(*frontdoor_query(seed, N_NODES)),
        "instruments": instrument(graph, x[0], y[0]),
    }


def separation(graph) -> list[int]:
    """Each pair given each set of at most three nodes."""
    dag, counts = canonical(graph.edges, graph), Counter()
    for x, y in combinations(graph.nodes, 2):
        for given in (z for z in subsets(set(graph.nodes) - {x, y}) if len(z) < 4):
            truth = nx.is_d_separator(dag, {x}, {y}, set(given))
            counts.update(asked=1, found=truth, wrong=truth != graph.is_separated(x, y, given))
    return [counts["asked"], counts["found"], counts["wrong"]]


def adjustment(graph, x, y) -> list[int]:
    """Whether each subset is a set, whether one is found, whether the list of minimal ones is whole."""
    every = [frozenset(z) for z in subsets(measured(graph, x, y))]
    valid = {z for z in every if by_definition(graph, x, y, z)}
    minimal = {z for z in valid if not any(other < z for other in valid)}
    wrong = any(bool(is_adjustment_set(graph, x, y, z)) != (z in valid) for z in every)
    wrong |= set(adjustment_sets(graph, x, y)) != minimal
    wrong |= not answers(adjustment_set, graph, x, y, minimal)
    return [1, bool(valid), wrong]


def frontdoor(graph, x, y) -> list[int]:
    """Whether all sets are listed, and a minimal one is found."""
    every = [frozenset(z) for z in subsets(measured(graph, x, y))]
    valid = {z for z in every if is_frontdoor(graph, x, y, set(z))}
    minimal = {z for z in valid if not any(other < z for other in valid)}
    wrong = set(frontdoor_sets(graph, x, y)) != valid or not answers(frontdoor_set, graph, x, y, minimal)
    return [1, bool(valid), wrong]


def answers(search, graph, x, y, valid) -> bool:
    """Whether a search gives one of these sets, and refuses where there is none."""
    try:
        return search(graph, x, y) in valid
    except NotIdentifiableError:
        return not valid


def instrument(graph, x, y) -> list[int]:
    """Whether each node is an instrument, alone or given ancestors."""
    if x in graph.descendants(y):
        return [0, 0, 0]
    names = sorted(measured(graph, [x], [y]))
    plain = tuple(node for node in graph.nodes if node in names and is_instrument_by_definition(graph, x, y, node, ()))
    able = set()
    for z in names:
        pool = set(names) & ancestral(graph, y, z) - {z}
        if any(is_instrument_by_definition(graph, x, y, z, given) for given in subsets(pool)):
            able.add(z)
    found = conditional_instruments(graph, x, y)
    wrong = instruments(graph, x, y) != plain or {one.name for one in found} != able
    wrong |= not all(is_instrument_by_definition(graph, x, y, one.name, one.given) for one in found)
    return [1, bool(able), wrong]


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a search."""
    names = [name for name in results[0] if name != "seed"]
    sums = {name: [sum(result[name][place] for result in results) for place in range(3)] for name in names}
    return [
        {"method": name, "questions": asked, "answered yes": found, "disagree": wrong}
        for name, (asked, found, wrong) in sums.items()
    ]

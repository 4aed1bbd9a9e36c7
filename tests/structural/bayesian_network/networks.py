"""Networks whose answers are known, and answers by writing down every combination of levels."""

from itertools import product
from pathlib import Path

import numpy as np

from causalrec.data import Dataset
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork, Given

ALARM = Path(__file__).with_name("alarm.bif")
YES = ("yes", "no")

ASIA = CausalGraph(
    [("asia", "tub"), ("smoke", "lung"), ("smoke", "bronc"), ("tub", "either"), ("lung", "either"),
     ("either", "xray"), ("either", "dysp"), ("bronc", "dysp")]
)  # fmt: skip
ASIA_TABLES = {  # Lauritzen, Spiegelhalter (1988), J. R. Stat. Soc. B 50(2), 157-224, table 1
    "asia": (0.01, 0.99),
    "smoke": (0.5, 0.5),
    "tub": Given(("asia",), {"yes": (0.05, 0.95), "no": (0.01, 0.99)}),
    "lung": Given(("smoke",), {"yes": (0.1, 0.9), "no": (0.01, 0.99)}),
    "bronc": Given(("smoke",), {"yes": (0.6, 0.4), "no": (0.3, 0.7)}),
    "either": Given(
        ("lung", "tub"),
        {("yes", "yes"): (1, 0), ("yes", "no"): (1, 0), ("no", "yes"): (1, 0), ("no", "no"): (0, 1)},
    ),
    "xray": Given(("either",), {"yes": (0.98, 0.02), "no": (0.05, 0.95)}),
    "dysp": Given(
        ("bronc", "either"),
        {("yes", "yes"): (0.9, 0.1), ("yes", "no"): (0.8, 0.2), ("no", "yes"): (0.7, 0.3), ("no", "no"): (0.1, 0.9)},
    ),
}


def asia():
    return BayesianNetwork.from_tables(ASIA, ASIA_TABLES, levels=dict.fromkeys(ASIA.nodes, YES))


ATTENTION = ("none", "glance", "look")
SHOP = CausalGraph(
    [("season", "display"), ("season", "purchase"), ("display", "attention"), ("attention", "purchase"),
     ("display", "purchase")]
)  # fmt: skip
SHOP_LEVELS = {"season": ("low", "high"), "display": (0, 1), "attention": ATTENTION, "purchase": (0, 1)}


def shop():
    """Season moves display and purchase; display draws attention, and attention sells."""
    chance = {
        (season, look, shown): 0.05 + 0.1 * (season == "high") + 0.15 * ATTENTION.index(look) + 0.05 * shown
        for season, look, shown in product(("low", "high"), ATTENTION, (0, 1))
    }
    tables = {
        "season": (0.6, 0.4),
        "display": Given(("season",), {"low": (0.7, 0.3), "high": (0.4, 0.6)}),
        "attention": Given(("display",), {0: (0.6, 0.3, 0.1), 1: (0.2, 0.4, 0.4)}),
        "purchase": Given(("season", "attention", "display"), {key: (1 - p, p) for key, p in chance.items()}),
    }
    return BayesianNetwork.from_tables(SHOP, tables, levels=SHOP_LEVELS)


def rows_of(network, n, seed):
    return network.sample(n, random_state=seed).tables["interactions"].to_pydict()


def with_gaps(rows, seed):
    """Season is lost at random; attention is lost more often where something was bought or displayed (MAR)."""
    rng = np.random.default_rng(seed)
    chance = 0.2 + 0.5 * np.array(rows["purchase"]) + 0.1 * np.array(rows["display"])
    lost = rng.random(len(chance)) < chance, rng.random(len(chance)) < 0.1
    return Dataset.from_frames({
        **rows,
        "attention": [None if gone else value for gone, value in zip(lost[0], rows["attention"], strict=True)],
        "season": [None if gone else value for gone, value in zip(lost[1], rows["season"], strict=True)],
    })  # fmt: skip


def random_network(seed, n_nodes=6):
    """A random graph with two or three levels a node and random tables."""
    rng = np.random.default_rng(seed)
    names = [f"n{k}" for k in range(n_nodes)]
    edges = [(names[a], names[b]) for b in range(n_nodes) for a in range(b) if rng.random() < 0.5]
    graph = CausalGraph(edges, nodes=rng.permutation(names).tolist())
    levels = {name: tuple(range(int(rng.integers(2, 4)))) for name in names}
    tables = {}
    for name in names:
        parents = tuple(sorted(graph.parents(name), reverse=True))
        rows = {at: rng.dirichlet(np.ones(len(levels[name]))) for at in product(*(levels[p] for p in parents))}
        tables[name] = Given(parents, rows) if parents else rows[()]
    return BayesianNetwork.from_tables(graph, tables, levels=levels)


def enumerated(network, evidence=None, do=None):
    """Every combination of levels with its probability given the evidence, from the tables alone."""
    evidence, do, graph = evidence or {}, do or {}, network.graph
    levels = {name: network.table(name).levels[-1] for name in graph.nodes}
    found = {}
    for values in product(*levels.values()):
        at = dict(zip(levels, values, strict=True))
        if any(at[name] != level for name, level in {**evidence, **do}.items()):
            continue
        found[values] = 1.0
        for name in graph.nodes:
            if name not in do:
                parents = sorted(graph.parents(name), key=graph.nodes.index)
                place = tuple(levels[member].index(at[member]) for member in (*parents, name))
                found[values] *= network.tables_[name][place]
    total = sum(found.values())
    return {values: chance / total for values, chance in found.items()}


def marginal(network, name, evidence=None, do=None):
    """Distribution of one node by enumeration."""
    place, levels = network.graph.nodes.index(name), network.table(name).levels[-1]
    chances = enumerated(network, evidence, do)
    return np.array([sum(p for values, p in chances.items() if values[place] == level) for level in levels])

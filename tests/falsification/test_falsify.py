"""A graph against a table: the right one stands, a wrong one falls, and the answer is honest."""

import numpy as np
import pytest
from scipy.stats import binom

from causalrec.errors import DataError, MissingColumnsError
from causalrec.falsification import IndependenceTest, falsify
from causalrec.graph import CausalGraph

CHAIN = CausalGraph([("season", "price"), ("price", "display"), ("display", "sold")])


def sample(graph, n=500, seed=0, strength=1.0):
    rng = np.random.default_rng(seed)
    data = {}
    for node in graph.topological_order:
        data[node] = strength * sum((data[cause] for cause in sorted(graph.parents(node))), np.zeros(n))
        data[node] = data[node] + rng.normal(size=n)
    return data


def test_the_right_graph_stands_and_each_implication_is_there():
    found = falsify(CHAIN, sample(CHAIN))
    assert found.sentence == "3 of 3 implications hold: the data do not contradict the graph."
    pairs = {frozenset((*row.statement.x, *row.statement.y)) for row in found.implications}
    assert pairs == {frozenset(pair) for pair in (("season", "display"), ("season", "sold"), ("price", "sold"))}
    assert found.repair is None


def test_a_missing_edge_is_found_and_named():
    truth = CausalGraph([*CHAIN.edges, ("season", "sold")])
    found = falsify(CHAIN, sample(truth))
    assert {str(row.statement) for row in found.failing} == {"sold ⊥ season | display", "sold ⊥ price | display"}
    assert found.repair.edges == (("season", "sold"),)
    assert found.repair.failing == ()
    assert "1 of 3 implications hold; these two do not:" in found.sentence
    assert "an edge between season and sold would repair both." in found.sentence


def test_the_family_keeps_its_level():
    graph = CausalGraph([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    n_runs = 300
    false = sum(bool(falsify(graph, sample(graph, 100, seed), n_permutations=0).failing) for seed in range(n_runs))
    assert binom.ppf(0.0005, n_runs, 0.02) <= false <= binom.ppf(0.9995, n_runs, 0.05)


def test_the_promised_dependence_is_found():
    graph = CausalGraph([], nodes=["shown", "sold"])
    row = falsify(graph, sample(graph, 300), n_permutations=0).implications[0]
    strength = row.smallest / np.sqrt(1 - row.smallest**2)
    dependent = CausalGraph([("shown", "sold")])
    found = [
        bool(falsify(graph, sample(dependent, 300, seed, strength), n_permutations=0).failing) for seed in range(300)
    ]
    assert 0.72 < np.mean(found) < 0.88


def test_latent_nodes_are_never_tested():
    graph = CausalGraph([("taste", "shown"), ("taste", "sold"), ("shown", "click"), ("age", "sold")], latent=["taste"])
    data = sample(graph)
    del data["taste"]
    found = falsify(graph, data)
    named = {name for row in found.implications for part in (row.statement.x, row.statement.y) for name in part}
    assert named == {"shown", "click", "age", "sold"}
    assert not found.failing


def test_absent_nodes_are_latent_only_when_asked():
    graph = CausalGraph([("taste", "shown"), ("taste", "sold"), ("shown", "click"), ("age", "sold")])
    data = sample(graph)
    del data["taste"]
    with pytest.raises(MissingColumnsError, match="taste"):
        falsify(graph, data)
    found = falsify(graph, data, missing="latent")
    assert not found.failing
    assert frozenset(("shown", "sold")) not in {
        frozenset((*row.statement.x, *row.statement.y)) for row in found.implications
    }


def test_selected_rows_are_always_given():
    graph = CausalGraph(
        [("taste", "visit"), ("season", "visit"), ("season", "price")], roles={"visit": "selected"}
    )  # among visits taste and season depend on each other
    data = sample(graph, 2000)
    rows = data.pop("visit") > 0
    found = falsify(graph, {name: values[rows] for name, values in data.items()})
    assert [str(row.statement) for row in found.implications] == ["price ⊥ taste | season, visit"]
    assert found.implications[0].holds


def test_a_complete_graph_says_nothing():
    graph = CausalGraph([("price", "sold")])
    found = falsify(graph, sample(graph))
    assert "implies no independence" in found.sentence
    assert found.permutations.falsifiable is None


def test_what_the_data_say_nothing_of_does_not_hold():
    data = sample(CHAIN)
    data["display"] = 2 * data["price"]
    found = falsify(CHAIN, data)
    silent = [row for row in found.implications if row.holds is None]
    assert [str(row.statement) for row in silent] == ["display ⊥ season | price", "sold ⊥ price | display"]
    assert "of 1 implications hold" in found.sentence


def test_the_deadline_lists_what_is_left_out():
    graph = CausalGraph([], nodes=[f"n{k}" for k in range(60)])
    found = falsify(graph, sample(graph, 50), deadline=0.05)
    assert len(found.implications) + len(found.left_out) == 60 * 59 / 2
    assert found.left_out
    assert "Left out at the deadline" in str(found)


def test_a_test_of_your_own():
    def never(x, y, given):
        return IndependenceTest(0.0, 0.5, 1, len(x), "coin")

    truth = CausalGraph([*CHAIN.edges, ("season", "sold")])
    found = falsify(CHAIN, sample(truth), test=never)
    assert {row.test.method for row in found.implications} == {"coin"}
    assert not found.failing


def test_rows_do_not_matter():
    data = sample(CHAIN)
    order = np.random.default_rng(1).permutation(500)
    shuffled = falsify(CHAIN, {name: values[order] for name, values in data.items()})
    assert str(shuffled) == str(falsify(CHAIN, data))


def test_the_table_has_a_row_each():
    table = falsify(CHAIN, sample(CHAIN)).to_frame()
    assert list(table["test"]) == ["partial correlation"] * 3
    assert (table["p_corrected"] >= table["p"]).all()


@pytest.mark.parametrize(
    "option", [{"alpha": 0.0}, {"missing": "drop"}, {"n_permutations": -1}, {"deadline": -1}, {"correction": "sidak"}]
)
def test_options_are_checked(option):
    with pytest.raises(DataError, match=next(iter(option)).rstrip("s")):
        falsify(CHAIN, sample(CHAIN), **option)

"""What `check` says of models that are right, and of those that are wrong in one way."""

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.graph import CausalGraph
from causalrec.structural import Boosting, LinearGaussian, Logistic, StructuralModel
from tests.estimation.planted import exact_interval
from tests.structural.worlds import SHOP, binary_shop, linear_shop

N_RUNS = 60
ALPHA = 0.1


def bent(seed, *, curve=0.0, spread=0.0, n=400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = x + curve * x**2 + rng.normal(size=n) * np.exp(spread * x)
    return {"x": x, "y": y, "clicked": (rng.random(n) < 1 / (1 + np.exp(-x - curve * x**2))).astype(float)}


GRAPH = CausalGraph([("x", "y"), ("x", "clicked")])
STRAIGHT = {"y": LinearGaussian(), "clicked": Logistic()}


def refuted(**wrong):
    found = [StructuralModel(GRAPH, STRAIGHT, n_refits=0).fit(table := bent(seed, **wrong)).check(table, alpha=ALPHA)
             for seed in range(N_RUNS)]  # fmt: skip
    return np.array([[node.refuted for node in check.nodes] for check in found]), found


def test_right_mechanisms_are_refuted_at_the_level_at_most():
    wrong, _ = refuted()
    low, _ = exact_interval(int(wrong.any(axis=1).sum()), N_RUNS)
    assert low <= ALPHA, wrong.any(axis=1).mean()


@pytest.mark.parametrize(("wrong", "nodes"), [({"curve": 0.4}, ("y", "clicked")), ({"spread": 0.4}, ("y",))])
def test_wrong_mechanisms_are_found(wrong, nodes):
    found, checks = refuted(**wrong)
    for k, node in enumerate(checks[0].nodes):
        if node.node in nodes:
            assert found[:, k].mean() > 0.7, node.node
    assert checks[0].worst.node in nodes
    assert "is refuted" in checks[0].sentence


def test_scores_are_those_of_the_planted_model():
    table = linear_shop(0, 4_000)
    nodes = {node.node: node for node in StructuralModel(SHOP, n_refits=0).fit(table).check(table).nodes}
    truth = {"display": 0.64 / 1.64, "visits": 2.25 * 1.64 / (2.25 * 1.64 + 1)}
    for name, score in truth.items():
        assert abs(nodes[name].score - score) < 0.04
    binary = binary_shop(0, 4_000)
    score = {n.node: n.score for n in StructuralModel(SHOP, n_refits=0).fit(binary).check(binary).nodes}["visits"]
    p = np.where(binary["display"] == 1, 1 / (1 + np.exp(-0.7)), 1 / (1 + np.exp(0.5)))
    loss = -(p * np.log(p) + (1 - p) * np.log(1 - p)).mean()
    q = p.mean()
    assert abs(score - (1 - loss / -(q * np.log(q) + (1 - q) * np.log(1 - q)))) < 0.02


def test_a_missing_edge_fails_an_independence():
    table = linear_shop(0, 2_000)
    without = CausalGraph([("season", "display"), ("display", "visits"), ("visits", "sales"), ("display", "sales")])
    found = StructuralModel(without, n_refits=0).fit(table).check(table)
    assert any("season" in str(one.statement) for one in found.falsification.failing)
    assert "season" in str(found)
    right = StructuralModel(SHOP, n_refits=0).fit(table).check(table)
    assert right.falsification.failing == ()
    assert "do not contradict the graph" in str(right)
    assert right.to_dict()["nodes"][1]["mechanism"] == "linear Gaussian"
    assert len(right.to_frame()) == 4


def test_wrong_options_are_refused():
    model = StructuralModel(SHOP, n_refits=0).fit(linear_shop(0))
    with pytest.raises(DataError, match="alpha"):
        model.check(linear_shop(0), alpha=0)
    with pytest.raises(DataError, match="n_folds"):
        model.check(linear_shop(0), n_folds=1)
    with pytest.raises(DataError, match="rows or more"):
        model.check(linear_shop(0, 5))
    with pytest.raises(DataError, match="alpha"):
        model.check(linear_shop(0), alpha="small")
    boosted = StructuralModel(SHOP, {"sales": Boosting(n_trees=5)}, n_refits=0).fit(linear_shop(0))
    with pytest.raises(EstimationError, match=r"'sales'.*32 rows"):
        boosted.check(linear_shop(0, 40))

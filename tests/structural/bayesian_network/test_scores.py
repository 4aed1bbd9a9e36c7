from math import lgamma, log

import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork
from tests.structural.bayesian_network.networks import ASIA, YES, asia

LEVELS = dict.fromkeys(ASIA.nodes, YES)
LINE = CausalGraph([("shown", "bought")])
FEW = Dataset.from_frames({"shown": [0, 0, 0, 1, 1], "bought": [0, 0, 1, 1, 1]})


def test_bic_by_hand():
    parts = 3 * log(3 / 5) + 2 * log(2 / 5) + 2 * log(2 / 3) + log(1 / 3)
    assert BayesianNetwork(LINE).score(FEW) == pytest.approx(parts - 3 / 2 * log(5))


def test_the_marginal_likelihood_by_hand():
    def row(*units):
        return lgamma(len(units)) - lgamma(len(units) + sum(units)) + sum(lgamma(1 + n) for n in units)

    assert BayesianNetwork(LINE, prior=1.0).score(FEW, kind="marginal") == pytest.approx(
        row(3, 2) + row(2, 1) + row(0, 2)
    )


def test_bdeu_is_equal_for_equivalent_graphs():
    scores = [
        BayesianNetwork(CausalGraph(edges), prior=5.0, prior_kind="bdeu").score(FEW, kind="marginal")
        for edges in ([("shown", "bought")], [("bought", "shown")])
    ]
    assert scores[0] == pytest.approx(scores[1], rel=1e-12)


def test_the_true_graph_scores_better_than_one_without_edges():
    data = asia().sample(2_000, random_state=1)
    for kind in ("bic", "marginal"):
        true, empty = (
            BayesianNetwork(graph, levels=LEVELS).score(data, kind=kind)
            for graph in (ASIA, CausalGraph([], nodes=ASIA.nodes))
        )
        assert true > empty + 100


def test_scores_refuse_gaps_and_unknown_kinds():
    holed = Dataset.from_frames({"shown": [0, None, 1], "bought": [0, 1, 1]})
    with pytest.raises(DataError, match="'shown' miss values"):
        BayesianNetwork(LINE).score(holed)
    with pytest.raises(DataError, match="choose 'bic' or 'marginal'"):
        BayesianNetwork(LINE).score(FEW, kind="aic")

import sys

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import EstimationError, MissingExtraError
from causalrec.structural.bayesian_network import BayesianNetwork, contraction, most_probable, questions
from tests.structural.bayesian_network.networks import ALARM, SHOP, rows_of, shop


def test_too_large_a_table_is_refused_with_its_size(monkeypatch):
    monkeypatch.setattr(contraction, "MAX_CELLS", 100)
    with pytest.raises(EstimationError, match=r"needs a table of \d[\d,]* cells, more than 100"):
        BayesianNetwork.from_bif(ALARM).query("BP", evidence={"PRESS": "HIGH"})


def test_a_joint_distribution_that_is_too_large_is_refused_before_it_is_made():
    nodes = BayesianNetwork.from_bif(ALARM).graph.nodes
    with pytest.raises(EstimationError, match=r"joint distribution of 37 nodes .* has 17,\d{3},[\d,]* cells"):
        BayesianNetwork.from_bif(ALARM).query(nodes)


def test_most_probable_levels_refuse_a_large_product(monkeypatch):
    monkeypatch.setattr(most_probable, "MAX_CELLS", 20)
    with pytest.raises(EstimationError, match="most probable levels need a table"):
        BayesianNetwork.from_bif(ALARM).most_probable()


def test_draws_a_few_at_a_time_give_the_same(monkeypatch):
    network = BayesianNetwork(SHOP).fit(Dataset.from_frames(rows_of(shop(), 200, 0)))
    whole = network.query(["purchase", "season"], evidence={"attention": "look"})
    monkeypatch.setattr(contraction, "MAX_CELLS", 900)
    parts = network.query(["purchase", "season"], evidence={"attention": "look"})
    np.testing.assert_allclose(whole.draws, parts.draws)
    assert questions.MAX_CELLS > 900


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opt_einsum", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'causalrec-toolkit\[networks\]'"):
        shop().query("purchase")

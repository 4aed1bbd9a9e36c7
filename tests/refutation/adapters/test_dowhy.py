import numpy as np
import pytest

from causalrec.errors import AdjustmentError, DataError
from causalrec.estimation import OLS
from causalrec.graph import CausalGraph
from causalrec.refutation.adapters import dowhy_refutation
from tests.refutation.route_worlds import CHAIN, chain

N_DRAWS = 20


@pytest.fixture(scope="module")
def world():
    return chain(1, n=200, estimator=OLS())


@pytest.mark.parametrize("name", ["data_subset_refuter", "random_common_cause", "placebo_treatment_refuter"])
def test_a_refuter_gives_our_refutation_with_dowhys_p_value(world, name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    found = dowhy_refutation(world.effect, world.data, CHAIN, name, n_draws=N_DRAWS)
    assert found.details["DoWhy's linear regression"] == pytest.approx(world.effect.value)
    assert 0 < found.p_value <= 1
    assert found.verdict == ("failed" if found.p_value < 0.05 else "passed")
    near = 0 if name.startswith("placebo") else world.effect.value
    assert abs(found.refuted - near) < 3 * world.effect.stderr
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_the_same_seed_gives_the_same_answer_and_another_one_another(world):
    draws = [dowhy_refutation(world.effect, world.data, CHAIN, "data_subset_refuter", n_draws=N_DRAWS, random_state=s)
             for s in (0, 0, 1)]  # fmt: skip
    assert draws[0].refuted == draws[1].refuted != draws[2].refuted


def test_a_hidden_cause_gives_a_range_and_no_p_value(world):
    found = dowhy_refutation(world.effect, world.data, CHAIN, "add_unobserved_common_cause")
    assert found.lower < world.effect.value
    assert found.p_value != found.p_value
    assert "Hidden causes of up to 0.1" in found.reason


def test_a_wrong_name_is_refused_with_the_nearest(world):
    with pytest.raises(DataError, match="placebo_treatment_refuter"):
        dowhy_refutation(world.effect, world.data, CHAIN, "placebo_treatment_refutter")
    with pytest.raises(DataError, match="at least 20"):
        dowhy_refutation(world.effect, world.data, CHAIN, "random_common_cause", n_draws=3)


def test_a_set_that_the_graph_forbids_is_refused(world):
    graph = CausalGraph([("a", "t"), ("a", "y"), ("b", "y"), ("t", "y")])
    with pytest.raises(AdjustmentError, match="stays open"):
        dowhy_refutation(world.effect, world.data, graph, "random_common_cause", n_draws=N_DRAWS)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"n_draws": "many"}, "n_draws is 'many'"), ({"random_state": -1}, "random_state is -1"),
     ({"method_name": ["placebo"]}, "no refuter"), ({"data": None}, "flat table"), ({"effect": 5}, "flat table")],
)  # fmt: skip
def test_bad_arguments_are_refused(world, given, words):
    with pytest.raises(DataError, match=words):
        dowhy_refutation(**{"effect": world.effect, "data": world.data, **given})

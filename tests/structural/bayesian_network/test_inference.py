import numpy as np
import pytest

from causalrec.errors import EstimationError, ImpossibleEvidenceError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork, Given
from tests.structural.bayesian_network.networks import ALARM, ASIA, asia, enumerated, marginal, random_network

PUBLISHED = {"tub": 0.0104, "lung": 0.055, "bronc": 0.45, "either": 0.064828, "xray": 0.11029004, "dysp": 0.4359706}

ALARM_ANSWERS = [  # by pyAgrum 3.3.1's LazyPropagation; pgmpy 1.1.2's VariableElimination agrees
    ("LVFAILURE", {"HRBP": "HIGH", "BP": "LOW"}, [0.0883711298, 0.9116288702]),
    ("INTUBATION", {"PRESS": "HIGH", "EXPCO2": "LOW", "MINVOL": "ZERO"}, [0.9970060874, 0.0012400446, 0.0017538681]),
    ("CATECHOL", {}, [0.1001342846, 0.8998657154]),
    ("PULMEMBOLUS", {"PAP": "HIGH", "SAO2": "LOW"}, [0.1566960993, 0.8433039007]),
    ("BP", {}, [0.3899930927, 0.2047077668, 0.4052991405]),
    ("KINKEDTUBE", {"PRESS": "HIGH", "VENTLUNG": "ZERO", "CVP": "NORMAL", "HISTORY": "TRUE"},
     [0.0383278183, 0.9616721817]),
    ("HYPOVOLEMIA", {"CVP": "LOW", "PCWP": "LOW", "HR": "HIGH", "CO": "LOW", "BP": "LOW"},
     [0.2060323005, 0.7939676995]),
]  # fmt: skip


@pytest.mark.parametrize("node", PUBLISHED)
def test_asia_before_anything_is_seen(node):
    assert asia().query(node).probability({node: "yes"}) == pytest.approx(PUBLISHED[node], abs=1e-12)


@pytest.mark.parametrize("node", ASIA.nodes)
def test_asia_given_dyspnoea_and_a_visit_equals_enumeration(node):
    network, seen = asia(), {"dysp": "yes", "asia": "yes"}
    if node not in seen:
        np.testing.assert_allclose(network.query(node, evidence=seen).probabilities, marginal(network, node, seen))


def test_asia_when_smoking_is_set_forgets_what_causes_it():
    network = asia()
    seen, fixed = {"bronc": "yes"}, {"lung": "no"}
    np.testing.assert_allclose(
        network.query("smoke", evidence=seen, do=fixed).probabilities, marginal(network, "smoke", seen, fixed)
    )
    assert network.query("smoke", do=fixed).probability({"smoke": "yes"}) == pytest.approx(0.5)
    assert network.query("smoke", evidence=fixed).probability({"smoke": "yes"}) < 0.48


@pytest.mark.parametrize(("node", "evidence", "answer"), ALARM_ANSWERS)
def test_alarm_equals_two_other_libraries(node, evidence, answer):
    found = BayesianNetwork.from_bif(ALARM).query(node, evidence=evidence)
    np.testing.assert_allclose(found.probabilities, answer, atol=1e-7)


def test_alarm_when_saturation_is_set():
    network = BayesianNetwork.from_bif(ALARM)
    seen, fixed = network.query("BP", evidence={"SAO2": "LOW"}), network.query("BP", do={"SAO2": "LOW"})
    np.testing.assert_allclose(seen.probabilities, [0.3877641987, 0.1946859765, 0.4175498247], atol=1e-7)
    np.testing.assert_allclose(fixed.probabilities, [0.3892366889, 0.2015923663, 0.4091709448], atol=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_equal_enumeration(seed):
    network, rng = random_network(seed), np.random.default_rng(seed)
    a, b, c, d, *_ = rng.permutation(network.graph.nodes).tolist()
    chances = enumerated(network, {c: 1}, {d: 0})
    found = network.query([a, b], evidence={c: 1}, do={d: 0})
    places = [network.graph.nodes.index(name) for name in (a, b)]
    expected = np.zeros(found.probabilities.shape)
    for values, chance in chances.items():
        expected[values[places[0]], values[places[1]]] += chance
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_the_most_probable_levels_equal_enumeration(seed):
    network = random_network(seed)
    seen, fixed = {network.graph.nodes[1]: 1}, {network.graph.nodes[4]: 0}
    chances = enumerated(network, seen, fixed)
    best = max(chances, key=chances.get)
    found = network.most_probable(evidence=seen, do=fixed)
    whole = {**found.levels, **seen, **fixed}
    assert tuple(whole[name] for name in network.graph.nodes) == best
    assert found.probability == pytest.approx(chances[best])
    assert found.stderr is None


def test_impossible_evidence_is_named():
    with pytest.raises(ImpossibleEvidenceError, match=r"either=yes, tub=no, lung=no .*probability 0"):
        asia().query("dysp", evidence={"either": "yes", "tub": "no", "lung": "no"})
    with pytest.raises(ImpossibleEvidenceError, match="either=no"):
        asia().most_probable(evidence={"either": "no", "tub": "yes"})


def test_improbable_evidence_is_not_called_impossible():
    rare = {0: (1e-200, 1.0), 1: (1e-201, 1.0)}
    network = BayesianNetwork.from_tables(
        CausalGraph([("taste", "first"), ("taste", "second")]),
        {"taste": (0.5, 0.5), "first": Given(("taste",), rare), "second": Given(("taste",), rare)},
        levels={"taste": (0, 1), "first": ("rare", "usual"), "second": ("rare", "usual")},
    )
    assert network.query("taste", evidence={"first": "rare"}).probability({"taste": 0}) == pytest.approx(10 / 11)
    with pytest.raises(EstimationError, match="first=rare, second=rare is too small for the arithmetic") as found:
        network.query("taste", evidence={"first": "rare", "second": "rare"})
    assert not isinstance(found.value, ImpossibleEvidenceError)

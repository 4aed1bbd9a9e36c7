import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, UnknownNodeError
from causalrec.structural.bayesian_network import BayesianNetwork
from tests.structural.bayesian_network.networks import ALARM, SHOP, asia, marginal, rows_of, shop


@pytest.fixture(scope="module")
def learned():
    return BayesianNetwork(SHOP).fit(Dataset.from_frames(rows_of(shop(), 500, 0)))


def test_the_effect_is_that_of_enumeration():
    network = shop()
    means = [marginal(network, "purchase", do={"display": level})[1] for level in (0, 1)]
    effect = network.effect("display", "purchase")
    assert effect.value == pytest.approx(means[1] - means[0])
    assert effect.means == pytest.approx(tuple(means))


def test_the_effect_is_not_the_difference_that_is_seen():
    network = shop()
    seen = [network.query("purchase", evidence={"display": level}).probability({"purchase": 1}) for level in (0, 1)]
    assert seen[1] - seen[0] - network.effect("display", "purchase").value == pytest.approx(0.03, abs=0.002)


def test_the_effect_among_some_units():
    network, asked = shop(), {"season": "high"}
    means = [marginal(network, "purchase", asked, {"display": level})[1] for level in (0, 1)]
    assert network.effect("display", "purchase", evidence=asked).value == pytest.approx(means[1] - means[0])


def test_levels_turn_the_sign(learned):
    up, down = (learned.effect("display", "purchase", levels=pair) for pair in ((0, 1), (1, 0)))
    assert up.value == pytest.approx(-down.value)
    assert up.stderr == pytest.approx(down.stderr)
    assert learned.effect("attention", "purchase", levels=("none", "look")).value > 0.1


def test_an_answer_prints_as_a_table(learned):
    text = str(learned.query("purchase", evidence={"season": "high"}, do={"display": 1}))
    assert text.splitlines()[0] == "P(purchase | do(display=1), season=high)"
    assert text.splitlines()[1].split() == ["purchase", "probability", "standard", "error", "95%", "interval"]
    assert "Effect of display from 0 to 1 on purchase" in str(learned.effect("display", "purchase"))
    assert "learned from 500 units" in str(learned)
    assert "| purchase | probability |" in learned.query("purchase").to_markdown()
    assert "more rows" in str(BayesianNetwork.from_bif(ALARM).query(["BP", "CO", "HR", "TPR"]))


def test_an_answer_as_plain_values(learned):
    found = learned.query(["purchase", "season"]).to_dict()
    assert found["nodes"] == ["purchase", "season"]
    assert np.shape(found["probabilities"]) == np.shape(found["stderr"]) == np.shape(found["lower"]) == (2, 2)
    effect = learned.effect("display", "purchase").to_dict()
    assert effect["lower"] < effect["value"] < effect["upper"]
    assert learned.most_probable().to_dict()["stderr"] > 0


def test_a_joint_distribution_sums_to_its_parts(learned):
    joint = learned.query(["purchase", "season"])
    np.testing.assert_allclose(joint.probabilities.sum(axis=1), learned.query("purchase").probabilities)
    np.testing.assert_allclose(joint.draws.sum(axis=(1, 2)), 1)
    assert joint.probability({"season": "high", "purchase": 1}) == joint.probabilities[1, 0]


def test_a_conditional_table_has_a_row_for_each_level_of_its_causes(learned):
    table = learned.table("attention")
    assert (table.given, table.nodes) == (("display",), ("display", "attention"))
    np.testing.assert_allclose(table.probabilities.sum(axis=-1), 1)
    assert str(table).startswith("P(attention | display)")


def test_the_error_of_the_most_probable_levels_is_that_of_their_probability(learned):
    best = learned.most_probable(evidence={"season": "high"})
    joint = learned.query(["display", "attention", "purchase"], evidence={"season": "high"})
    assert best.probability == pytest.approx(joint.probabilities.max())
    assert best.stderr == pytest.approx(joint.stderr_of(best.levels))


def test_everything_seen_leaves_nothing_to_find():
    seen = {"season": "low", "display": 1, "attention": "look", "purchase": 1}
    assert shop().most_probable(evidence=seen).probability == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda n: n.query("purchas"), UnknownNodeError, "did you mean 'purchase'"),
        (lambda n: n.query([]), DataError, "`nodes` is empty"),
        (lambda n: n.query(None), DataError, "not NoneType"),
        (lambda n: n.query("purchase", evidence={"attention": "looks"}), DataError, "did you mean 'look'"),
        (
            lambda n: n.query("purchase", evidence={"display": 7}),
            DataError,
            "'display' has no level '7'; it has '0', '1'",
        ),
        (lambda n: n.query("purchase", evidence=["display"]), DataError, "`evidence` is a mapping of nodes to levels"),
        (lambda n: n.query("purchase", evidence={"purchase": 1}), DataError, "stands in `nodes` and is fixed"),
        (lambda n: n.query("purchase", evidence={"display": 1}, do={"display": 0}), DataError, "both set by `do`"),
        (lambda n: n.query("purchase").probability({}), DataError, "Give a level of 'purchase' too"),
        (lambda n: n.query("purchase").probability({"display": 1}), UnknownNodeError, "display"),
        (lambda n: n.query("purchase").probability(1), DataError, "mapping such as {'purchase': 0}, not 1"),
        (lambda n: n.query("purchase").interval(95), DataError, "share between 0 and 1"),
        (lambda n: n.effect("attention", "purchase"), DataError, "3 levels; say from which to which"),
        (lambda n: n.effect("display", "attention"), DataError, "no numbers and have no mean"),
        (lambda n: n.effect("display", "display"), DataError, "cannot be the treatment"),
        (lambda n: n.effect("display", "purchase", levels=(1, 1)), DataError, "names 1 twice"),
        (lambda n: n.effect("display", "purchase", levels=3), DataError, "pair of levels"),
        (lambda n: n.effect("display", "purchase", evidence={"attention": "look"}), DataError, "is or affects"),
        (lambda n: n.query("purchase").probability({3: 1}), UnknownNodeError, "no node '3'"),
        (lambda n: n.sample(0), DataError, "`n` is 0"),
        (lambda n: n.sample(5, random_state=-1), DataError, "`random_state` is -1"),
    ],
)
def test_questions_that_make_no_sense_are_refused(learned, call, error, said):
    with pytest.raises(error, match=said):
        call(learned)


def test_levels_with_text_cannot_be_an_outcome():
    with pytest.raises(DataError, match="Code it as 0 and 1"):
        asia().effect("smoke", "dysp")

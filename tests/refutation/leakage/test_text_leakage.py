import json

import numpy as np
import pytest

from causalrec.errors import DataError, ShapeError
from causalrec.refutation.leakage import text_leakage
from causalrec.refutation.leakage.decided import bounds_of, decided
from tests.estimation.planted import exact_interval
from tests.refutation.leakage.leaky_worlds import decided_word, named

N_RUNS, N_MILD, N_POWER = 100, 10, 5


def found(seed, **given):
    names, t, _, of = named(seed, **given)
    return text_leakage(names, t, groups=of, random_state=seed)


@pytest.mark.parametrize("given", [{"pull": 1.0}, {"pull": 1.5, "n": 2000}, {"base": -3.0}, {"base": 3.0}], ids=str)
def test_ordinary_confounding_by_text_is_not_flagged(given):
    flagged = sum(found(seed, **given).found for seed in range(N_MILD))
    assert flagged == 0


def test_at_the_bound_itself_the_level_holds():
    flagged = [text_leakage(*decided_word(seed, 400, 0.9), random_state=seed).found for seed in range(N_RUNS)]
    assert exact_interval(sum(flagged), N_RUNS)[0] <= 0.05
    beyond = [text_leakage(*decided_word(seed, 400, 0.99), random_state=seed).found for seed in range(N_POWER)]
    assert all(beyond)


@pytest.mark.parametrize(
    ("given", "name"),
    [({"leak": "sale"}, "'now' and 'on' and 'sale'"), ({"leak": "late"}, "'back' and 'in' and 'may'"),
     ({"leak": "sale", "base": -2.0, "share": 0.6, "n": 3000}, "'now' and 'on' and 'sale'")],
    ids=["sale", "written for untreated ones", "few treated"],
)  # fmt: skip
def test_a_phrase_that_decides_is_found_and_named(given, name):
    for seed in range(N_POWER):
        one = found(seed, **given)
        assert one.found
        assert name in [each.name for each in one.given_away]
        # A pair of words that a single word says already is not repeated.
        assert not any(" " in phrase for each in one.given_away for phrase in each.phrases if phrase in one.phrases)
        assert one.auc_without < one.auc
        assert one.beyond_without < one.beyond


def test_many_rare_phrases_are_found_together():
    one = found(0, leak="many", share=0.5, n=3000)
    assert one.found
    foretold = next(each for each in one.given_away if each.name.startswith("texts whose words foretell"))
    assert foretold.share > 0.95
    assert any("deal" in text for text in foretold.examples)
    assert all(name.startswith("deal") for name in one.phrases)


def test_units_that_share_a_treatment_count_once():
    names, t, _, of = named(0, 60, leak="sale", share=0.5, n_rows=30)
    assert not text_leakage(names, t, groups=of).found  # some fifteen titles on sale
    assert text_leakage(names, t).found  # taken for hundreds
    once = text_leakage(*named(1, leak="sale")[:2])
    names, t, _, of = named(1, leak="sale", n_rows=3)
    assert text_leakage(names, t, groups=of).given_away[0].limit == pytest.approx(once.given_away[0].limit)


def test_rows_in_another_order_give_the_same():
    names, t, *_ = named(2, leak="sale")
    mixed = np.random.default_rng(0).permutation(len(t))
    assert text_leakage(names[mixed], t[mixed]) == text_leakage(names, t)


def test_the_phrases_are_cut_and_nothing_else():
    one = found(0, leak="sale")
    assert one.cut("Organic soup no 7, NOW on  Sale") == "Organic soup no 7,"
    assert one.cut("wholesale salesman now-on nowhere") == "wholesale salesman nowhere"
    assert found(0).cut("now on sale") == "now on sale"


def test_what_it_prints_and_saves():
    one, quiet = found(0, leak="sale"), found(0)
    assert "100.0% treated (" in str(one)
    assert "cut the phrases" in one.sentence
    assert "no phrase" in str(quiet)
    kept = json.loads(json.dumps(one.to_dict()))
    assert kept["given_away"][0]["phrases"] == ["now", "on", "sale"]


def test_bounds_move_where_few_are_treated():
    assert bounds_of(0.5, 0.1) == pytest.approx((0.1, 0.9))
    low, high = bounds_of(0.01, 0.1)
    assert low < 0.0012  # no treated unit among a few hundred is nothing special
    assert high == pytest.approx(0.9)
    assert bounds_of(0.99, 0.1) == pytest.approx((1 - high, 1 - low))


def test_limits_are_those_of_clopper_and_pearson():
    one = decided(np.array([200.0]), np.array([199.0]), (0.1, 0.9), 0.05)
    assert one.n_tests == 2  # this property could fail on both sides
    assert one.limit[0] == pytest.approx(exact_interval(199, 200, 1 - 2 * 0.05 / 2)[0])
    # By hand: P(Bin(200, .9) >= 199) = .9^200 + 200 * .9^199 * .1
    assert one.p_value[0] == pytest.approx(2 * (0.9**200 + 200 * 0.9**199 * 0.1))


def test_a_missing_text_has_no_words():
    names, t, *_ = named(3)
    holes = [None if on and k % 3 == 0 else name for k, (name, on) in enumerate(zip(names, t, strict=True))]
    assert "none" not in text_leakage(holes, t).phrases
    assert text_leakage(holes, t) == text_leakage(["" if one is None else one for one in holes], t)


def test_bad_input_is_named():
    names, t = ["milk on sale"] * 10, np.tile([0, 1], 5)
    with pytest.raises(ShapeError, match="one of each a unit"):
        text_leakage(names, t[:9])
    with pytest.raises(DataError, match="0 or 1"):
        text_leakage(names, t * 2)
    with pytest.raises(DataError, match="both must occur"):
        text_leakage(names, np.ones(10))
    with pytest.raises(DataError, match="0 or 1"):
        text_leakage(names, ["no", "yes"] * 5)
    with pytest.raises(DataError, match="not a text"):
        text_leakage([*names[1:], 7], t)
    with pytest.raises(DataError, match="No word"):
        text_leakage([str(k) for k in range(10)], t)
    for name, value in (("margin", 0.5), ("margin", "much"), ("level", 0), ("random_state", -1)):
        with pytest.raises(DataError, match=name):
            text_leakage(names, t, **{name: value})

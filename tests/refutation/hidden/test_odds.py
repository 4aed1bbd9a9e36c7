import numpy as np
import pytest

from causalrec.estimation import OLS
from causalrec.refutation.hidden.nothing_assumed import e_value, worst_case
from causalrec.refutation.hidden.odds import hidden_odds, odds_moved
from causalrec.refutation.hidden.pairs import hidden_in_pairs
from causalrec.refutation.sensitivity import matched_pairs, rosenbaum, sharp_bounds, strength_to_remove
from tests.refutation.hidden.test_confounder import attacked


def test_a_covariates_odds_are_those_that_it_was_planted_with():
    """exp(.7 |age|) at the 95th percentile of |age|, 1.96."""
    rows = attacked(n=20_000).design
    assert odds_moved(rows, ("age",)) == pytest.approx(np.exp(0.7 * 1.96), rel=0.1)
    assert odds_moved(rows, ("past",)) == pytest.approx(np.exp(0.3 * 1.96), rel=0.1)


@pytest.mark.parametrize("attack", [hidden_odds, hidden_in_pairs])
def test_a_large_effect_outlasts_what_a_small_one_does_not(attack):
    strong, weak = (attack(attacked(effect=effect)) for effect in (4.0, 0.2))
    assert (strong.verdict, weak.verdict) == ("passed", "failed")
    assert strong.lower > 0 > weak.lower
    assert "age moves" in strong.reason


def test_figures_are_those_of_the_functions():
    case = attacked()
    found, moved = hidden_odds(case), odds_moved(case.design, ("age",))
    bounds = sharp_bounds(case.design, moved)
    assert (found.lower, found.upper) == pytest.approx((bounds.lower, bounds.upper))
    assert found.details["odds ratio that removes it"] == strength_to_remove(case.design, level=0.95)
    paired = rosenbaum(matched_pairs(case.design).difference)
    assert hidden_in_pairs(case).details["gamma that removes it"] == paired.gamma_to_remove()


def test_figures_without_a_scale_are_no_tests():
    found = e_value(attacked())
    assert found.verdict == "not applicable"
    assert found.details["E-value"] > found.details["of the interval"] > 1
    assert worst_case(attacked()).reason.startswith("The outcome is not 0 or 1")
    bounded = worst_case(attacked(binary=True))
    assert bounded.verdict == "not applicable"
    assert bounded.lower < 0 < bounded.upper
    assert bounded.upper - bounded.lower == pytest.approx(1.0)


def test_a_dose_has_no_two_arms():
    case = attacked(estimator=OLS())
    case.design.treatments[:] *= 2
    for attack in (hidden_odds, hidden_in_pairs, e_value, worst_case):
        assert "values other than 0 and 1" in attack(case).reason

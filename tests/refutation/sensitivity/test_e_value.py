import json

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.refutation.sensitivity import e_value_of_difference, e_value_of_odds_ratio, e_value_of_risk_ratio

# VanderWeele and Ding (2017): breast feeding and infant death, 3.9 (1.8 to 8.7), and leukaemia, 0.80 (0.71 to 0.91).
PUBLISHED = {"death": (3.9, 1.8, 8.7, 7.26, 3.0), "leukaemia": (0.80, 0.71, 0.91, 1.81, 1.43)}


@pytest.mark.parametrize(("ratio", "lower", "upper", "value", "limit"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_examples(ratio, lower, upper, value, limit):
    found = e_value_of_risk_ratio(ratio, lower, upper)
    assert (round(found.value, 2), round(found.limit, 2)) == (value, limit)


@pytest.mark.parametrize("ratio", [1.2, 2.0, 7.0])
def test_a_confounder_of_the_e_value_explains_the_ratio_away_and_no_weaker_one_does(ratio):
    """The largest bias of two risk ratios a and b is a b / (a + b - 1) (Ding, VanderWeele 2016)."""
    value = e_value_of_risk_ratio(ratio, ratio, ratio).value
    assert value * value / (2 * value - 1) == pytest.approx(ratio, rel=1e-12)


def test_a_ratio_and_its_inverse_are_the_same():
    one, other = e_value_of_risk_ratio(2.0, 1.5, 3.0), e_value_of_risk_ratio(1 / 2, 1 / 3, 1 / 1.5)
    assert (one.value, one.limit) == pytest.approx((other.value, other.limit))


def test_an_interval_that_holds_the_null_needs_no_confounder():
    assert e_value_of_risk_ratio(1.2, 0.9, 1.6).limit == 1.0
    assert e_value_of_risk_ratio(2.0, 1.5, 3.0, null=1.6).limit == 1.0
    assert e_value_of_risk_ratio(1.0, 0.9, 1.1).value == 1.0


def test_another_null_asks_for_what_is_left_of_the_ratio():
    found = e_value_of_risk_ratio(2.0, 1.5, 3.0, null=1.25)
    assert found.value == pytest.approx(e_value_of_risk_ratio(1.6, 1.2, 2.4).value)
    assert found.limit == pytest.approx(e_value_of_risk_ratio(1.6, 1.2, 2.4).limit)


def test_odds_ratios_of_frequent_outcomes_are_taken_by_their_root():
    assert e_value_of_odds_ratio(4.0, 2.25, 9.0).value == e_value_of_risk_ratio(2.0, 1.5, 3.0).value
    assert e_value_of_odds_ratio(4.0, 2.25, 9.0, rare=True).value == e_value_of_risk_ratio(4.0, 2.25, 9.0).value


def test_differences_of_means_by_their_standardised_size():
    found = e_value_of_difference(1.0, 0.5, 2.0)
    logs = tuple(np.log([found.ratio, found.lower, found.upper]))
    assert logs == pytest.approx((0.455, 0.455 - 0.445, 0.455 + 0.445))
    assert (round(found.value, 2), round(found.limit, 2)) == (2.53, 1.11)


def test_results_are_text_and_plain_numbers():
    found = e_value_of_risk_ratio(3.9, 1.8, 8.7)
    assert "7.26 times as likely" in str(found)
    assert json.loads(json.dumps(found.to_dict()))["e_value_limit"] == pytest.approx(3.0)
    assert "holds that already" in e_value_of_risk_ratio(1.2, 0.9, 1.6).sentence


@pytest.mark.parametrize("ends", [(2.0, 3.0, 4.0), (-1.0, -2.0, 1.0), (np.nan, 1.0, 2.0), (2.0, 1.0, np.inf)])
def test_ratios_that_are_none_are_refused(ends):
    with pytest.raises(DataError):
        e_value_of_risk_ratio(*ends)


def test_other_bad_input_is_refused():
    with pytest.raises(DataError, match="odds"):
        e_value_of_odds_ratio(-1.0, 0.5, 2.0)
    with pytest.raises(DataError, match="deviation"):
        e_value_of_difference(1.0, 0.5, 0.0)
    with pytest.raises(DataError, match="upper"):
        e_value_of_difference(2000.0, 1.0, 1.0)
    for make in (e_value_of_risk_ratio, e_value_of_odds_ratio, e_value_of_difference):
        with pytest.raises(DataError, match="of numbers, not of '2'"):
            make("2", 1.0, 3.0)

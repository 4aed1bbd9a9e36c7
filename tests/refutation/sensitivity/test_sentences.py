import numpy as np
import pytest

from causalrec.refutation.sensitivity.sentences import multiple, removal_sentence


def test_the_weakest_comparison_comes_first_and_two_others_stand_beside():
    times = {"price": 6.0, "past purchases": 1.8, "age": 40.0, "brand": 90.0}
    assert removal_sentence(times) == (
        "A hidden confounder 1.8 times as strong as past purchases would remove the effect (6.0 times price and 40 "
        "times age)."
    )


def test_what_nothing_removes_is_said():
    assert removal_sentence({"age": np.inf}) == "No multiple of age would remove the effect."
    assert "no multiple of age" in removal_sentence({"age": np.inf, "price": 2.0})
    assert removal_sentence({}) == "No covariate serves as a benchmark."


@pytest.mark.parametrize(
    ("times", "text"), [(0.123, "0.12 times"), (1.0, "1.0 times"), (9.96, "10 times"), (250, "250 times")]
)
def test_multiples(times, text):
    assert multiple(times) == text

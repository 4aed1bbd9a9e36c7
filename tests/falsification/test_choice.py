"""Which test is taken, and how values are read."""

import numpy as np
import pytest

from causalrec.errors import DataError, ShapeError
from causalrec.falsification import as_variable, independence_test

RNG = np.random.default_rng(0)
VALUES = {
    "number": RNG.normal(size=200),
    "other number": RNG.normal(size=200),
    "text": RNG.choice(["a", "b", "c"], 200),
    "count": RNG.poisson(1.0, 200),
    "flag": RNG.random(200) < 0.5,
    "block": RNG.normal(size=(200, 4)),
}
CHOICES = {
    "two numbers": ("number", "other number", [], "partial correlation"),
    "categories": ("text", "count", ["flag"], "G"),
    "category and number": ("text", "number", [], "conditional Gaussian"),
    "numbers given a category": ("number", "other number", ["flag"], "conditional Gaussian"),
    "categories given a number": ("text", "flag", ["number"], "projection"),
    "block": ("block", "number", [], "projection"),
    "given block": ("flag", "number", ["block"], "projection"),
}


@pytest.mark.parametrize(("x", "y", "given", "method"), CHOICES.values(), ids=CHOICES)
def test_the_kinds_choose_the_test(x, y, given, method):
    found = independence_test(VALUES[x], VALUES[y], [VALUES[name] for name in given])
    assert found.method == method
    assert 0 < found.p_value <= 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.0, 1.0] * 50, "discrete"),
        (np.arange(100) % 10, "discrete"),
        (np.arange(100) % 11, "continuous"),
        ((np.arange(100) % 5) / 2, "continuous"),
        (np.array(["2024-01-01", "2024-01-02", "2024-01-03"] * 30, dtype="datetime64[D]"), "continuous"),
        (["a", "b"] * 50, "discrete"),
        (np.ones((100, 1)), "discrete"),
        (np.ones((100, 2)), "block"),
    ],
)
def test_kinds_are_told_from_values(values, kind):
    assert as_variable(values).kind == kind


def test_kinds_can_be_said():
    assert as_variable(np.arange(30) % 3, kind="continuous").kind == "continuous"
    with pytest.raises(DataError, match=r"'colour'.*no numbers"):
        as_variable(["red", "blue"], name="colour", kind="continuous")
    with pytest.raises(DataError, match="ordinal"):
        as_variable([1, 2], kind="ordinal")


def test_three_dimensions_are_refused():
    with pytest.raises(ShapeError, match=r"\(2, 2, 2\)"):
        as_variable(np.ones((2, 2, 2)))


def test_power_is_asked_within_reason():
    found = independence_test(VALUES["number"], VALUES["other number"])
    assert found.smallest_dependence(alpha=0.001) > found.smallest_dependence(alpha=0.05)
    assert found.smallest_dependence(power=0.9) > found.smallest_dependence(power=0.8)
    with pytest.raises(DataError, match="0 < alpha < power < 1"):
        found.smallest_dependence(alpha=0.9)

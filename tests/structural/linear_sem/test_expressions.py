"""Expressions of labels."""

import pytest

from causalrec.errors import GraphError
from causalrec.structural.linear_sem.expressions import parse_expression

VALUES = {"a": 2.0, "b": 0.5, "c.d": 3.0}
READ = {
    "a*b": (1.0, {"a": 0.5, "b": 2.0}), "a - -b": (2.5, {"a": 1.0, "b": 1.0}),
    "a^2/c.d": (4 / 3, {"a": 4 / 3, "c.d": -4 / 9}),
    "exp(log(a)) + sqrt(4)": (4.0, {"a": 1.0}), "3": (3.0, {}),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_value_and_gradient(text):
    expected, slopes = READ[text]
    found = parse_expression(text)
    assert found.value(VALUES) == pytest.approx(expected)
    assert found.gradient(VALUES) == pytest.approx(slopes)


@pytest.mark.parametrize("text", ["a*", "a if b else a", "a.b()", "'x'", "[a]", "a @ b", "f(a, b)"])
def test_anything_else_is_refused(text):
    with pytest.raises(GraphError, match="no expression of labels"):
        parse_expression(text)


def test_no_code_is_run():
    with pytest.raises(GraphError, match="no function '__import__'"):
        parse_expression("__import__(a)")


def test_an_unknown_function_is_named():
    with pytest.raises(GraphError, match=r"no function 'expp'.*did you mean 'exp'"):
        parse_expression("expp(a)")

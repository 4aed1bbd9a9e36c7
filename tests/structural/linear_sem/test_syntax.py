"""Texts in lavaan's syntax."""

import pytest

from causalrec.errors import GraphError, GraphSyntaxError
from causalrec.structural.linear_sem.syntax import Relation, Statement, parse_model

READ = {
    "loading": ("f =~ x1 + 0.8*x2", (Statement("f", "=~", "x1"), Statement("f", "=~", "x2", 0.8))),
    "label": ("y ~ a*x", (Statement("y", "~", "x", label="a"),)),
    "quoted label": ('y ~ "a b"*x', (Statement("y", "~", "x", label="a b"),)),
    "label()": ('y ~ label("a")*x', (Statement("y", "~", "x", label="a"),)),
    "start": ("y ~ start(-0.5)*x", (Statement("y", "~", "x", start=-0.5),)),
    "free": ("f =~ NA*x1", (Statement("f", "=~", "x1", free=True),)),
    "two outcomes": ("y + z ~ x", (Statement("y", "~", "x"), Statement("z", "~", "x"))),
    "over lines": ("y ~ x +\n   z", (Statement("y", "~", "x"), Statement("y", "~", "z"))),
    "intercept": ("y ~ 1", (Statement("y", "~1"),)),
    "fixed intercept": ("y ~ 0.5*1 + x", (Statement("y", "~1", value=0.5), Statement("y", "~", "x"))),
    "no intercept": ("y ~ 0 + x", (Statement("y", "~1", value=0.0), Statement("y", "~", "x"))),
    "covariance": ("y ~~ 0*z; x ~ z # and no more", (Statement("y", "~~", "z", 0.0), Statement("x", "~", "z"))),
    "ticks": ("`my y` ~ x", (Statement("my y", "~", "x"),)),
    "term said in two parts": ("y ~ start(2)*x + a*x", (Statement("y", "~", "x", label="a", start=2.0),)),
    "turned covariance": ("y ~~ z; z ~~ a*y", (Statement("y", "~~", "z", label="a"),)),
    "comment with a definition": ("y ~ x # foo; a := b", (Statement("y", "~", "x"),)),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_statements(text, expected):
    assert parse_model(text).statements == expected


def test_definitions_and_constraints():
    found = parse_model("y ~ a*x + b*z; ab := a*b # the product\n 2*a - 1 == b\nc.d := a/b")
    assert found.defined == (Relation("ab", "a*b"), Relation("c.d", "a/b"))
    assert found.constraints == (Relation("2*a - 1", "b"),)


WRONG = {
    "open sum": ("y ~ x +", "line 1, column 8"),
    "no operator": ("y", "found the end of the text"),
    "two terms": ("y ~ x z", r"line 1, column 7: found 'z', expected \+"),
    "bound": ("y ~ a*x\na > 0", "line 2, column 3: found '>'.*bounds"),
    "empty definition": ("y ~ a*x\nb :=", "line 2.*something on both sides"),
    "groups": ("y ~ c(a, b)*x", "found ','"),
    "composite": ("f <~ x", "composite"),
    "thresholds": ("y | t1", "thresholds"),
    "nothing": ("  # only a comment", "a statement"),
    "a number": ("y ~ 3", "a fixed value"),
    "r function": ('y ~ equal("f=~x")*x', r"label\(\"name\"\)"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_refusals_name_the_place(text, message):
    with pytest.raises(GraphSyntaxError, match=message):
        parse_model(text)


def test_a_variable_is_not_its_own_cause():
    with pytest.raises(GraphError, match="y ~ y: a variable cannot be its own cause"):
        parse_model("y ~ y")


def test_a_term_with_two_values_is_refused():
    with pytest.raises(GraphError, match=r"y ~ x is said twice, with 1\.0 and 2\.0"):
        parse_model("y ~ 1*x\ny ~ 2*x")

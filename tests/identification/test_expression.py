"""Expressions: how they print and are saved, that short forms are equal, and what they give on data."""

import itertools
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalrec.errors import IdentificationError, MissingColumnsError
from causalrec.identification.expression import (
    Distribution,
    Expression,
    Probability,
    Product,
    Quotient,
    Sum,
    adjustment_expression,
    frontdoor_expression,
)
from causalrec.identification.expression.distribution import MAX_CELLS

LEVELS = {"a": (0, 1), "b": (0, 1, 2), "c": (0, 1), "d": (0, 1)}
NAPKIN = Quotient(
    Sum(("w",), Product((Probability(("y",), ("w", "x")), Probability(("x",), ("w",)), Probability(("w",))))),
    Sum(("w",), Product((Probability(("x",), ("w",)), Probability(("w",))))),
)


def test_text_of_the_textbook_formulas():
    assert str(adjustment_expression("x", "y", ["z"])) == "Σ_{z} P(y | x, z) P(z)"
    assert str(adjustment_expression("x", "y", ["z"], ["seen"])) == "Σ_{z} P(y | x, z, seen) P(z | seen)"
    assert str(adjustment_expression(["x1", "x2"], "y", [])) == "P(y | x1, x2)"
    assert str(frontdoor_expression("x", "y", ["z"])) == "Σ_{z} P(z | x) Σ_{x'} P(y | x', z) P(x')"
    assert str(NAPKIN) == "[Σ_{w} P(y | w, x) P(x | w) P(w)] / [Σ_{w} P(x | w) P(w)]"
    assert str(Product(())) == "1"


def test_a_name_bound_in_a_sum_within_a_sum_gets_another_prime():
    inner = Sum(("x",), Probability(("y",), ("x",)))
    outer = Product((Probability(("x",)), Sum(("x",), Product((Probability(("x",)), inner)))))
    assert str(outer) == "P(x) Σ_{x'} P(x') Σ_{x''} P(y | x'')"


def test_a_sum_before_another_factor_stands_in_brackets():
    part = Sum(("z",), Probability(("y", "z")))
    assert str(Product((part, Probability(("x",))))) == "[Σ_{z} P(y, z)] P(x)"
    assert str(Quotient(NAPKIN, Probability(("x",)))).endswith("] / P(x)")


def test_names_with_marks_are_quoted_and_escaped():
    price = Probability(('unit "price" | x',), ("item_text", "50%"))
    assert str(price) == r'P("unit \"price\" | x" | item_text, "50%")'
    assert price.latex() == r'P(\mathrm{unit\ "price"\ |\ x} \mid \mathrm{item\_text}, \mathrm{50\%})'
    assert Probability((r"a\b{c}^~$&#",)).latex() == r"P(\mathrm{a\backslash b\{c\}\wedge \sim \$\&\#})"


def test_latex_is_what_matplotlib_can_set():
    from matplotlib.mathtext import MathTextParser

    for expression in (NAPKIN, frontdoor_expression("display", "bought_before", "unit price"), Probability(("50%",))):
        assert MathTextParser("path").parse(f"${expression.latex()}$").width > 0


def test_free_variables():
    front_door = frontdoor_expression("x", "y", ["z"])
    assert (front_door.free, front_door.names) == ({"x", "y"}, {"x", "y", "z"})
    assert NAPKIN.free == {"x", "y"}
    assert Product(()).free == frozenset()


def test_saved_and_read_again():
    for expression in (NAPKIN, frontdoor_expression("x", "y", ["z"]), Product(())):
        again = Expression.from_dict(json.loads(json.dumps(expression.to_dict())))
        assert again == expression == pickle.loads(pickle.dumps(expression))
        assert hash(again) == hash(expression)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "must be a mapping"),
        ({"kind": "integral"}, "one of probability, product, sum, quotient, got 'integral'"),
        ({"kind": ["sum"]}, "its kind must be"),
        ({"kind": "probability", "variables": ["y"]}, "has the fields"),
        ({"kind": "probability", "variables": [], "given": []}, "at least one variable"),
        ({"kind": "probability", "variables": "y", "given": []}, "expected a list"),
        ({"kind": "probability", "variables": [1], "given": []}, "names that are not empty"),
        ({"kind": "probability", "variables": ["y", "y"], "given": []}, "twice"),
        ({"kind": "probability", "variables": ["y"], "given": ["y"]}, "both sides"),
        ({"kind": "sum", "over": [], "term": {"kind": "product", "factors": []}}, "over at least one"),
        ({"kind": "sum", "over": ["x"], "term": 3}, "the term of the expression: it must be a mapping"),
        ({"kind": "product", "factors": [{"kind": "product", "factors": None}]}, "factor 1 of the expression"),
    ],
)
def test_what_is_no_saved_expression(values, message):
    with pytest.raises(IdentificationError, match=message):
        Expression.from_dict(values)


def test_deep_nesting_is_refused_and_not_followed():
    values = {"kind": "product", "factors": []}
    for _ in range(100_000):
        values = {"kind": "product", "factors": [values]}
    with pytest.raises(IdentificationError, match="parts within parts"):
        Expression.from_dict(values)
    while values["factors"]:  # take it apart by hand: freeing it would recurse as deep
        values = values["factors"].pop()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sum(("b",), Probability(("a", "b"), ("c",))), "P(a | c)"),
        (Sum(("b",), Product((Probability(("a",), ("b", "c")), Probability(("b",), ("c",))))), "P(a | c)"),
        (Sum(("a", "b"), Product((Probability(("a",), ("b", "c")), Probability(("b",), ("c",))))), "1"),
        (Sum(("b",), Product((Probability(("a",), ("b", "c")), Probability(("b",))))), "Σ_{b} P(a | b, c) P(b)"),
        (Sum(("b",), Probability(("a",), ("b",))), "Σ_{b} P(a | b)"),
        (Quotient(Probability(("a", "b"), ("c",)), Probability(("b",), ("c",))), "P(a | b, c)"),
        (Quotient(Probability(("a", "b"), ("c",)), Probability(("b",), ("d",))), "P(a, b | c) / P(b | d)"),
        (Quotient(NAPKIN, NAPKIN), "1"),
        (Sum(("y",), NAPKIN), "1"),
        (Product((Probability(("a",)), Quotient(Probability(("b",)), Probability(("a",))))), "P(b)"),
        (NAPKIN, "P(y | x)"),  # w causes nothing else here: both sums are margins
        (Product((Quotient(NAPKIN, Probability(("a",))), Quotient(Probability(("b",)), NAPKIN))), "P(b) / P(a)"),
        (Sum(("b",), Product((Probability(("b", "c")), Probability(("a",))))), "P(c) P(a)"),
    ],
)
def test_simplified(expression, expected):
    assert str(expression.simplified()) == expected


def probabilities():
    names = st.lists(st.sampled_from(sorted(LEVELS)), min_size=1, max_size=4, unique=True)
    return st.builds(
        lambda names, n_variables: Probability(tuple(names[:n_variables]), tuple(names[n_variables:])),
        names,
        st.integers(1, 3),
    )


def composed(parts):
    over = st.lists(st.sampled_from(sorted(LEVELS)), min_size=1, max_size=3, unique=True).map(tuple)
    products = st.lists(parts, max_size=3).map(lambda factors: Product(tuple(factors)))
    return products | st.builds(Sum, over, parts) | st.builds(Quotient, parts, parts)


EXPRESSIONS = st.recursive(probabilities(), composed, max_leaves=8)


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_expression_is_what_a_cell_by_cell_evaluation_gives(expression):
    found, joint = expression.evaluate(random_joint()), random_joint()
    assert set(found.names) == expression.free
    for place in itertools.product(*(range(len(levels)) for levels in found.levels)):
        cell = dict(zip(found.names, place, strict=True))
        assert found.table[place] == pytest.approx(by_definition(expression, cell, joint), rel=1e-9)


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_short_forms_saved_forms_and_long_forms_are_equal(expression):
    assert Expression.from_dict(expression.to_dict()) == expression
    short = expression.simplified()
    long, found = (form.evaluate(random_joint()) for form in (expression, short))
    assert short.free <= expression.free
    assert short.simplified().free <= short.free
    shape = [len(levels) if name in found.names else 1 for name, levels in zip(long.names, long.levels, strict=True)]
    np.testing.assert_allclose(np.broadcast_to(found.table.reshape(shape), long.table.shape), long.table, rtol=1e-9)


@given(EXPRESSIONS, st.integers(0, 50))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_what_is_not_defined_is_refused_and_the_rest_is_exact(expression, seed):
    joint = sparse_joint(seed)
    places = list(itertools.product(*(range(len(LEVELS[name])) for name in LEVELS if name in expression.free)))
    names = [name for name in LEVELS if name in expression.free]
    values = [by_definition(expression, dict(zip(names, place, strict=True)), joint) for place in places]
    if np.isnan(values).any():
        with pytest.raises(IdentificationError, match=r"no positivity.*(has no data at|which divides)"):
            expression.evaluate(joint)
        return
    np.testing.assert_allclose(expression.evaluate(joint).table.ravel(), values, rtol=1e-9, atol=1e-15)
    if "/" in str(expression):
        return  # (a / b) b is a in short form, and 0 times what is not defined in long form where b is 0
    short = expression.simplified().evaluate(joint)  # is defined wherever the long form is
    for place, value in zip(places, values, strict=True):
        cell = dict(zip(names, place, strict=True))
        assert short.table[tuple(cell[name] for name in short.names)] == pytest.approx(value, rel=1e-9, abs=1e-15)


def test_columns_and_weights():
    columns = {"x": ["no", "no", "yes"], "y": [1, 0, 1], "unused": np.array([np.nan, 1, 2])}
    effect = Probability(("y",), ("x",)).evaluate(columns)
    assert (effect.names, effect.levels) == (("x", "y"), (("no", "yes"), (0, 1)))
    np.testing.assert_allclose(effect.table, [[0.5, 0.5], [0, 1]])
    np.testing.assert_allclose(Probability(("y",), ("x",)).evaluate(pd.DataFrame(columns)).table, effect.table)
    joint = Distribution.from_columns({"y": [1, 0, 1]}, weight=[1, 1, 2])
    np.testing.assert_allclose(joint.table, [0.25, 0.75])
    assert joint.at(y=1).table == pytest.approx(0.75)


def test_wide_data_count_only_the_margins_that_are_named():
    rng = np.random.default_rng(0)
    names = [f"v{number}" for number in range(40)]
    columns = {name: rng.integers(0, 2, 500) for name in names}
    chain = [Probability((after,), (before,)) for before, after in itertools.pairwise(names)]
    effect = Sum(tuple(names[1:-1]), Product(tuple(chain))).evaluate(columns)
    shares = np.eye(2)
    for probability in chain:
        joint = Distribution.from_columns(
            {name: columns[name] for name in (*probability.given, *probability.variables)}
        )
        shares = shares @ (joint.table / joint.table.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(effect.table, shares, atol=1e-12)


def test_no_positivity_names_the_cell():
    columns = {"x": [0, 0, 1, 1], "z": ["a", "b", "a", "a"], "y": [0, 1, 0, 1]}
    with pytest.raises(IdentificationError, match=r"at x = 1.*P\(y \| x, z\) has no data at x = 1, z = 'b'"):
        adjustment_expression("x", "y", ["z"]).evaluate(columns)
    ratio = Quotient(Probability(("x", "y")), Probability(("x", "z")))
    with pytest.raises(IdentificationError, match=r"P\(x, z\), which divides, is 0 at x = 1, z = 'b'"):
        ratio.evaluate(columns)
    with pytest.raises(IdentificationError, match=r"x = 0.*P\(y \| x, z\) has no data at x = 1, z = 'b'"):
        frontdoor_expression("x", "y", ["z"]).evaluate(columns)
    with pytest.raises(IdentificationError, match=r"has no data at x = 1, z = 'b'"):
        Sum(("x",), Product((Probability(("x",)), adjustment_expression("x", "y", ["z"])))).evaluate(columns)


def test_what_is_not_observed_does_no_harm_where_it_has_no_weight():
    # The combination z1 = 1, z2 = 0 never occurs: nothing is asked of it.
    columns = {"x": [0, 1, 0, 1, 0, 1], "z1": [0, 0, 0, 0, 1, 1], "z2": [0, 0, 1, 1, 1, 1], "y": [0, 1, 0, 0, 1, 1]}
    effect = adjustment_expression("x", "y", ["z1", "z2"]).evaluate(columns)
    np.testing.assert_allclose(effect.table, [[2 / 3, 1 / 3], [1 / 3, 2 / 3]])


def test_a_table_that_is_too_large_is_refused():
    rng = np.random.default_rng(0)
    columns = {name: rng.integers(0, 500, 2000) for name in ("x", "y", "z")}
    with pytest.raises(IdentificationError, match=rf"x \(\d+ values\).*at most {MAX_CELLS:,}"):
        adjustment_expression("x", "y", ["z"]).evaluate(columns)
    with pytest.raises(IdentificationError, match="cells"):
        Distribution.from_columns(columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [0, 1], "y": [0, np.nan]}, "'y' misses 1 value"),
        ({"x": [0, 1], "y": ["a", None]}, "'y' misses 1 value"),
        ({"x": [0, 1], "y": ["a", 1]}, None),
        ({"x": [0, 1], "y": np.array(["a", 1], dtype=object)}, "cannot be sorted"),
        ({"x": [0, 1], "y": [0]}, "same number of rows"),
        ({"x": [], "y": []}, "same number of rows"),
        ({"x": [0, 1], "y": [[0], [1]]}, "one value a row"),
        ([[0, 1]], "distribution or columns"),
    ],
)
def test_columns_that_cannot_be_counted(columns, message):
    if message is None:  # numpy makes texts of both
        assert Probability(("y",), ("x",)).evaluate(columns).levels == ((0, 1), ("1", "a"))
        return
    with pytest.raises(IdentificationError, match=message):
        Probability(("y",), ("x",)).evaluate(columns)


def test_missing_variables_are_all_named():
    with pytest.raises(MissingColumnsError, match=r"'display' \(did you mean 'displai'\?\), nor 'week'"):
        Probability(("y",), ("display", "week")).evaluate({"y": [0, 1], "displai": [0, 1]})
    joint = Distribution.from_columns({"y": [0, 1]})
    with pytest.raises(MissingColumnsError):
        joint.at(x=1)
    with pytest.raises(MissingColumnsError, match="no column 'y'"):
        Probability(("y",)).evaluate({})
    with pytest.raises(IdentificationError, match="has the values 0, 1, not 7"):
        joint.at(y=7)


def test_distributions_that_are_none():
    with pytest.raises(IdentificationError, match="an axis of that length"):
        Distribution(("x",), ((0, 1),), np.ones(3))
    with pytest.raises(IdentificationError, match="not below 0"):
        Distribution(("x",), ((0, 1),), np.array([1.5, -0.5]))
    with pytest.raises(IdentificationError, match="sums to one"):
        Probability(("x",)).evaluate(Distribution(("x",), ((0, 1),), np.ones(2)))
    with pytest.raises(IdentificationError, match="`weight`"):
        Distribution.from_columns({"x": [0, 1]}, weight=[0, 0])
    with pytest.raises(IdentificationError, match="at least one"):
        Distribution.from_columns({})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: adjustment_expression("x", "y", ["x"]), "in both `treatment` and `adjustment`"),
        (lambda: adjustment_expression((), "y", ["z"]), "`treatment` is empty"),
        (lambda: frontdoor_expression("x", "y", ["y"]), "in both `outcome` and `mediators`"),
        (lambda: Product((1,)), "Expected an expression"),
        (lambda: Sum(("x",), None), "Expected an expression"),
        (lambda: Probability(()), "at least one variable"),
    ],
)
def test_expressions_that_are_none(build, message):
    with pytest.raises(IdentificationError, match=message):
        build()


def random_joint() -> Distribution:
    table = np.random.default_rng(7).dirichlet(np.ones(24)).reshape([len(levels) for levels in LEVELS.values()])
    return Distribution(tuple(LEVELS), tuple(LEVELS.values()), table)


def sparse_joint(seed: int) -> Distribution:
    rng = np.random.default_rng(seed)
    table = random_joint().table * (rng.random(random_joint().table.shape) < 0.7)
    return Distribution(tuple(LEVELS), tuple(LEVELS.values()), table / table.sum())


def by_definition(part: Expression, cell: dict, joint: Distribution) -> float:
    """Value in one cell, with a loop for each sum; NaN where it is not defined, but 0 times that is 0."""
    if isinstance(part, Probability):
        both, base = (mass(joint, cell, names) for names in (part.free, part.given))
        return both / base if base else np.nan
    if isinstance(part, Product):
        values = [by_definition(factor, cell, joint) for factor in part.factors]
        return 0.0 if 0 in values else float(np.prod(values))
    if isinstance(part, Quotient):
        below = by_definition(part.denominator, cell, joint)
        return by_definition(part.numerator, cell, joint) / below if below else np.nan
    values = itertools.product(*(range(len(LEVELS[name])) for name in part.over))
    inner = ({**cell, **dict(zip(part.over, place, strict=True))} for place in values)
    return sum(by_definition(part.term, place, joint) for place in inner)


def mass(joint: Distribution, cell: dict, names) -> float:
    return joint.table[tuple(cell[name] if name in names else slice(None) for name in joint.names)].sum()

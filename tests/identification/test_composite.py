import numpy as np
import pytest

from causalrec.errors import IdentificationError, MissingColumnsError
from causalrec.identification.composite import Composite, Factor
from causalrec.identification.expression import Distribution, Probability, Product, Quotient, Sum

ROWS = Distribution(("x", "y", "z"), ((0, 1),) * 3, np.arange(1, 9).reshape(2, 2, 2) / 36)
EVERYBODY = Distribution(("z",), ((0, 1),), np.array([0.9, 0.1]))


def test_factors_of_several_distributions_are_told_apart_in_print():
    outcome = Factor(Probability(("y",), ("x", "z")), "selected", among=("seen",))
    formula = Composite(("z",), (outcome, Factor(Probability(("z",)), "population")))
    assert str(formula) == "Σ_{z} P(y | x, z, seen=1) P(z)"
    assert formula.latex() == r"\sum_{z} P(y \mid x, z, \mathrm{seen}=1) P(z)"
    trial = Factor(Probability(("y",), ("x", "z")), "source", do=("x",))
    assert str(trial) == "P_source(y | do(x), z)"
    assert trial.latex() == r"P_{\mathrm{source}}(y \mid \mathrm{do}(x), z)"


def test_marks_go_on_probabilities_and_not_into_names():
    awkward = Factor(Sum(("P(z)",), Product((Probability(("P(z)",)), Probability(("y",), ("P(z)",))))), "target")
    assert str(awkward) == 'Σ_{"P(z)"} P_target("P(z)") P_target(y | "P(z)")'
    assert awkward.latex().count(r"P_{\mathrm{target}}(") == 2


def test_the_reference_value_is_renamed_where_it_is_free_only():
    bound = Sum(("x",), Product((Probability(("y",), ("x", "m")), Probability(("x",)))))
    both = Factor(Product((Probability(("m",), ("x",)), bound)), reference=("x",))
    assert both.free == {"x₀", "m", "y"}
    assert str(Composite(("m",), (both,))) == "Σ_{m} P(m | x₀) Σ_{x} P(y | x, m) P(x)"
    assert Factor(Probability(("m",), ("exposed",)), reference=("exposed",)).latex() == r"P(m \mid \mathrm{exposed}_0)"


def test_open_factors_stand_in_brackets():
    ratio = Factor(Quotient(Probability(("y", "z")), Probability(("x",))))
    assert str(Composite((), (ratio, Factor(Probability(("x",)))))) == "[P(y, z) / P(x)] P(x)"


def test_values_are_the_sum_written_out():
    formula = Composite(
        ("z",), (Factor(Probability(("y",), ("x", "z")), "selected"), Factor(Probability(("z",)), "population"))
    )
    found = formula.evaluate({"selected": ROWS, "population": EVERYBODY})
    conditional = ROWS.table / ROWS.table.sum(axis=1, keepdims=True)
    assert found.names == ("x", "y")
    np.testing.assert_allclose(found.table, conditional @ [0.9, 0.1], rtol=1e-12)


def test_axes_in_another_order_are_turned():
    turned = Distribution(("z", "y", "x"), ROWS.levels, ROWS.table.transpose())
    factors = (Factor(Probability(("y",), ("x", "z")), "one"), Factor(Probability(("x", "z")), "other"))
    found = Composite(("z",), factors).evaluate({"one": ROWS, "other": turned})
    np.testing.assert_allclose(found.table, ROWS.table.sum(axis=2), rtol=1e-12)


def test_sources_that_are_missing_or_do_not_fit_are_refused():
    formula = Composite((), (Factor(Probability(("x",)), "a"), Factor(Probability(("x",)), "b")))
    with pytest.raises(IdentificationError, match="needs the distribution 'b'"):
        formula.evaluate({"a": ROWS})
    other = Distribution(("x",), (("no", "yes"),), np.array([0.5, 0.5]))
    with pytest.raises(IdentificationError, match="'x' has the values"):
        formula.evaluate({"a": ROWS, "b": other})
    with pytest.raises(MissingColumnsError, match="'x'"):
        formula.evaluate({"a": EVERYBODY, "b": ROWS})


def test_formulas_can_be_saved():
    formula = Composite(("z",), (Factor(Probability(("y",), ("z",)), "source", do=("z",)),))
    assert Composite.from_dict(formula.to_dict()) == formula
    with pytest.raises(IdentificationError, match="not a saved formula"):
        Composite.from_dict({"over": ["z"]})

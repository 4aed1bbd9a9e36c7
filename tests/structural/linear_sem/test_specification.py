"""What lavaan's `sem()` adds to a text."""

import pytest

from causalrec.errors import GraphError
from causalrec.structural.linear_sem.specification import specify
from causalrec.structural.linear_sem.syntax import parse_model


def rows(text, **options):
    return {str(row): row.value for row in specify(parse_model(text), **options).rows}


def test_the_first_indicator_gives_the_scale():
    assert rows("f =~ x1 + x2 + x3")["f =~ x1"] == 1
    assert rows("f =~ NA*x1 + x2 + x3")["f =~ x1"] is None
    found = rows("f =~ x1 + x2 + x3", standardize_latents=True)
    assert found["f =~ x1"] is None
    assert found["f ~~ f"] == 1


def test_exogenous_variables_covary_each_kind_with_its_own():
    found = rows("f =~ x1 + x2\ng =~ x3 + x4\ny ~ f + g + u + v")
    assert {"f ~~ g", "u ~~ v"} <= found.keys()
    assert not {"f ~~ u", "u ~~ f"} & found.keys()


def test_residuals_of_last_outcomes_covary_and_no_others():
    found = rows("m ~ x\ny ~ m\nz ~ m")
    assert "y ~~ z" in found
    assert not [name for name in found if "~~" in name and "m" in name and name != "m ~~ m"]


def test_an_explicit_covariance_is_kept():
    assert rows("y ~ x\nz ~ x\ny ~~ 0*z")["y ~~ z"] == 0


def test_a_lone_indicator_has_no_error():
    assert rows("f =~ x1\ny ~ f")["x1 ~~ x1"] == 0


def test_one_intercept_asks_for_all():
    found = rows("f =~ x1 + x2 + x3\nx1 ~ 1")
    assert {"x1 ~1", "x2 ~1", "x3 ~1"} <= found.keys()
    assert "f ~1" not in found


def test_a_model_of_latent_variables_alone_is_refused():
    with pytest.raises(GraphError, match="names no variable that is measured"):
        specify(parse_model("f =~ g\ng =~ f"))


def test_a_label_is_free_or_fixed():
    with pytest.raises(GraphError, match="Label 'a' stands for values"):
        specify(parse_model("f =~ a*x1 + a*x2 + x3"))

"""Which test fits the kinds of the variables."""

from __future__ import annotations

from typing import Any

from causalrec.falsification.conditional_gaussian import conditional_gaussian
from causalrec.falsification.g_test import g_test
from causalrec.falsification.independence_test import IndependenceTest
from causalrec.falsification.partial_correlation import partial_correlation
from causalrec.falsification.projection import projection
from causalrec.falsification.variable import as_variable, as_variables

__all__ = ["independence_test"]


def independence_test(x: Any, y: Any, given: Any = (), *, random_state: int = 0) -> IndependenceTest:
    """Test of `x` independent of `y` given `given`, chosen by their kinds.

    =================================================  ======================
    variables                                          test
    =================================================  ======================
    a block among them                                 `projection`
    all continuous                                     `partial_correlation`
    all discrete                                       `g_test`
    the pair discrete, a given variable continuous     `projection`
    else mixed                                         `conditional_gaussian`
    =================================================  ======================

    Parameters
    ----------
    x, y : array_like, shape (n,) or (n, n_columns), or Variable
        Their kinds are those that `as_variable` finds: text, booleans, numbers with two distinct values and whole
        numbers with at most ten are discrete; a matrix is a block.
    given : sequence of the same, or array (n, k)
    random_state : int
        For the draws of small tables and blocks.

    Raises
    ------
    DataError : a value is missing.
    ShapeError : the lengths differ.

    Examples
    --------
    >>> independence_test(["a", "b"] * 50, ["u", "u", "v", "v"] * 25).method
    'G'
    """
    pair = (as_variable(x, name="x"), as_variable(y, name="y"))
    others = as_variables(given)
    kinds = {variable.kind for variable in (*pair, *others)}
    if "block" in kinds:
        return projection(*pair, others, random_state=random_state)
    if kinds == {"continuous"}:
        return partial_correlation(*pair, others)
    if kinds == {"discrete"}:
        return g_test(*pair, others, random_state=random_state)
    if all(variable.kind == "discrete" for variable in pair):
        return projection(*pair, others, random_state=random_state)
    return conditional_gaussian(*pair, others)

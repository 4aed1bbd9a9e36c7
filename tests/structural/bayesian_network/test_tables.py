import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork, Given

GRAPH = CausalGraph([("a", "c"), ("b", "c")])
LEVELS = {"a": (0, 1), "b": ("x", "y", "z"), "c": (0, 1)}
ROWS = {(b, a): (0.1 * a + 0.2 * k, 1 - 0.1 * a - 0.2 * k) for k, b in enumerate("xyz") for a in (0, 1)}


def network(**change):
    tables = {"a": (0.3, 0.7), "b": (0.2, 0.3, 0.5), "c": Given(("b", "a"), ROWS), **change}
    return BayesianNetwork.from_tables(GRAPH, tables, levels=LEVELS)


def test_the_order_of_causes_is_the_one_that_is_stated():
    expected = [[0.2 * k + 0.1 * a for k in range(3)] for a in (0, 1)]
    np.testing.assert_allclose(network().tables_["c"][:, :, 0], expected)


def test_rounding_is_taken_out_of_rows():
    assert network(b=(0.3333333, 0.3333333, 0.3333333)).tables_["b"].sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": (0.3, 0.6)}, "table of 'a' sums to 0.9"),
        ({"a": (-0.3, 1.3)}, "finite and 0 or more"),
        ({"a": (float("nan"), 1.0)}, "finite and 0 or more"),
        ({"a": (0.3, 0.3, 0.4)}, "it has 2 probabilities"),
        ({"a": "half"}, "it has 2 probabilities"),
        ({"c": (0.5, 0.5)}, r"given \[\], but its causes are \['a', 'b'\]"),
        ({"c": Given(("b", "a"), {("x", 0): (0.5, 0.5)})}, "no row for {'b': 'x', 'a': 1}"),
        ({"c": Given(("a", "b"), ROWS)}, "'a' has no level 'x'"),
        ({"c": Given(("b", "a"), {"x": (0.5, 0.5)})}, "names 1 levels, and there are 2 causes"),
        ({"c": Given(5, ROWS)}, r"given \[5\], but its causes are"),
        ({"c": Given(("b", 3), ROWS)}, r"given \['b', 3\], but its causes are"),
        ({"c": Given(("b", "a"), [(0.5, 0.5)])}, "rows of 'c' are a mapping"),
        ({"d": (0.5, 0.5)}, "no node 'd'"),
    ],
)
def test_tables_that_do_not_fit_are_refused(change, said):
    with pytest.raises(DataError, match=said):
        network(**change)


def test_missing_tables_and_levels_are_named():
    with pytest.raises(DataError, match="no table of 'c', 'b'"):
        BayesianNetwork.from_tables(GRAPH, {"a": (0.3, 0.7)}, levels=LEVELS)
    with pytest.raises(DataError, match="`levels` lacks 'a', 'c', 'b'"):
        BayesianNetwork.from_tables(GRAPH, {}, levels=None)
    with pytest.raises(DataError, match="`levels` lacks 'c', 'b'"):
        BayesianNetwork.from_tables(GRAPH, {}, levels={"a": (0, 1)})

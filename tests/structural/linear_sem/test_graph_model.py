"""A causal graph as a linear model."""

import numpy as np
import pytest

from causalrec.errors import GraphError
from causalrec.graph import CausalGraph
from causalrec.structural.linear_sem import LinearSEM
from tests.structural.linear_sem.planted_path import GRAPH, TEXT, planted_rows


def rows_of(graph, **options):
    return {str(row): row.value for row in LinearSEM(graph, **options).specification.rows}


def test_a_graph_and_its_text_fit_the_same():
    data = planted_rows(0)
    one, other = LinearSEM(GRAPH).fit(data), LinearSEM(TEXT).fit(data)
    assert one.indices.chi2 == pytest.approx(other.indices.chi2, abs=1e-9)
    for row in one.parameters:
        assert row.estimate.value == pytest.approx(other.parameter(row.statement).estimate.value, abs=1e-8)


def test_each_edge_is_a_coefficient_and_nothing_else_covaries():
    graph = CausalGraph([("x", "m"), ("m", "y"), ("z", "y")], bidirected=[("m", "y")])
    expected = {"m ~ x", "y ~ m", "y ~ z", "m ~~ y", "x ~~ x", "m ~~ m", "y ~~ y", "z ~~ z"}
    assert rows_of(graph).keys() == expected


def test_its_missing_edges_are_tested():
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    m = x + rng.normal(size=500)
    data = {"x": x, "m": m, "y": m + 0.5 * x + rng.normal(size=500)}
    found = LinearSEM(CausalGraph([("x", "m"), ("m", "y")])).fit(data).indices
    assert found.df == 1
    assert found.p_value < 1e-6


def test_a_hidden_cause_of_two_is_a_covariance_and_its_instrument_works():
    """Two-stage least squares is the solution of a just identified model."""
    rng = np.random.default_rng(0)
    z, u, noise, other = rng.normal(size=(4, 600))
    x = 0.8 * z + u + noise
    data = {"z": z, "x": x, "y": 0.5 * x - u + other}
    graph = CausalGraph([("z", "x"), ("x", "y"), ("u", "x"), ("u", "y")], latent=["u"])
    fit = LinearSEM(graph).fit(data)
    ratio = np.cov(z, data["y"])[0, 1] / np.cov(z, x)[0, 1]
    assert fit.effect("x", "y").total.value == pytest.approx(ratio, abs=1e-9)
    assert fit.latent == ()


def test_a_latent_cause_without_indicators_gets_a_scale():
    graph = CausalGraph([("u", "a"), ("u", "b"), ("u", "c"), ("a", "d"), ("b", "d"), ("c", "d")], latent=["u"])
    assert rows_of(graph)["a ~ u"] == 1
    assert rows_of(graph, standardize_latents=True)["a ~ u"] is None
    assert rows_of(graph, standardize_latents=True)["u ~~ u"] == 1


def test_one_indicator_beside_two_other_effects_is_not_taken_as_exact():
    graph = CausalGraph([("u", "a"), ("u", "b"), ("u", "c"), ("b", "d"), ("c", "d")], latent=["u"])
    found = rows_of(graph)
    assert found["u =~ a"] == 1
    assert found["a ~~ a"] is None


def test_a_front_door_is_the_product_of_its_two_regressions():
    rng = np.random.default_rng(1)
    u, e1, e2, e3 = rng.normal(size=(4, 400))
    x = u + e1
    m = 0.7 * x + e2
    data = {"x": x, "m": m, "y": 0.6 * m + u + e3}
    fit = LinearSEM(CausalGraph([("x", "m"), ("m", "y")], bidirected=[("x", "y")])).fit(data)
    first = np.polyfit(x, m, 1)[0]
    second = np.linalg.lstsq(np.column_stack([m, x, np.ones(400)]), data["y"], rcond=None)[0][0]
    assert fit.effect("x", "y").total.value == pytest.approx(first * second, abs=1e-9)


@pytest.mark.parametrize("role", ["block", "absorbed", "selected"])
def test_roles_that_a_column_cannot_play_are_refused(role):
    with pytest.raises(GraphError, match=f"'text' has the role '{role}'"):
        LinearSEM(CausalGraph([("text", "y")], roles={"text": role}))

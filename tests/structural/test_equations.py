"""Evaluation of mechanisms: actions, known values, and edges that are told something else."""

import numpy as np

from causalrec.structural import StructuralModel
from tests.structural.worlds import SHOP, linear_shop


def test_an_edge_told_another_value_gives_nested_counterfactuals():
    """Natural direct and indirect effects of linear mechanisms, unit by unit, to rounding."""
    was = linear_shop(0, exact=True)
    model = StructuralModel(SHOP, n_refits=0).fit(was)
    equations, rng = model.equations_, np.random.default_rng(0)
    noise = equations.noise(was, rng)
    n = len(was["sales"])
    low, high = np.zeros(n), np.ones(n)
    under_low = equations.evaluate(noise, do={"display": low})
    under_high = equations.evaluate(noise, do={"display": high})
    direct = equations.evaluate(noise, do={"display": low}, edges={("display", "sales"): high})
    indirect = equations.evaluate(noise, do={"display": low}, edges={("display", "visits"): high})
    nested = equations.evaluate(noise, do={"display": low}, edges={("visits", "sales"): under_high["visits"]})
    np.testing.assert_allclose(direct["sales"] - under_low["sales"], 0.7, atol=1e-9)
    np.testing.assert_allclose(indirect["sales"] - under_low["sales"], 0.75, atol=1e-9)
    np.testing.assert_allclose(nested["sales"], indirect["sales"], atol=1e-9)
    np.testing.assert_allclose(under_high["sales"] - under_low["sales"], 1.45, atol=1e-9)


def test_known_values_stay_and_noise_gives_the_values_back():
    was = linear_shop(1)
    equations = StructuralModel(SHOP, n_refits=0).fit(was).equations_
    noise = equations.noise(was, np.random.default_rng(0))
    back = equations.evaluate(noise)
    for node, array in was.items():
        np.testing.assert_allclose(back[node], array, atol=1e-10)
    kept = equations.evaluate(
        {"sales": noise["sales"]}, known={node: was[node] for node in ("season", "display", "visits")}
    )
    np.testing.assert_allclose(kept["sales"], was["sales"], atol=1e-10)

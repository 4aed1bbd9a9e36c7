import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import EstimationError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork
from causalrec.structural.bayesian_network.posterior import dirichlet
from tests.structural.bayesian_network.networks import SHOP, SHOP_LEVELS, rows_of, shop, with_gaps

LINE = CausalGraph([("shown", "bought")])


def test_draws_have_the_moments_of_the_dirichlet_distribution():
    shape = np.array([0.4, 2.0, 7.0])
    draws = dirichlet(np.broadcast_to(shape, (40_000, 3)), np.random.default_rng(0))
    mean = shape / shape.sum()
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.004)
    np.testing.assert_allclose(draws.var(axis=0), mean * (1 - mean) / (shape.sum() + 1), rtol=0.04)
    np.testing.assert_allclose(draws.sum(axis=1), 1)


def test_tiny_concentrations_stay_distributions():
    draws = dirichlet(np.full((500, 4), 1e-9), np.random.default_rng(0))
    assert (draws > 0).all()
    np.testing.assert_allclose(draws.sum(axis=1), 1)


def test_a_difference_of_two_shares_has_its_closed_form_error():
    rows = {"shown": [0] * 50 + [1] * 40, "bought": [1] * 10 + [0] * 40 + [1] * 25 + [0] * 15}
    effect = BayesianNetwork(LINE, prior=1.0, n_draws=20_000).fit(Dataset.from_frames(rows)).effect("shown", "bought")
    beta = [(11, 41), (26, 16)]
    variance = sum(a * b / ((a + b) ** 2 * (a + b + 1)) for a, b in beta)
    assert effect.value == pytest.approx(26 / 42 - 11 / 52)
    assert effect.stderr == pytest.approx(np.sqrt(variance), rel=0.02)
    low, high = effect.interval()
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.03)


def test_gaps_widen_the_interval():
    ratios = []
    for seed in range(6):
        rows = rows_of(shop(), 500, seed)
        errors = [
            BayesianNetwork(SHOP, levels=SHOP_LEVELS, tol=1e-4)
            .fit(data)
            .query("purchase", evidence={"attention": "look", "season": "high"})
            .stderr[0]
            for data in (Dataset.from_frames(rows), with_gaps(rows, seed))
        ]
        ratios.append(errors[1] / errors[0])
    # A quarter of those rows is incomplete: without anything learned from them the ratio would be 1.15.
    assert 1.04 < np.mean(ratios) < 1.2


def test_stated_tables_have_no_error():
    found = shop().query("purchase")
    assert found.stderr is None
    with pytest.raises(EstimationError, match="stated, not learned"):
        found.interval()
    with pytest.raises(EstimationError, match="stated, not learned"):
        shop().effect("display", "purchase").interval()

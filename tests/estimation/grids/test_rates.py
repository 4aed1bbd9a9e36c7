import numpy as np
import pytest

from causalrec.estimation import smoothed_rates


def sample(strength, seed=0, shape=(300, 60)):
    rng = np.random.default_rng(seed)
    item = rng.uniform(0.02, 0.3, shape[1])
    rate = rng.gamma(strength * item, 1 / strength, shape)
    exposure = rng.integers(5, 60, (shape[0], 1)).astype(float)
    return rng.poisson(rate * exposure).astype(float), exposure, rate


@pytest.mark.parametrize("strength", [2.0, 10.0, 50.0])
def test_recovers_the_strength_of_the_prior(strength):
    counts, exposure, _ = sample(strength)
    assert smoothed_rates(counts, exposure)[2] == pytest.approx(strength, rel=0.15)


def test_posterior_mean_beats_the_raw_rate_and_the_items_mean():
    counts, exposure, rate = sample(10.0)
    found, variance, _ = smoothed_rates(counts, exposure)
    raw, mean = counts / exposure, np.broadcast_to(counts.sum(0) / exposure.sum(), rate.shape)
    assert ((found - rate) ** 2).mean() < 0.9 * min(((raw - rate) ** 2).mean(), ((mean - rate) ** 2).mean())
    assert ((found - rate) ** 2).mean() == pytest.approx(variance.mean(), rel=0.05)


def test_is_the_gamma_posterior():
    counts, exposure, _ = sample(10.0, shape=(30, 5))
    found, variance, strength = smoothed_rates(counts, exposure)
    item = counts.sum(0) / exposure.sum()
    np.testing.assert_allclose(found, (counts + strength * item) / (exposure + strength))
    np.testing.assert_allclose(variance, found / (exposure + strength))


def test_users_that_are_alike_get_the_items_mean():
    rng = np.random.default_rng(0)
    exposure = np.full((400, 1), 20.0)
    counts = rng.poisson(20 * np.broadcast_to([0.05, 0.2, 0.1], (400, 3))).astype(float)
    found, _, strength = smoothed_rates(counts, exposure)
    assert strength > 200
    np.testing.assert_allclose(found, np.broadcast_to(counts.mean(0) / 20, found.shape), atol=0.03)


def test_long_logs_keep_their_own_rates():
    counts = np.array([[900.0, 100.0], [100.0, 900.0]])
    found, _, strength = smoothed_rates(counts, np.full((2, 2), 10_000.0))
    assert strength < 1000
    np.testing.assert_allclose(found, counts / 10_000, rtol=0.1)


def test_no_purchase_and_no_visit_are_no_trouble():
    counts = np.array([[0.0, 2.0], [0.0, 0.0], [0.0, 1.0]])
    found, variance, _ = smoothed_rates(counts, np.array([[5.0], [0.0], [4.0]]))
    assert (found[:, 0] == 0).all()
    assert found[1, 1] == pytest.approx(3 / 9)  # never seen: the item's rate
    assert np.isfinite(variance).all()

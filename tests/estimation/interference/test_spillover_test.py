"""The test of no spill-over: exact where there is none, and it finds one that is there."""

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.interference.assignments import BernoulliAssignment, ClusterAssignment, CompleteAssignment
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.slates import Slates
from causalrec.estimation.interference.spillover_test import focal_units, spillover_test
from tests.estimation.interference.worlds import geometric, outcome, ring
from tests.estimation.planted import exact_interval

N, N_RUNS = 150, 400
CODES = np.random.default_rng(0).permutation(N) // 3
LOTTERIES = {
    "bernoulli": (BernoulliAssignment(0.4), None), "complete": (CompleteAssignment(60), None),
    "cluster": (ClusterAssignment(CODES, 0.5), CODES < 20),
}  # fmt: skip


def p_values(name, n_runs, network, **planted):
    lottery, focal = LOTTERIES[name]
    found = []
    for seed in range(n_runs):
        treatment = lottery.draw(network.n, 1, np.random.default_rng(seed))[:, 0].astype(float)
        y = outcome(network, treatment, seed, **planted)
        found.append(spillover_test(network, treatment, y, lottery, focal=focal, n_draws=59, random_state=seed).p_value)
    return np.array(found)


@pytest.mark.parametrize("name", LOTTERIES)
def test_its_size_is_exact_though_outcomes_hang_together(name):
    found = p_values(name, N_RUNS, geometric(N, 0), spill=0.0, shared=2.0)
    for level in (0.05, 0.2, 0.5):
        low, high = exact_interval(int((found <= level).sum()), N_RUNS)
        assert low <= level <= high, f"{(found <= level).mean()} at {level}"


def test_it_finds_a_spill_over():
    assert (p_values("bernoulli", 60, ring(N, 1), spill=2.0, shared=0.0) <= 0.05).mean() >= 0.8


def test_a_direct_effect_alone_is_no_spill_over():
    found = p_values("bernoulli", 100, geometric(N, 0), spill=0.0, direct=50.0)
    assert exact_interval(int((found <= 0.05).sum()), 100)[0] <= 0.05


def test_all_redraws_give_the_exact_p_value():
    """Two auxiliary units of four: the p-value tends to the share of their four assignments."""
    path = network_of([0, 1, 2], [1, 2, 3], n=4)
    focal = np.array([True, False, True, False])
    t, y = np.array([0.0, 1, 0, 1]), np.array([0.0, 0, 1, 0])
    found = spillover_test(path, t, y, BernoulliAssignment(0.5), focal=focal, n_draws=9999, kind="count")
    # The residuals are -.5 and .5; the statistic is (t3 - t1 + t1 - t1) / 4: -.25, 0 or .25 around 0.
    statistics = np.array([(-0.5 * a + 0.5 * (a + b)) / 2 for a in (0, 1) for b in (0, 1)])
    observed = (-0.5 * 1 + 0.5 * 2) / 2
    centred = np.abs(statistics - statistics.mean())
    assert found.p_value == pytest.approx((centred >= abs(observed - statistics.mean()) - 1e-12).mean(), abs=0.02)


def test_focal_units_are_strangers_to_each_other():
    network = geometric(N, 3)
    chosen = focal_units(network)
    assert network.friends[chosen][:, chosen].nnz == 0
    assert (network.n_friends[chosen] > 0).all()
    others = ~chosen & (network.n_friends > 0)
    assert (network.treated_friends(chosen.astype(float))[others] > 0).all()  # none could be added
    order = np.random.default_rng(0).permutation(N)
    np.testing.assert_array_equal(focal_units(network.rows(order)), chosen[order])
    assert (focal_units(network, random_state=1) != chosen).any()


def test_it_is_repeatable_and_order_does_not_matter():
    network, lottery = geometric(N, 1), CompleteAssignment(50)
    treatment = lottery.draw(N, 1, np.random.default_rng(0))[:, 0].astype(float)
    y = outcome(network, treatment, 0)
    first = spillover_test(network, treatment, y, lottery)
    assert first == spillover_test(network, treatment, y, lottery)
    order = np.random.default_rng(0).permutation(N)
    other = spillover_test(network.rows(order), treatment[order], y[order], lottery)
    assert other.p_value == first.p_value
    assert other.statistic == pytest.approx(first.statistic)
    assert first.to_dict()["n_draws"] == 999
    assert str(first).startswith("Does the treatment of others matter? p = 0.")


def test_slates_and_two_hops():
    rng = np.random.default_rng(0)
    codes, ad = np.repeat(np.arange(60), 3), (rng.random(180) < 0.5).astype(float)
    y = -2.0 * (np.bincount(codes, ad)[codes] - ad) + rng.normal(size=180)
    assert spillover_test(Slates(codes), ad, y, BernoulliAssignment(0.5)).p_value < 0.01
    far = ring(180, 1)
    z = 3 * far.two_hops().treated_friends(ad) + rng.normal(size=180)
    assert spillover_test(far, ad, z, BernoulliAssignment(0.5), hops=2).p_value < 0.01


def test_what_cannot_be_tested_is_refused():
    network, half = ring(30), BernoulliAssignment(0.5)
    t = np.random.default_rng(0).integers(0, 2, 30).astype(float)
    y = np.random.default_rng(1).normal(size=30)
    with pytest.raises(EstimationError, match="Everybody is treated"):
        spillover_test(network, np.ones(30), y, half)
    with pytest.raises(DataError, match="must be 0 or 1"):
        spillover_test(network, t * 3, y, half)
    with pytest.raises(DataError, match="1 of 30 outcomes are not finite"):
        spillover_test(network, t, np.r_[np.nan, y[1:]], half)
    with pytest.raises(ShapeError):
        spillover_test(network, t, y[1:], half)
    with pytest.raises(DataError, match="numbers are needed"):
        spillover_test(network, t, ["much"] * 30, half)
    with pytest.raises(DataError, match="12 units were to be treated"):
        spillover_test(network, np.arange(30) % 2, y, CompleteAssignment(12))
    with pytest.raises(DataError, match="says how treatments were drawn"):
        spillover_test(network, t, y, "bernoulli")
    with pytest.raises(DataError, match="needs 19 or more"):
        spillover_test(network, t, y, half, n_draws=10)
    with pytest.raises(DataError, match="one of share, count, any"):
        spillover_test(network, t, y, half, kind="mean")
    with pytest.raises(ShapeError, match="True or False"):
        spillover_test(network, t, y, half, focal=np.arange(30))
    with pytest.raises(EstimationError, match="some must be, and some must not"):
        spillover_test(network, t, y, half, focal=np.ones(30, dtype=bool))
    with pytest.raises(EstimationError, match="does not vary among focal units"):
        spillover_test(network, t, t * 2, half)
    with pytest.raises(EstimationError, match="No draw of the others' treatment changes any exposure"):
        spillover_test(network_of([0, 1], [1, 2], n=30), t, y, half, focal=np.arange(30) < 10)

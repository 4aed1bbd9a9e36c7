"""Means by chances of exposure in lotteries of three kinds."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.interference.assignments import BernoulliAssignment, ClusterAssignment, CompleteAssignment
from causalrec.estimation.interference.exposure_weighting import ExposureWeighting
from causalrec.estimation.interference.network import network_of
from causalrec.estimation.interference.slates import Slates
from tests.estimation.interference.worlds import INVITED, geometric, ring, rows
from tests.estimation.planted import exact_interval

N, N_COVERAGE, N_DRAWN = 200, 150, 80
HALF = np.random.default_rng(1).permutation(120) // 3


def world(network, seed=5):
    """Potential outcomes of all units: exposed, treated, both; effects differ between units."""
    shock = np.random.default_rng(seed).normal(size=(network.n, 2))
    own = 1 + 0.3 * shock[:, 1]
    return shock[:, :1] + np.column_stack([np.zeros(network.n), np.full(network.n, 2.0), own, own + 2])


def drawn(network, lottery, seed):
    treatment = lottery.draw(network.n, 1, np.random.default_rng(seed))[:, 0].astype(float)
    levels = (2 * treatment + (network.treated_friends(treatment) > 0)).astype(int)
    return rows(world(network)[np.arange(network.n), levels], treatment)


def refuse_low_coverage(network, lottery, n_runs, **options):
    hits, error = np.zeros(3), []
    for seed in range(n_runs):
        fitted = ExposureWeighting(network, lottery, **options).fit(drawn(network, lottery, seed))
        kept = fitted.probabilities_.possible
        means = world(network)[kept].mean(axis=0)
        truth = np.array([means[2] - means[0], means[1] - means[0], means[3] - means[0]])
        found = fitted.effects(INVITED)
        ends = np.array([one.interval() for one in found.contrasts])
        hits += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
        error.append([one.value for one in found.contrasts] - truth)
    for one in hits:  # at least: the variance is conservative
        assert exact_interval(int(one), n_runs)[1] >= 0.95, f"{hits / n_runs}"
    assert (np.abs(np.mean(error, axis=0)) < 4 * np.std(error, axis=0) / n_runs**0.5).all()


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("name", ["ring", "geometric"])
def test_exact_chances_cover(name, normalised):
    network = ring(N, 1) if name == "ring" else geometric(N, 0, 3)
    refuse_low_coverage(network, BernoulliAssignment(0.35), N_COVERAGE, normalised=normalised)


@pytest.mark.parametrize("lottery", [CompleteAssignment(42), ClusterAssignment(HALF, 0.4)])
def test_drawn_chances_cover(lottery):
    refuse_low_coverage(ring(120, 1), lottery, N_DRAWN, n_draws=400)


def test_a_difference_of_means_is_biased_where_friends_are_many():
    """Units with more friends are exposed more often; here they have larger outcomes too."""
    network = geometric(2000, 0, 4)
    treatment = (np.random.default_rng(0).random(2000) < 0.3).astype(float)
    exposed = network.treated_friends(treatment) > 0
    y = network.n_friends.astype(float)
    found = ExposureWeighting(network, BernoulliAssignment(0.3)).fit(rows(y, treatment)).effects(INVITED)
    naive = y[exposed & (treatment == 0)].mean() - y[~exposed & (treatment == 0)].mean()
    assert naive > 1
    assert abs(found.spillover.value) < 3 * found.spillover.stderr


def test_who_cannot_have_every_exposure_is_left_out_and_counted():
    network = network_of(np.arange(60), np.arange(1, 61), n=70)
    treatment = np.random.default_rng(0).integers(0, 2, 70).astype(float)
    fitted = ExposureWeighting(network, BernoulliAssignment(0.5)).fit(rows(treatment * 2.0, treatment))
    found = fitted.effects(INVITED)
    assert found.n == 61
    assert "9 units cannot have every exposure and are left out" in str(found)
    assert found.direct.value == pytest.approx(2)
    assert found.direct.stderr == pytest.approx(0)
    assert fitted.effect(INVITED).value == pytest.approx(found.total.value)
    assert fitted.effect(INVITED).stderr == pytest.approx(found.total.stderr)


def test_order_scale_and_inputs():
    network, lottery = geometric(150, 3, 3), CompleteAssignment(50)
    design = drawn(network, lottery, 1)
    design.outcome.setflags(write=False), design.treatments.setflags(write=False)
    make = lambda net: ExposureWeighting(net, lottery, n_draws=300)  # noqa: E731
    first, order = make(network).fit(design), np.random.default_rng(0).permutation(150)
    other = make(network.rows(order)).fit(design.rows(order))
    np.testing.assert_allclose(other.means_, first.means_, rtol=1e-10)
    np.testing.assert_allclose(other.covariance_of_means_, first.covariance_of_means_, rtol=1e-8)
    np.testing.assert_allclose(other.influence_, first.influence_[order], atol=1e-8)
    assert abs(first.influence_.mean()) < 1e-8
    scaled = make(network).fit(replace(design, outcome=design.outcome * 1024 + 7))
    np.testing.assert_allclose(scaled.value_, first.value_ * 1024, rtol=1e-8)
    np.testing.assert_allclose(scaled.stderr_, first.stderr_ * 1024, rtol=1e-8)


def test_slates_and_thresholds():
    rng = np.random.default_rng(0)
    codes, ad = np.repeat(np.arange(400), 3), (rng.random(1200) < 0.5).astype(float)
    exposed = (np.bincount(codes, ad)[codes] - ad) == 2
    y = ad - 2.0 * exposed + 0.1 * rng.normal(size=1200)
    found = ExposureWeighting(Slates(codes), BernoulliAssignment(0.5), kind="share", threshold=1.0).fit(rows(y, ad))
    np.testing.assert_allclose([one.value for one in found.effects(INVITED).contrasts], [1, -2, -1], atol=0.05)
    assert "at least 100% of friends treated" in found.method_


def test_what_cannot_be_told_is_refused():
    network, t = ring(60, 1), np.random.default_rng(0).integers(0, 2, 60).astype(float)
    half, y = BernoulliAssignment(0.5), np.zeros(60)
    with pytest.raises(EstimationError, match="Everybody"):
        ExposureWeighting(network, half).fit(rows(y, np.ones(60)))
    with pytest.raises(DataError, match="10 units were to be treated"):
        ExposureWeighting(network, CompleteAssignment(10)).fit(rows(y, t))
    with pytest.raises(DataError, match="says how treatments were drawn"):
        ExposureWeighting(network, 0.5).fit(rows(y, t))
    with pytest.raises(DataError, match="says how treatments were drawn"):
        ExposureWeighting(network, BernoulliAssignment).fit(rows(y, t))
    with pytest.raises(DataError, match="takes no other weights"):
        ExposureWeighting(network, half).fit(replace(rows(y, t), weight=np.ones(60)))
    with pytest.raises(DataError, match="need 100 or more"):
        ExposureWeighting(network, half, n_draws=5).fit(rows(y, t))
    with pytest.raises(EstimationError, match="these have fewer: 'friends alone' 1, 'itself alone' 1, 'both' 0"):
        ExposureWeighting(network_of([0, 2], [1, 3], n=60), half).fit(rows(y, np.eye(60)[0]))
    codes, pairs = np.arange(60) // 2, network_of(np.arange(0, 60, 2), np.arange(1, 60, 2), n=60)
    together = ExposureWeighting(pairs, ClusterAssignment(codes, 0.5), n_draws=200)
    with pytest.raises(EstimationError, match="No unit can have every exposure"):
        together.fit(rows(y, t[codes]))

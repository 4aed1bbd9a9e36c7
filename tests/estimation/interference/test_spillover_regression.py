"""Direct and spill-over effects in planted networks, where errors of independent units are too small."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, NotFittedError, ShapeError
from causalrec.estimation import OLS, estimate_effect
from causalrec.estimation.interference.exposures import exposure
from causalrec.estimation.interference.graph_clusters import graph_clusters
from causalrec.estimation.interference.network import network_of, social_network
from causalrec.estimation.interference.network_errors import bandwidth
from causalrec.estimation.interference.slates import Slates
from causalrec.estimation.interference.spillover_regression import SpilloverRegression
from causalrec.identification import Estimand
from tests.estimation.interference.worlds import (
    DIRECT,
    INVITED,
    SPILL,
    blocks,
    geometric,
    outcome,
    patches,
    ring,
    rows,
)
from tests.estimation.planted import exact_interval

N_COVERAGE, N = 200, 600
NETWORKS = {"ring": ring(N), "geometric": geometric(N, 0), "blocks": blocks(N, 0, n_blocks=30)[0]}


def covered(effects, truth):
    ends = np.array([one.interval() for one in effects.contrasts])
    return (ends[:, 0] <= truth) & (truth <= ends[:, 1])


def enough(hits, n_runs, level=0.95):
    return exact_interval(int(hits), n_runs)[1] >= level


@pytest.mark.parametrize("name", NETWORKS)
def test_intervals_cover_where_those_of_independent_units_do_not(name):
    hits, naive, error, stderr = np.zeros(3), np.zeros(3), [], []
    network = NETWORKS[name]
    radius, spill = bandwidth(network), SPILL * (network.n_friends > 0).mean()
    truth = np.array([DIRECT, spill, DIRECT + spill])
    for seed in range(N_COVERAGE):
        treatment = patches(network, seed)
        design = rows(outcome(network, treatment, seed), treatment)
        found = SpilloverRegression(network, radius=radius).fit(design).effects(INVITED)
        hits += covered(found, truth)
        naive += covered(SpilloverRegression(network, radius=0).fit(design).effects(INVITED), truth)
        error.append([one.value for one in found.contrasts] - truth)
        stderr.append([one.stderr for one in found.contrasts])
    low, high = zip(*(exact_interval(int(one), N_COVERAGE) for one in hits), strict=True)
    assert max(low) <= 0.95 <= min(high), f"{hits / N_COVERAGE}"
    assert not enough(naive[2], N_COVERAGE), f"errors of independent units cover the total in {naive[2] / N_COVERAGE}"
    assert (np.abs(np.mean(error, axis=0)) < 4 * np.std(error, axis=0) / N_COVERAGE**0.5).all()
    assert (np.abs(np.std(error, axis=0) / np.sqrt(np.mean(np.square(stderr), axis=0)) - 1) < 0.25).all()


def test_errors_by_communities_cover():
    hits = np.zeros(3)
    network, _ = blocks(N, 0, n_blocks=60, between=0.1)
    codes, spill = {"community": graph_clusters(network).codes}, SPILL * (network.n_friends > 0).mean()
    for seed in range(N_COVERAGE):
        treatment = patches(network, seed)
        design = rows(outcome(network, treatment, seed), treatment, codes)
        found = SpilloverRegression(network, errors="clusters").fit(design).effects(INVITED)
        hits += covered(found, np.array([DIRECT, spill, DIRECT + spill]))
    for one in hits:
        low, high = exact_interval(int(one), N_COVERAGE)
        assert low <= 0.95 <= high


@pytest.mark.parametrize("kind", ["count", "any"])
def test_who_has_many_friends_is_no_confounder(kind):
    """Outcomes that grow with the number of friends, as exposures do: their number is held fixed."""
    error = []
    for seed in range(60):
        network = geometric(300, seed)
        treatment = (np.random.default_rng(seed).random(300) < 0.5).astype(float)
        y = outcome(network, treatment, seed, spill=0.5, kind=kind) + network.n_friends
        found = SpilloverRegression(network, kind=kind).fit(rows(y, treatment))
        error.append(found.slope_ - 0.5)
        assert found.slope_stderr_ == pytest.approx(found.stderr_[1] * found.slope_ / found.value_[1])
    assert abs(np.mean(error)) < 4 * np.std(error) / 60**0.5
    both = np.column_stack([treatment, exposure(network, treatment, kind=kind).value])
    naive = replace(rows(y, treatment), treatments=both, treatment_names=("invited", "exposure"))
    assert OLS().fit(naive).value_[1] > 0.5 + 4 * np.std(error)


def test_it_is_least_squares_on_own_treatment_and_share():
    import statsmodels.api as sm

    network, rng = ring(N), np.random.default_rng(0)
    treatment, x = rng.integers(0, 2, N).astype(float), rng.normal(size=(N, 2))
    y = outcome(network, treatment, 0) + x @ [1.0, -1]
    share = exposure(network, treatment).value
    oracle = sm.OLS(y, sm.add_constant(np.column_stack([treatment, share, x]))).fit(cov_type="HC1")
    found = SpilloverRegression(network, radius=0).fit(rows(y, treatment, covariates=x))
    np.testing.assert_allclose(found.value_, oracle.params[1:3], rtol=1e-9)
    np.testing.assert_allclose(found.stderr_, oracle.bse[1:3], rtol=1e-9)
    total = found.effect(INVITED)
    assert total.value == pytest.approx(oracle.params[1:3].sum())
    assert total.stderr == pytest.approx(oracle.t_test([0, 1, 1, 0, 0]).sd.item())


def test_two_hops_see_friends_of_friends():
    network = ring(2000, 1)
    treatment = (np.random.default_rng(0).random(2000) < 0.5).astype(float)
    y = treatment + 3 * exposure(network, treatment, hops=2).value + 0.1 * np.random.default_rng(1).normal(size=2000)
    found = SpilloverRegression(network, hops=2).fit(rows(y, treatment))
    np.testing.assert_allclose(found.value_, [1, 3], atol=0.05)
    assert found.radius_ >= 4
    assert "friends of friends" in str(found.effects(INVITED))
    assert abs(SpilloverRegression(network).fit(rows(y, treatment)).value_[1]) < 0.4


def test_slates_compete():
    rng, hits = np.random.default_rng(0), np.zeros(3)
    truth = np.array([2.0, -1.5, 0.5])
    codes = np.repeat(np.arange(80), 5)
    for _ in range(N_COVERAGE):
        chance = rng.choice([0.2, 0.5, 0.8], 80)[codes]
        ad = (rng.random(400) < chance).astype(float)
        slates = Slates(codes, "slate")
        y = 2 * ad - 1.5 * exposure(slates, ad).value + rng.normal(size=80)[codes] + rng.normal(size=400)
        found = SpilloverRegression(slates).fit(rows(y, ad)).effects(INVITED)
        hits += covered(found, truth)
    assert found.errors == "clustered by slate"
    assert "others of the slate" in found.spillover.compares
    for one in hits:
        low, high = exact_interval(int(one), N_COVERAGE)
        assert low <= 0.95 <= high


def test_groups_are_called_by_their_name():
    codes, ad = np.repeat(np.arange(80), 5), np.random.default_rng(0).integers(0, 2, 400).astype(float)
    fitted = SpilloverRegression(Slates(codes, "page")).fit(rows(np.random.default_rng(1).normal(size=400), ad))
    assert "others of the page" in fitted.effects(INVITED).spillover.compares


def test_the_order_of_rows_does_not_matter_and_nothing_is_changed():
    network = geometric(N, 1)
    treatment = patches(network, 1)
    design = rows(outcome(network, treatment, 1), treatment)
    for array in (design.outcome, design.treatments, network.friends.data):
        array.setflags(write=False)
    order = np.random.default_rng(0).permutation(N)
    first = SpilloverRegression(network).fit(design)
    other = SpilloverRegression(network.rows(order)).fit(design.rows(order))
    np.testing.assert_allclose(other.value_, first.value_, rtol=1e-9)
    np.testing.assert_allclose(other.stderr_, first.stderr_, rtol=1e-9)
    np.testing.assert_allclose(other.influence_, first.influence_[order], atol=1e-8)


def test_through_the_door_of_estimates():
    n, rng = 300, np.random.default_rng(0)
    treatment = rng.integers(0, 2, n)
    network = ring(n)
    table = {"user": np.arange(n), "invited": treatment, "came": outcome(network, treatment.astype(float), 0)}
    data = Dataset.from_frames(table, social={"user": np.arange(n), "friend": (np.arange(n) + 1) % n})
    found = estimate_effect(INVITED, data, estimator=SpilloverRegression(social_network(data)))
    assert "least squares on own treatment and share of friends treated" in str(found)
    assert not found.n_clusters


def test_effects_print_as_a_table():
    network = network_of(np.arange(59), np.arange(1, 60), n=61)
    treatment = np.random.default_rng(0).integers(0, 2, 61).astype(float)
    text = str(SpilloverRegression(network).fit(rows(outcome(network, treatment, 0), treatment)).effects(INVITED))
    lines = text.splitlines()
    assert lines[0] == "Effects of invited on came (outcome)"
    assert [line.split()[0] for line in lines[1:5]] == ["effect", "direct", "spill-over", "total"]
    assert "network HAC within 3 edges" in text
    assert "note: 1 units without friends have no spill-over and count as 0 in its average" in text


def test_what_cannot_be_told_is_refused():
    network, t = ring(60), np.random.default_rng(3).integers(0, 2, 60).astype(float)
    y = np.random.default_rng(0).normal(size=60)
    fit = SpilloverRegression(network).fit
    with pytest.raises(EstimationError, match="Everybody is treated with 'invited'"):
        fit(rows(y, np.ones(60)))
    with pytest.raises(EstimationError, match="Nobody is treated"):
        fit(rows(y, np.zeros(60)))
    with pytest.raises(DataError, match=r"'invited' must be 0 or 1 for exposures; it also holds 2\.0"):
        fit(rows(y, t * 2))
    with pytest.raises(EstimationError, match="it never varies"):
        SpilloverRegression(ring(60, 1), kind="any").fit(rows(y, np.repeat([0.0, 1], 2)[np.arange(60) % 4]))
    with pytest.raises(ShapeError, match="59 units and the network 60"):
        fit(rows(y[1:], t[1:]))
    with pytest.raises(DataError, match="for one treatment"):
        fit(replace(rows(y, t), treatments=np.column_stack([t, y]), treatment_names=("a", "b")))
    with pytest.raises(DataError, match="'network' or 'clusters'"):
        SpilloverRegression(network, errors="robust").fit(rows(y, t))
    with pytest.raises(DataError, match="needs clusters in the design"):
        SpilloverRegression(network, errors="clusters").fit(rows(y, t))
    with pytest.raises(NotFittedError):
        SpilloverRegression(network).effects(Estimand(("t",), "y", "adjustment"))


def test_a_treatment_that_fills_each_slate_the_same_is_refused():
    codes = np.repeat(np.arange(30), 4)
    ad = np.tile([1.0, 0, 0, 0], 30)
    with pytest.raises(EstimationError):
        SpilloverRegression(Slates(codes)).fit(rows(np.random.default_rng(0).normal(size=120), ad))


def test_few_communities_are_said():
    network = ring(120)
    treatment = np.random.default_rng(0).integers(0, 2, 120).astype(float)
    design = rows(outcome(network, treatment, 0), treatment, {"arc": np.arange(120) // 20})
    found = SpilloverRegression(network, errors="clusters").fit(design).effects(INVITED)
    assert "few clusters (6 arc)" in str(found)
    assert found.total.dof == 5

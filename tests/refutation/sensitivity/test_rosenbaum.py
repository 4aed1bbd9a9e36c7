import json
from itertools import product

import numpy as np
import pytest
from scipy.stats import rankdata, wilcoxon

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.refutation.sensitivity import rosenbaum
from tests.estimation.planted import exact_interval

# Lead in the blood of 33 children of exposed fathers and their controls (Morton et al. 1982), as in Rosenbaum (2002),
# tables 4.1 to 4.3: p-values, and Hodges-Lehmann estimates.
EXPOSED = [38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35, 43,
           39, 34, 13, 73, 25, 27]  # fmt: skip
CONTROL = [16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22,
           25, 16, 13, 11, 13]  # fmt: skip
LEAD = rosenbaum(np.array(EXPOSED) - np.array(CONTROL))
N_RUNS = 300


@pytest.mark.parametrize(("gamma", "p"), [(2, 0.0018), (3, 0.0136), (4, 0.0388), (4.25, 0.0468), (5, 0.0740)])
def test_published_p_values(gamma, p):
    assert round(LEAD.p_value(gamma), 4) == p


@pytest.mark.parametrize(
    ("gamma", "ends"), [(1, (15, 15)), (2, (10.25, 19.5)), (3, (8, 23)), (4, (6.5, 25)), (5, (5, 26.5))]
)
def test_published_estimates(gamma, ends):
    assert LEAD.estimates(gamma) == pytest.approx(ends, abs=1e-9)


def exact(difference, gamma):
    """Largest chance of so high a statistic, over all signs."""
    ranks, share = rankdata(np.abs(difference)), gamma / (1 + gamma)
    seen, total = ranks[difference > 0].sum(), 0.0
    for signs in product((0, 1), repeat=len(ranks)):
        total += (ranks @ signs >= seen) * share ** sum(signs) * (1 - share) ** (len(ranks) - sum(signs))
    return total


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0])
def test_p_values_are_near_those_of_all_signs(gamma):
    difference = np.random.default_rng(0).normal(0.7, 1, size=13)
    assert rosenbaum(difference).p_value(gamma) == pytest.approx(exact(difference, gamma), abs=0.05)


def test_without_a_confounder_it_is_wilcoxon_s_test():
    difference = np.random.default_rng(1).normal(0.3, 1, size=80)
    for side in ("greater", "less", "two-sided"):
        theirs = wilcoxon(difference, alternative=side, method="approx", correction=False).pvalue
        assert rosenbaum(difference).p_value(alternative=side) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("gamma", [1.0, 2.0])
def test_estimates_are_quantiles_of_the_means_of_two(gamma):
    difference = np.random.default_rng(2).normal(1, 2, size=31)
    means = np.sort([(difference[i] + difference[j]) / 2 for i in range(31) for j in range(i, 31)])
    low, high = rosenbaum(difference).estimates(gamma)
    share = gamma / (1 + gamma)
    for end, above in ((low, share), (high, 1 - share)):
        assert (means > end + 1e-9).sum() - 1e-9 <= above * len(means) <= 1e-9 + (means >= end - 1e-9).sum()


def test_the_interval_holds_the_effects_that_are_not_rejected():
    found = rosenbaum(np.random.default_rng(3).normal(1, 2, size=60))
    for gamma in (1.0, 1.7):
        lower, upper = found.interval(gamma)
        for inside, outside in ((lower + 0.02, lower - 0.02), (upper - 0.02, upper + 0.02)):
            assert found.p_value(gamma, alternative="two-sided", shift=inside) > 0.05
            assert found.p_value(gamma, alternative="two-sided", shift=outside) < 0.05


def biased_pairs(seed, gamma, effect=0.0, n=200):
    """The unit with the higher untreated outcome is treated gamma times as often."""
    rng = np.random.default_rng(seed)
    gap = np.abs(rng.normal(size=n))
    return effect + np.where(rng.random(n) < gamma / (1 + gamma), gap, -gap)


def test_at_the_confounder_s_strength_the_test_has_its_size():
    """The naive test at gamma 1 rejects a true null nearly always."""
    naive = rejected = 0
    for seed in range(N_RUNS):
        found = rosenbaum(biased_pairs(seed, 2.0, effect=0.5))
        naive += found.p_value(1.0, shift=0.5) < 0.05
        rejected += found.p_value(2.0, shift=0.5) < 0.05
    low, high = exact_interval(rejected, N_RUNS)
    assert low <= 0.05 <= high
    assert naive > 0.9 * N_RUNS


def test_the_strength_that_removes_the_effect():
    gamma = LEAD.gamma_to_remove()
    assert LEAD.p_value(gamma, alternative="two-sided") == pytest.approx(0.05, abs=1e-6)
    assert rosenbaum(np.r_[-np.arange(1.0, 9), np.arange(1.0, 9)]).gamma_to_remove() == 1.0
    assert "no effect is found" in rosenbaum(np.r_[-np.arange(1.0, 9), np.arange(1.0, 9)]).sentence


def test_results_are_text_and_plain_numbers():
    assert "gamma 2" in str(LEAD)
    assert "times as likely to be treated" in LEAD.sentence
    assert json.loads(json.dumps(LEAD.to_dict()))["n_pairs"] == 33


def test_bad_input_is_refused():
    with pytest.raises(DataError, match="gamma"):
        LEAD.p_value(0.5)
    with pytest.raises(DataError, match="alternative"):
        LEAD.p_value(1.0, alternative="both")
    for shift in (np.nan, "none"):
        with pytest.raises(DataError, match="shift"):
            LEAD.p_value(1.0, shift=shift)
    with pytest.raises(DataError, match="numbers are needed"):
        rosenbaum(["much"] * 6)
    with pytest.raises(EstimationError, match="5 or more"):
        rosenbaum(np.zeros(10))
    with pytest.raises(EstimationError, match="missing"):
        rosenbaum(np.array([1.0, np.nan] * 5))
    with pytest.raises(ShapeError):
        rosenbaum(np.zeros((3, 2)))

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from causalrec.errors import DataError, EstimationError
from causalrec.estimation import AIPW
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.sensitivity import sharp_bounds, strength_to_remove
from tests.estimation.planted import SHOWN, Line, Logit, exact_interval, planted
from tests.refutation.sensitivity.hidden_worlds import expit, hidden_odds

N_RUNS, N_ROWS = 200, 600


def extreme_by_programme(y, seen, odds, base, X, factor):
    """The largest mean over all weights within the factor that balance X, as a linear programme over weights."""
    y, X, r = y[seen], X[seen], odds[seen]
    total = (base + r).sum()
    found = linprog(-r * y / total, A_eq=(X * r[:, None]).T, b_eq=(X * r[:, None]).sum(axis=0),
                    bounds=(1 / factor, factor), method="highs")  # fmt: skip
    return base * y.sum() / total - found.fun


@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize("factor", [1.3, 3.0])
def test_ends_are_those_of_a_programme_over_all_weights_that_balance(target, factor):
    design = planted(0, n=300)
    arms = two_arms(design, "test")
    propensity = logistic_propensity(arms)
    e, X, y, t = propensity.e, propensity.X, arms.y, arms.t
    found = sharp_bounds(design, factor, target=target)
    low0, high0 = (
        sign * extreme_by_programme(sign * y, t == 0, e / (1 - e), float(target == "ATE"), X, factor)
        for sign in (-1, 1)
    )
    low1, high1 = (
        sign * extreme_by_programme(sign * y, t == 1, (1 - e) / e, 1.0, X, factor) for sign in (-1, 1)
    ) if target == "ATE" else (y[t == 1].mean(),) * 2  # fmt: skip
    assert (found.lower, found.upper) == pytest.approx((low1 - high0, high1 - low0), abs=1e-7)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_without_a_hidden_confounder_both_ends_are_the_weighted_difference(target):
    design = planted(1)
    arms = two_arms(design, "test")
    e, t, y = logistic_propensity(arms).e, arms.t, arms.y
    w = np.where(t == 1, 1 / e, 1 / (1 - e)) if target == "ATE" else np.where(t == 1, 1.0, e / (1 - e))
    naive = np.average(y, weights=w * t) - np.average(y, weights=w * (1 - t))
    found = sharp_bounds(design, 1.0, target=target)
    assert (found.lower, found.upper) == pytest.approx((naive, naive), abs=1e-10)
    assert found.stderr_lower == pytest.approx(found.stderr_upper)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_bounds_of_many_rows_are_the_sharp_ones(target):
    world = hidden_odds(0, 20_000, adversity=1.0)
    found = sharp_bounds(world.design, 2.0, target=target)
    assert found.lower == pytest.approx(world.lower, abs=4 * found.stderr_lower)
    assert found.upper == pytest.approx(world.upper, abs=4 * found.stderr_upper)
    assert found.width == pytest.approx(world.upper - world.lower, rel=0.03)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_at_the_end_of_the_range_the_interval_covers_at_its_level_and_the_naive_one_never(target):
    covered = naive = 0
    widths, spread, errors = [], [], []
    for seed in range(N_RUNS):
        world = hidden_odds(seed, N_ROWS, adversity=1.0)
        found = sharp_bounds(world.design, 2.0, target=target)
        lower, upper = found.interval()
        covered += lower <= world.truth <= upper
        widths.append((upper - lower) / (world.upper - world.lower))
        spread.append(found.upper - world.upper)
        errors.append(found.stderr_upper)
        if seed < 20:
            lower, upper = AIPW(Line(), Logit(), n_folds=2, target=target).fit(world.design).effect(SHOWN).interval()
            naive += lower <= world.truth <= upper
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high
    assert 0.85 < np.std(spread) / np.sqrt(np.mean(np.square(errors))) < 1.15
    assert max(widths) < 2
    assert naive == 0


def test_a_confounder_short_of_the_worst_is_covered_nearly_always():
    covered = 0
    for seed in range(40):
        world = hidden_odds(seed, N_ROWS, adversity=0.8)
        covered += sharp_bounds(world.design, 2.0).covers(world.truth)
    assert covered >= 0.95 * 40


def test_curved_quantiles_leave_the_bounds_valid_and_wider():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 1))
    t = (rng.random(20_000) < expit(0.5 * X[:, 0])).astype(float)
    world = hidden_odds(0, 20_000)
    spread = np.exp(0.6 * X[:, 0])  # errors' spread, so quantiles curve; mean exp(.18)
    design = replace(world.design, outcome=X[:, 0] + spread * rng.normal(size=20_000), treatments=t[:, None],
                     covariates=X, covariate_names=("age",))  # fmt: skip
    reach = np.mean(spread) * (world.upper - world.lower) / 2
    found = sharp_bounds(design, 2.0)
    assert found.upper > reach - 3 * found.stderr_upper
    assert reach < found.upper < 1.2 * reach + 3 * found.stderr_upper


def test_bounds_widen_with_the_strength():
    design = planted(2)
    widths = [sharp_bounds(design, strength).width for strength in (1.0, 1.2, 2.0, 5.0)]
    assert widths == sorted(widths)
    assert len(set(widths)) == 4


def test_the_strength_that_removes_the_effect():
    design = planted(3, effect=0.6)
    strength = strength_to_remove(design, level=None)
    assert sharp_bounds(design, strength).lower == pytest.approx(0.0, abs=5e-3)
    assert 1 < strength_to_remove(design) < strength
    assert strength_to_remove(planted(3, effect=0.0)) == 1.0
    assert strength_to_remove(planted(3, effect=100.0)) == np.inf


def test_clusters_and_weights_count():
    single = planted(4)
    again = np.repeat(np.arange(single.n), 2)  # every row twice: half of the information is none
    doubled = single.rows(again)
    found = sharp_bounds(single, 1.5)
    together, apart = sharp_bounds(replace(doubled, clusters={"user": again}), 1.5), sharp_bounds(doubled, 1.5)
    assert (together.lower, together.upper) == pytest.approx((found.lower, found.upper), abs=1e-8)
    assert together.stderr_lower == pytest.approx(found.stderr_lower, rel=0.01)
    assert apart.stderr_lower == pytest.approx(found.stderr_lower / np.sqrt(2), rel=0.01)
    plain = planted(5)
    twice = plain.rows(np.r_[np.arange(plain.n), np.arange(0, plain.n, 2)])
    weighted = replace(plain, weight=1.0 + (np.arange(plain.n) % 2 == 0))
    assert sharp_bounds(weighted, 1.5).upper == pytest.approx(sharp_bounds(twice, 1.5).upper, abs=1e-8)


def test_another_order_or_unit_gives_the_same_and_inputs_stay():
    design = planted(6)
    for array in (design.outcome, design.treatments, design.covariates):
        array.setflags(write=False)
    first = sharp_bounds(design, 2.0)
    other = sharp_bounds(design.rows(np.random.default_rng(0).permutation(design.n)), 2.0)
    scaled = sharp_bounds(replace(design, outcome=1024 * design.outcome + 7), 2.0)
    assert (other.lower, other.stderr_upper) == pytest.approx((first.lower, first.stderr_upper), rel=1e-7)
    assert scaled.lower == pytest.approx(1024 * first.lower, rel=1e-6)
    assert scaled.stderr_upper == pytest.approx(1024 * first.stderr_upper, rel=1e-6)


def test_few_units_for_many_columns_are_noted():
    rng = np.random.default_rng(0)
    design = replace(planted(0, n=200), covariates=rng.normal(size=(200, 12)), covariate_names=())
    design = replace(design, covariate_names=tuple(f"x{k}" for k in range(12)))
    assert "follow chance" in sharp_bounds(design, 1.5).notes[0]


def test_bad_input_is_refused():
    design = planted(0)
    for strength in (0.5, 101.0, np.nan, "2"):
        with pytest.raises(DataError, match="odds_ratio"):
            sharp_bounds(design, strength)
    with pytest.raises(DataError, match="target"):
        sharp_bounds(design, 2.0, target="ATO")
    with pytest.raises(EstimationError, match="has the values"):
        sharp_bounds(replace(design, treatments=design.covariates[:, :1]), 2.0)

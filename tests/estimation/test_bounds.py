import json

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.bounds import Bounds, bounds_of_influence, critical_value
from tests.estimation.planted import exact_interval

SAID = "the outcome is 0 or 1"
N_RUNS = 800


@pytest.mark.parametrize(("width", "expected"), [(0.0, 1.959964), (100.0, 1.644854)])
def test_critical_values_run_from_two_sided_to_one_sided(width, expected):
    assert critical_value(width, 1.0, 0.95) == pytest.approx(expected, abs=1e-6)


def test_the_critical_value_solves_imbens_and_manski():
    from scipy.stats import norm

    times = critical_value(0.7, 0.5, 0.9)
    assert norm.cdf(times + 0.7 / 0.5) - norm.cdf(-times) == pytest.approx(0.9, abs=1e-10)


@pytest.mark.parametrize("width", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("end", [0, 1])
def test_the_interval_covers_the_effect_at_its_level_wherever_it_lies(width, end):
    """Worst at an end of the range, and then exactly at the level."""
    rng, truth, covered = np.random.default_rng(end), (1.0, 1.0 + width)[end], 0
    for shift in rng.normal(size=N_RUNS) * 0.2:
        covered += Bounds(1.0 + shift, 1.0 + width + shift, SAID, 0.2, 0.2).covers(truth)
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high


def test_errors_follow_from_influence_and_clusters():
    rng = np.random.default_rng(0)
    influence = rng.normal(size=(60, 2)) * [1.0, 2.0]
    codes = np.arange(60) // 3
    design = Design(np.zeros(60), np.ones((60, 1)), np.empty((60, 0)), (), {"user": codes}, ("shown",))
    found = bounds_of_influence((0.0, 1.0), influence, design, SAID)
    sums = np.array([np.bincount(codes, weights=c) for c in (influence - influence.mean(axis=0)).T])
    expected = np.sqrt((sums**2).sum(axis=1) * 20 / 19) / 60
    np.testing.assert_allclose((found.stderr_lower, found.stderr_upper), expected)
    assert (found.dof, dict(found.n_clusters), found.subject) == (19, {"user": 20}, "shown")


def test_draws_give_percentiles():
    draws = np.column_stack([np.linspace(0, 1, 101), np.linspace(2, 3, 101)])
    found = Bounds(0.5, 2.5, SAID, 0.1, 0.1, draws=draws)
    assert found.interval(0.9) == pytest.approx((0.05, 2.95))


def test_it_prints_a_range_and_never_a_point():
    found = Bounds(0.1, 0.3, SAID, 0.02, 0.03, unit="clicks", subject="shown on clicked", method="manski", n=10)
    text = str(found)
    assert "between +0.1000 and +0.3000" in text
    assert SAID in text
    assert not hasattr(found, "value")
    assert json.loads(found.to_json())["interval_lower"] == pytest.approx(found.interval()[0])
    assert "+0.1000 to +0.3000" in found.to_markdown()


@pytest.mark.parametrize("ends", [(1.0, 0.0), (np.nan, 1.0)])
def test_ends_out_of_order_contradict_the_assumption(ends):
    with pytest.raises(EstimationError, match="contradict"):
        Bounds(*ends, SAID, 0.1, 0.1)


def test_bad_input_is_refused():
    with pytest.raises(EstimationError, match="Standard errors"):
        Bounds(0.0, 1.0, SAID, -1.0, 0.1)
    with pytest.raises(ShapeError):
        Bounds(0.0, 1.0, SAID, 0.1, 0.1, draws=np.zeros((5, 2)))
    with pytest.raises(DataError, match="level"):
        Bounds(0.0, 1.0, SAID, 0.1, 0.1).interval(95)


def test_an_infinite_end_stays_infinite():
    assert Bounds(-np.inf, 1.0, SAID, 0.0, 0.1).interval()[0] == -np.inf

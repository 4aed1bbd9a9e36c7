"""Intervals of difference in differences hold the truth as often as they say."""

import numpy as np
import pytest
from scipy.stats import binom

from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.identification import Estimand
from tests.estimation.event_study.staggered import confounded, design, panel, some, towns, truth

N_COVERAGE, N_COVARIATES, N_BANDS, N_GAPS, N_TOWNS = 300, 200, 100, 150, 100
ESTIMAND = Estimand(("on",), "y", "adjustment", ("unit", "week"))


def did():
    return DifferenceInDifferences("unit", "week")


def likely(hits, n=N_COVERAGE, level=0.95):
    return binom.ppf(0.0005, n, level) <= hits <= binom.ppf(0.9995, n, level)


@pytest.fixture(scope="module")
def runs():
    return [did().fit(design(panel(seed))) for seed in range(N_COVERAGE)]


def test_two_way_effects_are_wrong_where_this_is_right(runs):
    plain = np.array([AbsorbedRegression().fit(design(panel(seed))).value_[0] for seed in range(20)])
    values, errors = np.array([run.value_[0] for run in runs]), np.array([run.stderr_[0] for run in runs])
    assert plain.mean() < truth() - 3 * plain.std()
    assert values.mean() == pytest.approx(truth(), abs=4 * values.std() / N_COVERAGE**0.5)
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)


def test_intervals_cover(runs):
    intervals = [run.effect(ESTIMAND).interval() for run in runs]
    assert likely(sum(lower <= truth() <= upper for lower, upper in intervals))


@pytest.mark.parametrize("event", [-2, 0, 1, 3])
def test_intervals_by_event_time_cover(runs, event):
    expected, hits = truth(event) if event >= 0 else 0.0, 0
    for run in runs:
        lower, upper = run.by_event_time_.interval()
        at = run.by_event_time_.at.index(event)
        hits += lower[at] <= expected <= upper[at]
    assert likely(hits)


def test_bands_cover_all_event_times_together_and_single_intervals_do_not(runs):
    together, apart = 0, 0
    for run in runs[:N_BANDS]:
        table = run.by_event_time_
        expected = np.array([truth(event) if event >= 0 else 0.0 for event in table.at])
        for kind, (lower, upper) in (("band", table.band()), ("interval", table.interval())):
            all_in = bool(((lower <= expected) & (expected <= upper)).all())
            together, apart = together + (kind == "band") * all_in, apart + (kind == "interval") * all_in
    assert likely(together, N_BANDS)
    assert not likely(apart, N_BANDS)


def test_leads_are_rejected_at_their_level(runs):
    assert likely(sum(run.leads_test_.p_value > 0.05 for run in runs))


@pytest.mark.parametrize("curved", [False, True])
def test_covariates_give_parallel_trends_back(curved):
    """Linear trends are right by the regression, curved ones by the propensity alone."""
    hits = 0
    for seed in range(N_COVARIATES):
        rows = confounded(seed, curved=curved)
        lower, upper = did().fit(design(rows, ["x"])).effect(ESTIMAND).interval()
        hits += lower <= 1 <= upper
    assert likely(hits, N_COVARIATES)
    naive = [did().fit(design(confounded(seed, curved=curved))).value_[0] for seed in range(10)]
    assert np.mean(naive) > 1.3


def test_panels_with_random_gaps_are_covered():
    hits = 0
    for seed in range(N_GAPS):
        columns = panel(seed, n_units=120)
        last = (columns["week"] == columns["cohort"] - 1) | (columns["week"] == columns["cohort"])
        kept = last | (np.random.default_rng(seed).random(len(last)) < 0.8)
        lower, upper = did().fit(design(some(columns, kept))).effect(ESTIMAND).interval()
        hits += lower <= truth() <= upper
    assert likely(hits, N_GAPS)


def test_clusters_of_units_are_needed_where_shocks_are_shared():
    hits = {"town": 0, "unit": 0}
    for seed in range(N_TOWNS):
        columns, town = towns(seed)
        for by, clusters in (("town", {"town": town}), ("unit", None)):
            lower, upper = did().fit(design(columns, clusters=clusters)).effect(ESTIMAND).interval()
            hits[by] += lower <= truth() <= upper
    assert likely(hits["town"], N_TOWNS)
    assert not likely(hits["unit"], N_TOWNS)

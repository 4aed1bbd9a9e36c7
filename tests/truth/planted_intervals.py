"""Intervals of units, groups and ratios, of streams, of few clusters and of weak instruments."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.data import Dataset, design
from causalrec.data.design import Design
from causalrec.estimation.uncertainty.wild_bootstrap import wild_bootstrap
from causalrec.identification import Estimand
from tests.estimation.doses.test_dose_response import SPENT
from tests.estimation.doubly_robust.test_levels import MULTINOMIAL
from tests.estimation.groups.test_conditional_effects import EFFECTS, ESTIMAND
from tests.estimation.planted import SHOWN, Line, expit
from tests.truth.estimators import named
from tests.truth.intervals import Interval, alone, normal
from tests.truth.planted_worlds import SLOPE

__all__ = [
    "DOSE",
    "amounts_by_cluster",
    "at_dose",
    "by_econml",
    "dowhy_lines",
    "effect_of_unit",
    "event",
    "of_group",
    "of_level",
    "of_ratio",
    "ratio",
    "streamed",
    "weak",
    "weak_interval",
    "wild",
    "within",
]

AT = np.array([[1.0, -0.5, 0.0]])  # the unit whose effect is asked for
DOSE = Estimand(("t",), "y", "adjustment", adjustment=tuple(f"x{k}" for k in range(5)))
N_SAMPLES = 499


def effect_of_unit(name: str, **given: Any) -> Callable[[Design], Interval]:
    """Effect of one fixed unit, whose truth is 1 + SLOPE."""

    def fit(rows: Design) -> Interval:
        found = named(name, **given).fit(rows).effects(AT)
        return normal(float(found.value[0]), float(found.stderr[0]))

    return fit


def of_group(place: int | None, **given: Any) -> Callable[[Design], Interval]:
    """Average effect of one fifth by predicted effect (the last less the first, for None), less the members' own."""
    from causalrec.estimation.heterogeneity.calibration import gates, predicted_groups
    from causalrec.estimation.heterogeneity.held_out import held_out

    def fit(rows: Design) -> Interval:
        held = held_out(named("DRLearner", **given), rows)
        found, group = gates(held), predicted_groups(held, 5)
        own = 1 + SLOPE * held.covariates[:, 0]
        mean = np.array([own[group == k].mean() for k in range(5)])
        if place is None:
            return normal(found.difference - (mean[-1] - mean[0]), found.difference_stderr)
        return normal(float(found.value[place] - mean[place]), float(found.stderr[place]))

    return fit


def streamed(name: str, *args: Any, **given: Any) -> Callable[[Design], Interval]:
    """An estimator on the rows of a Parquet file that is read in batches."""

    def fit(rows: Design) -> Interval:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {f"x{k}": column for k, column in enumerate(rows.covariates.T[:5])}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            pq.write_table(pa.table({"t": rows.treatments[:, 0], "y": rows.outcome, **columns}), path)
            found = design(DOSE, Dataset.from_parquet(path, memory_limit=1_000))
            assert found.streamed
            effect = named(name, *args, **given).fit(found).effect(DOSE)
        return Interval(effect.value, effect.stderr, (effect.interval(),))

    return fit


def amounts_by_cluster(seed: int, n_clusters: int, per_cluster: int = 20) -> Design:
    """A treatment and a shock of the outcome that clusters share, the clusters of two sizes."""
    rng = np.random.default_rng(seed)
    sizes = per_cluster * (1 + np.arange(n_clusters) % 2)
    code = np.repeat(np.arange(n_clusters), sizes)
    n = len(code)
    x = rng.normal(size=n)
    t = rng.normal(size=n_clusters)[code] + 0.5 * x + 0.5 * rng.normal(size=n)
    y = t + x + rng.normal(size=n_clusters)[code] + rng.normal(size=n)
    return Design(y, t[:, None], x[:, None], (), {"shop": code}, ("shown",), ("age",))


def wild(rows: Design) -> Interval:
    """The wild cluster bootstrap."""
    found = wild_bootstrap(rows, n_samples=N_SAMPLES)
    return alone(*found.interval, found.value)


def weak(seed: int, n: int = 400, strength: float = 0.12) -> Design:
    """Two instruments that together hardly move the treatment."""
    rng = np.random.default_rng(seed)
    x, hidden, Z = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, 2))
    t = strength * Z[:, 0] + 0.5 * x + hidden + rng.normal(size=n)
    y = t + x + 2 * hidden + rng.normal(size=n)
    return Design(y, t[:, None], x[:, None], (), {}, instruments=Z)


def weak_interval(rows: Design) -> Interval:
    """Anderson's and Rubin's interval, of one part or two, or the whole line."""
    found = named("TwoStageLeastSquares", allow_weak=True).fit(rows).anderson_rubin()
    return Interval(np.nan, np.nan, found.parts)


def of_ratio(kind: str, estimator: str, *args: Any, **given: Any) -> Callable[[Design], Interval]:
    """Logarithm of a risk or odds ratio; its interval is that of the ratio."""
    from causalrec.estimation.doubly_robust import ratios

    def fit(rows: Design) -> Interval:
        found = getattr(ratios, kind)(named(estimator, *args, **given).fit(rows))
        lower, upper = np.log(found.interval())
        return Interval(float(np.log(found.value)), found.log_stderr, ((float(lower), float(upper)),))

    return fit


@lru_cache
def ratio(kind: str) -> float:
    """Logarithm of the ratio in the binary world of `planted`."""
    level = 0.8 * np.random.default_rng(0).normal(size=4_000_000) * np.sqrt(1.5)
    off, on = float(expit(level - 0.5).mean()), float(expit(level + 0.5).mean())
    return float(np.log(on / off) if kind == "risk_ratio" else np.log(on / (1 - on) * (1 - off) / off))


def by_econml(name: str, **more: Any) -> Callable[[Design], Any]:
    """An EconML estimator with linear and logistic nuisances."""

    def fit(rows: Design) -> Any:
        from econml import dml, dr
        from sklearn.linear_model import LinearRegression, LogisticRegression

        outcome, treatment = LinearRegression(), LogisticRegression(C=1e6)
        given: dict[str, Any] = {"cv": 2, "random_state": 0, **more}
        if name == "LinearDRLearner":
            theirs = dr.LinearDRLearner(model_regression=outcome, model_propensity=treatment, **given)
        else:
            theirs = getattr(dml, name)(model_y=outcome, model_t=treatment, discrete_treatment=True, **given)
        return named("EconMLEstimator", theirs).fit(rows)

    return fit


def dowhy_lines(rows: Design) -> Any:
    """DoWhy's linear regression, its error by 50 refits."""
    from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator

    return named("DoWhyEstimator", LinearRegressionEstimator, n_draws=50).fit(replace(rows, clusters={}))


def at_dose(dose: float) -> Callable[[Design], Interval]:
    """The mean outcome had all one dose."""

    def fit(rows: Design) -> Interval:
        found = named("DoseResponse", [-1.0, -0.5, 0.0, 0.5, 1.0]).fit(rows).effect(SPENT)
        place = found.doses.tolist().index(dose)
        return Interval(float(found.value[place]), float(found.stderr[place]), (tuple(found.intervals()[place]),))

    return fit


def event(time: int | None) -> Callable[[Design], Any]:
    """Difference in differences: the mean over treated rows, or at one time since the start."""

    def fit(rows: Design) -> Any:
        found = named("DifferenceInDifferences", "unit", "week").fit(rows)
        if time is None:
            return found
        table = found.by_event_time_
        place, (lower, upper) = table.at.index(time), table.interval()
        ends = float(lower[place]), float(upper[place])
        return Interval(float(table.value[place]), float(table.stderr[place]), (ends,))

    return fit


def of_level(level: float) -> Callable[[Design], Interval]:
    """One level of a treatment of three against the lowest."""

    def fit(rows: Design) -> Interval:
        effect = named("LevelAIPW", Line(), MULTINOMIAL, n_folds=2, level=level).fit(rows).effect(SHOWN)
        return Interval(effect.value, effect.stderr, (effect.interval(),))

    return fit


def within(group: str, *, simultaneous: bool = False) -> Callable[[dict], Interval]:
    """The effect within one group of a table, or whether the intervals of all groups hold together."""

    def fit(table: dict) -> Interval:
        # Least squares is exact within a group here; cross-fitted errors of so few rows are a little too wide.
        given = {"estimator": named("OLS")} if simultaneous else {}
        found = named("conditional_effects", ESTIMAND, Dataset.from_frames(table), **given)
        if simultaneous:
            ends = found.intervals(simultaneous=True)
            held = ((ends[:, 0] <= EFFECTS) & (ends[:, 1] >= EFFECTS)).all()
            width = float((ends[:, 1] - ends[:, 0]).mean())
            return alone(0.0, width) if held else alone(1.0, 1.0 + width)  # the truth of "all hold" is 0
        return Interval(found[group].value, found[group].stderr, (found[group].interval(),))

    return fit

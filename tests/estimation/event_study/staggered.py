"""Panels whose treatment starts at different times, with effects that grow and differ by cohort."""

import numpy as np

from causalrec.data import Design

EARLY, LATE, NEVER = 2, 4, 99
SHARES = {EARLY: 0.4, LATE: 0.3, NEVER: 0.3}
N_PERIODS = 6


def effect(cohort, period):
    """Of a cohort in a period of treatment: early adopters gain more, and ever more."""
    return np.where(cohort == EARLY, 2.0 + 1.5 * (period - EARLY), 0.5 + 0.2 * (period - LATE))


def cells(shares=SHARES, n_periods=N_PERIODS):
    """(cohort, period, share, effect) of every cohort in every period of its treatment."""
    return [(g, t, share, float(effect(g, t))) for g, share in shares.items() if g < NEVER for t in range(g, n_periods)]


def truth(event=None):
    """Mean effect on treated rows, of all or of one event time."""
    chosen = [(share, value) for g, t, share, value in cells() if event in (None, t - g)]
    return sum(share * value for share, value in chosen) / sum(share for share, _ in chosen)


def panel(seed=0, n_units=80, shares=SHARES, n_periods=N_PERIODS):
    """Columns by name: unit, week, cohort, on, y, and a covariate x that is the same in all rows of a unit."""
    rng = np.random.default_rng(seed)
    cohort = rng.choice(list(shares), n_units, p=list(shares.values()))
    noise = rng.normal(size=(n_units, n_periods)).cumsum(axis=1) * 0.5 + rng.normal(size=(n_units, n_periods))
    unit, week = np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(n_periods), n_units)
    start, personal = cohort[unit], rng.normal(size=n_units)[unit]
    on = (week >= start).astype(float)
    level = np.where(start == NEVER, 0.0, 10.0 - start) + rng.normal(size=n_units)[unit]
    y = level + 0.7 * week**1.5 + on * (effect(start, week) + personal) + noise.ravel()
    return {"unit": unit, "week": week, "cohort": start, "on": on, "y": y, "x": rng.normal(size=n_units)[unit]}


def confounded(seed=0, n_units=300, curved=False):
    """Two periods, an effect of 1; who is treated and how outcomes move both follow x, the latter curved or not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n_units)
    treated = rng.random(n_units) < 1 / (1 + np.exp(0.4 - 0.7 * x))
    trend = 1 + x + (0.6 * x**2 if curved else 0)
    before = 3 * x + rng.normal(size=n_units)
    after = before + trend + treated + rng.normal(size=n_units)
    unit, week = np.repeat(np.arange(n_units), 2), np.tile([0, 1], n_units)
    y = np.column_stack([before, after]).ravel()
    return {"unit": unit, "week": week, "on": (treated[unit] & (week == 1)).astype(float), "y": y, "x": x[unit]}


def design(columns, covariates=(), weight=None, clusters=None):
    """The columns as a design, units and weeks held fixed."""
    n = len(columns["y"])
    X = np.column_stack([columns[name] for name in covariates]) if covariates else np.empty((n, 0))
    return Design(
        columns["y"], columns["on"][:, None], X, (columns["unit"], columns["week"]), clusters or {}, ("on",),
        tuple(covariates), weight=weight, absorbed_names=("unit", "week"),
    )  # fmt: skip


def some(columns, chosen):
    """Some rows of the columns."""
    return {name: column[chosen] for name, column in columns.items()}


def towns(seed=0, n_towns=45, per_town=4):
    """Towns adopt as one and share shocks; the code of each row's town beside the columns."""
    rng = np.random.default_rng(seed)
    n_units = n_towns * per_town
    columns = panel(seed, n_units)
    start = rng.choice(list(SHARES), n_towns, p=list(SHARES.values()))
    town = columns["unit"] // per_town
    cohort, week = start[town], columns["week"]
    gain = (week >= cohort) * effect(cohort, week) - columns["on"] * effect(columns["cohort"], week)
    shock = rng.normal(size=(n_towns, N_PERIODS)).cumsum(axis=1)[town, week]
    moved = {"cohort": cohort, "on": (week >= cohort).astype(float), "y": columns["y"] + gain + shock}
    return columns | moved, town

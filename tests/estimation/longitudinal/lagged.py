"""Panels in which earlier treatments still work."""

import numpy as np

from causalrec.data import Design

EFFECTS = (2.0, -0.8, -0.3)
N_WEEKS = 14


def columns(seed=0, n_units=40, effects=EFFECTS, n_weeks=N_WEEKS):
    """Unit, week, on, y by name; treatments follow unit and week, and last; errors drift."""
    rng = np.random.default_rng(seed)
    level, season = rng.normal(size=n_units), rng.normal(size=n_weeks + 8)
    push = rng.normal(size=(n_units, n_weeks + 8))
    push[:, 1:] += push[:, :-1]
    on = (push + level[:, None] + season > 0.5).astype(float)
    noise = rng.normal(size=(n_units, n_weeks)).cumsum(axis=1) * 0.3 + rng.normal(size=(n_units, n_weeks))
    y = 3 * level[:, None] + 2 * season[8:] + noise
    for lag, effect in enumerate(effects):
        y = y + effect * on[:, 8 - lag : n_weeks + 8 - lag]
    unit, week = np.repeat(np.arange(n_units), n_weeks), np.tile(np.arange(n_weeks), n_units)
    return {"unit": unit, "week": week, "on": on[:, 8:].ravel(), "y": y.ravel()}


def panel(seed=0, weight=None, clusters=None, **shape):
    """The columns as a design, units and weeks held fixed."""
    found = columns(seed, **shape)
    n = len(found["y"])
    return Design(
        found["y"], found["on"][:, None], np.empty((n, 0)), (found["unit"], found["week"]), clusters or {}, ("on",),
        weight=weight, absorbed_names=("unit", "week"),
    )  # fmt: skip

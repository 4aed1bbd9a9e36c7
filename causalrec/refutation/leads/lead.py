"""Tomorrow's treatment must not act today."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Design
from causalrec.errors import DataError
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.independent_units import column_codes, known_codes
from causalrec.refutation.p_of_nothing import p_of_nothing
from causalrec.refutation.refutation import Refutation

__all__ = ["lead"]

ASKED = Asked(
    name="lead",
    question="Does the next period's treatment do nothing today?",
    sees="a hidden cause that lasts, of treatment and outcome; or a treatment that reacts to the outcome",
)
LEAST_ROWS = 50


def lead(attacked: Attacked) -> Refutation:
    """Estimate the effect of each unit's next treatment on its outcome now, today's treatment held fixed.

    The data say what a unit is and when: ``times={treatment: "week"}`` names the column of time, and
    ``keys={"users": "user"}`` (and "items") the columns that tell units apart. The next period is the next value of
    time in the table; rows whose unit is not seen then, or whose time is missing, are left out. Errors are clustered
    by unit besides the design's own clusters where it has none.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the effect of the next treatment, in the outcome's unit.

    References
    ----------
    Granger (1969), Econometrica 37(3); as a test of design, Angrist, Pischke (2009), Mostly Harmless Econometrics.
    """
    effect = attacked.effect
    if reason := _cannot(attacked):
        return ASKED.cannot(effect, reason)
    rows = _with_next(attacked)
    if rows.n < LEAST_ROWS:
        reason = f"{rows.n:,} rows have a next period of the same unit; {LEAST_ROWS} are needed."
        return ASKED.cannot(effect, reason)
    found = attacked.estimate(rows)
    p_value = p_of_nothing(found)
    return ASKED.tested(
        effect, p_value, refuted=found.value, stderr=found.stderr,
        reason=f"In {rows.n:,} rows with a next period its {attacked.treatment!r} goes with {found.value:+.4g} today.",
        details={"rows": float(rows.n)},
    )  # fmt: skip


def _cannot(attacked: Attacked) -> str:
    if attacked.estimand.strategy != "adjustment":
        return f"The effect is identified by {attacked.estimand.strategy}, and a lead fits adjustment."
    if attacked.treatment not in attacked.data.times:
        return (
            f"Nothing says when {attacked.treatment!r} was done: bind "
            f"times={{{attacked.treatment!r}: <column of time>}}."
        )
    if not _unit_columns(attacked):
        return "Nothing says what is seen again: bind keys={'users': <column>} (or 'items') to a column of the table."
    return ""


def _unit_columns(attacked: Attacked) -> list[str]:
    known = set(attacked.data.tables["interactions"].column_names)
    return [key for key in attacked.data.keys.values() if key in known]


def _with_next(attacked: Attacked) -> Design:
    """Rows that have a next one: its treatment as the treatment, their own as a covariate."""
    design = attacked.design
    units = np.column_stack([column_codes(attacked, name) for name in _unit_columns(attacked)])
    unit = np.unique(units, axis=0, return_inverse=True)[1].ravel()
    time = known_codes(attacked, attacked.data.times[attacked.treatment])
    here, there = _next_rows(unit, time, attacked)
    now = design.rows(here)
    names = (*now.covariate_names, f"{attacked.treatment} now")
    clusters = now.clusters or {"unit": np.unique(unit[here], return_inverse=True)[1]}
    return replace(
        now, treatments=design.treatments[there], covariates=np.column_stack([now.covariates, now.treatments]),
        covariate_names=names, clusters=clusters, keys=None,
    )  # fmt: skip


def _next_rows(unit: np.ndarray, time: np.ndarray, attacked: Attacked) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((time, unit))
    same = (np.diff(unit[order]) == 0) & (time[order][:-1] >= 0)  # a row of no known time has no next one
    step = np.diff(time[order])
    if twice := int((same & (step == 0)).sum()):
        raise DataError(
            f"{twice:,} rows stand beside another of the same {' and '.join(_unit_columns(attacked))} and "
            f"{attacked.data.times[attacked.treatment]}: name a finer key, or take their mean first."
        )
    at = np.flatnonzero(same & (step == 1))
    return order[at], order[at + 1]

"""The levels of one treatment, checked before anything is computed."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.overlap import MAX_CLIPPED, where_overlap_fails
from causalrec.estimation.doubly_robust.two_arms import TwoArms, arms_of

__all__ = ["level_arms", "refuse_lonely_levels", "refuse_rare_levels", "refuse_unknown_level"]

MAX_LEVELS = 20


def level_arms(design: Design, method: str) -> TwoArms:
    """Units of a design with one treatment of a few levels; `t` holds the level of each.

    Raises
    ------
    EstimationError : what `two_arms` refuses of a design, one level, or so many that they are amounts.

    Examples
    --------
    >>> design = Design(np.arange(3.0), np.arange(3.0)[:, None], np.zeros((3, 1)), (), {})
    >>> level_arms(design, "LevelAIPW").t.tolist()
    [0.0, 1.0, 2.0]
    """
    arms = arms_of(design, method)
    n_levels = len(np.unique(arms.t[arms.weight > 0]))
    if n_levels < 2:
        raise EstimationError(f"{arms.treatment!r} has one level in all {arms.n:,} rows: nothing compares.")
    if n_levels > MAX_LEVELS:
        raise EstimationError(
            f"{method} takes at most {MAX_LEVELS} levels, and {arms.treatment!r} has {n_levels:,}: these are amounts. "
            f"Take PartiallyLinearDML, or group them."
        )
    return arms


def refuse_unknown_level(name: str, level: float | None, levels: np.ndarray, treatment: str) -> None:
    """Refuse a level that the treatment does not have; None is no level."""
    if level is not None and level not in levels:
        known = ", ".join(f"{one:g}" for one in levels)
        raise DataError(f"{name} is {level!r}, and {treatment!r} has the levels {known}.")


def refuse_rare_levels(arms: TwoArms, fold: np.ndarray, levels: np.ndarray) -> None:
    """Refuse a level that the training rows of a fold lack."""
    for k in np.unique(fold):
        for level in levels:
            count = int(((arms.t == level) & (fold != k) & (arms.weight > 0)).sum())
            if count < 2:
                raise EstimationError(
                    f"Without fold {k} {count} units have {arms.treatment!r} at {level:g}, too few to learn from: take "
                    f"fewer folds, or leave that level out."
                )


def refuse_lonely_levels(arms: TwoArms, levels: np.ndarray, chance: np.ndarray, clip: float) -> None:
    """Refuse an average over units many of whom could not have had a level; `chance` is (n, n_levels).

    Raises
    ------
    EstimationError : with the share of such units, the level, and the rule that finds them.
    """
    for level, column in zip(levels, chance.T, strict=True):
        fails = column < clip
        share = float(arms.weight @ fails / arms.weight.sum())
        if share > MAX_CLIPPED:
            rules = where_overlap_fails(arms.X, arms.names, fails)
            whom = f" Overlap fails for {'; '.join(rules)}." if rules else ""
            raise EstimationError(
                f"{share:.0%} of {arms.n:,} units have a chance below {clip:g} of {arms.treatment!r} at {level:g}, so "
                f"they tell nothing of it.{whom} Leave those units, or that level, out."
            )

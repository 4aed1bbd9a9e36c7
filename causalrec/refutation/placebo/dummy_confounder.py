"""A covariate of pure noise must not move the effect."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from causalrec.data import Design
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.independent_units import ordered
from causalrec.refutation.refutation import Refutation

__all__ = ["dummy_confounder"]

ASKED = Asked(
    name="dummy confounder",
    question="Does the effect stay when a column of noise is adjusted for?",
    sees="so many covariates for the rows that one more of noise moves the effect; not confounding",
)
MARGIN = 0.15
"""Standard errors that half of all columns of noise may move the effect by."""


def dummy_confounder(attacked: Attacked) -> Refutation:
    """Add a covariate of independent normal noise and estimate anew.

    Least squares with d degrees of freedom left moves by about 1 / sqrt(d) standard errors, so the
    change is never exactly nothing: the null is that its median is at most 0.15 of the effect's standard error, and
    the test counts the larger ones, which are half or fewer of the draws then. Its level is exact at that edge.
    Folds stay as they are.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the mean effect, `stderr` the spread of the changes.
    """
    effect = attacked.effect
    if attacked.estimand.strategy == "frontdoor":
        reason = "The effect runs through mediators, not through an adjustment set."
        return ASKED.cannot(effect, reason)
    design, _ = ordered(attacked.design)
    value = attacked.draws(partial(_draw, replace(design, keys=design.row_keys())))
    changes = np.abs(value - effect.value) / effect.stderr
    p_value, moved = _p_value(changes), float(np.median(changes))
    return ASKED.tested(
        effect, p_value, refuted=float(value.mean()), stderr=float(value.std(ddof=1)),
        reason=f"{len(value)} columns of noise moved the effect by {moved:.2f} of its standard error, in the median; "
        f"{MARGIN:g} is the most that is let pass.",
        details={"change in errors": moved, "largest change in errors": float(changes.max())},
        reference=value.tolist(),
    )  # fmt: skip


def _draw(design: Design, attacked: Attacked, rng: np.random.Generator) -> float:
    noise = rng.normal(size=(design.n, 1))
    names = (*design.covariate_names, "noise")
    covariates = np.column_stack([design.covariates, noise])
    return attacked.estimate(replace(design, covariates=covariates, covariate_names=names)).value


def _p_value(changes: np.ndarray) -> float:
    """Of a median that is at most the margin, one-sided: the sign test."""
    from scipy.stats import binom

    return float(binom.sf(int((changes > MARGIN).sum()) - 1, len(changes), 0.5))

"""An outcome that only the covariates made can show no effect of the treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Design
from causalrec.errors import CausalrecError
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.independent_units import ordered
from causalrec.refutation.placebo.curves import Curves, curves_of
from causalrec.refutation.refutation import Refutation

__all__ = ["placebo_outcome"]

ASKED = Asked(
    name="placebo outcome",
    question="Is there no effect on what the covariates alone say of the outcome?",
    sees="outcome and treatment both curved in the covariates, where the estimator takes lines; not confounding",
)


def placebo_outcome(attacked: Attacked) -> Refutation:
    """Estimate the effect on an outcome that follows from the covariates alone, so that it must be nothing.

    That outcome is the part of the real one that squares and products of the covariates explain beside the
    covariates themselves, in a regression that holds the treatment and its products with them fixed. An effect on it is
    the bias that these curves put into the estimate. Its error counts both what the regression and what the
    estimator left open: the influence of each row on the effect, plus that on each coefficient times the effect on its
    curve. Where neither outcome nor treatment is curved both are near 0, and the test is cautious.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the effect on the placebo outcome, in the outcome's unit.

    References
    ----------
    The idea is that of regression specification tests with powers: Ramsey (1969), JRSSB 31(2).
    """
    effect = attacked.effect
    design, _ = ordered(attacked.design)
    found = None if attacked.estimand.strategy == "frontdoor" else curves_of(design)
    if found is None:
        return ASKED.cannot(effect, _why_none(attacked))
    try:
        value, stderr, dof = _on_curves(attacked, design, found)
    except CausalrecError as error:
        return ASKED.cannot(effect, f"The estimator does not take an outcome that the covariates made: {error}")
    from scipy.stats import t

    p_value = float(2 * t.sf(abs(value) / stderr, dof)) if stderr > 0 else 1.0
    return ASKED.tested(
        effect, p_value, refuted=value, stderr=stderr,
        reason=f"{found.n_curves} squares and products of the covariates would put {value / effect.stderr:+.2f} "
        f"standard errors into the effect.",
        details={"curves": float(found.n_curves), "bias in errors": value / effect.stderr},
    )  # fmt: skip


def _on_curves(attacked: Attacked, design: Design, curves: Curves) -> tuple[float, float, float]:
    """Effect on the placebo outcome, its error and degrees of freedom."""
    made = curves.outcome
    scale = float(design.outcome.std()) or 1.0
    main = attacked.estimate(replace(design, outcome=made))
    slopes = np.array([
        attacked.estimate(replace(design, outcome=column * scale)).value / scale for column in curves.columns.T
    ])  # fmt: skip
    other = curves.influence @ slopes
    if main.influence is None:
        variance = main.stderr**2 + _variance(other, design)[0]
        return main.value, variance**0.5, main.dof
    variance, dof = _variance(main.influence + other, design)
    return main.value, variance**0.5, dof


def _variance(influence: np.ndarray, design: Design) -> tuple[float, float]:
    found, dof = influence_covariance(influence[:, None], design.clusters)
    return float(found[0, 0]), float(dof)


def _why_none(attacked: Attacked) -> str:
    if attacked.estimand.strategy == "frontdoor":
        return "The effect runs through mediators, and an outcome of covariates has none."
    if not attacked.design.matrix().shape[1]:
        return "Nothing is adjusted for, so there are no covariates to make an outcome of."
    return "The covariates take two values, or the rows are too few for their squares and products."

"""The spread of the effect under a bootstrap, against the error that was reported."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from causalrec.data import Design
from causalrec.estimation import Matching
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.excess_spread import spread_p_value
from causalrec.refutation.independent_units import Units, ordered, units_of
from causalrec.refutation.refutation import Refutation

__all__ = ["bootstrap_spread"]

ASKED = Asked(
    name="bootstrap",
    question="Does the effect spread no more in a bootstrap than its error says?",
    sees="an error that is too small: for groups that share the treatment, or for rows that vary unequally",
)
LEAST_UNITS = 20
WEIGHT_SPREAD = 0.5


def bootstrap_spread(attacked: Attacked) -> Refutation:
    """Give the units random weights and estimate anew.

    Units are the clusters; without clusters, groups that share the treatment, where the table tells
    of some; else the rows. Their weights are gamma variables of mean 1 and standard deviation 1/2, so that no unit is
    lost, none stands in two folds, and what is not linear in the weights counts for little; the draws' distances from
    the effect are doubled. Their variance is compared with the squared error, one-sided, once what cross-fitting few
    units adds to it is taken off.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the mean of the draws, `stderr` their spread.

    References
    ----------
    Barbe, Bertail (1995), The Weighted Bootstrap, Springer.
    """
    effect = attacked.effect
    design, order = ordered(attacked.design)
    units = units_of(attacked, design, order)
    if reason := _cannot(attacked, units):
        return ASKED.cannot(effect, reason)
    moved = attacked.draws(partial(_draw, design, units)) - effect.value
    value = effect.value + moved / WEIGHT_SPREAD
    spread = float(value.std(ddof=1))
    ratio = spread / effect.stderr
    # Mean and effect of groups that no cluster covers take two of their residuals' sums.
    n_folds = attacked.recipe.fresh().get_params(deep=False).get("n_folds")
    square = ratio**2 * units.spent(2) / _cross_fitting(n_folds, design, units)
    p_value = spread_p_value(square, len(value) - 1, units.free)
    uncovered = "" if units.declared else ", which no cluster covers"
    return ASKED.tested(
        effect, p_value, refuted=float(value.mean()), stderr=spread,
        reason=f"{len(value)} draws of {units.n:,} {units.name}{uncovered}, spread {ratio:.2f} times as far as the "
        f"error says.",
        details={"spread over error": ratio, **_dominance(attacked)}, reference=value.tolist(),
    )  # fmt: skip


def _draw(design: Design, units: Units, attacked: Attacked, rng: np.random.Generator) -> float:
    drawn = rng.gamma(WEIGHT_SPREAD**-2, WEIGHT_SPREAD**2, size=units.n)[units.codes]
    weight = drawn if design.weight is None else drawn * design.weight
    return attacked.estimate(replace(design, weight=weight)).value


def _cross_fitting(n_folds: int | None, design: Design, units: Units) -> float:
    """Variance of draws of a cross-fitted estimate over the squared error, where few units alone set it off 1.

    An allowance for what is of second order: a draw's weights move the errors of both nuisances' k coefficients too.
    With the five folds that estimators have unless told otherwise that adds about k J / units (J / (J - 1))^2, as
    simulated for least squares. It is more than the estimate's own variance gains, and it is rough elsewhere: with ten
    folds too much, with two too little.
    """
    if not n_folds:
        return 1.0
    return 1.0 + _between(design, units) * n_folds / units.n * (n_folds / (n_folds - 1)) ** 2


def _between(design: Design, units: Units) -> float:
    """Coefficients of a nuisance, each for as much of its column as differs between units; the intercept wholly."""
    X = design.matrix() - design.matrix().mean(axis=0)
    squares = (X**2).sum(axis=0) * design.n / units.n
    sums = np.column_stack([np.zeros(units.n), *(np.bincount(units.codes, column) for column in X.T)])[:, 1:]
    return 1.0 + float(np.divide((sums**2).sum(axis=0), squares, out=np.zeros_like(squares), where=squares > 0).sum())


def _dominance(attacked: Attacked) -> dict[str, float]:
    influence = attacked.effect.influence
    if influence is None:
        return {}
    squares = influence**2
    return {"share of the variance by the largest row": float(squares.max() / squares.sum())}


def _cannot(attacked: Attacked, units: Units) -> str:
    if isinstance(attacked.recipe.estimator, Matching):
        return "The bootstrap does not hold for matching (Abadie, Imbens 2008, Econometrica 76(6))."
    if units.n < LEAST_UNITS:
        return f"There are {units.n} {units.name}, and a bootstrap of fewer than {LEAST_UNITS} says nothing."
    return ""

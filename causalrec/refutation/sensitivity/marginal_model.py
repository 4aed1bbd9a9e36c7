"""Effects where hidden confounders change the odds of treatment by no more than a factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.bounds import Bounds, bounds_of_influence
from causalrec.estimation.doubly_robust.arm_means import refuse_target
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.weighting.propensity import Propensity, logistic_propensity
from causalrec.refutation.sensitivity.plain_numbers import are_numbers
from causalrec.refutation.sensitivity.quantile_line import check_loss, quantile_line
from causalrec.refutation.sensitivity.weighted_mean import weighted_mean

__all__ = ["Arm", "marginal_arms", "odds_words", "refuse_odds", "sharp_bounds", "strength_to_remove"]

ROWS_A_COLUMN = 20  # rows of an arm for each column of a quantile regression, below which bounds come out narrow
MAX_ODDS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One arm that stands in for units of which its outcome is not known.

    Attributes
    ----------
    sign : float
        1 where its mean counts for the effect, -1 where against.
    seen : bool, shape (n,)
    base : float
        1 where the arm's own units belong to the target, 0 for the ATT.
    odds : float64, shape (n,)
        Odds of the other arm, by the covariates.
    slope : float
        Of the log odds by the propensity's log odds: 1 or -1.
    """

    sign: float
    seen: np.ndarray
    base: float
    odds: np.ndarray
    slope: float


def sharp_bounds(design: Design, odds_ratio: float, *, target: str = "ATE", unit: str = "outcome") -> Bounds:
    """Sharp bounds of Tan's marginal sensitivity model, by quantile balancing.

    Assumes that, had the hidden confounders been measured, the odds of treatment would differ from the odds
    given the covariates by a factor between 1 / `odds_ratio` and `odds_ratio` (Tan 2006, JASA 101(476)), and that
    those odds are logistic in the covariates. The bounds are sharp where the outcome's quantiles are linear in
    the covariates; where they are not, the bounds are valid and wider. Errors allow for the propensity that is
    estimated, and for clusters.

    Parameters
    ----------
    design : Design
        In memory, one treatment of 0 and 1.
    odds_ratio : float
        1 or more; 1 is no hidden confounder.
    target : {"ATE", "ATT"}
    unit : str

    Raises
    ------
    DataError : an odds ratio below 1 or above 100, or an unknown target.
    EstimationError : no overlap, one arm, or covariates that tell the arms apart.

    References
    ----------
    Dorn, Guo (2023), JASA 118(544).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> t = (rng.random(500) < 1 / (1 + np.exp(-x))).astype(float)
    >>> found = sharp_bounds(Design(x + t + rng.normal(size=500), t[:, None], x[:, None], (), {}), 1.5)
    >>> found.lower < 1 < found.upper
    True
    """
    arms, propensity = marginal_arms(design, odds_ratio, target)
    return _bounds(design, arms, propensity, odds_ratio, target, unit)


def _bounds(
    design: Design, arms: TwoArms, propensity: Propensity, odds_ratio: float, target: str, unit: str = "outcome"
) -> Bounds:
    low, high = (_end(arms, propensity, odds_ratio, target, side) for side in (-1.0, 1.0))
    return bounds_of_influence(
        (low[0], high[0]), np.column_stack([low[1], high[1]]), design, odds_words(odds_ratio),
        n_parameters=propensity.X.shape[1], unit=unit, target=target, notes=_notes(arms, propensity.X.shape[1]),
        method="marginal sensitivity model, sharp bounds by quantile balancing",
    )  # fmt: skip


def strength_to_remove(design: Design, *, target: str = "ATE", level: float | None = 0.95) -> float:
    """Smallest odds ratio at which the bounds, or their interval of that level, hold 0; inf above 100.

    Parameters
    ----------
    level : float or None
        None: the bounds themselves.
    """
    from scipy.optimize import brentq

    arms, propensity = marginal_arms(design, 1.0, target)

    def gap(log_odds: float) -> float:
        found = _bounds(design, arms, propensity, min(float(np.exp(log_odds)), MAX_ODDS), target)
        lower, upper = (found.lower, found.upper) if level is None else found.interval(level)
        return max(lower, -upper)

    if gap(0.0) <= 0:
        return 1.0
    if gap(np.log(MAX_ODDS)) > 0:
        return float("inf")
    return float(np.exp(brentq(gap, 0.0, np.log(MAX_ODDS), xtol=1e-3)))


def marginal_arms(design: Design, odds_ratio: float, target: str) -> tuple[TwoArms, Propensity]:
    """Arms and propensity of a design that carries bounds."""
    refuse_odds(odds_ratio)
    refuse_target(target, ("ATE", "ATT"))
    arms = two_arms(design, "The marginal sensitivity model")
    propensity = logistic_propensity(arms)
    refuse_no_overlap(arms, propensity.e, target=target)
    return arms, propensity


def compared(t: np.ndarray, e: np.ndarray, target: str) -> list[Arm]:
    """Arms whose means over the target are not known without an assumption."""
    untreated = Arm(-1.0, t == 0, float(target == "ATE"), e / (1 - e), 1.0)
    return [untreated] if target == "ATT" else [Arm(1.0, t == 1, 1.0, (1 - e) / e, -1.0), untreated]


def _end(
    arms: TwoArms, propensity: Propensity, odds_ratio: float, target: str, side: float
) -> tuple[float, np.ndarray]:
    """One end of the bounds and the influence of each unit on it: side 1 the upper, -1 the lower."""
    value, influence = 0.0, np.zeros(arms.n)
    if target == "ATT":
        treated = weighted_mean(arms.y, (arms.t == 1) * arms.weight)
        value, influence = treated.value, treated.influence
    for arm in compared(arms.t, propensity.e, target):
        flip = side * arm.sign
        mean, moved = _extreme(arms, propensity, odds_ratio, arm, flip)
        value, influence = value + arm.sign * mean, influence + arm.sign * moved
    return value, influence


def _extreme(
    arms: TwoArms, propensity: Propensity, odds_ratio: float, arm: Arm, flip: float
) -> tuple[float, np.ndarray]:
    """Largest (flip 1) or smallest (-1) mean of an arm's outcome over the target, and its influence."""
    tau, spread = odds_ratio / (1 + odds_ratio), odds_ratio - 1 / odds_ratio
    X = propensity.X
    y, own, w = flip * arms.y, np.flatnonzero(arm.seen & (arms.weight > 0)), np.where(arm.seen, arms.weight, 0.0)
    loss = np.zeros(arms.n)
    if spread > 0:
        line = quantile_line(X[own], y[own], (w * arm.odds)[own], tau)
        loss[own] = check_loss(y[own] - X[own] @ line, tau)
    worst = y + spread * loss
    above, below = w * (arm.base * y + arm.odds * worst), w * (arm.base + arm.odds)
    value = float(above.sum() / below.sum())
    # The line is at its optimum, so to first order only the propensity's error adds to the rows' own.
    slope = X.T @ (w * arm.odds * (worst - value)) * arm.slope / below.sum()
    influence = (above - value * below) / below.mean() + propensity.influence @ slope
    return flip * value, flip * influence


def _notes(arms: TwoArms, n_columns: int) -> tuple[str, ...]:
    fewest = min(arms.n_arms)
    if fewest >= ROWS_A_COLUMN * n_columns:
        return ()
    return (
        f"quantile regressions on {n_columns} columns with {fewest:,} units in the smaller arm follow chance, so the "
        f"bounds are somewhat narrow",
    )


def refuse_odds(odds_ratio: float) -> None:
    """Refuse what is no strength of a confounder."""
    if not (are_numbers(odds_ratio) and 1 <= odds_ratio <= MAX_ODDS):
        raise DataError(f"odds_ratio is {odds_ratio!r}; it is a number from 1, no hidden confounder, to {MAX_ODDS:g}.")


def odds_words(odds_ratio: float) -> str:
    """The assumption that bounds rest on."""
    return f"hidden confounders change the odds of treatment by a factor of at most {odds_ratio:g}"

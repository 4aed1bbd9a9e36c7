"""How far hidden confounders may move the odds of treatment before the effect is gone."""

from __future__ import annotations

import numpy as np

from causalrec.data import Design
from causalrec.errors import CausalrecError
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.hidden.two_values import cannot_compare
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.sensitivity import covariate_groups, sharp_bounds, strength_to_remove
from causalrec.refutation.sensitivity.covariate_groups import without_columns

__all__ = ["hidden_odds", "odds_moved", "odds_moved_by_each"]

ASKED = Asked(
    name="hidden odds of treatment",
    question="Does the effect outlast a confounder that moves the odds of treatment as far as an observed one does?",
    sees="hidden confounders that move the odds of treatment no further than an observed covariate",
)
SHARE = 0.95  # of the units whose odds a covariate moves by no more


def hidden_odds(attacked: Attacked) -> Refutation:
    """Odds ratio of Tan's model at which the interval reaches 0, beside what each covariate does to the odds.

    Bounds are sharp (Dorn, Guo 2023, JASA 118(544)); the benchmark of a covariate is the ratio by which it moves the
    odds of treatment for 95% of the units.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `lower` and `upper` bound the effect where the odds move as far as by the strongest covariate.
    """
    if reason := cannot_compare(attacked):
        return ASKED.cannot(attacked.effect, reason)
    design, target = attacked.design, attacked.effect.target
    try:
        removes = strength_to_remove(design, target=target, level=0.95)
        moved = odds_moved_by_each(design)
    except CausalrecError as error:
        return ASKED.cannot(attacked.effect, str(error))
    details = {"odds ratio that removes it": removes} | {
        f"odds moved by {name}": ratio for name, ratio in moved.items()
    }
    said = "The interval holds 0 without any hidden confounder." if removes == 1 else (
        f"A hidden confounder that moves the odds of treatment {removes:.2f} times would bring the interval to 0."
    )  # fmt: skip
    if not moved:
        return ASKED.cannot(attacked.effect, f"No covariate serves as a benchmark. {said}", details)
    strongest = max(moved, key=lambda name: moved[name])
    bounds = sharp_bounds(design, min(moved[strongest], 100.0), target=target)
    answer = ASKED.answer(
        attacked.effect, "passed" if removes > moved[strongest] else "failed",
        f"{said} {strongest} moves them {moved[strongest]:.2f} times.", details=details,
        refuted=float(np.clip(0.0, bounds.lower, bounds.upper)),
    )  # fmt: skip
    return answer.within(bounds.lower, bounds.upper)


def odds_moved(design: Design, columns: tuple[str, ...]) -> float:
    """Ratio by which some covariates move the odds of treatment for 95% of the units, 1 or more."""
    return _ratio(_propensity(design), _propensity(without_columns(design, columns)))


def odds_moved_by_each(design: Design) -> dict[str, float]:
    """The same for each covariate, a category or a block as a whole."""
    groups = covariate_groups(design)
    with_all = _propensity(design) if groups else np.empty(0)
    return {name: _ratio(with_all, _propensity(without_columns(design, columns))) for name, columns in groups.items()}


def _propensity(design: Design) -> np.ndarray:
    return logistic_propensity(two_arms(design, "A benchmark")).e


def _ratio(with_all: np.ndarray, without: np.ndarray) -> float:
    log_ratio = np.log(with_all) - np.log1p(-with_all) - np.log(without) + np.log1p(-without)
    return float(np.exp(np.quantile(np.abs(log_ratio), SHARE)))

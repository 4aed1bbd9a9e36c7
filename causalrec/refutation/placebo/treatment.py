"""A treatment that is permuted can have no effect: what finds one finds it in noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from causalrec.data import Design
from causalrec.errors import EstimationError
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.excess_spread import spread_p_value
from causalrec.refutation.independent_units import Units, ordered, units_of
from causalrec.refutation.placebo.strata import permuted_within, treatment_strata
from causalrec.refutation.refutation import Refutation

__all__ = ["placebo_treatment"]

ASKED = Asked(
    name="placebo treatment",
    question="Do treatments that were exchanged at random spread no more than the error says?",
    sees="an error that is too small for how the treatment was assigned, as where groups share it; not confounding",
)


def placebo_treatment(attacked: Attacked) -> Refutation:
    """Exchange the treatment between units that were about equally likely to get it, and estimate anew.

    The estimated effect is taken out of the outcome first, so that nothing is left to find. Whole units are
    exchanged, within fifths of their expected treatment: clusters in which the treatment is constant, groups that share
    it though no cluster covers them, else rows. Each draw's t value is compared with its own error. The test
    is whether the t values' variance is above 1, one-sided; the draws' mean is shown and not judged, since a
    permuted treatment cannot see confounding, and the placebo outcome judges curves.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the mean of the draws, `stderr` their spread.

    References
    ----------
    Fisher (1935), The Design of Experiments; strata as Rosenbaum, Rubin (1984), JASA 79(387).
    """
    effect = attacked.effect
    if reason := _cannot(attacked):
        return ASKED.cannot(effect, reason)
    design, order = ordered(attacked.design)
    units = _exchanged(attacked, design, order)
    placebo = _Placebo(_nothing_left(attacked, design), units.codes, treatment_strata(design, units.codes))
    draws = attacked.draws(partial(_draw, placebo))
    value, t = draws[:, 0], draws[:, 0] / draws[:, 1]
    square = float(t.var(ddof=1) * _normal(draws[:, 2]))
    # Draws do not differ in how much is treated in each stratum, which the error counts.
    between = units.spent(int(placebo.strata.max()))
    p_value = spread_p_value(square * between, len(draws) - 1, units.free)
    what = "rows" if units.name == "rows" else f"whole groups of {units.name!r}"
    return ASKED.tested(
        effect, p_value, refuted=float(value.mean()), stderr=float(value.std(ddof=1)),
        reason=f"{len(draws)} times {what} exchanged their treatment; placebo effects spread {square**0.5:.2f} times "
        f"as far as their errors say.",
        details={
            "spread over error": square**0.5, "mean in errors": float(t.mean()), "units exchanged": float(units.n),
        },
        reference=value.tolist(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Placebo:
    """Rows without the effect, the unit of each row, and the stratum of each unit."""

    design: Design
    codes: np.ndarray
    strata: np.ndarray


def _draw(placebo: _Placebo, attacked: Attacked, rng: np.random.Generator) -> tuple[float, float, float]:
    treatments = placebo.design.treatments
    if len(placebo.strata) == len(treatments):
        moved = treatments[_rows_of(placebo, rng)]
    else:
        first = np.unique(placebo.codes, return_index=True)[1]
        moved = treatments[first][permuted_within(placebo.strata, rng)][placebo.codes]
    found = attacked.estimate(replace(placebo.design, treatments=moved))
    return found.value, found.stderr, found.dof


def _rows_of(placebo: _Placebo, rng: np.random.Generator) -> np.ndarray:
    return permuted_within(placebo.strata[placebo.codes], rng)


def _exchanged(attacked: Attacked, design: Design, order: np.ndarray) -> Units:
    """Units that can be exchanged whole; rows where the treatment varies within them."""
    units = units_of(attacked, design, order)
    t = design.treatments[:, 0]
    mean = np.bincount(units.codes, t) / np.bincount(units.codes)
    if np.allclose(mean[units.codes], t):
        return units
    if not units.declared:
        raise EstimationError(
            f"{attacked.treatment!r} varies in some groups of {units.name!r} and hardly in others, so neither rows nor "
            f"groups can be exchanged. The shared groups attack looks at them."
        )
    return Units(np.arange(design.n), "rows", True)


def _nothing_left(attacked: Attacked, design: Design) -> Design:
    """Rows whose outcome the treatment has not moved, with the folds that they had."""
    design = replace(design, keys=design.row_keys())
    if _is_zero_one(design.outcome) and not attacked.takes_numbers:
        return design
    return replace(design, outcome=design.outcome - attacked.effect.value * design.treatments[:, 0])


def _cannot(attacked: Attacked) -> str:
    if attacked.estimand.strategy != "adjustment":
        return f"The effect is identified by {attacked.estimand.strategy}, and exchanged treatments fit adjustment."
    if attacked.design.n_absorbed:
        return "Effects of groups are held fixed, and exchanging treatments between groups would undo that."
    return ""


def _is_zero_one(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def _normal(dof: np.ndarray) -> float:
    """What takes the variance of a t distribution to 1."""
    fewest = float(dof.min())
    return 1.0 if np.isinf(fewest) or fewest <= 2 else (fewest - 2) / fewest

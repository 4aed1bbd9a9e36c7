"""The effect in parts of the rows, against the error that was reported."""

from __future__ import annotations

from functools import partial

import numpy as np

from causalrec.data import Design
from causalrec.estimation import Matching
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.excess_spread import spread_p_value
from causalrec.refutation.independent_units import Units, ordered, units_of
from causalrec.refutation.refutation import Refutation

__all__ = ["random_subset"]

ASKED = Asked(
    name="random subset",
    question="Do random parts of the rows agree as closely as the error says?",
    sees="an error that is too small for rows that vary unequally, or an estimate that is not stable; not confounding",
)
SHARE = 0.8
LEAST_UNITS = 20


def random_subset(attacked: Attacked) -> Refutation:
    """Estimate in random parts of four fifths of the rows, whole clusters where there are any.

    An estimate of a share s of the rows differs from that of all of them with variance stderr^2 (1 / s - 1),
    given the data; draws are compared with that, one-sided. That needs an estimate that is smooth in
    the rows, which matching is not. Folds of cross-fitting stay those of all rows.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the mean of the draws, `stderr` the error that their spread implies for all rows.

    References
    ----------
    Politis, Romano (1994), Annals of Statistics 22(4).
    """
    effect = attacked.effect
    design, order = ordered(attacked.design)
    units = units_of(attacked, design, order, look=False)
    if isinstance(attacked.recipe.estimator, Matching):
        return ASKED.cannot(effect, "Matching is not smooth in the rows: parts of them find other neighbours.")
    if units.n < LEAST_UNITS:
        return ASKED.cannot(effect, f"There are {units.n} {units.name}; parts of fewer than {LEAST_UNITS} say nothing.")
    n_drawn = round(SHARE * units.n)
    value = attacked.draws(partial(_draw, design, units, n_drawn))
    apart = _apart(units.n, n_drawn, 2 + len(design.matrix_names))
    implied = float((((value - effect.value) ** 2).mean() / apart) ** 0.5)
    ratio = implied / effect.stderr
    p_value = spread_p_value(ratio**2, len(value))
    return ASKED.tested(
        effect, p_value, refuted=float(value.mean()), stderr=implied,
        reason=f"{len(value)} parts of {n_drawn:,} of {units.n:,} {units.name} imply an error {ratio:.2f} times the "
        f"one reported.",
        details={"implied error over reported": ratio, "share": n_drawn / units.n},
        reference=value.tolist(),
    )  # fmt: skip


def _draw(design: Design, units: Units, n_drawn: int, attacked: Attacked, rng: np.random.Generator) -> float:
    kept = np.zeros(units.n, dtype=bool)
    kept[rng.permutation(units.n)[:n_drawn]] = True
    rows = kept[units.codes]
    # Folds stay those of all rows: new ones would add their own noise to every draw.
    return attacked.estimate(design.part(rows)).value


def _apart(n: int, n_drawn: int, n_parameters: int) -> float:
    """Variance of a part's estimate about that of all units, over that of the latter.

    To first order 1 / share - 1; an estimate with k parameters has 1 + k / n times its large-sample variance.
    """
    if n_parameters >= n_drawn / 2:
        n_parameters = 0
    return n * ((1 + n_parameters / n_drawn) / n_drawn - (1 + n_parameters / n) / n)

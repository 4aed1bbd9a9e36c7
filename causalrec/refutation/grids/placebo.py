"""Placebo: the display of another store."""

from __future__ import annotations

import numpy as np

from causalrec.data import AbsorbedColumn, Dataset, Grid
from causalrec.estimation.grids.sparse_cells import ResidualSquares, SparseCells
from causalrec.refutation.grids.attacked_grid import AttackedGrid
from causalrec.refutation.placebo.strata import permuted_within
from causalrec.refutation.refutation import Refutation

__all__ = ["permuted_placebo"]

QUESTION = "Does a treatment drawn from another context of the same time have no effect?"


def permuted_placebo(attacked: AttackedGrid, *, n_draws: int = 20, random_state: int = 0) -> Refutation:
    """Give each context the treatment of another one of the same time, and estimate again.

    What stays of an effect then comes from the items' common weeks, not from the treatment. The spread
    of the draws is also an independent look at the standard error.

    Parameters
    ----------
    attacked : AttackedGrid
    n_draws : int
        Permutations.
    random_state : int
    """
    effect = attacked.effect
    draws = _placebo_effects(attacked, n_draws, random_state)
    mean, spread = float(draws.mean()), float(draws.std(ddof=1))
    # The mean of the draws carries the error of the draws alone: the data are the same in each.
    passed = abs(mean) < 3 * spread / np.sqrt(n_draws) or abs(mean) < 0.05 * abs(effect.value)
    beyond = int((np.abs(draws) >= abs(effect.value)).sum())
    reason = (
        f"{n_draws} permutations average {mean / effect.value:+.1%} of the effect; {beyond} of them reach it. "
        f"Their spread is {spread / effect.stderr:.1f} times the standard error."
    )
    return Refutation(
        name="placebo in permuted stores", question=QUESTION, original=effect.value, refuted=mean, stderr=spread,
        verdict="passed" if passed and not beyond else "failed", reason=reason, unit=effect.unit,
        reference=tuple(draws.tolist()),
    )  # fmt: skip


def _placebo_effects(attacked: AttackedGrid, n_draws: int, random_state: int) -> np.ndarray:
    """Effects of permuted treatments.

    Residuals are projections: products with the residual of a permuted column are products of the column itself
    with the others' residuals, which stay the same in every draw.
    """
    data, units, left = attacked.data, attacked.units, attacked.left
    weight = units.visits()
    *others, outcome = (weight[:, None] * column for column in (*left.regressors[1:], left.outcome))
    fixed, on_outcome = left.moments.gram[1:, 1:], (left.moments.gram @ left.moments.coef)[1:]
    cells = SparseCells.of(units.treatment(left.moments.names[0]))
    squares = ResidualSquares(weight, attacked.plan.absorbed, units.n_items)
    time, rng = _time(data, units), np.random.default_rng(random_state)
    draws = np.empty(n_draws)
    for k in range(n_draws):
        moved = cells.moved(permuted_within(time, rng))
        place = moved.context * units.n_items + moved.item
        *crossed, with_outcome = (moved.value @ column.ravel().take(place) for column in (*others, outcome))
        gram = np.empty((len(fixed) + 1, len(fixed) + 1))
        gram[0, 0], gram[0, 1:], gram[1:, 0], gram[1:, 1:] = squares.of(moved), crossed, crossed, fixed
        draws[k] = np.linalg.solve(gram, np.array([with_outcome, *on_outcome]))[0]
    return draws


def _time(data: Dataset, units: Grid) -> np.ndarray:
    """Codes within which contexts are exchanged: the columns of a node with coarse groups."""
    columns = [c for c in data.columns.values() if isinstance(c, AbsorbedColumn) and c.coarse]
    return units.levels[columns[0].by_item[0]] if columns else np.zeros(units.n_contexts, dtype=np.int64)

"""How strong a hidden confounder would have to be, on a log of visits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Column, Grid
from causalrec.errors import CausalrecError
from causalrec.estimation import GridPlan, grid_plan
from causalrec.estimation.grids.grid_regression import NO_VARIATION, GridMoments, left_over
from causalrec.estimation.grids.sparse_cells import SparseCells
from causalrec.refutation.grids.attacked_grid import AttackedGrid
from causalrec.refutation.grids.residual_products import ResidualProducts, own_products
from causalrec.refutation.refutation import Refutation, Verdict
from causalrec.refutation.sensitivity.sentences import removal_sentence
from causalrec.refutation.sensitivity.strength import multiple_to_remove, robustness_value

__all__ = ["hidden_confounder"]

QUESTION = "Would a hidden confounder as strong as what is adjusted for leave something of the effect?"
SEES = "confounders that are hidden and no stronger than the observed ones"


def hidden_confounder(attacked: AttackedGrid) -> Refutation:
    """Robustness value, and how many times an observed covariate a confounder would have to be.

    Each node of the adjustment set is dropped in turn: what the treatment's and the outcome's
    residuals then gain, less what as many random effects would gain, measures its strength. The
    confounder is taken at its worst: all of it pushes one way (Cinelli, Hazlett 2020).
    """
    effect, full = attacked.effect, attacked.left.moments
    value = robustness_value(full.partial_r2(full.names[0]))
    treatment_ss = 1 / np.linalg.inv(full.gram)[0, 0]
    times, moved, columns = {}, {}, _Columns(attacked)
    for node in effect.estimand.adjustment:
        found = _without(attacked, columns, node)
        if found is None:  # without it there is no design, so it is no benchmark
            continue
        without, less = found
        r2 = _strength(full, without, attacked.plan, less, attacked.units)
        times[node] = multiple_to_remove(effect.value, *r2, full.residual_ss, treatment_ss)
        moved[node] = float(without.coef[0] / full.coef[0] - 1)
    details = {"robustness value": value} | {f"times {node}": count for node, count in times.items()}
    details |= {f"moved without {node}": share for node, share in moved.items()}
    if not times:
        reason = f"Robustness value {value:.4f}; no covariate serves as a benchmark."
        return Refutation.not_applicable(
            "hidden confounder", QUESTION, effect.value, reason, unit=effect.unit, sees=SEES, details=details
        )
    weakest = min(times, key=lambda node: times[node])
    reason = (
        f"{removal_sentence(times)} It is taken at its worst, all of it pushing one way; leaving {weakest} out moves "
        f"the effect by {moved[weakest]:+.0%}. Robustness value {value:.4f}."
    )
    verdict: Verdict = "passed" if times[weakest] > 1 else "failed"
    return Refutation(
        "hidden confounder", QUESTION, effect.value, np.nan, np.nan, verdict, reason, effect.unit, details, sees=SEES
    )


class _Columns:
    """Regressors by name and the outcome's share, kept while one node after another is left out."""

    def __init__(self, attacked: AttackedGrid):
        self.units, self.weight = attacked.units, attacked.units.visits()
        self.cells = {"": attacked.left.share}
        self.sparse = {"": SparseCells.of(attacked.left.share)}

    def moments(self, plan: GridPlan) -> GridMoments | None:
        """The regression by a plan; None where a regressor does not vary in it."""
        names = (*plan.regressors, "")
        for name in names:
            if name not in self.cells:
                self.cells[name] = self.units.treatment(name)
                self.sparse[name] = SparseCells.of(self.cells[name])
        own = own_products(self.weight, [self.cells[name] for name in names])
        products = ResidualProducts(self.weight, plan.absorbed, self.units.n_items)
        gram = products.gram([self.sparse[name] for name in names], own)
        # Within a cell the outcome is 0 or 1: its variance there is what the cells' means leave.
        outcome_ss = float(gram[-1, -1] + len(self.units.bought_item) - own[-1, -1])
        return _solved(plan.regressors, gram[:-1, :-1], gram[:-1, -1], outcome_ss, self._before(plan, own))

    def _before(self, plan: GridPlan, own: np.ndarray) -> np.ndarray:
        """Sum of squares of each regressor about its mean."""
        sums = np.array([(self.weight @ self.cells[name]).sum() for name in plan.regressors])
        return np.diag(own)[:-1] - sums**2 / self.units.n_units


def _without(attacked: AttackedGrid, columns: _Columns, node: str) -> tuple[GridMoments, GridPlan] | None:
    """The regression with one node of the adjustment set left out."""
    if isinstance(attacked.data.column(node), Column) and attacked.data.column_name(node) in attacked.plan.regressors:
        return _fewer(attacked, attacked.data.column_name(node))
    adjustment = tuple(name for name in attacked.effect.estimand.adjustment if name != node)
    estimand = replace(attacked.effect.estimand, adjustment=adjustment)
    try:
        plan = grid_plan(estimand, attacked.data, attacked.units, coarse=attacked.effect.coarse)
    except CausalrecError:
        return None
    moments = columns.moments(plan)
    return None if moments is None else (moments, plan)


def _fewer(attacked: AttackedGrid, name: str) -> tuple[GridMoments, GridPlan] | None:
    """A regressor left out of the same moments: nothing is absorbed again."""
    full, plan = attacked.left.moments, attacked.plan
    kept = [at for at, own in enumerate(full.names) if own != name]
    names = tuple(full.names[at] for at in kept)
    gram, moment = full.gram[np.ix_(kept, kept)], (full.gram @ full.coef)[kept]
    found = _solved(names, gram, moment, full.outcome_ss, np.diag(gram))
    return None if found is None else (found, replace(plan, regressors=names))


def _solved(
    names: tuple[str, ...], gram: np.ndarray, moment: np.ndarray, outcome_ss: float, before: np.ndarray
) -> GridMoments | None:
    variation = left_over(gram, before)
    if (variation < NO_VARIATION).any():
        return None
    coef = np.linalg.solve(gram, moment)
    return GridMoments(names, coef, gram, outcome_ss - float(coef @ moment), outcome_ss, variation)


def _strength(
    full: GridMoments, without: GridMoments, plan: GridPlan, less: GridPlan, units: Grid
) -> tuple[float, float]:
    """Partial R2 of the dropped node with the treatment and, given the treatment, with the outcome."""
    lost = [p.absorbed.n_by_item() * units.n_items for p in (plan, less)]
    cells = units.n_contexts * units.n_items
    treatment = [
        1 / np.linalg.inv(found.gram)[0, 0] / (cells - k) for found, k in zip((full, without), lost, strict=True)
    ]
    outcome = [found.residual_ss / (units.n_units - k) for found, k in zip((full, without), lost, strict=True)]
    return max(1 - treatment[0] / treatment[1], 0.0), max(1 - outcome[0] / outcome[1], 0.0)

"""Placebo: the display of another store."""

from __future__ import annotations

import numpy as np

from causalrec.data import AbsorbedColumn, Dataset, Grid
from causalrec.errors import EstimationError
from causalrec.estimation import EffectEstimate, GridPlan, residuals
from causalrec.refutation.refutation import Refutation

__all__ = ["permuted_placebo"]

QUESTION = "Does a treatment drawn from another context of the same time have no effect?"


def permuted_placebo(
    effect: EffectEstimate, data: Dataset, units: Grid, plan: GridPlan, *, n_draws: int = 20, random_state: int = 0
) -> Refutation:
    """Give each context the treatment of another one of the same time, and estimate again.

    What stays of an effect then comes from the items' common weeks, not from the treatment. The spread
    of the draws is also an independent look at the standard error.

    Parameters
    ----------
    effect : EffectEstimate
        Of one treatment.
    data, units, plan
        What it was estimated on, and how.
    n_draws : int
        Permutations.
    random_state : int
    """
    draws = _placebo_effects(data, units, plan, effect.estimand.treatment[0], n_draws, random_state)
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
        details={f"draw {k}": float(value) for k, value in enumerate(draws)},
    )  # fmt: skip


def _placebo_effects(data, units, plan, treatment, n_draws, random_state) -> np.ndarray:
    weight = units.visits()
    names = [name for name in plan.regressors if name != data.column_name(treatment)]
    if len(names) == len(plan.regressors):
        raise EstimationError(f"{treatment!r} is no regressor of {plan.regressors}.")
    others = [residuals(units.treatment(name), weight, plan.absorbed) for name in names]
    outcome = residuals(units.purchases() / weight[:, None], weight, plan.absorbed)
    original = units.treatment(data.column_name(treatment))
    time, rng = _time(data, units), np.random.default_rng(random_state)
    draws = np.empty(n_draws)
    for k in range(n_draws):
        left = [residuals(original[_permuted(time, rng)], weight, plan.absorbed), *others]
        gram = np.array([[(weight @ (a * b)).sum() for b in left] for a in left])
        draws[k] = np.linalg.solve(gram, [(weight @ (a * outcome)).sum() for a in left])[0]
    return draws


def _time(data: Dataset, units: Grid) -> np.ndarray:
    """Codes within which contexts are exchanged: the columns of a node with coarse groups."""
    columns = [c for c in data.columns.values() if isinstance(c, AbsorbedColumn) and c.coarse]
    return units.levels[columns[0].by_item[0]] if columns else np.zeros(units.n_contexts, dtype=np.int64)


def _permuted(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random permutation that stays within groups."""
    shuffled = np.lexsort((rng.random(len(group)), group))
    order = np.argsort(group, kind="stable")
    permutation = np.empty(len(group), dtype=np.int64)
    permutation[order] = shuffled
    return permutation

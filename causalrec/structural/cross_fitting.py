"""Each mechanism judged on rows that it was not fitted on."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from causalrec.structural.fitting import fit_one
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.misfit import Misfit, misfit

__all__ = ["HeldOut", "held_out"]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What a mechanism said of held-out rows.

    Attributes
    ----------
    score : float
        R2 of an amount (the mean over the columns of a block); of a category 1 less its log loss over that of the
        shares alone. 0 is no better than the node's own distribution; 1 is everything.
    mean, spread : Misfit
        Whether the residuals' mean, and the size of additive noise, still depend on the parents.
    """

    score: float
    mean: Misfit
    spread: Misfit


def held_out(
    unfitted: Mechanism, parents: np.ndarray, values: np.ndarray, coding: Coding, folds: np.ndarray
) -> HeldOut:
    """Fit on all folds but one, judge on that one.

    Parameters
    ----------
    unfitted : Mechanism
        Left as it is.
    parents, values : as in `Mechanism`
    coding : Coding
    folds : int64, shape (n,)
    """
    width = coding.n_levels or values.size // len(values)
    target = np.eye(coding.n_levels)[values.astype(np.int64)] if coding.n_levels else values.reshape(-1, width)
    said, marginal = np.empty(target.shape), np.empty(target.shape)
    for fold in range(int(folds.max()) + 1):
        train, test = folds != fold, folds == fold
        mechanism = fit_one(deepcopy(unfitted), parents[train], values[train], coding)
        said[test] = mechanism.expectation(parents[test]).reshape(-1, width)
        marginal[test] = target[train].mean(axis=0)
    columns = coding.columns(parents)
    residuals = target - said
    if coding.n_levels:
        return HeldOut(_log_score(target, said, marginal), _least(residuals[:, 1:], columns), NOTHING)
    explained = 1 - (residuals**2).sum(axis=0) / np.maximum(((target - marginal) ** 2).sum(axis=0), 1e-300)
    squares = residuals**2 / np.maximum((residuals**2).mean(axis=0), 1e-300)
    return HeldOut(float(explained.mean()), _least(residuals, columns), _least(squares, columns, lines=True))


NOTHING = Misfit(float("nan"), 0.0)
SMALLEST = 1e-6  # a probability of 0 that comes true would make a log loss infinite


def _log_score(target: np.ndarray, said: np.ndarray, marginal: np.ndarray) -> float:
    loss, shares = (-(target * np.log(np.maximum(some, SMALLEST))).sum() for some in (said, marginal))
    return float(1 - loss / shares) if shares > 0 else 0.0


def _least(residuals: np.ndarray, columns: np.ndarray, *, lines: bool = False) -> Misfit:
    """The column that fits worst, its p-value corrected for their number (Bonferroni)."""
    if not columns.shape[1] or not residuals.shape[1]:
        return NOTHING
    found = [misfit(column, columns, lines=lines) for column in residuals.T]
    found = [one for one in found if np.isfinite(one.p_value)]
    if not found:
        return NOTHING
    worst = min(found, key=lambda one: one.p_value)
    return Misfit(min(1.0, worst.p_value * len(found)), worst.explained)

"""What the text of an item says about its effect, with the text kept once per item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Grid
from causalrec.estimation.absorption import Absorbed, residuals
from causalrec.estimation.grid_regression import grid_regression
from causalrec.estimation.kinds import EffectByKind, effects_by_kind

__all__ = ["TextEffects", "text_effects"]

PENALTIES = tuple(np.logspace(-2, 3, 11))  # times the mean curvature


@dataclass(frozen=True, slots=True, eq=False)
class TextEffects:
    """Effects predicted from text, for items whose effect the prediction never saw.

    Attributes
    ----------
    predicted : float64, shape (n_items,)
        Out-of-fold prediction, in the outcome's unit.
    slope, slope_stderr : float
        Of the effect on its prediction; 1 is calibrated, 0 says that the text tells nothing
        (best linear predictor: Chernozhukov, Demirer, Duflo, Fernandez-Val 2018).
    fifths : EffectByKind
        Effect among the items of each fifth of the prediction, estimated afresh.
    penalty : float
        Ridge penalty of the last fold, over the mean curvature.
    """

    predicted: np.ndarray
    slope: float
    slope_stderr: float
    fifths: EffectByKind
    penalty: float


def text_effects(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, block: np.ndarray, *,
    fold_of: np.ndarray | None = None, n_folds: int = 5, random_state: int = 0,
) -> TextEffects:  # fmt: skip
    """Ridge regression of the effect of the first treatment on an item block, cross-fitted.

    The loss is the residual-on-residual one (Nie, Wager 2021, Biometrika 108(2)). Per item it needs
    two sums, so 384 columns cost nothing per row.

    Parameters
    ----------
    units : Grid
    treatments : sequence of str
        The others are held fixed.
    absorbed : Absorbed
        With effects by item, so that an item's sums are its own.
    block : float64, shape (n_items, q)
    fold_of : int64, shape (n_items,), optional
        Cluster of each item; items of one cluster share a fold.
    n_folds, random_state : int
    """
    curvature, moment = _item_sums(units, treatments, absorbed)
    clusters = np.arange(len(block)) if fold_of is None else fold_of
    rng = np.random.default_rng(random_state)
    fold = (rng.permutation(int(clusters.max()) + 1) % n_folds)[clusters]
    predicted = np.empty(len(block))
    penalty = np.nan
    for k in range(n_folds):
        train = fold != k
        penalty = _choose(curvature[train], moment[train], block[train], fold[train])
        centre, coef = _ridge(curvature[train], moment[train], block[train], penalty)
        # The training items' mean moves against the held-out one: only deviations from it are predicted.
        predicted[~train] = (block[~train] - centre) @ coef[1:]
    predicted += moment.sum() / curvature.sum()
    centred = predicted - np.average(predicted, weights=curvature)
    scaled = units.treatment(treatments[0]) * centred[None, :]
    blp = grid_regression(units, [*treatments, "prediction"], absorbed, columns={"prediction": scaled})
    edges = np.quantile(predicted, [0.2, 0.4, 0.6, 0.8])
    names = np.array(["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"])
    fifths = effects_by_kind(units, treatments, absorbed, names[np.digitize(predicted, edges)], min_items=2)
    return TextEffects(predicted, float(blp.coef[-1]), float(blp.stderr[-1]), _ordered(fifths, names), penalty)


def _item_sums(units: Grid, treatments: Sequence[str], absorbed: Absorbed) -> tuple[np.ndarray, np.ndarray]:
    """Per item: sum of squares of the treatment's residual, and of its product with the outcome's."""
    weight = units.visits()
    left = [residuals(units.treatment(name), weight, absorbed) for name in treatments]
    outcome = residuals(units.purchases() / weight[:, None], weight, absorbed)
    treatment, others = left[0], left[1:]
    if others:
        gram = np.array([[(weight @ (a * b)).sum() for b in others] for a in others])
        for column in (treatment, outcome):
            effects = np.linalg.solve(gram, [(weight @ (other * column)).sum() for other in others])
            for effect, other in zip(effects, others, strict=True):
                column -= effect * other
    return weight @ treatment**2, weight @ (treatment * outcome)


def _ridge(curvature, moment, block, penalty):
    """Mean effect and coefficients; the mean is not penalised."""
    centre = np.average(block, axis=0, weights=curvature)
    rows = np.column_stack([np.ones(len(block)), block - centre])
    gram = (rows * curvature[:, None]).T @ rows
    scale = np.trace(gram[1:, 1:]) / max(1, block.shape[1])
    gram[1:, 1:] += penalty * scale * np.eye(block.shape[1])
    return centre, np.linalg.solve(gram, rows.T @ moment)


def _predict(fitted, block):
    centre, coef = fitted
    return coef[0] + (block - centre) @ coef[1:]


def _choose(curvature, moment, block, fold) -> float:
    """Penalty with the smallest out-of-fold loss."""
    losses = []
    for penalty in PENALTIES:
        loss = 0.0
        for k in np.unique(fold):
            train = fold != k
            effect = _predict(_ridge(curvature[train], moment[train], block[train], penalty), block[~train])
            loss += (curvature[~train] * effect**2 - 2 * moment[~train] * effect).sum()
        losses.append(loss)
    return PENALTIES[int(np.argmin(losses))]


def _ordered(kinds: EffectByKind, names: np.ndarray) -> EffectByKind:
    at = [int(np.flatnonzero(kinds.kind == name)[0]) for name in names if name in kinds.kind]
    return EffectByKind(kinds.kind[at], kinds.n_items[at], kinds.value[at], kinds.stderr[at], kinds.base[at])

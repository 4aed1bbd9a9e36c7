"""What the text of an item says about its effect, with the text kept once per item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Grid
from causalrec.errors import EstimationError
from causalrec.estimation.grids.absorption import Absorbed, residuals
from causalrec.estimation.grids.grid_regression import grid_regression
from causalrec.estimation.heterogeneity.calibration import SortedEffects, fold_test, p_words
from causalrec.estimation.heterogeneity.item_ridge import PARTS, learned_deviation

__all__ = ["TextEffects", "text_effects"]

N_GROUPS = 5


@dataclass(frozen=True, slots=True, eq=False)
class TextEffects:
    """Effects predicted from text, for items whose effect the prediction never saw.

    Attributes
    ----------
    predicted : float64, shape (n_items,)
        Prediction from the other folds, in the outcome's unit; to rank and to show, not to judge by.
    slope, slope_stderr : float
        Of the effect on its prediction from earlier folds; 1 is calibrated, 0 says that the text tells nothing
        (best linear predictor: Chernozhukov, Demirer, Duflo, Fernandez-Val 2018).
    statistic, p_value : float
        Test that the text tells nothing of the effect, against more effect where more is predicted.
    fifths : SortedEffects
        Effect among the items of each fifth of the prediction from earlier folds, estimated afresh.
    penalty : float
        Ridge penalty of the last fold, over the mean curvature.
    """

    predicted: np.ndarray
    slope: float
    slope_stderr: float
    statistic: float
    p_value: float
    fifths: SortedEffects
    penalty: float

    def __str__(self) -> str:
        return (
            f"Slope on the text's prediction {self.slope:+.3f} ± {self.slope_stderr:.3f} (1 is calibrated); the text "
            f"tells nothing: {p_words(self.p_value)}\n{self.fifths}"
        )


def text_effects(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, block: np.ndarray, *,
    fold_of: np.ndarray | None = None, n_folds: int = 5, random_state: int = 0,
) -> TextEffects:  # fmt: skip
    """Ridge regression of the effect of the first treatment on an item block, judged on items it never saw.

    The loss is the residual-on-residual one (Nie, Wager 2021, Biometrika 108(2)). Per item it needs
    two sums, so 384 columns cost nothing per row. For the test each fold of items is predicted from the
    *earlier* folds alone, and the first is only learned from: with all other folds instead, the folds
    depend on each other and the test errs too often (Wager 2024, arXiv 2405.05534).

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

    Raises
    ------
    EstimationError : in no fold the treatment varies enough to judge by.
    """
    curvature, moment = _item_sums(units, treatments, absorbed)
    clusters = np.arange(len(block)) if fold_of is None else fold_of
    rng = np.random.default_rng(random_state)
    parts = (rng.permutation(int(clusters.max()) + 1) % (PARTS * n_folds))[clusters]
    fold = parts % n_folds
    predicted, judged = np.empty(len(block)), np.full(len(block), np.nan)
    penalty = np.nan
    for k in range(n_folds):
        deviation, penalty = learned_deviation(curvature, moment, block, fold != k, parts)
        # The training items' mean moves against the held-out one: only deviations from it are predicted.
        predicted[fold == k] = deviation[fold == k]
        if k:
            judged[fold == k] = learned_deviation(curvature, moment, block, fold < k, parts)[0][fold == k]
    predicted += moment.sum() / curvature.sum()
    slope, stderr, statistic, p_value = _calibrated(units, treatments, absorbed, judged, fold)
    fifths = _sorted_effects(units, treatments, absorbed, judged, fold)
    return TextEffects(predicted, slope, stderr, statistic, p_value, fifths, penalty)


def _calibrated(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, judged: np.ndarray, fold: np.ndarray
) -> tuple[float, float, float, float]:
    """Slope of the effect on its prediction over all judged folds, its error, and the test over folds."""
    slopes = []
    for k in range(1, int(fold.max()) + 1):
        found = _slope(units, treatments, absorbed, judged, np.where(fold == k, 0, -1))
        slopes += [] if found is None else [found]
    together = _slope(units, treatments, absorbed, judged, np.where(fold > 0, fold - 1, -1))
    if together is None or not slopes:
        return 0.0, 0.0, 0.0, 1.0  # one prediction for all items
    return (*together, *fold_test(slopes))


def _slope(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, judged: np.ndarray, group: np.ndarray
) -> tuple[float, float] | None:
    """Slope among the items whose group is not -1, with an effect of its own for each group."""
    chosen, groups = group >= 0, group[group >= 0]
    part, x = units.of_items(chosen), judged[chosen]
    x = x - (np.bincount(groups, weights=x) / np.bincount(groups))[groups]
    treatment = part.treatment(treatments[0])
    columns = {f"group {k}": treatment * (groups == k) for k in np.unique(groups)}
    names = [*columns, *treatments[1:], "prediction"]
    try:
        found = grid_regression(part, names, absorbed, columns=columns | {"prediction": treatment * x})
    except EstimationError:  # a fold that predicts one effect, or whose treatment does not vary, says nothing
        return None
    return float(found.coef[-1]), float(found.stderr[-1])


def _sorted_effects(
    units: Grid, treatments: Sequence[str], absorbed: Absorbed, judged: np.ndarray, fold: np.ndarray
) -> SortedEffects:
    """Effect of each fifth of the items by prediction among their fold, all in one regression."""
    chosen, group = fold > 0, np.full(len(fold), -1)
    for k in range(1, int(fold.max()) + 1):
        items = np.flatnonzero(fold == k)
        group[items[np.argsort(judged[items], kind="stable")]] = np.arange(len(items)) * N_GROUPS // len(items)
    part, treatment = units.of_items(chosen), units.treatment(treatments[0])[:, chosen]
    columns = {f"fifth {k + 1}": treatment * (group[chosen] == k) for k in range(N_GROUPS)}
    found = grid_regression(part, [*columns, *treatments[1:]], absorbed, columns=columns)
    value, cov = found.coef[:N_GROUPS], found.cov[:N_GROUPS, :N_GROUPS]
    contrast = np.zeros(N_GROUPS)
    contrast[-1], contrast[0] = 1, -1
    counts = np.bincount(group[chosen], minlength=N_GROUPS)
    error = float(np.sqrt(contrast @ cov @ contrast))
    return SortedEffects(value, np.sqrt(np.diag(cov)), counts, float(contrast @ value), error, "items")


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

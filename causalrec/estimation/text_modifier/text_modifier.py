"""For which kinds of item the effect is large: text as an effect modifier, on a flat table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from causalrec.data import Dataset, Design, design
from causalrec.data.columns import TextColumn
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.heterogeneity.calibration import (
    BestLinearPredictor,
    SortedEffects,
    best_linear_predictor,
    gates,
    p_words,
)
from causalrec.estimation.heterogeneity.held_out import HeldOut
from causalrec.estimation.heterogeneity.item_ridge import PARTS, learned_deviation
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner
from causalrec.estimation.question import question_of
from causalrec.estimation.row_order import row_order
from causalrec.estimation.text_modifier.design_texts import DesignTexts, design_texts
from causalrec.estimation.text_modifier.directions import TextDirection, learned_axes, tested_direction
from causalrec.estimation.text_modifier.unit_signals import UnitSignals, unit_signals
from causalrec.estimation.uncertainty.multiplicity import holm
from causalrec.identification import Estimand
from causalrec.training.ranges import check_whole

__all__ = ["TextModifier", "text_modifier"]

MIN_TEXTS = 100
LEVEL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class TextModifier:
    """Whether and how an effect varies with a text.

    Attributes
    ----------
    text, treatment : str
        Nodes.
    texts : tuple of str, of length n_texts
        The distinct texts, in the order of the alphabet.
    predicted : float64, shape (n_texts,)
        Effect predicted for each from folds without it, in the outcome's unit; to rank by, not to judge by.
    calibration : BestLinearPredictor
        Test that the effect does not vary with the text, on texts that no prediction saw.
    fifths : SortedEffects
        Effect among the units of each fifth by that prediction, estimated afresh.
    directions : tuple of TextDirection
        The effect's slope over the texts, and the principal components of the texts that carry most of it.
    clusters : tuple of str
        What errors are clustered by.
    average : str
        Whose average effect a group's effect is.
    n : int
    unit : str
    """

    text: str
    treatment: str
    texts: tuple[str, ...]
    predicted: np.ndarray
    calibration: BestLinearPredictor
    fifths: SortedEffects
    directions: tuple[TextDirection, ...]
    clusters: tuple[str, ...]
    average: str
    n: int
    unit: str = "outcome"

    @property
    def p_value(self) -> float:
        """Of the test that the effect does not vary with the text, in the way that other folds predict."""
        return self.calibration.p_value

    @property
    def varies(self) -> bool:
        """Whether that test rejects at .05; False is no proof that the effect is the same for all texts."""
        return self.p_value < LEVEL

    @property
    def sentence(self) -> str:
        """What a reader must know."""
        of = self.calibration
        found = f"slope of held-out effects on predictions {of.slope:+.2f} ± {of.slope_stderr:.2f}"
        if self.varies:
            return f"The effect of {self.treatment} varies with {self.text} ({p_words(self.p_value)}; {found})."
        return (
            f"That the effect of {self.treatment} varies with {self.text} was not found ({p_words(self.p_value)}; "
            f"{found}): what stands at the ends below may be chance."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text; of the texts, the examples alone."""
        return {
            "text": self.text, "treatment": self.treatment, "sentence": self.sentence, "p_value": self.p_value,
            "calibration": asdict(self.calibration), "fifths": {
                "value": self.fifths.value.tolist(), "stderr": self.fifths.stderr.tolist(), "n": self.fifths.n.tolist(),
            },
            "directions": [one.to_dict() for one in self.directions], "clusters": list(self.clusters),
            "average": self.average, "n": self.n, "n_texts": len(self.texts), "unit": self.unit,
        }  # fmt: skip

    def __str__(self) -> str:
        return "\n".join([
            f"Effect of {self.treatment} by {self.text}: {len(self.texts):,} texts, {self.n:,} units, errors clustered "
            f"by {' and '.join(self.clusters) or 'nothing'}, {self.unit}",
            *textwrap.wrap(self.sentence, 118),
            f"mean effect {self.calibration.mean:+.4f} ± {self.calibration.mean_stderr:.4f}, of {self.average}",
            "by fifths of the prediction from earlier folds", textwrap.indent(str(self.fifths), "  "),
            "directions, learned on one half of the texts; numbers of the other half", *map(str, self.directions),
        ])  # fmt: skip


def text_modifier(
    estimand: Estimand, data: Dataset, text: str, *, learner: LinearDRLearner | None = None,
    clusters: Sequence[str] = (), weights: str | None = None, missing: str = "refuse", n_directions: int = 3,
    n_components: int = 50, n_folds: int = 5, n_examples: int = 3, n_words: int = 8, random_state: int = 0,
) -> TextModifier:  # fmt: skip
    """Does the effect vary with a text, along which directions, and what stands at their ends.

    Every unit's doubly robust score (for a treatment of amounts, outcome's residual on treatment's; Nie, Wager 2021)
    goes into two sums a text, and a ridge regression on the leading principal components of the texts predicts the
    effect. *Test*:
    each fold of texts is predicted from earlier folds alone and its scores are regressed on the prediction (Wager
    2024). *Directions*: the slope is learned on one half of the texts, and so is which components carry most of
    it; slopes, ends and p-values are of the other half, so that nobody tests what they searched. Errors are clustered
    by text, where a text has several rows, and by `clusters`. Assumes that the estimand's adjustment set, text
    and all, is adjusted for by linear and logistic models of its columns: what these leave of confounding that differs
    between texts looks like an effect that varies.

    Parameters
    ----------
    estimand : Estimand
        By adjustment, of one treatment, the text in its adjustment set or among what it is `conditional` on.
    data : Dataset
        A flat table in memory; the text stands in it, or in its items or users, bound with `text(...)`.
    text : str
        The node.
    learner : LinearDRLearner or LinearRLearner, optional
        Where none is given, the first for a treatment of 0 and 1, the second for amounts, with `l2` a quarter of the
        number of columns. The second counts each unit by how open its treatment was, as overlap weights do; with many
        columns and a small penalty it draws the effects at the ends towards the mean.
    clusters : sequence of str
        Columns that errors are clustered by beside the text; a treatment that users share needs theirs.
    weights, missing
        As in `design`.
    n_directions : int
        The slope, and components one at a time.
    n_components : int
        Principal components of the texts' columns that the effect may vary by.
    n_folds : int, at least 3
    n_examples, n_words : int
        Texts and words that each end shows at most.
    random_state : int

    Raises
    ------
    DataError : a text that the estimand does not allow or that is none, a log of visits, a stream, bad options.
    EstimationError : fewer than 100 texts, no overlap, or a treatment that does not vary.

    References
    ----------
    Nie, Wager (2021), Biometrika 108(2); Chernozhukov, Demirer, Duflo, Fernández-Val (2018), NBER working paper
    24678; Wager (2024), arXiv 2405.05534.
    """
    _check_options(n_directions, n_components, n_folds, n_examples, n_words, random_state)
    rows, found = _required(estimand, data, text, clusters, weights, missing)
    signals = unit_signals(rows, learner, found.codes, estimand.treatment[0])
    components = _components(found.matrix, n_components)
    parts = _parts(signals, len(found.texts), PARTS * n_folds, random_state)
    sums = signals.text_sums(len(found.texts))
    judged, predicted = _predicted(sums, components, parts, n_folds)
    held = _held(signals, judged, parts % n_folds)
    directions = _directions(sums, components, parts, signals, found, (n_directions, n_examples, n_words))
    return TextModifier(
        text, estimand.treatment[0], found.texts, predicted, best_linear_predictor(held), gates(held), directions,
        tuple(signals.clusters), signals.average, rows.n, data.unit,
    )  # fmt: skip


def _check_options(n_directions, n_components, n_folds, n_examples, n_words, random_state) -> None:
    least = {
        "n_directions": (n_directions, 1), "n_components": (n_components, 1), "n_folds": (n_folds, 3),
        "n_examples": (n_examples, 0), "n_words": (n_words, 0), "random_state": (random_state, 0),
    }  # fmt: skip
    for name, (value, lowest) in least.items():
        check_whole(name, value, lowest)


def _required(
    estimand: Estimand, data: Dataset, text: str, clusters: Sequence[str], weights: str | None, missing: str
) -> tuple[Design, DesignTexts]:
    """The rows in an order that follows what they hold, and their texts."""
    clusters = (clusters,) if isinstance(clusters, str) else tuple(clusters)
    question_of(
        estimand, data, estimator=None, clusters=clusters, weights=weights, missing=missing, target="ATE"
    )  # fmt: skip
    if estimand.strategy != "adjustment" or len(estimand.treatment) != 1:
        raise DataError("Text modifies the effect of one treatment that adjustment identifies.")
    if data.is_grid:
        raise DataError("This is a log of visits: score(..., modifiers=[text]) predicts its effects by text.")
    if text not in (*estimand.adjustment, *estimand.conditional, *estimand.selected):
        raise DataError(
            f"{text!r} is in no set within which the effect is identified. Identify it with conditional=[{text!r}]; "
            f"the graph says whether that is allowed."
        )
    if not isinstance(data.column(text), TextColumn):
        raise DataError(f"{text!r} is not bound to a text: columns={{{text!r}: text('its column')}} of the data set.")
    rows = design(estimand, data, clusters=clusters, weights=weights, missing=missing)
    if not isinstance(rows, Design):
        raise DataError(f"{data.name!r} is streamed from disk, and texts are compared in memory: take a part of it.")
    if not rows.outcome.std() > 0 or not rows.treatments.std() > 0:
        raise EstimationError(f"{estimand.treatment[0]!r} or {estimand.outcome!r} does not vary: there is no effect.")
    found = design_texts(data, rows, text)
    if len(found.texts) < MIN_TEXTS:
        raise EstimationError(f"{len(found.texts)} distinct texts are too few to learn from some and test on others.")
    order = row_order(rows)
    codes = found.codes[order]
    rows = rows.rows(order)
    if len(found.texts) < rows.n:
        rows = replace(rows, clusters={**rows.clusters, text: codes})
    return rows, replace(found, codes=codes)


def _components(matrix: np.ndarray, n_components: int) -> np.ndarray:
    """Leading principal components of the texts, each text counted once; float64, shape (n_texts, q)."""
    centred = matrix - matrix.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    real = np.flatnonzero(values > 1e-10 * values[-1])[::-1][:n_components]
    if not len(real):
        raise EstimationError("All texts have the same columns: no effect can vary with them.")
    axes = axes[:, real]
    return centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(real))]))


def _parts(signals: UnitSignals, n_texts: int, n_parts: int, random_state: int) -> np.ndarray:
    """Part of each text; texts of one cluster, where clusters hold texts whole, share a part."""
    groups = np.arange(n_texts)
    for codes in signals.clusters.values():
        holds = len(np.unique(np.column_stack([signals.text, codes]), axis=0)) == n_texts
        if holds and codes.max() < groups.max():
            groups = np.zeros(n_texts, dtype=np.int64)
            groups[signals.text] = codes
    n_groups = int(groups.max()) + 1
    if n_groups < 2 * n_parts:
        raise EstimationError(
            f"The texts come in {n_groups} clusters: too few to learn from some and test on others; {2 * n_parts} "
            f"will do."
        )
    return (np.random.default_rng(random_state).permutation(n_groups) % n_parts)[groups]


def _predicted(
    sums: tuple[np.ndarray, np.ndarray], components: np.ndarray, parts: np.ndarray, n_folds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Deviations predicted from earlier folds alone, NaN in the first, and effects predicted from other folds."""
    fold, halves, mean = parts % n_folds, parts // n_folds, sums[1].sum() / sums[0].sum()
    judged, predicted = np.full(len(parts), np.nan), np.empty(len(parts))
    for k in range(n_folds):
        own = fold == k
        predicted[own] = learned_deviation(*sums, components, ~own, halves)[0][own]
        if k:
            judged[own] = learned_deviation(*sums, components, fold < k, halves)[0][own]
    return judged, predicted + mean


def _held(signals: UnitSignals, judged: np.ndarray, fold: np.ndarray) -> HeldOut:
    """What earlier folds said of each unit's text, beside the unit's own noisy effect."""
    place = np.flatnonzero((fold[signals.text] > 0) & (signals.curvature > 0))
    part = signals.rows(place)
    return HeldOut(
        judged[part.text], part.effect, fold[part.text], part.clusters, part.curvature, np.empty((len(place), 0)), (),
        place,
    )  # fmt: skip


def _directions(
    sums: tuple[np.ndarray, np.ndarray], components: np.ndarray, parts: np.ndarray, signals: UnitSignals,
    found: DesignTexts, asked: tuple[int, int, int],
) -> tuple[TextDirection, ...]:  # fmt: skip
    n_directions, n_examples, n_words = asked
    train = parts < (parts.max() + 1) // 2
    axes = learned_axes(*sums, components, parts % PARTS, train, n_directions)
    tested = signals.rows(np.flatnonzero(~train[signals.text]))
    made = [
        tested_direction(name, components @ axis, tested, found.texts, ~train, n_examples, n_words)
        for name, axis in axes
    ]
    together = holm([one.p_value for one in made])
    return tuple(replace(one, p_value=float(p)) for one, p in zip(made, together, strict=True))

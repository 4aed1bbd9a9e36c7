"""Effects of the users and items of a flat table, for recommenders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causalrec.data import Dataset, Design, EffectScores, design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.calibration_of_effects import BestLinearPredictor, best_linear_predictor, p_words
from causalrec.estimation.held_out import held_out
from causalrec.estimation.learners import DRLearner
from causalrec.estimation.learners.learner import EffectLearner
from causalrec.estimation.learners.modifiers import modifier_places
from causalrec.identification import Estimand

__all__ = ["UnitScores", "score_units"]


@dataclass(frozen=True, slots=True, eq=False)
class UnitScores:
    """Effects of users and items, and whether they are their own.

    Attributes
    ----------
    scores : EffectScores
        One row a user and item that occurs, sorted by user, then item.
    calibration : BestLinearPredictor
        What held-out units say of the learner's predictions.
    constant : bool
        Whether every row has the one average effect, as no difference between units was found.
    reason : str
        Why, in words.
    """

    scores: EffectScores
    calibration: BestLinearPredictor
    constant: bool
    reason: str

    def __str__(self) -> str:
        return f"{len(self.scores):,} users and items; {self.reason}\n  {self.calibration}"


def score_units(
    estimand: Estimand, data: Dataset, modifiers: Sequence[str], *, learner: EffectLearner | None = None,
    user: str = "user", item: str = "item", clusters: Sequence[str] = (), weights: str | None = None,
    level: float = 0.05, random_state: int = 0,
) -> UnitScores:  # fmt: skip
    """Effect of the treatment for each user and item of a flat table, by what modifies it.

    The learner is first judged on units that it did not see. Where the test of no heterogeneity is not
    rejected at `level`, every row carries the average effect and its error: a constant is not spread out as
    if it were personal.

    Parameters
    ----------
    estimand : Estimand
        By adjustment, of one binary treatment.
    data : Dataset
        A flat table with columns of users and items.
    modifiers : sequence of str
        Nodes of the estimand's adjustment set, or those it is `conditional` on.
    learner : EffectLearner, optional
        One that gives standard errors by unit; a linear DR learner where none is given.
    user, item : str
        Columns of the table.
    clusters : sequence of str
        Columns that errors are clustered by, and folds too.
    weights : str, optional
    level : float, in (0, 1)
    random_state : int

    Raises
    ------
    DataError : a log of visits, no modifiers, or a modifier that the estimand does not allow.
    MissingColumnsError : columns that the table lacks.
    EstimationError : no overlap, no variation, or a learner without errors by unit.

    References
    ----------
    Kennedy (2023), Electronic J. Statistics 17(2), for the learner; Wager (2024), arXiv 2405.05534, for the test.
    """
    _refuse(estimand, data, modifiers)
    data.require("interactions", (user, item))
    added = tuple(node for node in modifiers if node not in estimand.adjustment)
    rows = design(
        replace(estimand, adjustment=(*estimand.adjustment, *added)), data, clusters=clusters, weights=weights
    )  # fmt: skip
    if not isinstance(rows, Design):
        raise DataError("Scores of users and items need the rows in memory; take a part of the table.")
    learner = DRLearner(random_state=random_state) if learner is None else learner
    learner = _narrowed(learner, rows, modifiers)
    calibration = best_linear_predictor(held_out(learner, rows, random_state=random_state))
    learner.fit(rows)
    table = data.tables["interactions"]
    order = np.arange(rows.n) if rows.order is None else rows.order
    pairs = _pairs(*(np.asarray(table[name].to_numpy(zero_copy_only=False))[order] for name in (user, item)))
    constant = calibration.p_value > level
    return UnitScores(
        _scores(learner, rows, pairs, constant, data.unit), calibration, constant, _reason(constant, calibration, level)
    )


def _reason(constant: bool, calibration: BestLinearPredictor, level: float) -> str:
    if constant:
        return (
            f"no difference between units was found ({p_words(calibration.p_value)} > {level:g}), so every row has "
            f"the average effect"
        )
    return f"effects differ between units ({p_words(calibration.p_value)}), so every row has its own"


def _refuse(estimand: Estimand, data: Dataset, modifiers: Sequence[str]) -> None:
    if data.is_grid:
        raise DataError("A log of visits has scores of its own; this one is of a flat table, one row a unit.")
    if not modifiers:
        raise DataError("Name the modifiers, the nodes by which the effect may differ.")
    allowed = {*estimand.adjustment, *estimand.conditional, *estimand.selected}
    if wrong := [name for name in modifiers if name not in allowed]:
        raise DataError(
            f"{', '.join(map(repr, wrong))} is in no set within which the effect is identified. Identify it with "
            f"conditional={wrong!r}; the graph says whether that is allowed."
        )


def _narrowed(learner: EffectLearner, rows: Design, modifiers: Sequence[str]) -> EffectLearner:
    """A copy of the learner that looks at these modifiers alone."""
    from sklearn.base import clone

    if not isinstance(learner, EffectLearner):
        raise EstimationError(f"{type(learner).__name__} is no learner of effects by unit; take DRLearner.")
    own = clone(learner)
    if "modifiers" in own.get_params(deep=False):
        return own.set_params(modifiers=tuple(modifiers))
    if len(modifier_places(rows, modifiers)) < len(rows.matrix_names):
        raise EstimationError(
            f"{type(learner).__name__} predicts by all covariates, and {', '.join(modifiers)} are not all of them; "
            f"take DRLearner or RLearner."
        )
    return own


def _pairs(users: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User and item of each pair, as text, and the pair of each row."""
    found, items_at = np.unique(items.astype(str), return_inverse=True)
    names, users_at = np.unique(users.astype(str), return_inverse=True)
    joint, pair = np.unique(users_at * len(found) + items_at, return_inverse=True)
    return names[joint // len(found)], found[joint % len(found)], pair


def _scores(learner: EffectLearner, rows: Design, pairs, constant: bool, unit: str) -> EffectScores:
    users, items, pair = pairs
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    share = weight / np.bincount(pair, weights=weight)[pair]

    def mean(column: np.ndarray) -> np.ndarray:
        return np.bincount(pair, weights=share * column, minlength=len(users))

    if constant:
        value, stderr = np.repeat(learner.value_, len(users)), np.repeat(learner.stderr_, len(users))
    else:
        V = rows.matrix()[:, modifier_places(rows, learner.modifiers)]
        found = learner.effects(np.column_stack([mean(column) for column in V.T]))  # at the pair's mean modifiers
        value, stderr = found.value, found.stderr
    base = learner.nuisance_models_.predict(rows.matrix())[0]
    return EffectScores(
        user=users, item=items, value=value, stderr=stderr, propensity=mean(rows.treatments[:, 0]),
        treatment=" and ".join(rows.treatment_names), unit=unit, base=mean(base),
    )  # fmt: skip

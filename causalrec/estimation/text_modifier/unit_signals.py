"""What each unit says of its own effect: the regression that learners of effects end in, before any modifier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.heterogeneity.learners.learner import MAX_CLIPPED
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner, LinearRLearner
from causalrec.estimation.moments.folded import folded_nuisances, refuse_options

__all__ = ["UnitSignals", "unit_signals"]

PENALTY = 0.25  # a column, on columns of unit variance: less overfits propensities, more leaves confounding


@dataclass(frozen=True, slots=True, eq=False)
class UnitSignals:
    """Each unit's outcome and treatment, cleared of what covariates say: y = x times the effect, and noise.

    Attributes
    ----------
    x : float64, shape (n,)
        1 beside a doubly robust score, the treatment's residual beside the outcome's.
    y, weight : float64, shape (n,)
    text : int64, shape (n,)
        Text of each unit.
    clusters : mapping of str to int64, shape (n,)
        Units that may depend on each other; those of one text among them.
    average : str
        Whose average effect a group's effect is.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    text: np.ndarray
    clusters: dict[str, np.ndarray]
    average: str

    @property
    def effect(self) -> np.ndarray:
        """Noisy effect of each unit, 0 where it says nothing; float64, shape (n,)."""
        return np.divide(self.y, self.x, out=np.zeros(len(self.y)), where=self.x != 0)

    @property
    def curvature(self) -> np.ndarray:
        """How much each unit says of its effect; float64, shape (n,)."""
        return self.weight * self.x**2

    def rows(self, which: np.ndarray) -> UnitSignals:
        """Some of the units, their clusters numbered afresh."""
        codes = {name: np.unique(found[which], return_inverse=True)[1] for name, found in self.clusters.items()}
        return UnitSignals(
            self.x[which], self.y[which], self.weight[which], self.text[which], codes, self.average
        )  # fmt: skip

    def text_sums(self, n_texts: int) -> tuple[np.ndarray, np.ndarray]:
        """Per text: sums of x² and of x y, all that a regression on columns of texts needs; float64, (n_texts,)."""
        sums = (np.bincount(self.text, self.weight * self.x * values, n_texts) for values in (self.x, self.y))
        curvature, moment = sums
        return curvature, moment


def unit_signals(design: Design, learner: LinearDRLearner | None, text: np.ndarray, named: str) -> UnitSignals:
    """The last regression of a linear learner of effects, its nuisances cross-fitted with all covariates and blocks.

    Folds keep clusters whole.

    Parameters
    ----------
    design : Design
        In memory, with the clusters that errors are to be clustered by.
    learner : LinearDRLearner or LinearRLearner, or None
        None: the first for a treatment of 0 and 1, the second for amounts, with a penalty that grows with the columns.
    text : int64, shape (n,)
    named : str
        The treatment, for messages.

    Raises
    ------
    DataError : no such learner.
    EstimationError : no overlap, or an arm that is missing outside a fold.
    """
    learner = _default(design) if learner is None else learner
    if not isinstance(learner, LinearDRLearner):
        raise DataError(
            f"learner is {learner!r}; take LinearDRLearner or LinearRLearner, which leave blocks as they are."
        )
    refuse_options(design, learner.outcome, learner.clip, learner.l2)
    own = type(learner)(**{**learner.get_params(deep=False), "modifiers": ()})
    folded = folded_nuisances(
        design, own.n_folds, own.random_state, own.l2, kinds=own.kinds(design), logistic=own.outcome == "logistic"
    )
    found = own.regressed(design, folded.own(design), np.empty(0))
    residual = isinstance(own, LinearRLearner)
    if not residual and (share := float(found.clipped.mean())) > MAX_CLIPPED:
        raise EstimationError(
            f"No overlap: for {share:.0%} of the units the chance of {named!r} is below {own.clip:g} or above "
            f"{1 - own.clip:g} given text and covariates. Take LinearRLearner, whose effects are those of units of "
            f"which both kinds occur."
        )
    average = "units weighted by how open their treatment was" if residual else "all units"
    return UnitSignals(found.x[:, 0], found.y, found.weight, text, dict(design.clusters), average)


def _default(design: Design) -> LinearDRLearner:
    l2 = max(1.0, PENALTY * len(design.matrix_names))
    binary = bool(np.isin(design.treatments, (0.0, 1.0)).all())
    return LinearDRLearner(l2=l2) if binary else LinearRLearner(l2=l2)

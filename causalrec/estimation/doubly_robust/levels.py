"""Several levels of one treatment, each against a reference, doubly robust."""

from __future__ import annotations

from copy import copy
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import refuse_clip
from causalrec.estimation.doubly_robust.arm_means import arm_means
from causalrec.estimation.doubly_robust.level_arms import (
    level_arms,
    refuse_lonely_levels,
    refuse_rare_levels,
    refuse_unknown_level,
)
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.nuisances.cross_fitting import CrossFitted, cross_fitted
from causalrec.estimation.nuisances.models import chosen_models
from causalrec.identification import Estimand
from causalrec.threads import limit_threads

__all__ = ["LevelAIPW"]


class LevelAIPW(InfluenceEstimator):
    """Doubly robust effects of the levels of one treatment, each against the same reference level.

    Outcome regressions within each level and the probability of each level are cross-fitted. Assumes that the
    covariates close every back door and that every unit could have had every level. The effect of one
    level does not say what another does: `effect` gives one of them, and asks which.

    Parameters
    ----------
    outcome_model : scikit-learn regressor, or classifier for an outcome of 0 and 1; optional
        As `AIPW` has it; a list is stacked.
    propensity_model : scikit-learn classifier of several classes, or a list of them; optional
    level : float, optional
        The level that `effect` gives; it may be named there too. Needless where there are two levels.
    reference : float, optional
        The level that others are compared with; the smallest, where it is left out.
    n_folds : int
    clip : float, in [0, 0.5)
        Probabilities of a level below it are raised to it; `diagnostics_` has the share.
    random_state : int
    n_threads : int, optional

    Attributes
    ----------
    value_ : float64, shape (n_levels - 1,)
        One effect a contrast, the average over all units.
    contrasts_ : tuple of pairs of float
        (level, reference), one an effect.
    levels_ : float64, shape (n_levels,)
    level_means_ : float64, shape (n_levels,)
        Mean outcome had all units had that level.

    References
    ----------
    Cattaneo (2010), J. Econometrics 155(2). Chernozhukov et al. (2018), Econometrics Journal 21(1).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, dose = rng.normal(size=900), rng.integers(0, 3, 900).astype(float)
    >>> y = x + np.array([0.0, 1.0, 3.0])[dose.astype(int)] + 0.1 * rng.normal(size=900)
    >>> found = LevelAIPW().fit(Design(y, dose[:, None], x[:, None], (), {}))
    >>> found.contrasts_, found.value_.round(1).tolist()
    (((1.0, 0.0), (2.0, 0.0)), [1.0, 3.0])
    """

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, *, level: float | None = None,
        reference: float | None = None, n_folds: int = 5, clip: float = 0.01, random_state: int = 0,
        n_threads: int | None = None,
    ):  # fmt: skip
        self.outcome_model = outcome_model
        self.propensity_model = propensity_model
        self.level = level
        self.reference = reference
        self.n_folds = n_folds
        self.clip = clip
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        DataError : a level or a reference that the treatment does not have.
        EstimationError : one level, no overlap, a level that a fold lacks, or values that are not finite.
        """
        refuse_clip(self.clip)
        arms = level_arms(design, type(self).__name__)
        self.levels_ = np.unique(arms.t)
        at, others = self._places(arms.treatment)
        fold = design.folds(self.n_folds, self.random_state)
        refuse_rare_levels(arms, fold, self.levels_)
        with limit_threads(self.n_threads):
            mu, chance, reason = self._nuisances(arms, fold)
        refuse_lonely_levels(arms, self.levels_, chance.value, self.clip)
        e = np.maximum(chance.value, self.clip)
        scores = level_scores(arms.y, arms.t, self.levels_, np.column_stack([part.value for part in mu]), e)
        self.level_means_, self.level_influence_ = arm_means(scores, np.ones(arms.n), arms.weight)
        self.contrasts_ = tuple((float(self.levels_[k]), float(self.levels_[at])) for k in others)
        return self._keep(
            design, value=self.level_means_[others] - self.level_means_[at], n_parameters=len(self.levels_),
            influence=self.level_influence_[:, others] - self.level_influence_[:, [at]], target="ATE",
            method=f"AIPW of {len(self.levels_)} levels, {self.n_folds} folds" + (f"; {reason}" if reason else ""),
            diagnostics=self._diagnostics(mu, chance),
        )  # fmt: skip

    def effect(self, estimand: Estimand, *, unit: str = "outcome", level: float | None = None) -> EffectEstimate:
        """The effect of one level against the reference.

        Parameters
        ----------
        estimand : Estimand
        unit : str
        level : float, optional
            Which; that of the estimator where it is left out.

        Raises
        ------
        EstimationError : there are several contrasts and no level is named.
        DataError : a level that has no contrast.
        """
        self._require_fitted()
        named = [one for one, _ in self.contrasts_]
        level = self.level if level is None else level
        if level is None and len(named) > 1:
            raise EstimationError(
                f"{estimand.treatment[0]!r} has the levels {', '.join(f'{one:g}' for one in named)}, each against "
                f"{self.contrasts_[0][1]:g}, and their sum means nothing: name one, as in level={named[0]:g}."
            )
        if level is not None and level not in named:
            raise DataError(f"level is {level!r}; it is one of {', '.join(f'{one:g}' for one in named)}.")
        at = 0 if level is None else named.index(level)
        one = copy(self)
        one.value_, one.influence_ = self.value_[[at]], self.influence_[:, [at]]  # type: ignore[index]
        one.method_ = f"{self.method_}; level {self.contrasts_[at][0]:g} against {self.contrasts_[at][1]:g}"
        return InfluenceEstimator.effect(one, estimand, unit=unit)

    def _nuisances(self, arms: TwoArms, fold: np.ndarray) -> tuple[list[CrossFitted], CrossFitted, str]:
        """Outcome regression within each level, probability of each, and why such models where nobody chose."""
        outcome, treatment, reason = chosen_models(arms, self.outcome_model, self.propensity_model)
        given: dict[str, Any] = {"X": arms.X, "fold": fold, "order": arms.order, "weight": arms.weight}
        mu = [
            cross_fitted(outcome, y=arms.y, among=arms.t == one, what=f"outcome at level {one:g}", **given)
            for one in self.levels_
        ]
        chance = cross_fitted(treatment, y=arms.t, classes=self.levels_, what=f"{arms.treatment!r}", **given)
        return mu, chance, reason

    def _places(self, treatment: str) -> tuple[int, list[int]]:
        """Where the reference stands among the levels, and where the others do."""
        refuse_unknown_level("reference", self.reference, self.levels_, treatment)
        refuse_unknown_level("level", self.level, self.levels_, treatment)
        at = 0 if self.reference is None else int(np.flatnonzero(self.levels_ == self.reference)[0])
        if self.level == self.levels_[at]:
            raise DataError(f"level {self.level:g} is the reference: name another, or another reference.")
        return at, [k for k in range(len(self.levels_)) if k != at]

    def _diagnostics(self, mu: list[CrossFitted], chance: CrossFitted) -> dict[str, float]:
        found: dict[str, float] = {"propensities clipped": float((chance.value < self.clip).any(axis=1).mean())}
        for one, least in zip(self.levels_, chance.value.min(axis=0), strict=True):
            found[f"smallest propensity of {one:g}"] = float(least)
        names = [*(f"outcome at {one:g}" for one in self.levels_), "propensity"]
        for what, part in zip(names, [*mu, chance], strict=True):
            found |= part.shares(what)
        return found


def level_scores(y: np.ndarray, t: np.ndarray, levels: np.ndarray, mu: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Efficient scores of the mean outcome at each level; `mu`, `e` and the result are (n, n_levels)."""
    return mu + (t[:, None] == levels) / e * (y[:, None] - mu)

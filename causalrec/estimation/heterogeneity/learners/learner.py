"""What the learners of effects by unit share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.scores import ate_score
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.heterogeneity.learners.linear_final import LinearFinal
from causalrec.estimation.heterogeneity.learners.modifiers import binary_treatment, modifier_matrix, modifier_places
from causalrec.estimation.heterogeneity.learners.nuisances import MAX_CLIPPED, NuisanceModels, require_both
from causalrec.estimation.heterogeneity.learners.unit_effects import UnitEffects
from causalrec.estimation.nuisances.default_models import default_model, outcome_models
from causalrec.estimation.nuisances.learned_models import fitted, listed
from causalrec.estimation.nuisances.models import Nuisances, nuisances, refuse_models
from causalrec.estimation.row_order import row_order

__all__ = ["EffectLearner"]


class EffectLearner(InfluenceEstimator):
    """A learner of the effect of a binary treatment by unit.

    Every learner also gives the average effect, always by the cross-fitted doubly robust score with the
    learner's own nuisances, so its error holds whatever the learner makes of single units.

    A linear final stage has a standard error by theory, and `effects` gives it. Other learners have none:
    they are refitted on `n_draws` bootstrap samples of units, or of whole clusters, and `effects` gives the
    spread of those refits. That spread leaves out what regularisation biases, so such intervals may cover
    too seldom; `proxy` is for what needs no error, ranking units and calibration.

    Attributes
    ----------
    final_ : object
        The fitted effect by unit.
    n_modifiers_ : int
        Columns that `effects` and `proxy` need.
    """

    outcome_model: Any
    propensity_model: Any
    n_folds: int
    clip: float
    random_state: int
    modifiers: Sequence[str] | None = None
    n_draws: int = 0
    words = "learner"

    def fit(self, design: Design) -> Self:
        """Learn effects from a design with one binary treatment.

        Raises
        ------
        DataError : another treatment than one of 0 and 1, absorbed effects, or values that are not finite.
        EstimationError : a group that is missing from a fold, or no overlap.
        """
        _, t = binary_treatment(design)
        order = row_order(design)  # the same fit for the same rows in another order
        rows, t = design.rows(order), t[order]
        found, score = self._nuisances(rows, t)
        self.nuisance_models_ = NuisanceModels(found, self.clip)
        self.n_modifiers_ = len(modifier_places(design, self.modifiers))
        self.final_ = self._final(rows, t, score)
        self.draws_ = [] if isinstance(self.final_, LinearFinal) else self._refits(rows)
        influence = np.empty(design.n)
        weight = np.ones(design.n) if rows.weight is None else rows.weight / rows.weight.mean()
        value = float(np.average(score, weights=weight))
        influence[order] = weight * (score - value)
        return self._keep(
            design, value=np.array([value]), influence=influence[:, None], n_parameters=1,
            method=f"doubly robust score averaged, {self.words}, {self.n_folds} folds",
            diagnostics={
                "share of clipped propensities": found.clipped(self.clip, 1 - self.clip)[1],
                "smallest propensity": float(found.e.min()),
                "largest propensity": float(found.e.max()), **found.shares(),
            },
        )  # fmt: skip

    def effects(self, rows: Design | np.ndarray, *, unit: str = "outcome") -> UnitEffects:
        """Effect of each unit with its standard error.

        Parameters
        ----------
        rows : Design, or float64 of shape (n, n_modifiers_)

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : the learner has no standard error, as `n_draws` is 0.
        """
        self._require_fitted()
        V = modifier_matrix(rows, self.modifiers, self.n_modifiers_)
        if isinstance(self.final_, LinearFinal):
            return UnitEffects(*self.final_.values(V), unit, f"{self.words}, linear in the modifiers, sandwich error")
        if len(self.draws_) < 2:
            raise EstimationError(
                f"A {type(self).__name__} has no standard error by theory. Ask for n_draws=100 bootstrap refits, take "
                f"a learner with a linear final stage, or use `proxy` to rank units and `gates` for groups of them."
            )
        drawn = np.std([self._predict(final, V) for final in self.draws_], axis=0, ddof=1)
        method = f"{self.words}, error of {len(self.draws_)} bootstrap refits without the bias of regularisation"
        return UnitEffects(self._predict(self.final_, V), drawn, unit, method)

    def proxy(self, rows: Design | np.ndarray) -> np.ndarray:
        """Predicted effect of each unit to rank and calibrate by, float64, shape (n,); not an estimate of it."""
        self._require_fitted()
        V = modifier_matrix(rows, self.modifiers, self.n_modifiers_)
        return self._predict(self.final_, V)

    def base(self, batch: Design) -> np.ndarray:
        """Mean outcome without the treatment, over the folds' models; float64, shape (m,)."""
        return self.nuisance_models_.predict(batch.matrix())[0]

    def scores(self, rows: Design) -> np.ndarray:
        """Doubly robust score of units that the learner did not see, over the folds' models; float64, shape (m,)."""
        return ate_score(rows.outcome, rows.treatments[:, 0], *self.nuisance_models_.predict(rows.matrix()))

    def _nuisances(
        self, rows: Design, t: np.ndarray, max_clipped: float = MAX_CLIPPED
    ) -> tuple[Nuisances, np.ndarray]:  # fmt: skip
        """Cross-fitted nuisances, and the doubly robust score of each unit, (n,)."""
        fold = rows.folds(self.n_folds, self.random_state)
        for k in np.unique(fold):
            require_both(t[fold != k], f"all folds but fold {k}")
        arms = _arms(rows, t)
        found = nuisances(arms, fold, *self._models(rows))
        refuse_no_overlap(arms, found.e, self.clip, max_share=max_clipped)
        e, _ = found.clipped(self.clip, 1 - self.clip)
        return found, ate_score(rows.outcome, t, found.mu0, found.mu1, e)

    def _models(self, rows: Design) -> tuple[Any, Any]:
        """Models of the outcome and of the treatment; lists of them are stacked."""
        outcome_model, propensity_model = self.outcome_model, self.propensity_model
        if outcome_model is None:
            outcome_model = outcome_models(rows.n, len(rows.matrix_names), weighted=rows.weight is not None)
        propensity_model = default_model(True) if propensity_model is None else propensity_model
        refuse_models(outcome_model, [], bool(np.isin(rows.outcome, (0.0, 1.0)).all()))
        return outcome_model, propensity_model

    def _refits(self, rows: Design) -> list[Any]:
        """Final stages of refits on samples of units, or of whole clusters of the kind with the fewest."""
        rng = np.random.default_rng(self.random_state)
        kind = min(rows.n_clusters, key=rows.n_clusters.__getitem__) if rows.clusters else None
        codes = np.arange(rows.n) if kind is None else rows.clusters[kind]
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        members = [units for units in members if len(units)]
        drawn = []
        for _ in range(self.n_draws):
            chosen = np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))])
            _, copies = np.unique(codes[chosen], return_inverse=True)
            sample = replace(rows.rows(chosen), clusters={"drawn": copies})  # copies of a unit share a fold
            drawn.append(self._final(sample, sample.treatments[:, 0], None))
        return drawn

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no final stage.")

    def _predict(self, final: Any, V: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} has no prediction.")


def _arms(rows: Design, t: np.ndarray) -> TwoArms:
    """The rows as the cross-fitting takes them, in the order that they stand in."""
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    binary = bool(np.isin(rows.outcome, (0.0, 1.0)).all())
    name = rows.treatment_names[0]
    return TwoArms(rows.matrix(), t, rows.outcome, weight, np.arange(rows.n), tuple(rows.matrix_names), name, binary)


def learned(models: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Any:
    """One fitted copy of a model, or the stack of several."""
    from causalrec.estimation.nuisances.learned_models import is_classifier
    from causalrec.estimation.nuisances.stack import StackedClassifier, StackedRegressor

    members = listed(models)
    if len(members) == 1:
        return fitted(members[0], X, y, weight)
    kind = StackedClassifier if is_classifier(members[0]) else StackedRegressor
    return fitted(kind(list(members)), X, y, weight)

"""R and DR learners: effects by unit from scores that forgive errors of the nuisances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.learners.learner import EffectLearner, learned
from causalrec.estimation.heterogeneity.learners.linear_final import LinearFinal, linear_final, with_intercept
from causalrec.estimation.heterogeneity.learners.modifiers import modifier_places, one_treatment
from causalrec.estimation.nuisances.cross_fitting import cross_fitted
from causalrec.estimation.nuisances.default_models import outcome_models
from causalrec.estimation.nuisances.learned_models import predicted
from causalrec.estimation.row_order import row_order

__all__ = ["DRLearner", "RLearner"]


class DRLearner(EffectLearner):
    """Regression of the cross-fitted doubly robust score on the modifiers.

    With the linear final stage, `effects` is the best linear predictor of the effect by unit with a
    sandwich error, clustered as the design is; where the effect is not linear, that is what it estimates.

    Parameters
    ----------
    outcome_model, propensity_model : scikit-learn estimators, optional
        A list is stacked. Left out: as in `SLearner`.
    final_model : scikit-learn estimator, optional
        Linear with its error by theory where none is given; others need `n_draws`.
    modifiers : sequence of str, optional
        Covariates that the effect may differ by; all of them where none is named.
    n_draws : int
        Bootstrap refits, nuisances too, for the errors of another `final_model`.
    n_folds : int
    clip : float, in (0, 0.5)
        Bound of the propensities.
    random_state : int

    References
    ----------
    Kennedy (2023), Electronic J. Statistics 17(2).

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression, LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(2000, 1)), rng.integers(0, 2, 2000).astype(float)
    >>> rows = Design(t * (1 + x[:, 0]) + rng.normal(size=2000), t[:, None], x, (), {})
    >>> found = DRLearner(LinearRegression(), LogisticRegression()).fit(rows).effects(np.array([[0.0], [1.0]]))
    >>> bool(found.stderr.max() < 0.1), found.value.round(0).tolist()
    (True, [1.0, 2.0])
    """

    words = "DR-learner"

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, final_model: Any = None, *,
        modifiers: Sequence[str] | None = None, n_draws: int = 0, n_folds: int = 5, clip: float = 0.01,
        random_state: int = 0,
    ):  # fmt: skip
        self.outcome_model = outcome_model
        self.propensity_model = propensity_model
        self.final_model = final_model
        self.modifiers = modifiers
        self.n_draws = n_draws
        self.n_folds = n_folds
        self.clip = clip
        self.random_state = random_state

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        if score is None:  # a bootstrap sample: the whole sample's overlap was looked at already
            _, score = self._nuisances(rows, t, max_clipped=1.0)
        V = rows.matrix()[:, modifier_places(rows, self.modifiers)]
        if self.final_model is None:
            return linear_final(rows, V, score, weight=rows.weight)
        return learned(self.final_model, V, score, rows.weight)

    def _predict(self, final: Any, V: np.ndarray) -> np.ndarray:
        return final.values(V)[0] if isinstance(final, LinearFinal) else predicted(final, V)


class RLearner(DRLearner):
    """Regression of the outcome's residual on the treatment's residual, its slope differing by modifiers.

    Takes a treatment of amounts too: the effect is then that of one more, with the linear final stage alone,
    and its average assumes that the effect is linear in the modifiers.

    Parameters
    ----------
    outcome_model, propensity_model, final_model, modifiers, n_draws, n_folds, clip, random_state
        As in `DRLearner`; `propensity_model` is the treatment's model, a regressor for amounts.

    References
    ----------
    Nie, Wager (2021), Biometrika 108(2).
    """

    words = "R-learner"

    def fit(self, design: Design) -> Self:
        """Learn effects from a design with one treatment.

        Raises
        ------
        DataError : several treatments, absorbed effects, or values that are not finite.
        EstimationError : a group missing from a fold, no overlap, or a final stage without a theory for amounts.
        """
        name, t = one_treatment(design)
        if np.isin(t, (0.0, 1.0)).all():
            return super().fit(design)
        if self.final_model is not None:
            raise EstimationError(f"{name!r} is an amount; RLearner takes it with its own linear final stage alone.")
        return self._fit_amounts(design, t)

    def _fit_amounts(self, design: Design, t: np.ndarray) -> Self:
        order = row_order(design)
        rows = design.rows(order)
        self.n_modifiers_, self.draws_ = len(modifier_places(design, self.modifiers)), []
        self.final_ = self._final(rows, t[order], None)
        V = with_intercept(rows.matrix()[:, modifier_places(rows, self.modifiers)])
        weight = np.ones(rows.n) if rows.weight is None else rows.weight / rows.weight.mean()
        centre = np.average(V, axis=0, weights=weight)
        influence = np.empty(design.n)
        influence[order] = self.final_.influence @ centre + weight * ((V - centre) @ self.final_.coef)
        return self._keep(
            design, value=np.array([centre @ self.final_.coef]), influence=influence[:, None],
            n_parameters=len(centre), method=f"{self.words}, linear in the modifiers, averaged, {self.n_folds} folds",
        )  # fmt: skip

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        V = rows.matrix()[:, modifier_places(rows, self.modifiers)]
        left_y, left_t = self._residuals(rows, t)
        if self.final_model is None:
            return linear_final(rows, V, left_y, left_t, rows.weight)
        weight = left_t**2 if rows.weight is None else left_t**2 * rows.weight
        return learned(self.final_model, V, left_y / left_t, weight)

    def _residuals(self, rows: Design, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outcome and treatment less what models of the other folds predict; each (n,)."""
        X, binary = rows.matrix(), bool(np.isin(t, (0.0, 1.0)).all())
        outcome_model, treatment_model = self._models(rows)
        if not binary and self.propensity_model is None:
            treatment_model = outcome_models(*X.shape, weighted=rows.weight is not None)
        fold = rows.folds(self.n_folds, self.random_state)
        mean = cross_fitted(outcome_model, X, rows.outcome, fold, weight=rows.weight).value
        e = cross_fitted(treatment_model, X, t, fold, weight=rows.weight, what=repr(rows.treatment_names[0])).value
        return rows.outcome - mean, t - (np.clip(e, self.clip, 1 - self.clip) if binary else e)

"""S, T and X learners: effects by unit from models of the outcome."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.estimation.heterogeneity.learners.learner import EffectLearner, learned
from causalrec.estimation.heterogeneity.learners.nuisances import require_both, weight_of
from causalrec.estimation.nuisances.default_models import outcome_models
from causalrec.estimation.nuisances.learned_models import is_classifier, listed, predicted

__all__ = ["SLearner", "TLearner", "XLearner"]


class SLearner(EffectLearner):
    """One model of the outcome with the treatment as a column: its prediction at 1 less that at 0.

    Regularised models shrink the effect of one column toward 0.

    Parameters
    ----------
    outcome_model, propensity_model : scikit-learn estimators, optional
        A list is stacked by cross-validated error. Where none is given: the stack of ridge regression, splines,
        gradient boosting and, up to 1,000 rows without weights, a Gaussian process; and logistic regression.
        The propensity serves the average effect.
    n_draws : int
        Bootstrap refits for the errors of `effects`; 0 for none.
    n_folds : int
    clip : float, in (0, 0.5)
        Bound of the propensities.
    random_state : int

    References
    ----------
    Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10).
    """

    words = "S-learner"

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, *, n_draws: int = 0, n_folds: int = 5,
        clip: float = 0.01, random_state: int = 0,
    ):  # fmt: skip
        self.outcome_model = outcome_model
        self.propensity_model = propensity_model
        self.n_draws = n_draws
        self.n_folds = n_folds
        self.clip = clip
        self.random_state = random_state

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        X = np.column_stack([rows.matrix(), t])
        return learned(self._models(rows)[0], X, rows.outcome, rows.weight)

    def _predict(self, final: Any, V: np.ndarray) -> np.ndarray:
        on, off = (predicted(final, np.column_stack([V, np.full(len(V), level)])) for level in (1.0, 0.0))
        return on - off


class TLearner(SLearner):
    """A model of the outcome in each group: the difference of their predictions.

    Parameters
    ----------
    outcome_model, propensity_model, n_draws, n_folds, clip, random_state
        As in `SLearner`.

    References
    ----------
    Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10).
    """

    words = "T-learner"

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        require_both(t, "the sample")
        return tuple(_arm(self, rows, t == level) for level in (0, 1))

    def _predict(self, final: Any, V: np.ndarray) -> np.ndarray:
        return predicted(final[1], V) - predicted(final[0], V)


class XLearner(SLearner):
    """Effects imputed in each group by the other group's model, modelled, and weighed by the propensity.

    Parameters
    ----------
    outcome_model, propensity_model, n_draws, n_folds, clip, random_state
        As in `SLearner`; the outcome's model is the effects' model too, the stack where that is a classifier.

    References
    ----------
    Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10).
    """

    words = "X-learner"

    def _final(self, rows: Design, t: np.ndarray, score: np.ndarray | None) -> Any:
        require_both(t, "the sample")
        X, y = rows.matrix(), rows.outcome
        mu0, mu1 = (_arm(self, rows, t == level) for level in (0, 1))
        control, treated = t == 0, t == 1
        outcome_model, propensity_model = self._models(rows)
        if any(map(is_classifier, listed(outcome_model))):  # an effect is no class
            outcome_model = outcome_models(*X.shape, weighted=rows.weight is not None)
        among = rows.weight
        tau0 = learned(outcome_model, X[control], predicted(mu1, X[control]) - y[control], weight_of(among, control))
        tau1 = learned(outcome_model, X[treated], y[treated] - predicted(mu0, X[treated]), weight_of(among, treated))
        return tau0, tau1, learned(propensity_model, X, t, rows.weight)

    def _predict(self, final: Any, V: np.ndarray) -> np.ndarray:
        tau0, tau1, propensity = final
        e = np.clip(predicted(propensity, V), self.clip, 1 - self.clip)
        return e * predicted(tau0, V) + (1 - e) * predicted(tau1, V)


def _arm(learner: EffectLearner, rows: Design, which: np.ndarray) -> Any:
    model = learner._models(rows)[0]
    return learned(model, rows.matrix()[which], rows.outcome[which], weight_of(rows.weight, which))

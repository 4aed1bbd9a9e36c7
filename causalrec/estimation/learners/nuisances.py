"""Cross-fitted outcome means and propensities, and the doubly robust score of each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisance import fit_weighted, is_classifier, probability

__all__ = [
    "NuisanceModels", "Nuisances", "cross_fitted", "default_outcome_model", "dr_score", "fitted", "predicted",
    "weight_of",
]  # fmt: skip

N_LARGE = 10_000  # rows above which boosting is of histograms
MAX_CLIPPED = 0.5  # share of clipped propensities above which there is no overlap to speak of


@dataclass(frozen=True, slots=True, eq=False)
class Nuisances:
    """Predictions for each unit from models that never saw it.

    Attributes
    ----------
    mu0, mu1 : float64, shape (n,)
        Mean outcome without and with the treatment.
    propensity : float64, shape (n,), within [clip, 1 - clip]
    score : float64, shape (n,)
        Doubly robust score of the effect.
    share_clipped : float
        Share of the units whose propensity was clipped.
    """

    mu0: np.ndarray
    mu1: np.ndarray
    propensity: np.ndarray
    score: np.ndarray
    share_clipped: float


@dataclass(frozen=True, slots=True, eq=False)
class NuisanceModels:
    """Fitted models of the outcome without and with the treatment, and of the propensity; one triple a fold."""

    models: tuple[tuple[Any, Any, Any], ...]
    clip: float

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """mu0, mu1 and clipped propensity of units that no model saw, averaged over the folds; each (n,)."""
        parts = zip(*self.models, strict=True)
        mu0, mu1, raw = (np.mean([predicted(model, X) for model in part], axis=0) for part in parts)
        return mu0, mu1, np.clip(raw, self.clip, 1 - self.clip)


def cross_fitted(
    X, t, y, weight, fold, outcome_model, propensity_model, clip: float, max_clipped: float = MAX_CLIPPED
) -> tuple[Nuisances, NuisanceModels]:
    """Nuisances of each unit from the other folds.

    Raises
    ------
    EstimationError : a fold whose complement lacks one of the two groups, or no overlap.
    """
    mu0, mu1, raw = np.empty(len(y)), np.empty(len(y)), np.empty(len(y))
    models = []
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        require_both(t[train], f"all folds but fold {k}")
        parts = fit_three(X[train], t[train], y[train], weight_of(weight, train), outcome_model, propensity_model)
        mu0[test], mu1[test], raw[test] = (predicted(part, X[test]) for part in parts)
        models.append(parts)
    propensity = np.clip(raw, clip, 1 - clip)
    share = float(((raw < clip) | (raw > 1 - clip)).mean())
    if share > max_clipped:
        raise EstimationError(
            f"No overlap: for {share:.0%} of the units the chance of treatment is below {clip:g} or above "
            f"{1 - clip:g} given the covariates. Ask for the effect where both groups occur (ATO), or of fewer units."
        )
    found = Nuisances(mu0, mu1, propensity, dr_score(y, t, mu0, mu1, propensity), share)
    return found, NuisanceModels(tuple(models), clip)


def dr_score(y, t, mu0, mu1, e):
    """Efficient influence value of E[Y(1) - Y(0)] for each row; all arguments and the result are (n,)."""
    return mu1 - mu0 + t * (y - mu1) / e - (1 - t) * (y - mu0) / (1 - e)


def require_both(t: np.ndarray, where: str) -> None:
    """Refuse units of one group alone."""
    if not (0 < t.sum() < len(t)):
        only = "treated" if len(t) and t[0] == 1 else "untreated"
        raise EstimationError(f"There are only {only} units in {where}; ask for fewer folds, or gather more data.")


def fit_three(X, t, y, weight, outcome_model, propensity_model) -> tuple[Any, Any, Any]:
    """Models of the outcome without and with the treatment, and of the propensity."""
    control, treated = t == 0, t == 1
    return (
        fitted(outcome_model, X[control], y[control], weight_of(weight, control)),
        fitted(outcome_model, X[treated], y[treated], weight_of(weight, treated)),
        fitted(propensity_model, X, t, weight),
    )


def fitted(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Any:
    """A fitted copy of a scikit-learn estimator."""
    from sklearn.base import clone

    return fit_weighted(clone(model), _columns(X), y, weight)


def predicted(model: Any, X: np.ndarray) -> np.ndarray:
    """Mean of the target; the probability of 1 from a classifier."""
    return probability(model, _columns(X)) if is_classifier(model) else model.predict(_columns(X))


def default_outcome_model(n: int, random_state: int) -> Any:
    """Gradient boosting, of histograms where there are many rows; it finds differences that linear models miss."""
    from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor

    if n > N_LARGE:
        return HistGradientBoostingRegressor(early_stopping=False, random_state=random_state)
    return GradientBoostingRegressor(random_state=random_state)


def _columns(X: np.ndarray) -> np.ndarray:
    return X if X.shape[1] else np.zeros((len(X), 1))  # scikit-learn wants a column


def weight_of(weight: np.ndarray | None, which: np.ndarray) -> np.ndarray | None:
    """Weights of some rows, where there are any."""
    return None if weight is None else weight[which]

"""Front door for a binary treatment and mediators of any kind, doubly robust."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.arm_means import ArmEstimator, arm_means
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.frontdoor.linear import mediators_of
from causalrec.estimation.nuisances.default_models import default_model
from causalrec.estimation.nuisances.learned_models import fit_weighted, is_classifier, probability

__all__ = ["FrontDoor", "frontdoor_scores"]

MAX_CLIPPED = 0.5


class FrontDoor(ArmEstimator):
    """Front door for a binary treatment, doubly robust, cross-fitted.

    The mediators' density enters as a ratio only, which two propensities give (with and without the mediators
    known), so that mediators may be of any kind and any number. Assumes that the mediators carry the whole
    effect and that no hidden cause is shared by treatment and mediators, nor by mediators and outcome given
    the treatment.

    Parameters
    ----------
    outcome_model : scikit-learn regressor, optional
        Outcome given mediators and covariates, within each arm. Ridge by default.
    propensity_model : scikit-learn classifier, optional
        Treatment given covariates, and given mediators and covariates.
    n_folds : int
    clip : float in [0, 0.5)
        Propensities are held within [clip, 1 - clip].
    random_state : int

    References
    ----------
    Fulcher, Shpitser, Marealle, Tchetgen Tchetgen (2020), J. Royal Statistical Society B 82(1), for the
    influence function.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> taste, noise = rng.normal(size=(2, 2000))
    >>> t = (taste + rng.normal(size=2000) > 0).astype(float)
    >>> m = t + noise
    >>> y = m + taste
    >>> rows = Design(y, t[:, None], np.empty((2000, 0)), (), {}, mediators=m[:, None])
    >>> found = FrontDoor().fit(rows)
    >>> bool(abs(found.value_[0] - 1) < 2 * found.stderr_[0] < 0.15)
    True
    """

    def __init__(
        self, outcome_model: Any = None, propensity_model: Any = None, *, n_folds: int = 5, clip: float = 0.01,
        random_state: int = 0,
    ):  # fmt: skip
        self.outcome_model = outcome_model
        self.propensity_model = propensity_model
        self.n_folds = n_folds
        self.clip = clip
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate from a design with mediators, in memory.

        Raises
        ------
        EstimationError : no mediators, a treatment that is not 0 or 1, one class in a fold, mediators that
            tell the arms apart, or values that are not finite.
        """
        if not 0 <= self.clip < 0.5:
            raise DataError(f"clip is {self.clip}; it is in [0, 0.5).")
        outcome, treatment = self._models()
        if is_classifier(outcome) or not is_classifier(treatment):
            raise DataError("FrontDoor takes a regressor for the outcome and a classifier for the treatment.")
        M, arms = mediators_of(design, "FrontDoor"), two_arms(design, "FrontDoor")
        parts = _cross_fitted(arms, M, design.folds(self.n_folds, self.random_state), outcome, treatment)
        mu, e, mediated, averages = parts
        moved = float(((mediated < self.clip) | (mediated > 1 - self.clip)).mean())
        if moved > MAX_CLIPPED:
            raise EstimationError(
                f"The mediators tell the two values of {arms.treatment!r} apart for {moved:.0%} of the units: hardly a "
                f"unit shows what the outcome is with the mediators of the other value."
            )
        e, clipped = (np.clip(p, self.clip, 1 - self.clip) for p in (e, mediated))
        scores = frontdoor_scores(arms, mu, e, clipped, averages)
        means, influence = arm_means(scores, np.ones(arms.n), arms.weight)
        return self._keep_arms(
            design, arms, means, influence, weights=np.ones(arms.n), n_parameters=2, target="ATE",
            method=f"front door, doubly robust, {self.n_folds} folds",
            diagnostics={
                "smallest propensity given mediators": float(mediated.min()),
                "largest propensity given mediators": float(mediated.max()), "propensities clipped": moved,
            },
        )  # fmt: skip

    def _models(self) -> tuple[Any, Any]:
        outcome, treatment = self.outcome_model, self.propensity_model
        return (
            default_model(False) if outcome is None else outcome,
            default_model(True) if treatment is None else treatment,
        )


def _cross_fitted(arms: TwoArms, M: np.ndarray, fold: np.ndarray, outcome: Any, treatment: Any) -> tuple:
    """What `frontdoor_scores` needs, for each fold from models that saw the other folds alone."""
    both, weight = np.column_stack([M, arms.X]), None if np.ptp(arms.weight) == 0 else arms.weight
    mu, e, mediated, averages = (np.empty((arms.n, *shape)) for shape in ((2,), (), (), (2, 2)))
    for k in np.unique(fold):
        train, test = arms.order[((fold != k) & (arms.weight > 0))[arms.order]], fold == k
        if min(np.bincount(arms.t[train].astype(int), minlength=2)) < 2:
            raise EstimationError(f"Without fold {k} an arm of {arms.treatment!r} has no two rows: take fewer folds.")
        own = [train[arms.t[train] == arm] for arm in (0, 1)]
        e[test] = _learned(treatment, arms.X, arms.t, weight, train)[test]
        mediated[test] = _learned(treatment, both, arms.t, weight, train)[test]
        for a in (0, 1):
            predicted = _learned(outcome, both, arms.y, weight, own[a])
            mu[test, a] = predicted[test]
            for b in (0, 1):
                averages[test, a, b] = _learned(outcome, arms.X, predicted, weight, own[b])[test]
    return mu, e, mediated, averages


def _learned(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None, train: np.ndarray) -> np.ndarray:
    """Predictions for all rows from some of them; the mean where there is no column to predict by."""
    from sklearn.base import clone

    used = None if weight is None else weight[train]
    if not X.shape[1]:
        return np.full(len(X), np.average(y[train], weights=used))
    fitted = fit_weighted(clone(model), X[train], y[train], used)
    return probability(fitted, X) if is_classifier(model) else fitted.predict(X)


def frontdoor_scores(
    arms: TwoArms, mu: np.ndarray, e: np.ndarray, e_mediated: np.ndarray, averages: np.ndarray
) -> np.ndarray:
    """Uncentred efficient influence values of E[Y(0)] and E[Y(1)] by the front door; float64, shape (n, 2).

    Parameters
    ----------
    arms : TwoArms
    mu : float64, shape (n, 2)
        Outcome given mediators and covariates in each arm.
    e, e_mediated : float64, shape (n,)
        P(t = 1 | covariates), and given mediators too.
    averages : float64, shape (n, 2, 2)
        Mean of mu[:, a] over the mediators that arm b has given covariates, axes (a, b).
    """
    t, share = arms.t.astype(int), np.column_stack([1 - e, e])
    density = np.column_stack([1 - e_mediated, e_mediated]) / share  # f(mediators | arm) up to a common factor
    rows = np.arange(arms.n)
    total = (mu * share).sum(axis=1)
    scores = np.empty((arms.n, 2))
    for arm in (0, 1):
        mean = (averages[:, :, arm] * share).sum(axis=1)
        scores[:, arm] = (
            (arms.y - mu[rows, t]) * density[:, arm] / density[rows, t]
            + (t == arm) / share[:, arm] * (total - mean)
            + averages[rows, t, arm]
        )
    return scores

"""Cross-fitted doubly robust effect of a binary treatment, with linear or logistic nuisances."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.logistic import logistic, sigmoid
from causalrec.estimation.ols import refuse_absorbed

__all__ = ["InteractiveDML"]

TARGETS = ("ATE", "ATT")
OUTCOMES = ("linear", "logistic")


class InteractiveDML(InfluenceEstimator):
    """Augmented inverse propensity weighting, cross-fitted (Robins, Rotnitzky, Zhao 1994, JASA 89(427)).

    The outcome is predicted for each arm on its own and the propensity by logistic regression, both on
    the other folds (Chernozhukov et al. 2018, Econometrics J. 21(1)). The effect may differ between units.
    Assumes no other confounder than the covariates and that every unit could have had either treatment;
    consistent where either the outcome's or the propensity's model is right.

    Parameters
    ----------
    outcome : str
        "linear", ridge, or "logistic" for an outcome of 0 and 1.
    n_folds : int
        2 or more; folds keep clusters whole.
    target : str
        "ATE" of all, or "ATT" of the treated.
    clip : float
        Propensities are kept this far from 0 and 1; the share of those is in `diagnostics_`.
    l2 : float
        Penalty on columns of unit variance: `Ridge(alpha=l2)` and `LogisticRegression(C=1 / l2)`.
    random_state : int
        Seed of the folds.

    Attributes
    ----------
    value_ : float64, shape (1,)
    """

    def __init__(
        self, outcome: str = "linear", *, n_folds: int = 5, target: str = "ATE", clip: float = 0.01, l2: float = 1.0,
        random_state: int = 0,
    ):  # fmt: skip
        self.outcome = outcome
        self.n_folds = n_folds
        self.target = target
        self.clip = clip
        self.l2 = l2
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory; blocks are expanded.

        Raises
        ------
        DataError : an unknown option, a streamed design, a treatment (or a logistic outcome) other than 0 and 1.
        EstimationError : one arm is missing outside a fold, or more than half of the propensities are clipped.
        """
        self._check(design)
        X, t, y, w = design.matrix(), design.treatments[:, 0], design.outcome, design.weight
        folds = design.folds(self.n_folds, self.random_state)
        mu0, mu1, e = (np.empty(design.n) for _ in range(3))
        for fold in range(self.n_folds):
            train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            self._require_arms(t[train], fold)
            for arm, mu in ((0, mu0), (1, mu1)):
                rows = train[t[train] == arm]
                mu[test] = self._predicted(X, y, w, rows, test, self.outcome)
            e[test] = self._predicted(X, t, w, train, test, "logistic")
        clipped = (e < self.clip) | (e > 1 - self.clip)
        self._require_overlap(clipped, e, design)
        kept = np.clip(e, self.clip, 1 - self.clip)
        weight = np.ones(design.n) if w is None else w / w.mean()
        score = ate_score(y, t, mu0, mu1, kept) if self.target == "ATE" else att_score(y, t, mu0, kept)
        share = 1.0 if self.target == "ATE" else float(np.average(t, weights=w))
        value = float(np.average(score, weights=w)) / share
        centre = value * (1.0 if self.target == "ATE" else t)
        diagnostics = {
            "share of propensities clipped": float(np.average(clipped, weights=w)),
            "smallest propensity": float(e.min()), "largest propensity": float(e.max()),
            "share treated": float(np.average(t, weights=w)),
        }  # fmt: skip
        return self._keep(
            design, value=np.array([value]), influence=(weight * (score - centre) / share)[:, None], n_parameters=1,
            target=self.target, diagnostics=diagnostics,
            method=f"augmented inverse propensity weighting, {self.outcome} outcome, {self.n_folds} folds",
        )  # fmt: skip

    def _predicted(self, X, y, w, train: np.ndarray, test: np.ndarray, kind: str) -> np.ndarray:
        rows, weight = X[train], None if w is None else w[train]
        mean, unit = np.average(rows, axis=0, weights=weight), None
        unit = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weight))
        unit = np.where(unit > 1e-12 * np.abs(mean), unit, np.inf)  # a constant says nothing
        Z = np.column_stack([np.ones(len(train)), (rows - mean) / unit])
        if kind == "linear":
            beta = ridge_coef(Z, y[train], self.l2, weight)
        else:
            self._require_classes(y[train])
            beta = logistic(Z, y[train], self.l2, weight)
        z = beta[0] + ((X[test] - mean) / unit) @ beta[1:]
        return sigmoid(z) if kind == "logistic" else z

    def _check(self, design: Design) -> None:
        refuse_absorbed(design, type(self).__name__)
        for name, value, known in (("outcome", self.outcome, OUTCOMES), ("target", self.target, TARGETS)):
            if value not in known:
                raise DataError(f"{name} is {value!r}; it is one of {', '.join(known)}.")
        if not 0 < self.clip < 0.5:
            raise DataError(f"clip is {self.clip!r}; it is between 0 and .5.")
        if not (np.isfinite(self.l2) and self.l2 >= 0):
            raise DataError(f"l2 is {self.l2!r}; it is a number of 0 or more.")
        if design.streamed:
            raise DataError("InteractiveDML needs its rows in memory; use PartiallyLinearDML on a stream.")
        names = design.treatment_names
        if len(names) > 1:
            raise DataError(f"InteractiveDML takes one treatment, not {' and '.join(names)}; use PartiallyLinearDML.")
        if not np.isin(design.treatments, (0, 1)).all():
            raise DataError(f"{names[0]!r} must be 0 or 1 in every row; use PartiallyLinearDML for amounts.")
        if self.outcome == "logistic" and not np.isin(design.outcome, (0, 1)).all():
            raise DataError("A logistic outcome must be 0 or 1 in every row; use outcome='linear'.")
        if not (np.isfinite(design.outcome).all() and np.isfinite(design.matrix()).all()):
            raise EstimationError("The outcome or a covariate is not finite. Drop those rows, or fill them in.")

    def _require_arms(self, t: np.ndarray, fold: int) -> None:
        if t.min() == t.max():
            raise EstimationError(
                f"Outside fold {fold + 1} every row is {'treated' if t[0] else 'untreated'}: nothing compares. "
                f"Ask for fewer folds, or find rows of the other kind."
            )

    def _require_classes(self, y: np.ndarray) -> None:
        if y.min() == y.max():
            raise EstimationError("One arm outside a fold has one outcome in every row; use outcome='linear'.")

    def _require_overlap(self, clipped: np.ndarray, e: np.ndarray, design: Design) -> None:
        if clipped.mean() > 0.5:
            raise EstimationError(
                f"{clipped.mean():.0%} of rows have a propensity of {design.treatment_names[0]!r} below {self.clip:g} "
                f"or above {1 - self.clip:g}: treated and untreated do not overlap. Adjust for less, or ask for ATT."
            )


def ate_score(y: np.ndarray, t: np.ndarray, mu0: np.ndarray, mu1: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Efficient influence value of E[Y(1) - Y(0)], not centred; all arguments and the result are (n,)."""
    return mu1 - mu0 + t * (y - mu1) / e - (1 - t) * (y - mu0) / (1 - e)


def att_score(y: np.ndarray, t: np.ndarray, mu0: np.ndarray, e: np.ndarray) -> np.ndarray:
    """The same for the treated, times their share; all arguments and the result are (n,)."""
    return (t - e * (1 - t) / (1 - e)) * (y - mu0)


def ridge_coef(Z: np.ndarray, y: np.ndarray, l2: float, w: np.ndarray | None) -> np.ndarray:
    """Ridge with a free first column."""
    weighted = Z if w is None else Z * w[:, None]
    penalty = np.diag(np.r_[0.0, np.full(Z.shape[1] - 1, float(l2))])
    return np.linalg.lstsq(weighted.T @ Z + penalty, weighted.T @ y, rcond=1e-13)[0]

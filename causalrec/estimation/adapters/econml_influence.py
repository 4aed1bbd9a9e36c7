"""Influence values of the average effect from what a fitted EconML estimator keeps."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.heterogeneity.forest import prediction_rows
from causalrec.estimation.uncertainty.row_share import variation_of
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["Average", "average_effect", "learned_of_treatment"]

MIN_VARIANCE = 0.01  # of a binary treatment given the covariates, the bound of EconML's own forests


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """Average effect with influence values, or with EconML's own error where it keeps none."""

    value: float
    influence: np.ndarray | None
    stderr: float
    words: str


def average_effect(estimator: Any, design: Design, t: np.ndarray, X: np.ndarray | None) -> Average | None:
    """The average effect over the design; None where there is no error of it.

    Influence values are computed only from what EconML kept for these very rows in their order.
    """
    if not design.instruments.shape[1] and _same_rows(estimator, design, t):
        for way in (_from_scores, _from_forest, _from_linear):
            found = way(estimator, design, t, X)
            if found is not None and found.influence is not None and np.isfinite(found.influence).all():
                return found
    return _from_inference(estimator, X)


def learned_of_treatment(estimator: Any, design: Design) -> dict[str, float]:
    """Diagnostics of what EconML's own model of the treatment leaves of it; none where it kept no such model.

    Raises
    ------
    EstimationError : no overlap for a fifth of the units, or a treatment that varies in one of them alone.
    """
    t = design.treatments[:, 0]
    if design.instruments.shape[1] or not _same_rows(estimator, design, t):
        return {}
    of_treatment = np.asarray(estimator._cached_values.nuisances[1]).reshape(design.n, -1)
    residuals = hasattr(estimator, "residuals_")
    if of_treatment.shape[1] != (1 if residuals else 2):
        return {}  # more levels than two
    left = of_treatment[:, 0] if residuals else t - of_treatment[:, 1]
    diagnostics = variation_of(design.treatment_names[0], t, left, design.weight)
    if not (np.isin(t, (0.0, 1.0)).all() and getattr(estimator, "discrete_treatment", True)):
        return diagnostics
    e = t - left
    refuse_no_overlap(two_arms(design, type(estimator).__name__), e)
    return diagnostics | {"smallest propensity": float(e.min()), "largest propensity": float(e.max())}


def _same_rows(estimator: Any, design: Design, t: np.ndarray) -> bool:
    kept = getattr(estimator, "_cached_values", None)
    if kept is None or len(np.ravel(kept.Y)) != design.n:
        return False
    same = np.array_equal(np.ravel(kept.Y), design.outcome)
    treated = np.asarray(kept.T)
    return same and (treated.size != design.n or np.array_equal(np.ravel(treated), t))


def _from_scores(estimator: Any, design: Design, t: np.ndarray, X: np.ndarray | None) -> Average | None:
    """DR learners keep the doubly robust outcome of each unit under each treatment."""
    from econml.dr import DRLearner

    if not isinstance(estimator, DRLearner):
        return None
    outcomes = np.asarray(estimator._cached_values.nuisances[0]).reshape(design.n, -1)
    return _mean_of(outcomes[:, 1] - outcomes[:, 0], design, "doubly robust score averaged")


def _from_forest(estimator: Any, design: Design, t: np.ndarray, X: np.ndarray | None) -> Average | None:
    """EconML's own doubly robust average of out-of-bag effects (its `drate`), unit by unit."""
    from econml.dml import CausalForestDML

    if not (isinstance(estimator, CausalForestDML) and estimator.discrete_treatment):
        return None
    left_y, left_t = (np.asarray(part).reshape(design.n, -1) for part in estimator.residuals_[:2])
    if left_t.shape[1] != 1:
        return None
    own = estimator.original_featurizer
    features = X if own is None else own.transform(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # units that are in every tree's sample are found below
        effect = np.asarray(estimator.model_cate.oob_predict(features)).reshape(design.n)
    e = t - left_t[:, 0]
    slope = left_t[:, 0] / np.clip(e * (1 - e), MIN_VARIANCE, np.inf)
    score = effect + slope * (left_y[:, 0] - effect * left_t[:, 0])
    return _mean_of(score, design, "doubly robust average of out-of-bag effects")


def _from_linear(estimator: Any, design: Design, t: np.ndarray, X: np.ndarray | None) -> Average | None:
    """Residual on residual with a linear effect: the delta method over coefficients and modifiers."""
    from econml.dml import LinearDML

    if type(estimator) is not LinearDML or not estimator.fit_cate_intercept:
        return None
    left_y, left_t = (np.asarray(part).reshape(design.n, -1) for part in estimator.residuals_[:2])
    if left_t.shape[1] != 1 or left_y.shape[1] != 1:
        return None
    own = estimator.original_featurizer
    features = X if X is None or own is None else own.transform(X)
    V = np.ones((design.n, 1)) if features is None else np.column_stack([np.ones(design.n), features])
    weight = unit_weights(design)
    rows = V * left_t
    gram = (rows * weight[:, None]).T @ rows / design.n
    if np.linalg.matrix_rank(rows) < rows.shape[1]:
        raise EstimationError("The modifiers are collinear, or one of them does not vary; name fewer modifiers.")
    coef = np.linalg.solve(gram, (rows * weight[:, None]).T @ left_y[:, 0] / design.n)
    of_coef = np.linalg.solve(gram, (rows * (weight * (left_y[:, 0] - rows @ coef))[:, None]).T).T
    centre = np.average(V, axis=0, weights=weight)
    influence = of_coef @ centre + weight * ((V - centre) @ coef)
    return Average(float(centre @ coef), influence, np.nan, "linear effect averaged, delta method")


def _from_inference(estimator: Any, X: np.ndarray | None) -> Average | None:
    """EconML's own error of the average, where its inference gives one."""
    n = 1 if X is None else len(X)
    at_once = prediction_rows(estimator, n)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there is no error is said by the refusal that follows
            parts = [estimator.ate_inference(_rows(X, start, at_once)) for start in range(0, n, at_once)]
        errors = [part.stderr_mean for part in parts]
    except (AttributeError, ValueError, NotImplementedError):
        return None
    if any(error is None for error in errors):
        return None
    share = np.array([min(at_once, n - start) for start in range(0, n, at_once)]) / n
    exact = parts[0].mean_pred_stderr is not None and len(parts) == 1
    value = float(share @ [float(np.ravel(part.mean_point)[0]) for part in parts])
    stderr = float(np.sqrt(share @ [float(np.ravel(error)[0]) ** 2 for error in errors]))
    words = "EconML's error of the average" if exact else "EconML's conservative error of the average"
    return Average(value, None, stderr, words)


def _rows(X: np.ndarray | None, start: int, n: int) -> np.ndarray | None:
    return None if X is None else X[start : start + n]


def _mean_of(score: np.ndarray, design: Design, words: str) -> Average:
    weight = unit_weights(design)
    known = np.isfinite(score)
    value = float(np.average(score[known], weights=weight[known]))
    influence = np.where(known, weight * (score - value) * design.n / known.sum(), 0.0)
    return Average(value, influence, np.nan, words)

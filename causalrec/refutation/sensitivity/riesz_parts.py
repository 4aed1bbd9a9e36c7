"""What an omitted variable bound needs of a learned model: residuals, and the representer of the effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW, clip_bounds
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.doubly_robust.scores import ate_score, att_score
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.linear.dml import PartiallyLinearDML, batch_residuals
from causalrec.estimation.moments.design_moments import design_moments, pieces
from causalrec.estimation.moments.folded import folded_nuisances
from causalrec.estimation.nuisances.models import nuisances
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["Learned", "RieszParts", "interactive_parts", "linear_parts", "riesz_parts"]

Learned = PartiallyLinearDML | InteractiveDML | AIPW


@dataclass(frozen=True, slots=True, eq=False)
class RieszParts:
    """An effect as the mean of a representer times the outcome, and how large both can err.

    Attributes
    ----------
    value : float
        The effect without a hidden confounder, in the outcome's unit.
    residual_variance : float
        Mean squared residual of the outcome given treatment and covariates.
    representer_square : float
        Mean square of the Riesz representer: for the ATE (t - e) / (e (1 - e)).
    influence : float64, shape (n, 3)
        Influence of each unit on the three, in that order.
    """

    value: float
    residual_variance: float
    representer_square: float
    influence: np.ndarray


def riesz_parts(estimator: Learned, design: Design) -> RieszParts:
    """Parts from an estimator's own folds and models; they are fitted here, whether or not it was fitted before.

    Raises
    ------
    EstimationError : a target without a representer here, or a stream.
    """
    if design.streamed:
        raise EstimationError("Bounds on omitted variables need the rows in memory, and this design is streamed.")
    if isinstance(estimator, PartiallyLinearDML):
        return _of_partially_linear(estimator, design)
    if estimator.target not in ("ATE", "ATT"):
        raise EstimationError(
            f"Bounds on omitted variables are for the ATE and the ATT, not for the {estimator.target}."
        )
    if isinstance(estimator, InteractiveDML):
        mu0, mu1, e = _interactive_nuisances(estimator, design)
    else:
        mu0, mu1, e = _aipw_nuisances(estimator, design)
    e = np.clip(e, *clip_bounds(estimator.clip, estimator.target))
    arms = two_arms(design, type(estimator).__name__)
    return interactive_parts(arms.y, arms.t, mu0, mu1, e, arms.weight, estimator.target)


def linear_parts(treatment_left: np.ndarray, outcome_left: np.ndarray, weight: np.ndarray) -> RieszParts:
    """Of a partially linear model, from what the covariates leave of treatment and outcome; all (n,)."""
    square = float(np.average(treatment_left**2, weights=weight))
    value = float(np.average(treatment_left * outcome_left, weights=weight) / square)
    left = outcome_left - value * treatment_left
    parts = np.column_stack([treatment_left * left / square, left**2, 1 / square - treatment_left**2 / square**2])
    variance = float(np.average(left**2, weights=weight))
    return _parts(value, variance, 1 / square, parts - [0.0, variance, 0.0], weight)


def interactive_parts(
    y: np.ndarray, t: np.ndarray, mu0: np.ndarray, mu1: np.ndarray, e: np.ndarray, weight: np.ndarray, target: str
) -> RieszParts:
    """Of arms whose effect may differ between units; arrays (n,), `target` "ATE" or "ATT"."""
    residual = (y - np.where(t == 1, mu1, mu0)) ** 2
    variance = float(np.average(residual, weights=weight))
    representer, functional = t / e - (1 - t) / (1 - e), 1 / e + 1 / (1 - e)
    if target == "ATE":
        score, share, squares = ate_score(y, t, mu0, mu1, e), np.ones_like(y), 2 * functional - representer**2
        value, square = (float(np.average(part, weights=weight)) for part in (score, squares))
        own = squares - square
    else:
        score, share, squares = att_score(y, t, mu0, e), t, 2 * t * e * functional - (e * representer) ** 2
        treated = float(np.average(t, weights=weight))
        value = float(np.average(score, weights=weight)) / treated
        square = float(np.average(squares, weights=weight)) / treated**2
        score, share = score / treated, share / treated
        own = squares / treated**2 - square - 2 * square * (t - treated) / treated  # the share is estimated too
    return _parts(value, variance, square, np.column_stack([score - value * share, residual - variance, own]), weight)


def _parts(value: float, variance: float, square: float, influence: np.ndarray, weight: np.ndarray) -> RieszParts:
    if not (square > 0 and variance > 0):
        raise EstimationError(
            f"The residual variance is {variance:g} and the representer's square {square:g}: both must be above 0. "
            f"Propensities next to 0 or 1 do this; trim them, or ask for another target."
        )
    return RieszParts(value, variance, square, influence * (weight / weight.mean())[:, None])


def _of_partially_linear(estimator: PartiallyLinearDML, design: Design) -> RieszParts:
    if len(design.treatment_names) != 1:
        raise EstimationError(f"One treatment at a time, not {' and '.join(design.treatment_names)} together.")
    estimator.fit(design)  # refuses what cannot be estimated
    dealt = (estimator.n_folds, estimator.random_state)
    predict, _ = estimator.nuisances(design_moments(design, dealt))
    left = np.vstack([batch_residuals(batch, predict, dealt) for batch in pieces(design)])
    return linear_parts(left[:, 0], left[:, 1], unit_weights(design))


def _interactive_nuisances(estimator: InteractiveDML, design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = folded_nuisances(
        design, estimator.n_folds, estimator.random_state, estimator.l2, logistic=estimator.outcome == "logistic"
    )
    mu0, mu1, e = np.hstack([np.vstack([*found.own(batch)]) for batch in pieces(design)])
    return mu0, mu1, e


def _aipw_nuisances(estimator: AIPW, design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arms, fold = two_arms(design, "AIPW"), design.folds(estimator.n_folds, estimator.random_state)
    found = nuisances(arms, fold, estimator.outcome_model, estimator.propensity_model)
    return found.mu0, found.mu1, found.e

"""Risk and odds ratios of a binary outcome, from the means under both arms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from causalrec.data import Dataset, Design, design
from causalrec.data.shared_treatment import warn_of_sharing
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.choice import ENOUGH
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.arm_means import ArmEstimator
from causalrec.estimation.doubly_robust.ratio_estimate import RatioEstimate
from causalrec.estimation.doubly_robust.tmle import TMLE
from causalrec.estimation.row_counts import row_counts
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.estimation.weighting.inverse_propensity import IPW
from causalrec.identification import Estimand

__all__ = ["SCALES", "RatioEstimate", "odds_ratio", "ratio_effect", "risk_ratio"]


def risk_ratio(estimator: ArmEstimator) -> RatioEstimate:
    """Risk treated over risk untreated, from a fitted estimator of a binary treatment.

    Raises
    ------
    NotFittedError : `fit` was not called.
    EstimationError : an outcome other than 0 and 1, or a risk that is not within 0 and 1.

    Examples
    --------
    >>> t = np.tile([0.0, 0.0, 1.0, 1.0], 50)
    >>> y = np.concatenate([np.tile([0.0, 1.0, 0.0, 1.0], 25), np.tile([0.0, 0.0, 1.0, 1.0], 25)])
    >>> round(risk_ratio(IPW().fit(Design(y, t[:, None], np.empty((200, 0)), (), {}))).value, 3)
    3.0
    """
    return _ratio(estimator, "risk ratio", lambda risk: risk, lambda risk: 1 / risk)


def odds_ratio(estimator: ArmEstimator) -> RatioEstimate:
    """Odds treated over odds untreated, from a fitted estimator of a binary treatment.

    Odds ratios do not collapse: this marginal one is closer to 1 than one within covariates.

    Raises
    ------
    NotFittedError : `fit` was not called.
    EstimationError : an outcome other than 0 and 1, or a risk that is not within 0 and 1.
    """
    return _ratio(estimator, "odds ratio", lambda risk: risk / (1 - risk), lambda risk: 1 / (risk * (1 - risk)))


SCALES: dict[str, Callable[[ArmEstimator], RatioEstimate]] = {"risk ratio": risk_ratio, "odds ratio": odds_ratio}
"""Scales of an effect on a binary outcome, beside the difference."""


def ratio_effect(
    estimand: Estimand, data: Dataset, *, scale: str, estimator: Any = None, clusters: Sequence[str] = (),
    weights: str | None = None, missing: str = "refuse", target: str = "ATE",
) -> RatioEstimate:  # fmt: skip
    """Marginal risk ratio or odds ratio of a binary treatment on a binary outcome.

    The risks under both arms are standardised to the target by a doubly robust estimator; with nothing to
    adjust for it is the ratio of the table of two by two.

    Parameters
    ----------
    estimand : Estimand
        By adjustment.
    data : Dataset
        A flat table.
    scale : {"risk ratio", "odds ratio"}
    estimator : AIPW, TMLE, IPW, CBPS or EntropyBalancing, optional
        TMLE where none is given, whose risks never leave 0 and 1.
    clusters, weights, missing, target
        As `estimate` has them.

    Raises
    ------
    DataError, MissingColumnsError : the table does not hold what the estimand names, or an unknown scale.
    EstimationError : an outcome or treatment other than 0 and 1, an arm in which nobody or everybody has the
        outcome, an estimator without means of arms, an estimand by other means than adjustment.

    Examples
    --------
    >>> data = Dataset.from_frames({"coin": [0, 1] * 100, "bought": [0, 1, 0, 1, 1, 1, 0, 0] * 25})
    >>> print(ratio_effect(Estimand(("coin",), "bought", "adjustment"), data, scale="risk ratio"))
    Risk ratio of coin on bought: 3.0000 (95% 2.0892 to 4.3080; ATE, marginal)
      risk 0.2500 untreated, 0.7500 treated
      adjusted for nothing
      inverse propensity weights (hajek), logistic propensity; 200 units; chosen because nothing is adjusted for
    """
    _refuse(estimand, data, scale)
    rows = design(estimand, data, clusters=clusters, weights=weights, missing=missing)
    if not isinstance(rows, Design):
        raise DataError(f"The {scale} needs the rows in memory; take a part of the table.")
    _refuse_outcome(rows, estimand.outcome, scale)
    chosen, reason = _chosen(rows, target) if estimator is None else (estimator, "")
    _refuse_armless(chosen)
    found = SCALES[scale](chosen.fit(rows))
    notes = (*found.notes, *warn_of_sharing(estimand, data, tuple(rows.clusters), weights))
    return replace(
        found, estimand=estimand, reason=reason, notes=notes, **row_counts(estimand, data, missing, rows)
    )  # fmt: skip


def _chosen(rows: Design, target: str) -> tuple[ArmEstimator, str]:
    if not rows.matrix_names:
        return IPW(target=target), "nothing is adjusted for"
    if rows.n < ENOUGH:
        return IPW(target=target), f"fewer than {ENOUGH} rows leave too little to cross-fit"
    if target == "ATO":
        return AIPW(target="ATO"), "the effect where both treatments are likely is asked for"
    return TMLE(target=target), "its risks stay within 0 and 1"


def _ratio(
    estimator: ArmEstimator, kind: str, of: Callable[[float], float], slope: Callable[[float], float]
) -> RatioEstimate:
    """`of` a risk, and the slope of its logarithm."""
    _refuse_armless(estimator)
    estimator._require_fitted()
    off, on = (float(mean) for mean in estimator.arm_means_)
    if not estimator.binary_ or not (0 < off < 1 and 0 < on < 1):
        raise EstimationError(
            f"The {kind} needs risks within 0 and 1 of an outcome that is 0 or 1, and the means are {off:.4g} "
            f"untreated and {on:.4g} treated: code the outcome as 0 and 1. TMLE keeps risks in their range."
        )
    refuse_two_clusters(estimator.n_clusters_)
    covariance, dof = influence_covariance(estimator.arm_influence_, estimator.clusters_, estimator.n_parameters_)
    slopes = np.array([-slope(off), slope(on)])
    return RatioEstimate(
        kind=kind, value=of(on) / of(off), log_stderr=float(np.sqrt(slopes @ covariance @ slopes)), risks=(off, on),
        n=estimator.n_, dof=dof, target=estimator.target_, method=estimator.method_,
        n_clusters=dict(estimator.n_clusters_), diagnostics=dict(estimator.diagnostics_),
        notes=cluster_notes(estimator.n_clusters_, dof, None, ""),
    )  # fmt: skip


def _refuse(estimand: Estimand, data: Dataset, scale: str) -> None:
    if scale not in SCALES:
        raise DataError(f"scale is {scale!r}; it is 'difference' or one of {', '.join(map(repr, SCALES))}.")
    if estimand.conditional:
        raise EstimationError(
            f"The {scale} within values of {', '.join(estimand.conditional)} is not there: ask for it in the rows of "
            f"one value, or for differences within groups."
        )
    if data.is_grid or estimand.strategy != "adjustment":
        what = "a log of visits" if data.is_grid else f"an estimand of strategy {estimand.strategy!r}"
        raise EstimationError(f"The {scale} is of a flat table by adjustment, not of {what}: ask for the difference.")


def _refuse_outcome(rows: Design, outcome: str, scale: str) -> None:
    if not np.isin(rows.outcome, (0.0, 1.0)).all():
        low, high = rows.outcome.min(), rows.outcome.max()
        raise EstimationError(
            f"The {scale} needs an outcome of 0 and 1, and {outcome!r} goes from {low:g} to {high:g}: ask for the "
            f"difference, or make a column that says whether it is above something."
        )
    counts = np.ones(rows.n, dtype=bool) if rows.weight is None else rows.weight > 0
    for arm, words in ((0, "untreated"), (1, "treated")):
        own = rows.outcome[counts & (rows.treatments[:, 0] == arm)]
        if len(own) and own.min() == own.max():
            raise EstimationError(
                f"{outcome!r} is {own[0]:g} for all {len(own):,} {words} units, a risk of {own[0]:.0%}, so the {scale} "
                f"has no finite error: ask for the difference."
            )


def _refuse_armless(estimator: Any) -> None:
    if not isinstance(estimator, ArmEstimator):
        raise EstimationError(
            f"{type(estimator).__name__} has no mean for each arm: take AIPW, TMLE, IPW, CBPS or EntropyBalancing."
        )

"""Which estimator, where nobody chose one, and why."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalrec.data import StreamedDesign
from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.absorbed_regression import AbsorbedRegression
from causalrec.estimation.dml import PartiallyLinearDML
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.frontdoor import LinearFrontDoor
from causalrec.estimation.frontdoor_robust import FrontDoor
from causalrec.estimation.instrumental import TwoStageLeastSquares
from causalrec.estimation.interactive import InteractiveDML
from causalrec.estimation.ols import OLS
from causalrec.identification import Estimand

__all__ = ["ENOUGH", "as_estimator", "chosen_estimator"]

ENOUGH = 200
"""Rows from which cross-fitting leaves enough to each fold."""


def chosen_estimator(
    estimand: Estimand, design: Design | StreamedDesign, target: str = "ATE"
) -> tuple[InfluenceEstimator, str]:
    """Estimator for an estimand and the types of treatment and outcome, and the reason in words.

    Raises
    ------
    EstimationError : no estimator is there for this estimand, or none gives this target.
    """
    if estimand.strategy == "instrument":
        _only_ate(target, "an instrument has its own target")
        return TwoStageLeastSquares(), "an instrument moves the treatment"
    if estimand.strategy == "frontdoor":
        _only_ate(target, "a front door gives the effect on all")
        return _for_front_door(design)
    if estimand.strategy != "adjustment":
        raise EstimationError(f"Strategy {estimand.strategy!r} has no estimator that takes a design.")
    if target != "ATE":
        return _for_target(design, target)
    if isinstance(design, StreamedDesign):
        return PartiallyLinearDML(), "the table is larger than memory, and moments take one pass"
    if design.absorbed:
        return AbsorbedRegression(), "effects of groups are held fixed"
    if not design.covariates.shape[1] and not design.blocks:
        return OLS(), "nothing is adjusted for"
    if design.n < ENOUGH:
        return OLS(), f"fewer than {ENOUGH} rows leave too little to cross-fit"
    if _is_binary(design):
        outcome = "logistic" if _is_zero_one(design.outcome) else "linear"
        return InteractiveDML(outcome), "one treatment of two values: the effect may differ between units"
    return PartiallyLinearDML(), "the treatment is a number, or there are several"


def as_estimator(estimator: Any) -> Any:
    """An estimator of our own as it is; one of EconML in its adapter.

    Raises
    ------
    EstimationError : an object that is neither.
    """
    if isinstance(estimator, InfluenceEstimator):
        return estimator
    if type(estimator).__module__.split(".")[0] == "econml":
        from causalrec.estimation.adapters import EconMLEstimator

        return EconMLEstimator(estimator)
    raise EstimationError(
        f"Expected an estimator object of causalrec or EconML, got {estimator!r}. Estimators of DoWhy and models of "
        f"statsmodels have adapters in causalrec.estimation.adapters."
    )


def _for_target(design: Design | StreamedDesign, target: str) -> tuple[InfluenceEstimator, str]:
    if target not in {"ATT", "ATO"}:
        raise EstimationError(f"There is no target {target!r}: choose 'ATE', 'ATT' or 'ATO'.")
    if isinstance(design, StreamedDesign) or not _is_binary(design) or design.absorbed:
        raise EstimationError(
            f"The {target} needs one treatment of 0 and 1, in a table that fits in memory and holds no groups fixed."
        )
    if target == "ATT":
        return InteractiveDML(target="ATT"), "the effect on the treated is asked for"
    from causalrec.estimation.doubly_robust import AIPW

    return AIPW(target="ATO"), "the effect where both treatments are likely is asked for"


def _for_front_door(design: Design | StreamedDesign) -> tuple[InfluenceEstimator, str]:
    if not isinstance(design, StreamedDesign) and _is_binary(design):
        return FrontDoor(), "mediators carry the effect of a treatment of two values"
    return LinearFrontDoor(), "mediators carry the effect of a treatment that is a number"


def _only_ate(target: str, reason: str) -> None:
    if target != "ATE":
        raise EstimationError(f"The {target} cannot be had here: {reason}.")


def _is_binary(design: Design) -> bool:
    return design.treatments.shape[1] == 1 and _is_zero_one(design.treatments[:, 0])


def _is_zero_one(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())

"""Which estimator, where nobody chose one, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from causalrec.data import StreamedDesign
from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.frontdoor.doubly_robust import FrontDoor
from causalrec.estimation.frontdoor.linear import LinearFrontDoor
from causalrec.estimation.instruments.instrumental import TwoStageLeastSquares
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.uncertainty.few_clusters import VERY_FEW_CLUSTERS
from causalrec.identification import Estimand

__all__ = ["ENOUGH", "as_estimator", "chosen_estimator"]

ENOUGH = 200
"""Rows from which cross-fitting leaves enough to each fold."""
NAMED = {
    "dml": "PartiallyLinearDML()", "double": "PartiallyLinearDML()", "plr": "PartiallyLinearDML()",
    "aipw": "AIPW()", "doubly": "AIPW()", "dr": "AIPW()", "irm": "InteractiveDML()", "interactive": "InteractiveDML()",
    "tmle": "TMLE()", "ipw": "IPW()", "weight": "IPW()", "propensity": "IPW()", "overlap": "IPW()", "cbps": "CBPS()",
    "match": "Matching()", "entropy": "EntropyBalancing()", "balanc": "EntropyBalancing()", "liml": "LIML()",
    "2sls": "TwoStageLeastSquares()", "tsls": "TwoStageLeastSquares()", "iv": "TwoStageLeastSquares()",
    "front": "FrontDoor()", "absorb": "AbsorbedRegression()", "fixed": "AbsorbedRegression()",
    "diff": 'DifferenceInDifferences("unit", "time")', "event": 'DifferenceInDifferences("unit", "time")',
}  # fmt: skip
"""Parts of names that people write for an estimator, and the object that each stands for."""
Chosen = tuple[InfluenceEstimator, str]


def chosen_estimator(
    estimand: Estimand, design: Design | StreamedDesign, target: str = "ATE"
) -> tuple[InfluenceEstimator, str]:
    """Estimator for an estimand and the types of treatment and outcome, and the reason in words.

    Raises
    ------
    EstimationError : no estimator is there for this estimand, or none gives this target.
    """
    by_strategy = STRATEGIES.get(estimand.strategy)
    if by_strategy is None:
        raise EstimationError(f"Strategy {estimand.strategy!r} has no estimator that takes a design.")
    return by_strategy(design, target)


def _for_instrument(design: Design | StreamedDesign, target: str) -> Chosen:
    _only_ate(target, "an instrument has its own target")
    return TwoStageLeastSquares(), "an instrument moves the treatment"


def _for_front_door(design: Design | StreamedDesign, target: str) -> Chosen:
    _only_ate(target, "a front door gives the effect on all")
    if not isinstance(design, StreamedDesign) and _is_binary(design):
        return FrontDoor(), "mediators carry the effect of a treatment of two values"
    return LinearFrontDoor(), "mediators carry the effect of a treatment that is a number"


def _for_adjustment(design: Design | StreamedDesign, target: str) -> Chosen:
    by_target = TARGETS.get(target)
    if by_target is None:
        raise EstimationError(f"There is no target {target!r}: choose {' or '.join(map(repr, TARGETS))}.")
    return by_target(design)


def _on_all(design: Design | StreamedDesign) -> Chosen:
    few = min(design.n_clusters.values(), default=VERY_FEW_CLUSTERS) < VERY_FEW_CLUSTERS
    if design.n_absorbed:
        return AbsorbedRegression(), "effects of groups are held fixed"
    if few:
        return OLS(), f"fewer than {VERY_FEW_CLUSTERS} clusters leave too little to cross-fit"
    if isinstance(design, StreamedDesign):
        return PartiallyLinearDML(), "the table is larger than memory, and moments take one pass"
    if not design.covariates.shape[1] and not design.blocks:
        return OLS(), "nothing is adjusted for"
    if design.n < ENOUGH:
        return OLS(), f"fewer than {ENOUGH} rows leave too little to cross-fit"
    if _is_binary(design):
        outcome = "logistic" if _is_zero_one(design.outcome) else "linear"
        return InteractiveDML(outcome), "one treatment of two values: the effect may differ between units"
    return PartiallyLinearDML(), "the treatment is a number, or there are several"


def _on_treated(design: Design | StreamedDesign) -> Chosen:
    if not isinstance(design, StreamedDesign):  # the estimator looks at a stream's values on its way
        _require_two_values(design, "ATT")
    return InteractiveDML(target="ATT"), "the effect on the treated is asked for"


def _where_both_are_likely(design: Design | StreamedDesign) -> Chosen:
    _require_two_values(design, "ATO")
    from causalrec.estimation.doubly_robust.aipw import AIPW

    return AIPW(target="ATO"), "the effect where both treatments are likely is asked for"


STRATEGIES: dict[str, Callable[[Design | StreamedDesign, str], Chosen]] = {
    "instrument": _for_instrument, "frontdoor": _for_front_door, "adjustment": _for_adjustment,
}  # fmt: skip
"""How an estimator is chosen, by what identifies the effect."""
TARGETS: dict[str, Callable[[Design | StreamedDesign], Chosen]] = {
    "ATE": _on_all, "ATT": _on_treated, "ATO": _where_both_are_likely,
}  # fmt: skip
"""How an estimator is chosen within an adjustment set, by whose effect it is."""


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
    if isinstance(estimator, str):
        close = [made for word, made in NAMED.items() if word in estimator.lower()]
        hint = f"estimator=causalrec.estimation.{close[0]}" if close else "estimator=causalrec.estimation.OLS()"
        raise EstimationError(f"Expected an estimator object of causalrec or EconML, got {estimator!r}: {hint}.")
    if isinstance(estimator, type):
        raise EstimationError(
            f"Expected an estimator object, got the class {estimator.__name__}: call it, {estimator.__name__}()."
        )
    raise EstimationError(
        f"Expected an estimator object of causalrec or EconML, got {estimator!r}. Estimators of DoWhy and models of "
        f"statsmodels have adapters in causalrec.estimation.adapters."
    )


def _require_two_values(design: Design | StreamedDesign, target: str) -> None:
    if isinstance(design, StreamedDesign) or not _is_binary(design) or design.absorbed:
        raise EstimationError(
            f"The {target} needs one treatment of 0 and 1, in a table that fits in memory and holds no groups fixed."
        )


def _only_ate(target: str, reason: str) -> None:
    if target != "ATE":
        raise EstimationError(f"The {target} cannot be had here: {reason}.")


def _is_binary(design: Design) -> bool:
    return design.treatments.shape[1] == 1 and _is_zero_one(design.treatments[:, 0])


def _is_zero_one(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())

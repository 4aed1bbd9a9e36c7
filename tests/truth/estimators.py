"""Estimators by name, so that a table has a row for one that is not there too."""

from __future__ import annotations

import importlib
from typing import Any

WHERE = {
    "AIPW": "doubly_robust",
    "AbsorbedRegression": "absorbed_regression",
    "CBPS": "weighting",
    "DRLearner": "learners",
    "DoWhyEstimator": "adapters",
    "EconMLEstimator": "adapters",
    "EntropyBalancing": "balancing",
    "FrontDoor": "frontdoor_robust",
    "GLMEstimator": "adapters",
    "IPW": "weighting",
    "InteractiveDML": "interactive",
    "LIML": "instrumental",
    "LinearFrontDoor": "frontdoor",
    "Matching": "matching",
    "OLS": "ols",
    "PartiallyLinearDML": "dml",
    "PlugIn": "plug_in",
    "RLearner": "learners",
    "SLearner": "learners",
    "TLearner": "learners",
    "TMLE": "tmle",
    "TwoStageLeastSquares": "instrumental",
    "XLearner": "learners",
}


class Missing(Exception):
    """An estimator that does not exist."""


def named(name: str, *args: Any, **params: Any) -> Any:
    """A new estimator.

    Raises
    ------
    Missing : there is no such estimator.
    """
    try:
        kind = getattr(importlib.import_module(f"causalrec.estimation.{WHERE[name]}"), name)
    except (ModuleNotFoundError, AttributeError) as lost:
        raise Missing(name) from lost
    return kind(*args, **params)


def estimated(found: Any, estimand: Any) -> dict[str, Any]:
    """Value, error and interval of a fitted estimator, as JSON can hold them."""
    effect = found.effect(estimand)
    lower, upper = effect.interval()
    return {"value": effect.value, "stderr": effect.stderr, "lower": lower, "upper": upper, "target": effect.target}

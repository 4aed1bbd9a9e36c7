"""Estimators by name, and their effects as JSON can hold them."""

from __future__ import annotations

from typing import Any


def named(name: str, *args: Any, **params: Any) -> Any:
    """A new estimator of causalrec.estimation."""
    from causalrec import estimation

    return getattr(estimation, name)(*args, **params)


def estimated(found: Any, estimand: Any) -> dict[str, Any]:
    """Value, error and interval of a fitted estimator, as JSON can hold them."""
    effect = found.effect(estimand)
    lower, upper = effect.interval()
    return {"value": effect.value, "stderr": effect.stderr, "lower": lower, "upper": upper, "target": effect.target}

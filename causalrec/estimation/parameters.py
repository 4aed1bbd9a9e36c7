"""Parameters and designs of the wrong type, refused by name before anything is computed."""

from __future__ import annotations

import inspect
from numbers import Integral, Real
from typing import Any

from causalrec.errors import DataError

__all__ = ["refuse_no_design", "refuse_parameters"]

KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "int": (Integral, "a whole number"),
    "float": (Real, "a number"),
    "str": (str, "a text"),
    "bool": ((bool, Integral), "True or False"),
}


def refuse_parameters(estimator: Any) -> None:
    """Refuse parameters that are not of the type that `__init__` states, and classes in place of objects.

    Ranges are each estimator's own matter.

    Raises
    ------
    DataError : the first such parameter.
    """
    for name, parameter in inspect.signature(type(estimator).__init__).parameters.items():
        if name == "self" or not hasattr(estimator, name):
            continue
        value, stated = getattr(estimator, name), str(parameter.annotation)
        optional = stated.endswith(" | None")
        if name.endswith("_model"):
            _refuse_model(name, value, type(estimator).__name__)
        known = KINDS.get(stated.removesuffix(" | None"))
        if known is None or (optional and value is None):
            continue
        kind, words = known
        if not isinstance(value, kind) or (isinstance(value, bool) and kind in (Integral, Real)):
            raise DataError(
                f"{type(estimator).__name__} got {name}={value!r}; it is {words}{' or None' if optional else ''}."
            )


def refuse_no_design(design: Any, name: str) -> None:
    """Refuse what has no batches of rows.

    Raises
    ------
    DataError : with the way to make a design.
    """
    if not hasattr(design, "batches") or isinstance(design, type):
        raise DataError(
            f"{name}.fit takes a design, not {type(design).__name__}. Make one with causalrec.data.design(estimand, "
            f"data), or hand the estimator to causalrec.estimate(estimand, data, estimator=...)."
        )


def _refuse_model(name: str, value: Any, owner: str) -> None:
    for model in value if isinstance(value, list | tuple) else [value]:
        if model is not None and (isinstance(model, type) or not hasattr(model, "fit")):
            hint = f"{model.__name__}()" if isinstance(model, type) else "LinearRegression()"
            raise DataError(
                f"{owner} got {name}={value!r}; it is an object with fit and predict, such as {hint}, or a list."
            )

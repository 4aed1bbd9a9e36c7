"""Questions that a structural model does not take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, NotFittedError, UnknownNodeError

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["refuse_count", "refuse_no_mapping", "refuse_question", "refuse_unfitted", "refuse_unknown"]


def refuse_count(name: str, given: Any, least: int) -> None:
    """
    Raises
    ------
    DataError : not a whole number, or less than `least`.
    """
    if not isinstance(given, int | np.integer) or isinstance(given, bool) or given < least:
        raise DataError(f"`{name}` is {given!r}; it is a whole number, {least} or more.")


def refuse_no_mapping(name: str, given: Any) -> None:
    """
    Raises
    ------
    DataError : neither a mapping nor None.
    """
    if not isinstance(given, Mapping | None):
        raise DataError(f"`{name}` maps nodes to what each has, {{'display': ...}}; this is {given!r}.")


def refuse_unfitted(model: Questions) -> None:
    """
    Raises
    ------
    NotFittedError : `fit` was not called.
    """
    if not hasattr(model, "equations_"):
        raise NotFittedError("This structural model was not fitted; call fit(data) first.")


def refuse_unknown(model: Questions, *names: str) -> None:
    """
    Raises
    ------
    UnknownNodeError : names that are no nodes.
    """
    if unknown := [name for name in names if not isinstance(name, str) or name not in model.nodes_]:
        raise UnknownNodeError(map(str, unknown), model.nodes_)


def refuse_question(model: Questions, outcome: str, n_samples: int, *treatments: str) -> None:
    """
    Raises
    ------
    NotFittedError : `fit` was not called.
    UnknownNodeError : names that are no nodes.
    DataError : the outcome has no mean or is a treatment, too few samples, or fewer than two refits and so no error.
    """
    refuse_unfitted(model)
    refuse_unknown(model, outcome, *treatments)
    refuse_count("n_samples", n_samples, 2)
    if outcome in treatments:
        raise DataError(f"{outcome!r} is treatment and outcome at once.")
    model.nodes_[outcome].amounts(np.zeros(1))
    if len(model.refits_) < 2:
        raise DataError("An effect needs its error: fit the model with n_refits=100, or 2 at least.")

"""What `estimate` was asked, once it is known to be a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.ratios import SCALES as RATIOS
from causalrec.identification import Estimand

__all__ = ["SCALES", "Question", "question_of"]

SCALES = ("difference", *RATIOS)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """An estimand, the data, and what neither says.

    Attributes
    ----------
    estimand : Estimand
    data : Dataset
    estimator : estimator object, or None
    clusters : tuple of str
    weights : str or None
    missing, target, scale : str
    """

    estimand: Estimand
    data: Dataset
    estimator: Any = field(default=None, repr=False)
    clusters: tuple[str, ...] = ()
    weights: str | None = None
    missing: str = "refuse"
    target: str = "ATE"
    scale: str = "difference"


def question_of(
    estimand: Any, data: Any, *, estimator: Any, clusters: Any, weights: Any, missing: Any, target: Any,
    scale: Any = "difference",
) -> Question:  # fmt: skip
    """The arguments of `estimate`, refused where they are not of the right kind.

    Raises
    ------
    DataError : what was given in place of what, with the fix.
    EstimationError : a target that is no name, or that the estimator does not have.
    """
    if not isinstance(estimand, Estimand):
        raise DataError(
            f"`estimand` is {_kind(estimand)}; ask for one first: identify(graph, treatment=..., outcome=...)."
        )
    _refuse_data(data)
    if weights is not None and not isinstance(weights, str):
        raise DataError(f"`weights` is {_kind(weights)}; name the column of the table that holds them.")
    if not isinstance(target, str):
        raise EstimationError(f"There is no target {target!r}: choose 'ATE', 'ATT' or 'ATO'.")
    _refuse_two_targets(estimator, target)
    _refuse_scale(scale, estimand)
    names = _names(clusters)
    own = {data.column(node) for node in (*estimand.treatment, estimand.outcome)}
    if clash := [name for name in names if name in {getattr(column, "name", None) for column in own}]:
        raise DataError(
            f"Errors cannot be clustered by {', '.join(map(repr, clash))}, the treatment or the outcome itself; name a "
            f"column of ids, such as the user."
        )
    return Question(estimand, data, estimator, names, weights, missing, target, scale)


def _names(clusters: Any) -> tuple[str, ...]:
    """One name or several, each once."""
    names = (clusters,) if isinstance(clusters, str) else clusters
    names = tuple(names) if isinstance(names, Iterable) else (names,)
    if not all(isinstance(name, str) for name in names):
        raise DataError(f"`clusters` is {_kind(clusters)}; name columns of the table, such as clusters=['user'].")
    return tuple(dict.fromkeys(names))


def _refuse_data(data: Any) -> None:
    if isinstance(data, Dataset):
        return
    framed = hasattr(data, "__arrow_c_stream__") or hasattr(data, "columns") or isinstance(data, dict)
    fix = "Dataset.from_frames(data)" if framed else "Dataset.from_frames, from_parquet or from_csv"
    raise DataError(f"`data` is {_kind(data)}; make a Dataset of it first: {fix}.")


def _refuse_scale(scale: Any, estimand: Estimand) -> None:
    if scale not in SCALES:
        raise DataError(f"There is no scale {scale!r}: choose {', '.join(map(repr, SCALES[:-1]))} or {SCALES[-1]!r}.")
    if scale != "difference" and estimand.conditional:
        raise EstimationError(
            f"A {scale} within values of {', '.join(estimand.conditional)} cannot be had yet: ask for the difference, "
            f"or for the {scale} in the rows of one value."
        )


def _refuse_two_targets(estimator: Any, target: str) -> None:
    if estimator is not None and target != "ATE" and getattr(estimator, "target", None) != target:
        name = type(estimator).__name__
        raise EstimationError(
            f"The {target} is asked for, and the {name} that was given has its own target. Leave `estimator` out, or "
            f"set the target where the estimator is made."
        )


def _kind(value: Any) -> str:
    """A value for a message: short ones as they are, others by type."""
    return repr(value) if isinstance(value, str | int | float) or value is None else f"a {type(value).__name__}"

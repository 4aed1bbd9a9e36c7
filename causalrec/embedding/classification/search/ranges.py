"""What a search may choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from causalrec.errors import DataError
from causalrec.training.ranges import check_number, check_whole

if TYPE_CHECKING:
    from optuna.trial import Trial

__all__ = ["LinearRange", "LogRange", "Space", "WholeRange", "check_space", "chosen", "chosen_again", "told_space"]


@dataclass(frozen=True, slots=True)
class LogRange:
    """Numbers from `low` to `high`, even on a logarithmic scale.

    Raises
    ------
    DataError : not 0 < low < high.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        check_number("low", self.low, above=0)
        _check_order(self.low, self.high)


@dataclass(frozen=True, slots=True)
class LinearRange:
    """Numbers from `low` to `high`, both of 0 or more.

    Raises
    ------
    DataError : not 0 <= low < high.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        check_number("low", self.low)
        _check_order(self.low, self.high)


@dataclass(frozen=True, slots=True)
class WholeRange:
    """Whole numbers from `low` to `high`, both of 0 or more, both included.

    Raises
    ------
    DataError : not 0 <= low < high, or no whole numbers.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        check_whole("low", self.low, 0)
        check_whole("high", self.high, 0)
        _check_order(self.low, self.high)


Space: TypeAlias = Mapping[str, LogRange | LinearRange | WholeRange | Sequence[Any]]

# Another split or another seed would change whom the trials are held against, not how well they learn.
_NOT_SEARCHED = {
    "validation_share", "random_state", "monitor", "cache", "checkpoint_folder", "checkpoint_steps", "callbacks",
    "device", "n_threads",
}  # fmt: skip


def check_space(space: object, parameters: Mapping[str, Any]) -> None:
    """Refuse a space that is no space of these parameters.

    Raises
    ------
    DataError : no parameter, one that does not exist or that the trials must share, or nothing to choose from.
    """
    if not isinstance(space, Mapping) or not space:
        raise DataError(f'space is {space!r}; give what to choose from by name, {{"n_epochs": (2, 3)}}.')
    for name, values in space.items():
        if name not in parameters:
            raise DataError(
                f"space has {name!r}, and the classifier has no such parameter; it has {_known(parameters)}."
            )
        if name in _NOT_SEARCHED:
            raise DataError(f"space has {name!r}: all trials must share it, or they cannot be compared.")
        if not isinstance(values, LogRange | LinearRange | WholeRange):
            _check_choices(name, values)


def chosen(trial: Trial, space: Space) -> dict[str, Any]:
    """What a trial takes of the space."""
    return {name: _value(trial, name, values) for name, values in space.items()}


def chosen_again(kept: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The same from what Optuna kept of a trial."""
    found = {}
    for name, values in space.items():
        named = {} if isinstance(values, LogRange | LinearRange | WholeRange) else {repr(v): v for v in values}
        found[name] = named.get(kept[name], kept[name]) if named else kept[name]
    return found


def told_space(space: Space) -> dict[str, str]:
    """The space in words, the same whenever it is the same."""
    return {name: repr(tuple(v) if isinstance(v, Sequence) else v) for name, v in sorted(space.items())}


def _value(trial: Trial, name: str, values: LogRange | LinearRange | WholeRange | Sequence[Any]) -> Any:
    if isinstance(values, WholeRange):
        return trial.suggest_int(name, int(values.low), int(values.high))
    if isinstance(values, LogRange | LinearRange):
        return trial.suggest_float(name, float(values.low), float(values.high), log=isinstance(values, LogRange))
    named = {repr(value): value for value in values}  # Optuna keeps only plain values
    return named[trial.suggest_categorical(name, list(named))]


def _check_choices(name: str, values: object) -> None:
    if not isinstance(values, Sequence) or isinstance(values, str | bytes) or not len(values):
        raise DataError(f"space has {values!r} for {name!r}; give a LogRange, LinearRange, WholeRange or a tuple.")
    if len({repr(value) for value in values}) < len(values):
        raise DataError(f"space has {values!r} for {name!r}, and one of them twice.")


def _check_order(low: float, high: float) -> None:
    check_number("high", high)
    if not low < high < float("inf"):
        raise DataError(f"low is {low!r} and high is {high!r}; low must be below high.")


def _known(parameters: Mapping[str, Any]) -> str:
    return ", ".join(name for name in parameters if name not in _NOT_SEARCHED)

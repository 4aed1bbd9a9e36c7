"""Clicks and impressions of texts, with the experiment that each was compared in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data.ids import crossed
from causalrec.embedding.contents import is_null
from causalrec.errors import DataError, EstimationError, ShapeError

__all__ = ["TextExperiments", "text_experiments"]


@dataclass(frozen=True, slots=True, eq=False)
class TextExperiments:
    """Texts that can be compared: at least two of a group, each seen.

    Attributes
    ----------
    kept : int64, shape (n,)
        Number of each among the texts that were given.
    clicks, impressions : float64, shape (n,)
    experiment, group : int64, shape (n,)
        Codes without gaps; a group lies within one experiment.
    """

    kept: np.ndarray
    clicks: np.ndarray
    impressions: np.ndarray
    experiment: np.ndarray
    group: np.ndarray

    @property
    def n_experiments(self) -> int:
        """Experiments that have a comparison."""
        return int(self.experiment.max()) + 1

    def rows(self, chosen: np.ndarray) -> TextExperiments:
        """Those of some experiments, `chosen` a mask of the rows."""
        experiment, group = (np.unique(code[chosen], return_inverse=True)[1] for code in (self.experiment, self.group))
        return TextExperiments(
            self.kept[chosen], self.clicks[chosen], self.impressions[chosen], experiment, group
        )  # fmt: skip

    def by_group(self, column: np.ndarray) -> np.ndarray:
        """Sums of a column, shape (n_groups,)."""
        return np.bincount(self.group, weights=column)

    def expected(self) -> np.ndarray:
        """Clicks of each text if all of a group had one rate; shape (n,)."""
        rate = self.by_group(self.clicks) / self.by_group(self.impressions)
        return self.impressions * rate[self.group]


def text_experiments(
    clicks: Sequence[float], impressions: Sequence[float], experiments: Sequence, within: Sequence | None = None
) -> TextExperiments:
    """Check what was given and leave out what has no comparison.

    Raises
    ------
    ShapeError : columns of different lengths.
    DataError : missing, negative or infinite numbers, more clicks than impressions, a text without an experiment, or
        no labels.
    EstimationError : fewer than three experiments with a comparison, or no click in any.
    """
    numbers = [_numbers(*pair) for pair in (("clicks", clicks), ("impressions", impressions))]
    labels = [_codes("experiments", experiments)] + ([] if within is None else [_codes("within", within)])
    lengths = {"clicks": len(numbers[0]), "impressions": len(numbers[1]), "experiments": len(labels[0])}
    lengths |= {} if within is None else {"within": len(labels[1])}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"One entry a text in each column; got {lengths}.")
    if (over := np.flatnonzero(numbers[0] > numbers[1])).size:
        at = int(over[0])
        raise DataError(
            f"Text {at} has {numbers[0][at]:g} clicks and {numbers[1][at]:g} impressions: more clicks than impressions."
        )
    group = labels[0] if within is None else crossed(*labels)[0]
    kept = np.flatnonzero(numbers[1] > 0)
    kept = kept[np.bincount(group[kept], minlength=1)[group[kept]] > 1]
    experiment, group = (np.unique(code[kept], return_inverse=True)[1] for code in (labels[0], group))
    if len(kept) == 0 or experiment.max() < 2:
        raise EstimationError(
            "Fewer than three experiments have two texts that were seen: there is nothing to compare."
        )
    found = TextExperiments(kept, numbers[0][kept], numbers[1][kept], experiment, group)
    if not found.clicks.any():
        raise EstimationError("No text was clicked on.")
    return found


def _numbers(name: str, given: Sequence[float]) -> np.ndarray:
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} holds something that is no number: {error}.") from error
    if found.ndim != 1:
        raise ShapeError(f"{name} is an array {found.shape}; give one number a text.")
    if not np.isfinite(found).all() or (found < 0).any():
        at = int(np.flatnonzero(~(np.isfinite(found) & (found >= 0)))[0])
        raise DataError(f"{name} of text {at} is {found[at]}; give counts of 0 or more.")
    return found


def _codes(name: str, given: Sequence) -> np.ndarray:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(f"{name} is {given!r}; give one label a text.")
    values = list(given)
    if lost := [at for at, value in enumerate(values) if is_null(value)]:
        raise DataError(f"{name} of text {lost[0]} is missing: each text belongs to one.")
    try:
        # In the order of their names, so that the order of the rows changes no half of a seeded split.
        known = {value: code for code, value in enumerate(sorted(set(values), key=repr))}
    except TypeError as error:
        raise DataError(f"{name} holds something that is no label: {error}.") from error
    return np.array([known[value] for value in values], dtype=np.int64)

"""Texts with their classes: checked, put into an order of their own, and split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.contents import is_null, text_contents
from causalrec.errors import DataError, EstimationError, ShapeError

__all__ = [
    "LabelledTexts", "Parts", "check_learnable", "class_indices", "held_out", "label_array", "labelled_texts",
    "listed_rows", "stratified_parts", "told_texts",
]  # fmt: skip

_LISTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTexts:
    """What a classifier learns from.

    Attributes
    ----------
    texts : list of str
        Sorted, so that the order of the rows in the table changes nothing.
    targets : int64, shape (n_texts,)
        Position of each text's class in `classes`.
    classes : shape (n_classes,)
        Ascending.
    """

    texts: list[str]
    targets: np.ndarray
    classes: np.ndarray

    def digest(self) -> str:
        """Hash of texts and classes; 16 hexadecimal digits."""
        content = hashlib.sha256()
        for text, target in zip(self.texts, self.targets.tolist(), strict=True):
            content.update(f"{self.classes[target]}\x1f{text}\x1e".encode("utf-8", "surrogatepass"))
        return content.hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Rows to learn from and rows to validate with; int64, ascending."""

    learning: np.ndarray
    validation: np.ndarray


def told_texts(texts: Sequence[str | None]) -> list[str]:
    """The texts, each with something in it.

    Raises
    ------
    DataError : null or blank ones.
    """
    contents = text_contents(texts)
    if blank := [row for row, content in enumerate(contents) if not content]:
        raise DataError(
            f"{len(blank):,} of {len(contents):,} texts are null or blank (rows {listed_rows(blank)}): nothing tells "
            "their class. Leave these rows out."
        )
    return contents


def label_array(labels: Sequence[Any], n_texts: int) -> np.ndarray:
    """The labels as an array of strings, whole numbers or truth values.

    Raises
    ------
    ShapeError : not one label a text.
    DataError : no column of labels, null labels, or several types in one column.
    """
    if isinstance(labels, str | bytes | Mapping | set | frozenset) or not hasattr(labels, "__iter__"):
        raise DataError(f"Labels are a {type(labels).__name__}; give a list or a column, one label a text.")
    values = labels.to_pylist() if hasattr(labels, "to_pylist") else list(labels)
    if len(values) != n_texts:
        raise ShapeError(f"{n_texts:,} texts need as many labels, and there are {len(values):,}: one for each text.")
    if null := [row for row, value in enumerate(values) if is_null(value)]:
        raise DataError(
            f"{len(null):,} of {n_texts:,} labels are null (rows {listed_rows(null)}). Leave these rows out: a "
            "classifier learns from labelled texts alone."
        )
    kinds = sorted({type(value).__name__ for value in values})
    found = _array(values)
    if found.ndim != 1 or found.dtype.kind not in "biuUO" or (found.dtype.kind == "U" and not _all_text(values)):
        raise DataError(f"Labels are {', '.join(kinds)}; give one class a text, all strings or all whole numbers.")
    if found.dtype.kind == "O":
        raise DataError(f"Labels of type {', '.join(kinds)} have no order; give strings or whole numbers.")
    return found


def _array(values: list[Any]) -> np.ndarray:
    if not values:
        return np.array([], dtype=np.str_)
    try:
        return np.array(values)
    except ValueError:  # lists of several lengths
        return np.zeros((len(values), 0))


def labelled_texts(texts: Sequence[str | None], labels: Sequence[Any]) -> LabelledTexts:
    """Texts and classes, checked, in an order that does not depend on the table's.

    Raises
    ------
    DataError : texts or labels that are missing or no texts and labels.
    ShapeError : not one label a text.
    EstimationError : fewer than two classes.
    """
    contents = told_texts(texts)
    values = label_array(labels, len(contents))
    classes, targets = np.unique(values, return_inverse=True)
    if len(classes) < 2:
        only = f"all {len(contents):,} labels are {classes[0].item()!r}" if len(classes) else "there are no rows"
        raise EstimationError(f"A classifier needs texts of two classes or more, and {only}.")
    order = sorted(range(len(contents)), key=lambda row: (contents[row], targets[row]))
    return LabelledTexts([contents[row] for row in order], targets[order].astype(np.int64), classes)


def class_indices(labels: Sequence[Any], classes: np.ndarray, n_texts: int) -> np.ndarray:
    """Position of each label among the classes; int64, shape (n_texts,).

    Raises
    ------
    DataError : a class that was not learned.
    """
    values = label_array(labels, n_texts)
    position = {value: number for number, value in enumerate(classes.tolist())}
    unknown = sorted({repr(value) for value in values.tolist() if value not in position})
    if unknown:
        raise DataError(
            f"The classifier learned {', '.join(map(repr, classes.tolist()))}, and not {', '.join(unknown[:_LISTED])}."
        )
    return np.array([position[value] for value in values.tolist()], dtype=np.int64)


def stratified_parts(data: LabelledTexts, share: float, random_state: int) -> Parts:
    """A share of each class's distinct texts for validation, at least one of each; equal texts stay together.

    Raises
    ------
    EstimationError : a class with one distinct text.
    """
    if not share:
        return Parts(np.arange(len(data.texts)), np.array([], dtype=np.int64))
    chosen = held_out(data.texts, data.targets, len(data.classes), share, random_state)
    if alone := [repr(name) for name, held in zip(data.classes.tolist(), chosen, strict=True) if not held]:
        raise EstimationError(
            f"{_classes(alone)} one distinct text, which cannot both be learned from and validate. Add texts, merge or "
            "leave out the class, or set validation_share=0."
        )
    held = set().union(*chosen)  # a text with two labels is held out of both
    is_held = np.array([text in held for text in data.texts])
    check_learnable(data.targets, data.classes, is_held, "texts")
    return Parts(np.flatnonzero(~is_held), np.flatnonzero(is_held))


def check_learnable(targets: np.ndarray, classes: np.ndarray, is_held: np.ndarray, what: str) -> None:
    """Refuse a split that leaves nothing of a class to learn from, as what has other labels too is held out of all.

    Raises
    ------
    EstimationError : a class without rows outside of the validation.
    """
    n_left = np.bincount(targets[~is_held], minlength=len(classes))
    if lost := [repr(name) for name, n in zip(classes.tolist(), n_left, strict=True) if not n]:
        raise EstimationError(
            f"All {what} of {', '.join(lost[:_LISTED])} would validate and none be learned from, as they have other "
            f"labels too. Give each of the {what} one label, add {what}, or set validation_share=0."
        )


def held_out(
    contents: list[str], targets: np.ndarray, n_classes: int, share: float, random_state: int
) -> list[set[str]]:
    """Of each class's distinct contents a share, at least one and never all; none where a class has one alone."""
    rng = np.random.default_rng(random_state)
    chosen: list[set[str]] = []
    for target in range(n_classes):
        known = list(dict.fromkeys(contents[row] for row in np.flatnonzero(targets == target)))
        n_held = min(len(known) - 1, max(1, round(share * len(known))))
        chosen.append({known[k] for k in rng.permutation(len(known))[:n_held]} if n_held else set())
    return chosen


def _classes(names: list[str]) -> str:
    listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} others" if len(names) > _LISTED else "")
    return f"Class {listed} has" if len(names) == 1 else f"Classes {listed} have each"


def listed_rows(rows: list[int]) -> str:
    """The first of these numbers, for a message."""
    return ", ".join(map(str, rows[:_LISTED])) + (", ..." if len(rows) > _LISTED else "")


def _all_text(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)

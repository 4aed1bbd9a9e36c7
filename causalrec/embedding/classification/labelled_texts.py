"""Texts with their classes: checked, put into an order of their own, and split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.contents import is_null, text_contents
from causalrec.errors import DataError, EstimationError, ShapeError

__all__ = ["LabelledTexts", "Parts", "class_indices", "label_array", "labelled_texts", "stratified_parts", "told_texts"]

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
            f"{len(blank):,} of {len(contents):,} texts are null or blank (rows {_rows(blank)}): nothing tells their "
            "class. Leave these rows out."
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
            f"{len(null):,} of {n_texts:,} labels are null (rows {_rows(null)}). Leave these rows out: a classifier "
            "learns from labelled texts alone."
        )
    kinds = sorted({type(value).__name__ for value in values})
    found = np.array(values) if values else np.array([], dtype=np.str_)
    if found.ndim != 1 or found.dtype.kind not in "biuUO" or (found.dtype.kind == "U" and not _all_text(values)):
        raise DataError(f"Labels are {', '.join(kinds)}; give one class a text, all strings or all whole numbers.")
    if found.dtype.kind == "O":
        raise DataError(f"Labels of type {', '.join(kinds)} have no order; give strings or whole numbers.")
    return found


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
    rng = np.random.default_rng(random_state)
    held = np.zeros(len(data.texts), dtype=bool)
    alone = []
    for target, name in enumerate(data.classes.tolist()):
        rows = np.flatnonzero(data.targets == target)
        texts = list(dict.fromkeys(data.texts[row] for row in rows))
        if len(texts) < 2:
            alone.append(repr(name))
            continue
        n_held = min(len(texts) - 1, max(1, round(share * len(texts))))
        chosen = {texts[k] for k in rng.permutation(len(texts))[:n_held]}
        held[rows] = [data.texts[row] in chosen for row in rows]
    if alone:
        raise EstimationError(
            f"{_classes(alone)} one distinct text, which cannot both be learned from and validate. Add texts, merge or "
            "leave out the class, or set validation_share=0."
        )
    return Parts(np.flatnonzero(~held), np.flatnonzero(held))


def _classes(names: list[str]) -> str:
    listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} others" if len(names) > _LISTED else "")
    return f"Class {listed} has" if len(names) == 1 else f"Classes {listed} have each"


def _rows(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:_LISTED])) + (", ..." if len(rows) > _LISTED else "")


def _all_text(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)

"""Texts of a search, split three ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.labelled_texts import LabelledTexts, labelled_texts, stratified_parts
from causalrec.errors import EstimationError

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier

__all__ = ["Rows", "SearchTexts", "search_texts"]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Texts and their labels."""

    texts: list[str]
    labels: list[Any]


@dataclass(frozen=True, slots=True, eq=False)
class SearchTexts:
    """Texts that the trials may see, those of their validation, and those that none sees."""

    seen: Rows
    validation: Rows
    untouched: Rows
    digest: str


def search_texts(classifier: TextClassifier, data: LabelledTexts, untouched_share: float) -> SearchTexts:
    """Keep a share of each class's distinct texts apart, and find those that each fit will validate with.

    Raises
    ------
    EstimationError : a class with too few distinct texts.
    """
    least = 3 if untouched_share else 2
    for target, name in enumerate(data.classes.tolist()):
        n_texts = len({data.texts[row] for row in np.flatnonzero(data.targets == target)})
        if n_texts < least:
            raise EstimationError(
                f"Class {name!r} has {n_texts} distinct texts, and a search needs {least}: to learn from, to validate"
                f"{' and to be kept apart' if untouched_share else ''}. Add texts, merge or leave out the class."
            )
    split = stratified_parts(data, untouched_share, int(classifier.random_state))
    seen, untouched = _rows(data, split.learning), _rows(data, split.validation)
    inner = labelled_texts(seen.texts, seen.labels)
    held = stratified_parts(inner, float(classifier.validation_share), int(classifier.random_state)).validation
    return SearchTexts(seen, _rows(inner, held), untouched, f"{data.digest()}, {untouched_share:g} untouched")


def _rows(data: LabelledTexts, rows: np.ndarray) -> Rows:
    return Rows([data.texts[row] for row in rows], data.classes[data.targets[rows]].tolist())

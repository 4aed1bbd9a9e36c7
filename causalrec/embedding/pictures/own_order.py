"""Pictures in an order that does not depend on the table's, and what is held out of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification.labelled_texts import Parts, check_learnable, held_out, label_array
from causalrec.embedding.pictures.reading import Picture, picture_entries, told_squares
from causalrec.errors import EstimationError, ShapeError

__all__ = ["LabelledPictures", "check_labels", "labelled_pictures", "parts_of_classes"]

_LISTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPictures:
    """What is learned from.

    Attributes
    ----------
    squares : uint8, shape (n_pictures, size, size, 3)
        Ordered by their content.
    contents : list of str
        Hash of each; equal pictures have equal ones.
    targets : int64, shape (n_pictures,)
        Position of each picture's class in `classes`; zeros without labels.
    classes : shape (n_classes,)
        Ascending; one of no name without labels.
    """

    squares: np.ndarray
    contents: list[str]
    targets: np.ndarray
    classes: np.ndarray

    def digest(self) -> str:
        """Hash of pictures and classes; 16 hexadecimal digits."""
        names = self.classes.tolist()
        lines = (f"{names[k]}\x1f{hashed}\x1e" for hashed, k in zip(self.contents, self.targets.tolist(), strict=True))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def labelled_pictures(
    pictures: Sequence[Picture] | np.ndarray, labels: Sequence[Any] | None, size: int
) -> LabelledPictures:
    """Pictures and classes, checked, in an order of their own.

    Raises
    ------
    DataError : pictures or labels that are missing, broken or of another type.
    ShapeError : not one label a picture, or arrays that are no pictures.
    EstimationError : no pictures, or one class only where labels are given.
    """
    entries = picture_entries(pictures)
    if labels is not None:
        check_labels(labels, len(entries))
    squares = told_squares(entries, size)
    if not len(squares):
        raise EstimationError("There are no pictures to learn from: give at least two.")
    classes, targets = np.array([""]), np.zeros(len(squares), dtype=np.int64)
    if labels is not None:
        classes, targets = np.unique(label_array(labels, len(squares)), return_inverse=True)
        if len(classes) < 2:
            raise EstimationError(
                f"A classifier needs pictures of two classes or more, and all {len(squares):,} labels are "
                f"{classes[0].item()!r}."
            )
    contents = [hashlib.sha256(square.tobytes()).hexdigest()[:32] for square in squares]
    order = sorted(range(len(squares)), key=lambda row: (contents[row], targets[row]))
    return LabelledPictures(
        squares[order], [contents[row] for row in order], targets[order].astype(np.int64), classes
    )  # fmt: skip


def check_labels(labels: Sequence[Any], n_pictures: int) -> None:
    """Refuse labels of another number before a picture is read.

    Raises
    ------
    ShapeError : not one label a picture.
    """
    if hasattr(labels, "__len__") and len(labels) != n_pictures:
        raise ShapeError(f"{n_pictures:,} pictures need as many labels, and there are {len(labels):,}: one for each.")


def parts_of_classes(data: LabelledPictures, share: float, random_state: int) -> Parts:
    """A share of each class's distinct pictures for validation, at least one of each; equal ones stay together.

    Raises
    ------
    EstimationError : a class with one distinct picture, or one of which nothing is left to learn from.
    """
    if not share:
        return Parts(np.arange(len(data.contents)), np.array([], dtype=np.int64))
    chosen = held_out(data.contents, data.targets, len(data.classes), share, random_state)
    if alone := [repr(name) for name, held in zip(data.classes.tolist(), chosen, strict=True) if not held]:
        where = f"of {', '.join(alone[:_LISTED])} " if len(data.classes) > 1 else ""
        raise EstimationError(
            f"There is one distinct picture {where}only, which cannot both be learned from and validate. Add pictures, "
            "or set validation_share=0."
        )
    every = set().union(*chosen)
    is_held = np.array([hashed in every for hashed in data.contents])
    check_learnable(data.targets, data.classes, is_held, "pictures")
    return Parts(np.flatnonzero(~is_held), np.flatnonzero(is_held))

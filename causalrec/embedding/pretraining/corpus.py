"""Texts to learn from without labels: checked, each once, in an order of their own, and split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.errors import EstimationError

__all__ = ["Corpus", "corpus"]


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Distinct texts with something in them.

    Attributes
    ----------
    texts : list of str
        Sorted, so that the order of the rows in the table changes nothing.
    learning, validation : int64 arrays
        Positions to learn from, and those held out; ascending.
    n_rows, n_blank : int
        What was given, and how much of it was null or blank.
    """

    texts: list[str]
    learning: np.ndarray
    validation: np.ndarray
    n_rows: int
    n_blank: int

    def facts(self) -> dict[str, object]:
        """For a run's record; JSON values."""
        return {
            "n_rows": self.n_rows, "n_blank": self.n_blank, "n_texts": len(self.texts),
            "n_validation": len(self.validation), "digest": self.digest(),
        }  # fmt: skip

    def digest(self) -> str:
        """Hash of the texts; 16 hexadecimal digits."""
        content = hashlib.sha256()
        for text in self.texts:
            content.update(f"{text}\x1e".encode("utf-8", "surrogatepass"))
        return content.hexdigest()[:16]


def corpus(texts: Sequence[str | None], validation_share: float, random_state: int) -> Corpus:
    """The distinct texts, and a share of them held out, at least two where it is above 0.

    Null and blank texts are left out: they have no word. An equal text counts once, so that none is both learned from
    and held out.

    Raises
    ------
    DataError : entries that are no texts.
    EstimationError : no texts, or too few to learn from some and hold out others.

    Examples
    --------
    >>> found = corpus(["oat milk", None, "rice", "oat milk", "salt", "tea", "jam"], 0.2, 0)
    >>> found.texts, len(found.validation)
    (['jam', 'oat milk', 'rice', 'salt', 'tea'], 2)
    """
    contents = text_contents(texts)
    distinct = sorted({content for content in contents if content})
    n_blank = sum(not content for content in contents)
    if not distinct:
        found = f"all {n_blank:,} texts are null or blank" if n_blank else "there are no texts"
        raise EstimationError(f"There is nothing to learn from: {found}.")
    n_held = max(2, round(validation_share * len(distinct))) if validation_share else 0
    if len(distinct) - n_held < 2:
        raise EstimationError(
            f"{len(distinct):,} distinct texts are too few: at least two to learn from, and {n_held} to hold out. Add "
            "texts, or set validation_share=0."
        )
    shuffled = np.random.default_rng(random_state).permutation(len(distinct))
    held, rest = np.sort(shuffled[:n_held]), np.sort(shuffled[n_held:])
    return Corpus(distinct, rest, held, len(contents), n_blank)

"""What a text has, as plain columns: length, question, numbers, persons, words of a lexicon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.estimation.text_treatment.lexicon import Lexicon, lexicon_of
from causalrec.estimation.text_treatment.words import FIRST_PERSON, SECOND_PERSON, cased_words
from causalrec.estimation.written import aligned
from causalrec.training.ranges import check_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TextCodes", "text_codes"]


@dataclass(frozen=True, slots=True, eq=False)
class TextCodes:
    """A table of codes, one row a text.

    Attributes
    ----------
    names : tuple of str, length k
    values : float64, shape (n, k)
    sources : mapping of str to str
        Where a code comes from, for those whose meaning somebody chose: the lexicon, the classifier.
    """

    names: tuple[str, ...]
    values: np.ndarray
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise ShapeError(f"`values` is {self.values.shape} for {len(self.names)} names; one column a name.")
        if len(set(self.names)) != len(self.names):
            raise DataError(f"Two codes have one name: {', '.join(self.names)}.")
        if not np.isfinite(self.values).all():
            lost = [
                name for name, column in zip(self.names, self.values.T, strict=True) if not np.isfinite(column).all()
            ]
            raise DataError(f"Codes that are missing or infinite for some texts: {', '.join(lost)}.")

    def __len__(self) -> int:
        return len(self.values)

    def only(self, *names: str) -> TextCodes:
        """These codes alone, in this order.

        Raises
        ------
        MissingColumnsError : names that the table lacks.
        """
        if lost := [name for name in names if name not in self.names]:
            raise MissingColumnsError(lost, "codes", self.names)
        kept = {name: source for name, source in self.sources.items() if name in names}
        return TextCodes(tuple(names), self.values[:, [self.names.index(name) for name in names]], kept)

    def rows(self, chosen: np.ndarray) -> TextCodes:
        """Codes of some of the texts, by mask or number."""
        return TextCodes(self.names, self.values[chosen], self.sources)

    def beside(self, other: TextCodes) -> TextCodes:
        """These codes and others of the same texts.

        Raises
        ------
        ShapeError : of another number of texts.
        """
        if len(self) != len(other):
            raise ShapeError(f"Codes of {len(self):,} texts cannot stand beside codes of {len(other):,}.")
        values = np.column_stack([self.values, other.values])
        return TextCodes((*self.names, *other.names), values, {**self.sources, **other.sources})

    def to_dict(self) -> dict[str, Any]:
        """Columns by name, and their sources."""
        columns = {name: column.tolist() for name, column in zip(self.names, self.values.T, strict=True)}
        return {"codes": columns, "sources": dict(self.sources)}

    def to_frame(self) -> pd.DataFrame:
        """One column a code."""
        import pandas as pd

        return pd.DataFrame(self.values, columns=list(self.names))

    def __str__(self) -> str:
        rows = [
            {"code": name, "mean": f"{column.mean():.3g}", "texts that have it": f"{(column != 0).mean():.0%}",
             "source": self.sources.get(name, "")}
            for name, column in zip(self.names, self.values.T, strict=True)
        ] if len(self) else []  # fmt: skip
        return "\n".join([f"Codes of {len(self):,} texts", *(f"  {line}" for line in aligned(rows))])


def text_codes(
    texts: Sequence[str | None], *, lexicon: Lexicon | Mapping[str, float] | None = None,
    average_length: float | None = None,
) -> TextCodes:  # fmt: skip
    """Codes that need no training.

    `words` and `characters` are lengths; `question`, `exclamation` and `number` say whether the text has one (a
    number is a word that begins with a digit); `first person` and `second person` count English pronouns, but "US"
    in capitals is a country; `negative words` and `positive words` count words of the lexicon.

    Parameters
    ----------
    texts : sequence of str or None, length n
    lexicon : Lexicon or mapping of str to float, optional
        `vader_lexicon()`, or your own. None leaves the two codes out: there is no lexicon without a choice.
    average_length : float, optional
        Above 0. Counts of words then become shares of the text's words times this: one unit is one more such word
        in a text of that length.

    Raises
    ------
    DataError : entries that are no texts, a lexicon that is none, a length out of its range.

    Examples
    --------
    >>> codes = text_codes(["Why Is This So Sad?", "3 Glad Cats"], lexicon={"sad": -2, "glad": 2})
    >>> codes.only("words", "question", "number", "negative words").values.tolist()
    [[5.0, 1.0, 0.0, 1.0], [3.0, 0.0, 1.0, 0.0]]
    """
    contents, chosen = text_contents(texts), lexicon_of(lexicon)
    if average_length is not None:
        check_number("average_length", average_length, above=0)
    classes = {"first person": FIRST_PERSON, "second person": SECOND_PERSON}
    sources: dict[str, str] = {}
    if chosen is not None:
        classes |= {"negative words": chosen.negative, "positive words": chosen.positive}
        sources = dict.fromkeys(("negative words", "positive words"), chosen.name)
    distinct = {text: _coded(text, tuple(classes.values()), average_length) for text in dict.fromkeys(contents)}
    names = ("words", "characters", "question", "exclamation", "number", *classes)
    values = np.array([distinct[text] for text in contents], dtype=float).reshape(len(contents), len(names))
    return TextCodes(names, values, sources)


def _coded(text: str, classes: tuple[frozenset[str], ...], average_length: float | None) -> list[float]:
    cased = cased_words(text)
    words = [word if word == "US" else word.lower() for word in cased]
    scale = 1.0 if average_length is None else average_length / max(1, len(words))
    marks = ["?" in text, "!" in text, any(word[0].isdigit() for word in words)]
    counts = [scale * sum(word in known for word in words) for known in classes]
    return [len(words), len(text), *map(float, marks), *counts]

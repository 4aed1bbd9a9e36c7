"""Words that somebody rated, under the name of who did."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from numbers import Real
from pathlib import Path

from causalrec.errors import DataError, MissingExtraError

__all__ = ["Lexicon", "lexicon_of", "vader_lexicon"]

UNNAMED = "the caller's own lexicon"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and their weights: below 0 negative, above 0 positive.

    Attributes
    ----------
    name : str
        Stands wherever an effect of its words is printed.
    weights : mapping of str to float
        Word to weight; words in small letters.

    Raises
    ------
    DataError : no name, no words, a weight that is no finite number, or one word with two signs.

    Examples
    --------
    >>> print(Lexicon("moods", {"Sad": -2, "glad": 1.5, "it": 0}))
    moods: 1 negative and 1 positive words
    """

    name: str
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise DataError(f"A lexicon needs a name, for its words' effects carry it; got {self.name!r}.")
        if not isinstance(self.weights, Mapping) or not self.weights:
            raise DataError(f"Lexicon {self.name!r} holds no words: give a mapping of word to weight.")
        found: dict[str, float] = {}
        for word, weight in self.weights.items():
            _check_entry(self.name, word, weight)
            key = word.lower()
            if found.get(key, 0.0) * float(weight) < 0:
                raise DataError(f"Lexicon {self.name!r} holds {key!r} both as negative and as positive.")
            found[key] = float(weight)
        object.__setattr__(self, "weights", found)

    @property
    def negative(self) -> frozenset[str]:
        """Words of a weight below 0."""
        return frozenset(word for word, weight in self.weights.items() if weight < 0)

    @property
    def positive(self) -> frozenset[str]:
        """Words of a weight above 0."""
        return frozenset(word for word, weight in self.weights.items() if weight > 0)

    def to_dict(self) -> dict[str, object]:
        """Name and weights."""
        return {"name": self.name, "weights": dict(self.weights)}

    def __str__(self) -> str:
        return f"{self.name}: {len(self.negative):,} negative and {len(self.positive):,} positive words"


def vader_lexicon() -> Lexicon:
    """The lexicon of VADER, read from the package vaderSentiment.

    Words that ten people rated for short texts of social media; its emoticons are no words and never match.

    Raises
    ------
    MissingExtraError : the package is not installed.

    References
    ----------
    Hutto, Gilbert (2014), ICWSM. Lexicon under the MIT licence.
    """
    spec = find_spec("vaderSentiment")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("vaderSentiment", "bench")
    lines = (Path(spec.submodule_search_locations[0]) / "vader_lexicon.txt").read_text("utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line.strip()]
    return Lexicon("VADER (Hutto, Gilbert 2014)", {part[0]: float(part[1]) for part in parts})


def lexicon_of(given: Lexicon | Mapping[str, float] | None) -> Lexicon | None:
    """A lexicon as it is, a mapping as one without a name of its own.

    Raises
    ------
    DataError : neither, or a mapping that is no lexicon.
    """
    if given is None or isinstance(given, Lexicon):
        return given
    if isinstance(given, Mapping):
        return Lexicon(UNNAMED, given)
    raise DataError(
        f"lexicon is a {type(given).__name__}; give a Lexicon, vader_lexicon() or a mapping word to weight."
    )


def _check_entry(name: str, word: object, weight: object) -> None:
    if not isinstance(word, str) or not word.strip():
        raise DataError(f"Lexicon {name!r} holds {word!r}, which is no word.")
    if isinstance(weight, bool) or not isinstance(weight, Real) or not math.isfinite(weight):
        raise DataError(f"Lexicon {name!r} gives {word!r} the weight {weight!r}, which is no finite number.")

"""Words that go with clicks, gathered into classes that can be named and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.embedding.encoder import Encoder, encoded
from causalrec.estimation.text_treatment.word_scores import WordScores
from causalrec.estimation.text_treatment.words import text_words

__all__ = ["WordClass", "word_classes"]

N_NAMED = 3


@dataclass(frozen=True, slots=True)
class WordClass:
    """Words that were found together; a text's score is how many different ones it has.

    Attributes
    ----------
    name : str
        What it did in the search, and its most telling words.
    words : tuple of str
        The most telling first.
    low_words : tuple of str
        Empty: the other end has none of the words.
    examples : tuple of (str, str)
        Of one experiment each: a text of a high score, and one of a low score.
    """

    name: str
    words: tuple[str, ...]
    low_words: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    def score(self, texts: Sequence[str | None]) -> np.ndarray:
        """Different words of the class in each text; float64, shape (n,)."""
        known = frozenset(self.words)
        return np.array([len(known.intersection(text_words(text))) for text in text_contents(texts)], dtype=float)

    def to_dict(self) -> dict[str, Any]:
        """Words and examples."""
        return {"name": self.name, "words": list(self.words), "low_words": [], "examples": list(self.examples)}


def word_classes(scores: WordScores, least_z: float, n_classes: int, encoder: Encoder | None) -> list[WordClass]:
    """Words beyond `least_z`: those that raise clicks and those that lower them, each by meaning where it is known.

    Without an encoder nothing tells meanings, and each side is one class. With one, words are gathered by Ward's method
    on their unit vectors into `n_classes` a side, or as many as there are words.
    """
    found = []
    for verb, sign in (("raises", 1), ("lowers", -1)):
        kept = np.flatnonzero(sign * scores.z > least_z)
        kept = kept[np.argsort(-np.abs(scores.z[kept]), kind="stable")]
        words = [scores.words[at] for at in kept]
        for label in _labels(words, n_classes, encoder):
            chosen = tuple(word for word, mine in zip(words, label, strict=True) if mine)
            more = f" and {len(chosen) - N_NAMED} more" if len(chosen) > N_NAMED else ""
            found.append(WordClass(f"{verb}: {', '.join(chosen[:N_NAMED])}{more}", chosen))
    return found


def _labels(words: list[str], n_classes: int, encoder: Encoder | None) -> list[np.ndarray]:
    """Masks of the classes, that of the most telling word first."""
    if not words:
        return []
    if encoder is None or n_classes == 1 or len(words) == 1:
        return [np.ones(len(words), dtype=bool)]
    from sklearn.cluster import AgglomerativeClustering

    vectors = encoded(encoder, words).astype(float)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)
    label = AgglomerativeClustering(min(n_classes, len(words))).fit_predict(vectors)
    return [label == one for one in dict.fromkeys(label.tolist())]

"""Which words go with clicks, in the experiments that are searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.estimation.text_treatment.experiments import TextExperiments
from causalrec.estimation.text_treatment.words import text_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["WordScores", "word_matrix", "word_scores"]

LEAST_EXPERIMENTS = 10  # in which a word varies
ROUNDING = 1e-9  # share of an experiment's clicks


@dataclass(frozen=True, slots=True, eq=False)
class WordScores:
    """Score test of each word, clustered by experiment.

    Attributes
    ----------
    words : tuple of str, length n_words
        In alphabetical order.
    z : float64, shape (n_words,)
        Above 0: clicked on more.
    """

    words: tuple[str, ...]
    z: np.ndarray


def word_scores(texts: list[str], seen: TextExperiments, n_words: int, min_texts: int) -> WordScores:
    """Test of each of the words that the most texts have, one at a time, that it changes no click.

    Clicks less those expected at the group's common rate, summed over the texts that have the word, over the spread of
    those sums between experiments.
    """
    from scipy.sparse import coo_matrix

    words, has = word_matrix(texts, n_words, min_texts)
    if not words:
        return WordScores((), np.empty(0))
    expected = seen.expected()
    rows = np.arange(len(texts))
    by_experiment = (coo_matrix((seen.clicks - expected, (seen.experiment, rows))).tocsr() @ has).tocoo()
    # A word that all texts of a group have leaves rounding error, whose sum over its spread is anything.
    least = ROUNDING * np.bincount(seen.experiment, weights=expected)
    by_experiment.data[np.abs(by_experiment.data) <= least[by_experiment.row]] = 0.0
    by_experiment = by_experiment.tocsr()
    by_experiment.eliminate_zeros()
    total = np.asarray(by_experiment.sum(axis=0)).ravel()
    spread = np.sqrt(np.asarray(by_experiment.multiply(by_experiment).sum(axis=0)).ravel())
    known = np.bincount(by_experiment.indices, minlength=len(words))
    use = (known >= LEAST_EXPERIMENTS) & (spread > 0)
    z = total[use] / spread[use]
    return WordScores(tuple(word for word, kept in zip(words, use, strict=True) if kept), z)


def word_matrix(texts: list[str], n_words: int, min_texts: int) -> tuple[list[str], csr_matrix]:
    """Which of the words that the most texts have each text has; words in alphabetical order.

    >>> words, has = word_matrix(["salted butter", "unsalted butter"], 10, 1)
    >>> words, has.toarray().tolist()
    (['butter', 'salted', 'unsalted'], [[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    """
    from scipy.sparse import csr_matrix

    of_text = [sorted(set(text_words(text))) for text in texts]
    counts: dict[str, int] = {}
    for found in of_text:
        for word in found:
            counts[word] = counts.get(word, 0) + 1
    common = sorted((word for word, count in counts.items() if count >= min_texts), key=lambda w: (-counts[w], w))
    words = sorted(common[:n_words])
    place = {word: at for at, word in enumerate(words)}
    columns = [[place[word] for word in found if word in place] for found in of_text]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.array([at for found in columns for at in found], dtype=np.int64)
    return words, csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(texts), len(words)))

"""Words of texts as columns: which of the common ones a text has, and components of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["common_words", "word_components"]

WORD = r"(?u)\b\w+\b"


def common_words(texts: Sequence[str], n_words: int, min_texts: int = 1) -> np.ndarray:
    """Which of the words that the most texts have, and not all, each text has; float64, (n_texts, <= n_words).

    Ties go to the word that comes first in the alphabet.

    Examples
    --------
    >>> common_words(["salted butter", "unsalted butter", "motor oil"], 1).ravel().tolist()
    [1.0, 1.0, 0.0]
    """
    counts = _counted(texts, min_texts, binary=True)
    if counts is None:
        return np.empty((len(texts), 0))
    n_texts = np.asarray(counts.sum(axis=0)).ravel()
    n_texts[n_texts == len(texts)] = 0  # a word of every text tells nothing
    chosen = np.argsort(-n_texts, kind="stable")[:n_words]
    return counts[:, np.sort(chosen[n_texts[chosen] > 0])].toarray().astype(float)


def word_components(texts: Sequence[str], n_components: int, min_texts: int = 1) -> np.ndarray:
    """Leading components of TF-IDF rows of length 1; float64, shape (n_texts, <= n_components).

    Computed by random projection with a fixed seed (Halko, Martinsson, Tropp 2011, SIAM Review 53(2)), exactly where
    the texts are few.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.utils.extmath import randomized_svd

    counts = _counted(texts, min_texts)
    if counts is None:
        return np.empty((len(texts), 0))
    rows = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    if n_components < min(rows.shape) // 2:
        left, values, _ = randomized_svd(rows, n_components, n_iter=4, random_state=0)
    else:
        left, values, _ = np.linalg.svd(rows.toarray(), full_matrices=False)
    left, values = left[:, :n_components], values[:n_components]
    real = values > 1e-10 * values.max(initial=0.0)
    left, values = left[:, real], values[real]
    largest = np.abs(left).argmax(axis=0)
    return left * values * np.sign(left[largest, np.arange(len(values))])  # a sign is free: the largest entry's is +


def _counted(texts: Sequence[str], min_texts: int, **options: Any) -> csr_matrix | None:
    """Counts of words, shape (n_texts, n_words), in alphabetical order; None where no word is in enough texts."""
    from sklearn.feature_extraction.text import CountVectorizer

    try:
        return CountVectorizer(token_pattern=WORD, min_df=min(min_texts, len(texts)), **options).fit_transform(texts)
    except ValueError:  # no words at all, or all of them too rare
        return None

"""Words and pairs of words of texts, and who of those that have them is treated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.word_columns import WORD

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["PhraseTable", "group_shares", "phrase_table"]

MIN_TEXTS = 3


@dataclass(frozen=True, slots=True, eq=False)
class PhraseTable:
    """Which phrases the distinct texts have.

    Attributes
    ----------
    texts : tuple of str, of length n_texts
        In the order of the alphabet.
    codes : int64, shape (n,)
        Text of each row.
    names : tuple of str, of length n_phrases
        In the order of the alphabet; lower case.
    has : sparse float64, shape (n_texts, n_phrases)
        1 where a text has a phrase.
    """

    texts: tuple[str, ...]
    codes: np.ndarray
    names: tuple[str, ...]
    has: csr_matrix


def phrase_table(texts: np.ndarray | Sequence[str]) -> PhraseTable | None:
    """Words, and pairs of neighbours, that three texts or more have; None where there are none.

    Examples
    --------
    >>> found = phrase_table(["milk on sale", "butter on sale", "oil on sale"])
    >>> found.names
    ('on', 'on sale', 'sale')
    """
    from sklearn.feature_extraction.text import CountVectorizer

    distinct, codes = np.unique(np.asarray(texts, dtype=object), return_inverse=True)
    counted = CountVectorizer(token_pattern=WORD, ngram_range=(1, 2), binary=True, min_df=MIN_TEXTS, dtype=np.float64)
    try:
        has = counted.fit_transform(distinct)
    except ValueError:  # no words, or fewer texts than they must be in
        return None
    return PhraseTable(tuple(distinct.tolist()), codes, tuple(counted.get_feature_names_out().tolist()), has.tocsr())


def group_shares(member: csr_matrix, t: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Independent groups that have each column, and the sum over them of their share treated; float64, (n_columns,).

    Parameters
    ----------
    member : sparse, shape (n, n_columns)
        Which rows have which column.
    t : float64, shape (n,)
    groups : int64, shape (n,)
        Rows of one group are not independent of each other: its share counts once.
    """
    from scipy.sparse import csr_matrix

    n = len(t)
    into = csr_matrix((np.ones(n), (groups, np.arange(n))), shape=(int(groups.max(initial=-1)) + 1, n))
    rows = (into @ member).tocsr()
    treated = (into @ member.multiply(t[:, None]).tocsr()).tocoo()
    share = treated.data / np.asarray(rows[treated.row, treated.col]).ravel()
    n_groups = np.asarray((rows > 0).sum(axis=0)).ravel().astype(float)
    return n_groups, np.bincount(treated.col, share, member.shape[1])

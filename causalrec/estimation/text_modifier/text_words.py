"""Words that are commoner in some texts than in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.embedding.word_columns import WORD

__all__ = ["CommonerWord", "commoner_words"]

LEVEL = 0.05  # of all words of both ends together


@dataclass(frozen=True, slots=True)
class CommonerWord:
    """A word and how common it is.

    Attributes
    ----------
    word : str
    share, other_share : float
        Texts that have it, at this end and at the other; in [0, 1].
    """

    word: str
    share: float
    other_share: float

    def __str__(self) -> str:
        return f"{self.word} ({self.share:.0%} against {self.other_share:.0%})"


def commoner_words(
    texts: Sequence[str], others: Sequence[str], *, n_words: int = 8, min_texts: int = 5
) -> tuple[CommonerWord, ...]:
    """Words that more of some texts have than of others, the clearest difference first.

    A word counts once a text. It is named where Fisher's exact test, one-sided and held to a level of .05 over all
    words of both directions, tells the shares apart.

    Parameters
    ----------
    texts, others : sequence of str
    n_words : int
        At most.
    min_texts : int
        Words in fewer of all these texts are left out.

    Examples
    --------
    >>> found = commoner_words(["salted butter"] * 9 + ["butter"] * 9, ["motor oil"] * 18)
    >>> [word.word for word in found]
    ['butter', 'salted']
    """
    from scipy.stats import hypergeom
    from sklearn.feature_extraction.text import CountVectorizer

    if not n_words:
        return ()
    together = [*texts, *others]
    try:
        counted = CountVectorizer(token_pattern=WORD, binary=True, min_df=min(min_texts, len(together)))
        has = counted.fit_transform(together)
    except ValueError:  # no word is in enough texts
        return ()
    n, m = len(texts), len(others)
    here, all_ = (np.asarray(part.sum(axis=0)).ravel() for part in (has[:n], has))
    p_value = hypergeom.sf(here - 1, n + m, all_, n)
    share, other = here / n, (all_ - here) / m
    clear = np.flatnonzero(p_value * 2 * len(all_) < LEVEL)
    best = clear[np.lexsort((-share[clear], p_value[clear]))][:n_words]
    names = counted.get_feature_names_out()
    return tuple(CommonerWord(str(names[at]), float(share[at]), float(other[at])) for at in best)

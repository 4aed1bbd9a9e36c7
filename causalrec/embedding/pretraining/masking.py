"""Which words are hidden, and what stands in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.pretraining.tokens import TextTokens
from causalrec.errors import DataError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["MaskedText", "Masking", "masking"]

_MASKED, _REPLACED = 0.8, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class MaskedText:
    """A text with hidden words.

    Attributes
    ----------
    ids : int64, shape (n_tokens,)
        What the network reads.
    places : int64, shape (n_hidden,)
        Positions of the tokens that it is asked for.
    hidden : int64, shape (n_hidden,)
        Token numbers that stood there.
    """

    ids: np.ndarray
    places: np.ndarray
    hidden: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Masking:
    """How words are hidden (Devlin et al. 2019, NAACL; whole words as in the authors' later release).

    Attributes
    ----------
    share : float
        Of the words of a text; at least one word of each text.
    mask_id : int
    ordinary : int64 array
        Token numbers that may stand in for others: all but the special ones.
    """

    share: float
    mask_id: int
    ordinary: np.ndarray

    def masked(self, text: TextTokens, random_state: list[int]) -> MaskedText:
        """Hide words at random: all pieces of a word or none.

        Of the hidden pieces 80% become the mask, 10% any other piece, 10% stay; each on its own, as the authors do.
        """
        rng = np.random.default_rng(random_state)
        words = np.unique(text.words[text.words >= 0])
        wanted = self.share * len(words)
        n_hidden = max(1, int(wanted) + int(rng.random() < wanted % 1))  # rounded at random: right on average
        chosen = rng.choice(words, n_hidden, replace=False)
        places = np.flatnonzero(np.isin(text.words, chosen))
        fate, others = rng.random(len(places)), rng.choice(self.ordinary, len(places))
        ids = text.ids.copy()
        ids[places[fate < _MASKED]] = self.mask_id
        replaced = (fate >= _MASKED) & (fate < _MASKED + _REPLACED)
        ids[places[replaced]] = others[replaced]
        return MaskedText(ids, places, text.ids[places])


def masking(tokenizer: PreTrainedTokenizerBase, share: float, folder: object) -> Masking:
    """The masks of a tokenizer.

    Raises
    ------
    DataError : it has no mask token.
    """
    if tokenizer.mask_token_id is None:
        raise DataError(
            f"The tokenizer in {str(folder)!r} has no mask token, so no word can be hidden: take a model that was "
            "trained with one, or ContrastivePretraining, which needs none."
        )
    special = set(tokenizer.all_special_ids)
    ordinary = sorted(number for number in tokenizer.get_vocab().values() if number not in special)
    return Masking(float(share), int(tokenizer.mask_token_id), np.array(ordinary, dtype=np.int64))

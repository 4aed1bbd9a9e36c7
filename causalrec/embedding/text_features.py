"""Columns of texts to adjust for: what the encoder says, and the words themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.embedding.crossed_components import crossed
from causalrec.embedding.encoder import Encoder, encoded, is_encoder
from causalrec.embedding.text_encoder import TextEncoder
from causalrec.embedding.word_columns import common_words, word_components
from causalrec.errors import DataError
from causalrec.training.ranges import check_whole

__all__ = ["TextFeatures"]


class TextFeatures:
    """An embedding beside the words of the texts: a basis in which more functions of a text are linear.

    A confounder that is a function of the text is adjusted for as far as the columns span it. An embedding alone
    drops single words, and words alone do not know which of them mean the same. Kinds of columns stand side by side:
    the encoder's vector, and products of its leading components where asked for; an indicator of each common word; and
    components of TF-IDF, which hold the rare words too (latent semantic analysis; Deerwester et al. 1990, J. American
    Society for Information Science 41(6)).
    Columns of a kind share one scale, and each kind has the same total variance.

    Words and components are chosen among the texts that are encoded together: give all of them at once, as a text
    column of a data set does. Neither treatment nor outcome plays a part. The order of the texts changes nothing.

    Parameters
    ----------
    encoder : str, path or Encoder, optional
        As `TextEncoder` takes it, computed in fp32, or an encoder of your own. None: words alone.
    n_words : int
        Indicators, of the words that the most texts have; 0 for none.
    n_components : int
        Of TF-IDF; 0 for none.
    n_crossed : int
        Leading components of the encoder's vectors whose squares and products are columns too, n (n + 1) / 2 of them;
        0 for none. A topic that saturates, as the posterior of a classifier does, is no linear function of an
        embedding.
    min_texts : int
        Words in fewer texts are left out.
    cache : str or path, optional
        Where the encoder's vectors are kept between runs.

    Examples
    --------
    >>> texts = ["salted butter", "unsalted butter", "motor oil", "olive oil"]
    >>> TextFeatures(None, n_words=2, n_components=1, min_texts=1).encode(texts).shape
    (4, 3)
    """

    def __init__(
        self, encoder: str | Path | Encoder | None = "minilm", *, n_words: int = 1000, n_components: int = 500,
        n_crossed: int = 0, min_texts: int = 5, cache: str | Path | None = None,
    ):  # fmt: skip
        self.encoder = encoder
        self.n_words = n_words
        self.n_components = n_components
        self.n_crossed = n_crossed
        self.min_texts = min_texts
        self.cache = cache

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """One row a text, in their order; columns of 0 mean among the distinct texts.

        Parameters
        ----------
        texts : sequence of str or None, length n_texts

        Returns
        -------
        float32, shape (n_texts, n_dimensions)

        Raises
        ------
        DataError : entries that are no texts, a parameter out of its range, or nothing to make columns of.
        ShapeError : an encoder of your own that does not give one row a text.
        """
        contents = text_contents(texts)
        self._check_parameters()
        if not contents:
            raise DataError("There are no texts: words are chosen among those that are encoded together.")
        distinct = sorted(set(contents))
        parts = [self._meaning(distinct)] if self.encoder is not None else []
        if self.n_crossed:
            parts.append(crossed(parts[0], self.n_crossed))
        if self.n_words:
            parts.append(common_words(distinct, self.n_words, self.min_texts))
        if self.n_components:
            parts.append(word_components(distinct, self.n_components, self.min_texts))
        kept = [_unit_variance(part) for part in parts if part.shape[1]]
        if not kept:
            raise DataError(f"No word is in {self.min_texts} of the {len(distinct):,} texts: lower min_texts.")
        columns = np.column_stack(kept).astype(np.float32)
        place = {text: at for at, text in enumerate(distinct)}
        return columns[[place[text] for text in contents]]

    def _meaning(self, texts: list[str]) -> np.ndarray:
        encoder: Any = self.encoder
        if not is_encoder(encoder):
            encoder = TextEncoder(encoder, cache=self.cache, precision="fp32")
        return encoded(encoder, texts).astype(float)

    def _check_parameters(self) -> None:
        for name, least in (("n_words", 0), ("n_components", 0), ("n_crossed", 0), ("min_texts", 1)):
            check_whole(name, getattr(self, name), least)
        if self.encoder is None and not (self.n_words or self.n_components):
            raise DataError("There is nothing to make columns of: give an encoder, n_words or n_components.")
        if self.encoder is None and self.n_crossed:
            raise DataError(f"n_crossed={self.n_crossed} crosses components of an encoder's vectors: give an encoder.")


def _unit_variance(part: np.ndarray) -> np.ndarray:
    """Columns about their means, of total variance 1."""
    centred = part - part.mean(axis=0)
    total = float((centred**2).sum()) / len(part)
    return centred / np.sqrt(total) if total > 0 else centred

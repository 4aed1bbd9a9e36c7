"""Texts to what the network takes: tokens, or the vectors of a frozen trunk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.embedding.classification.inputs import Inputs, TokenInputs, VectorInputs
from causalrec.embedding.classification.tuning.ways import n_virtual_tokens
from causalrec.embedding.text_encoder import TextEncoder
from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.embedding.classification.classifier import TextClassifier
    from causalrec.embedding.transformer import Transformer

__all__ = ["read_inputs", "trunk_vectors"]


def read_inputs(classifier: TextClassifier, texts: list[str], transformer: Transformer | None, folder: Path) -> Inputs:
    """Tokens of each text, or its vector out of the cache where there is no transformer: the trunk is frozen.

    Raises
    ------
    DataError : texts without a token that the model knows, or no room for them.
    """
    if transformer is None:
        vectors = trunk_vectors(classifier, texts, folder)
        _check_told(texts, (vectors != 0).any(axis=1))
        return VectorInputs(vectors * np.float32(np.sqrt(vectors.shape[1])))  # of length 1: now of variance 1
    ids = transformer.windows(texts, _most_tokens(classifier, transformer)).ids
    _check_told(texts, np.array([bool(tokens) for tokens in ids]))
    return TokenInputs(ids, transformer.tokenizer.pad_token_id or 0)


def _most_tokens(classifier: TextClassifier, transformer: Transformer) -> int:
    """Tokens of a text, with room for those that are no text."""
    n_virtual = n_virtual_tokens(classifier.tuning)
    left = transformer.longest - n_virtual
    if n_virtual and left <= transformer.tokenizer.num_special_tokens_to_add():
        raise DataError(
            f"{classifier.tuning!r} leaves no room for texts: the model reads {transformer.longest} tokens. Give fewer."
        )
    return min(int(classifier.max_tokens), left)


def trunk_vectors(classifier: TextClassifier, texts: Sequence[str], model: str | os.PathLike[str]) -> np.ndarray:
    """One vector a text by a trunk as it came, out of the classifier's cache; float32, (n_texts, n_dimensions)."""
    encoder = TextEncoder(
        model, max_tokens=classifier.max_tokens, precision=classifier.precision, n_threads=classifier.n_threads,
        cache=classifier.cache,
    )  # fmt: skip
    return encoder.encode(texts)


def _check_told(texts: list[str], told: np.ndarray) -> None:
    if not told.all():
        first = texts[int(np.flatnonzero(~told)[0])]
        raise DataError(
            f"{int((~told).sum()):,} texts have no token that the model knows, {first[:40]!r} first: nothing tells "
            "their class. Leave these rows out, or take a model that reads them."
        )

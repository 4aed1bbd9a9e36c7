"""The way of texts through a model: sorted by length, in batches, one thread a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial

import numpy as np

from causalrec.embedding.batches import batches_of_one_length
from causalrec.embedding.pooling import Pooling, unit_length
from causalrec.embedding.reading import Reading
from causalrec.embedding.transformer import Transformer
from causalrec.embedding.window_means import WindowMeans
from causalrec.embedding.workers import map_in_threads
from causalrec.errors import EstimationError
from causalrec.progress import progress

__all__ = ["computed_vectors"]

# Texts between two writes to the cache: what a killed process loses, seconds of work.
_STORED_AT_ONCE = 1024

Vectors = tuple[np.ndarray, np.ndarray]


def computed_vectors(
    transformer: Transformer, texts: list[str], reading: Reading, n_threads: int | None
) -> Iterator[Vectors]:
    """Positions and float32 vectors of the texts, about a thousand at a time.

    Raises
    ------
    EstimationError : vectors that are not finite.
    """
    windows = transformer.windows(texts, reading.max_tokens, reading.long_texts)
    batches = batches_of_one_length([len(ids) for ids in windows.ids], reading.batch_tokens)
    tokens = ([windows.ids[row] for row in batch] for batch in batches)
    computed = map_in_threads(partial(_batch, transformer, reading.pooling), tokens, n_threads)
    shown = progress(zip(batches, computed, strict=True), f"encoding {len(texts):,} texts", total=len(batches))
    means = WindowMeans(windows)
    with closing(computed):
        for positions, vectors in _gathered(means.add(*batch) for batch in shown):
            yield positions, unit_length(vectors) if reading.normalize else vectors


def _batch(transformer: Transformer, pooling: Pooling, tokens: list[list[int]]) -> np.ndarray:
    if not tokens[0]:
        return np.zeros((len(tokens), transformer.model.config.hidden_size), dtype=np.float32)
    vectors = transformer.vectors(tokens, pooling)
    if not np.isfinite(vectors).all():
        raise EstimationError(
            f"The model in {transformer.model.name_or_path!r} gives NaN or infinite vectors; try precision='fp32', or "
            "get the model's files again."
        )
    return vectors


def _gathered(computed: Iterable[Vectors]) -> Iterator[Vectors]:
    """The same rows in fewer pieces, so that the cache gets a few large files."""
    pieces: list[Vectors] = []
    for piece in computed:
        pieces.append(piece)
        if sum(len(positions) for positions, _ in pieces) >= _STORED_AT_ONCE:
            yield _joined(pieces)
            pieces = []
    if sum(len(positions) for positions, _ in pieces):
        yield _joined(pieces)


def _joined(pieces: list[Vectors]) -> Vectors:
    return np.concatenate([positions for positions, _ in pieces]), np.concatenate([vectors for _, vectors in pieces])

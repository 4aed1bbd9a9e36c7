"""Texts to vectors with a transformer on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from causalrec.embedding.batches import batches_of_one_length
from causalrec.embedding.cache import EmbeddingCache
from causalrec.embedding.contents import text_contents
from causalrec.embedding.fingerprint import model_fingerprint
from causalrec.embedding.model_folder import find_model, hidden_size
from causalrec.embedding.pooling import POOLINGS
from causalrec.embedding.precision import resolve_precision
from causalrec.embedding.transformer import Transformer, load_transformer
from causalrec.embedding.workers import map_in_threads
from causalrec.errors import DataError, EstimationError
from causalrec.progress import progress

__all__ = ["TextEncoder"]

# Texts between two writes to the cache: what a killed process loses, seconds of work.
_STORED_AT_ONCE = 1024


class TextEncoder:
    """Vectors of texts by a pretrained transformer (Reimers, Gurevych 2019, EMNLP).

    A vector depends on its text alone, not on the texts it is encoded with: equal texts are encoded once, and texts
    go through the model with others of the same length, so nothing is padded. A text that is null, blank or without
    a token that the model knows gets a vector of zeros: no text is no evidence, and the model's own answer to ""
    would be an arbitrary point among the others.

    Parameters
    ----------
    model : str or path
        Folder of a model (config.json, tokenizer, safetensors); "minilm" for the packaged all-MiniLM-L6-v2; or a
        name on the Hugging Face hub. Code that a folder brings along is never run, pickled weights never read.
    pooling : {"mean", "cls", "last"}
        Of the tokens' vectors: their mean, the first, the last. Take the one that the model was trained with.
    normalize : bool
        Scale each vector to L2 norm 1.
    max_tokens : int
        Longer texts are cut there, or where the model stops reading; special tokens count.
    batch_tokens : int
        Most tokens that go through the model at once; only time and memory depend on it.
    n_threads : int, optional
        Default: all cores that this process may use.
    precision : {"auto", "fp32", "bf16"}
        Of the weights. "auto" takes bf16, nearly twice as fast, where the processor has it natively; its vectors
        have a cosine of .999 or more with those of fp32.
    cache : EmbeddingCache, str or path, optional
        Where vectors are kept between runs. A run that finds all its texts there loads no model.

    Examples
    --------
    >>> from pathlib import Path
    >>> TextEncoder(Path("no/such/folder")).encode(["salted butter"])
    Traceback (most recent call last):
        ...
    causalrec.errors.MissingDataError: There is no folder 'no/such/folder'. Give a folder that holds a model, ...
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        pooling: str = "mean",
        normalize: bool = True,
        max_tokens: int = 128,
        batch_tokens: int = 2048,
        n_threads: int | None = None,
        precision: str = "auto",
        cache: EmbeddingCache | str | os.PathLike[str] | None = None,
    ):
        self.model = model
        self.pooling = pooling
        self.normalize = normalize
        self.max_tokens = max_tokens
        self.batch_tokens = batch_tokens
        self.n_threads = n_threads
        self.precision = precision
        self.cache = cache

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """One vector a text, in their order; zeros for a null or blank one.

        Parameters
        ----------
        texts : sequence of str or None, length n_texts

        Returns
        -------
        float32, shape (n_texts, n_dimensions)

        Raises
        ------
        DataError : entries that are no texts, a parameter out of its range, or a folder that is unsafe or broken.
        MissingDataError : no such model.
        MissingExtraError : the packaged model is not installed.
        OutputError : the cache cannot be written.
        """
        contents = text_contents(texts)
        self._check_parameters()
        folder = find_model(self.model, self.pooling)
        unique = list(dict.fromkeys(content for content in contents if content))
        # One more row, of zeros, for those without a text.
        vectors = np.zeros((len(unique) + 1, hidden_size(folder)), dtype=np.float32)
        if unique:
            self._fill(vectors[:-1], folder, unique)
        row = {text: number for number, text in enumerate(unique)}
        return vectors[[row.get(content, len(unique)) for content in contents]]

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_loaded"}

    def _fill(self, vectors: np.ndarray, folder: Path, texts: list[str]) -> None:
        if self.cache is None:
            for positions, computed in self._computed(folder, texts):
                vectors[positions] = computed
            return
        cache = self.cache if isinstance(self.cache, EmbeddingCache) else EmbeddingCache(self.cache)
        fingerprint = model_fingerprint(folder, self._options())
        cached = cache.lookup(fingerprint, texts)
        if cached.found.any():
            vectors[cached.found] = cached.vectors[cached.found]
        missing = np.flatnonzero(~cached.found)
        for positions, computed in self._computed(folder, [texts[row] for row in missing]):
            vectors[missing[positions]] = computed
            cache.store(fingerprint, [texts[row] for row in missing[positions]], computed)
        if len(missing):
            cache.merge(fingerprint)

    def _computed(self, folder: Path, texts: list[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions and vectors, about a thousand at a time."""
        if not texts:
            return
        transformer = self._transformer(folder)
        tokens = transformer.tokens(texts, self.max_tokens)
        batches = batches_of_one_length([len(ids) for ids in tokens], self.batch_tokens)
        ids = ([tokens[row] for row in batch] for batch in batches)
        computed = map_in_threads(partial(self._batch_vectors, transformer), ids, self.n_threads)
        shown = progress(zip(batches, computed, strict=True), f"encoding {len(texts):,} texts", total=len(batches))
        with closing(computed):
            yield from _gathered(shown)

    def _batch_vectors(self, transformer: Transformer, tokens: list[list[int]]) -> np.ndarray:
        if not tokens[0]:
            return np.zeros((len(tokens), transformer.model.config.hidden_size), dtype=np.float32)
        vectors = transformer.vectors(tokens, self.pooling, self.normalize)
        if not np.isfinite(vectors).all():
            raise EstimationError(f"Model {str(self.model)!r} gives NaN or infinite vectors; try precision='fp32'.")
        return vectors

    def _transformer(self, folder: Path) -> Transformer:
        wanted = folder, resolve_precision(self.precision)
        if getattr(self, "_loaded", (None, None))[0] != wanted:
            self._loaded = wanted, load_transformer(*wanted)
        return self._loaded[1]

    def _options(self) -> dict[str, object]:
        return {
            "pooling": self.pooling, "normalize": bool(self.normalize), "max_tokens": int(self.max_tokens),
            "precision": resolve_precision(self.precision),
        }  # fmt: skip

    def _check_parameters(self) -> None:
        if self.pooling not in POOLINGS:
            raise DataError(f"pooling is {self.pooling!r}; it is one of {', '.join(map(repr, POOLINGS))}.")
        resolve_precision(self.precision)
        for name in ("max_tokens", "batch_tokens"):
            if getattr(self, name) < 1:
                raise DataError(f"{name} is {getattr(self, name)}; give 1 or more.")


def _gathered(computed: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same rows in fewer pieces, so that the cache gets a few large files."""
    positions: list[np.ndarray] = []
    vectors: list[np.ndarray] = []
    for batch, rows in computed:
        positions.append(batch)
        vectors.append(rows)
        if sum(map(len, positions)) >= _STORED_AT_ONCE:
            yield np.concatenate(positions), np.concatenate(vectors)
            positions, vectors = [], []
    if positions:
        yield np.concatenate(positions), np.concatenate(vectors)

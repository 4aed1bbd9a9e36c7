"""Texts to vectors with a transformer on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from causalrec.embedding.cache import EmbeddingCache
from causalrec.embedding.contents import text_contents
from causalrec.embedding.encoding import computed_vectors
from causalrec.embedding.fingerprint import files_stamp, model_fingerprint
from causalrec.embedding.model_folder import find_model, hidden_size
from causalrec.embedding.precision import check_precision
from causalrec.embedding.probe import measured_precision
from causalrec.embedding.reading import Reading, reading
from causalrec.embedding.text_transformer import TextTransformer
from causalrec.embedding.transformer import Transformer, load_transformer
from causalrec.errors import DataError
from causalrec.threads import thread_count
from causalrec.training.ranges import check_whole

__all__ = ["TextEncoder"]

# Enough that texts of one length fill a batch, little enough to be nothing beside the model in memory.
BLOCK_TEXTS = 8192


class TextEncoder(TextTransformer):
    """Vectors of texts by a pretrained transformer (Reimers, Gurevych 2019, EMNLP).

    A vector depends on its text alone, not on the texts it is encoded with: equal texts are encoded once, and texts
    go through the model with others of the same length, so nothing is padded. A text that is null, blank or of
    which the tokenizer leaves no token gets a vector of zeros: no text is no evidence, and the model's own answer
    to "" would be an arbitrary point among the others.

    It is a scikit-learn transformer that has nothing to learn: `transform` is `encode`.

    Parameters
    ----------
    model : str or path
        Folder of a BERT-like model or a decoder (config.json, tokenizer, safetensors); "minilm" for the packaged
        all-MiniLM-L6-v2; or a name on the Hugging Face hub. Code that a folder brings along is never run, pickled
        weights never read.
    pooling : {"mean", "cls", "last", "weighted layers"}
        Of the tokens' vectors: their mean, the first, the last, or the mean of a weighted sum of all layers. Take
        the one that the model was trained with; for decoders "last".
    layer_weights : sequence of float, optional
        Of "weighted layers": one of 0 or more a layer, the input embeddings first. Default: all layers alike,
        without the embeddings.
    normalize : bool
        Scale each vector to L2 norm 1.
    max_tokens : int
        Tokens that the model reads at once, special ones included; what it can read at most is a limit too.
    long_texts : {"cut", "chunks"}
        Longer texts are cut there, or read to their end in chunks of that size, side by side, whose vectors are
        averaged by their numbers of tokens. A text that fits has the same vector either way.
    batch_tokens : int
        Most tokens that go through the model at once; only time and memory depend on it.
    n_threads : int, optional
        Default: all cores that this process may use.
    precision : {"auto", "fp32", "bf16"}
        Of the weights. "auto" takes bf16 where a probe on this machine finds it faster and its vectors' cosine to
        those of fp32 .999 or more; what the probe found is remembered for the model and the processor, in the
        folder that CAUSALREC_CACHE names or in ~/.cache/causalrec.
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
        layer_weights: Sequence[float] | None = None,
        normalize: bool = True,
        max_tokens: int = 128,
        long_texts: str = "cut",
        batch_tokens: int = 2048,
        n_threads: int | None = None,
        precision: str = "auto",
        cache: EmbeddingCache | str | os.PathLike[str] | None = None,
    ):
        self.model = model
        self.pooling = pooling
        self.layer_weights = layer_weights
        self.normalize = normalize
        self.max_tokens = max_tokens
        self.long_texts = long_texts
        self.batch_tokens = batch_tokens
        self.n_threads = n_threads
        self.precision = precision
        self.cache = cache

    @property
    def n_dimensions(self) -> int:
        """Length of a vector.

        Raises
        ------
        DataError, MissingDataError, MissingExtraError : as `encode` does.
        """
        self._reading()
        return hidden_size(find_model(self.model, self.pooling))

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """One vector a text, in their order; zeros for a null or blank one.

        Parameters
        ----------
        texts : sequence of str or None, length n_texts
            A list, a column, an array, or a table of one column.

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
        return self._encoded(text_contents(texts))

    def encode_stream(self, texts: Iterable[str | None], *, block_texts: int = BLOCK_TEXTS) -> Iterator[np.ndarray]:
        """The same vectors block by block, for texts that do not fit in memory.

        Each text is read when its block's turn comes. Equal texts are encoded once a block; with a cache, once.

        Parameters
        ----------
        texts : iterable of str or None
            A generator will do.
        block_texts : int
            Texts of a block; the last one has what is left.

        Yields
        ------
        float32, shape (n_block, n_dimensions)

        Raises
        ------
        DataError, MissingDataError, MissingExtraError, OutputError : as `encode` does; what is wrong with the
            parameters or the model's folder is told before the first text is read.
        """
        if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
            raise DataError(f"encode_stream takes texts one after another, and got a {type(texts).__name__}.")
        check_whole("block_texts", block_texts)
        self.n_dimensions  # noqa: B018  a wrong parameter or folder is told now, not at the first block
        return self._blocks(iter(texts), block_texts)

    def _blocks(self, texts: Iterator[str | None], block_texts: int) -> Iterator[np.ndarray]:
        first = 0
        while block := list(islice(texts, block_texts)):
            yield self._encoded(text_contents(block, first))
            first += len(block)

    def _encoded(self, contents: list[str]) -> np.ndarray:
        read = self._reading()
        folder = find_model(self.model, self.pooling)
        unique = list(dict.fromkeys(contents))
        vectors = np.zeros((len(unique), hidden_size(folder)), dtype=np.float32)
        rows = np.array([row for row, text in enumerate(unique) if text], dtype=np.int64)
        if len(rows):
            self._fill(vectors, rows, folder, unique, read)
        if len(unique) == len(contents):
            return vectors
        row = {text: number for number, text in enumerate(unique)}
        return vectors[[row[content] for content in contents]]

    def _fill(self, vectors: np.ndarray, rows: np.ndarray, folder: Path, texts: list[str], read: Reading) -> None:
        precision = self._precision(folder, read)
        cache, fingerprint = self._cache(), ""
        if cache is not None:
            fingerprint = model_fingerprint(folder, read.options() | {"precision": precision, "stored": cache.stored})
            cached = cache.lookup(fingerprint, [texts[row] for row in rows])
            if cached.found.any():
                vectors[rows[cached.found]] = cached.vectors[cached.found]
                rows = rows[~cached.found]
        if not len(rows):
            return
        wanted = [texts[row] for row in rows]
        transformer = self._transformer(folder, precision)
        for positions, computed in computed_vectors(transformer, wanted, read, self.n_threads):
            if cache is not None:
                computed = cache.store(fingerprint, [wanted[position] for position in positions], computed)
                cache.merge(fingerprint)
            vectors[rows[positions]] = computed

    def _cache(self) -> EmbeddingCache | None:
        if self.cache is None or isinstance(self.cache, EmbeddingCache):
            return self.cache
        # One object from block to block keeps its files open.
        if getattr(self, "_opened", (None, None))[0] != self.cache:
            self._opened = self.cache, EmbeddingCache(self.cache)
        return self._opened[1]

    def _transformer(self, folder: Path, precision: str) -> Transformer:
        wanted = folder, files_stamp(folder), precision
        if getattr(self, "_loaded", (None, None))[0] != wanted:
            self._loaded = wanted, load_transformer(folder, precision)
        return self._loaded[1]

    def _precision(self, folder: Path, read: Reading) -> str:
        return measured_precision(folder, read).precision if self.precision == "auto" else self.precision

    def _reading(self) -> Reading:
        check_precision(self.precision)
        thread_count(self.n_threads)
        if isinstance(self.cache, EmbeddingCache):
            self.cache.check()
        elif not isinstance(self.cache, str | os.PathLike | None):
            raise DataError(f"cache is {self.cache!r}; give a folder or an EmbeddingCache.")
        return reading(
            self.pooling, self.layer_weights, self.normalize, self.max_tokens, self.long_texts, self.batch_tokens
        )

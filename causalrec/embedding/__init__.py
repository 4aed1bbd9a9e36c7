"""Texts to vectors: a local transformer, and a cache that keeps what it computed.

======================================  ==========================================  ==============
what                                    paper                                       module
======================================  ==========================================  ==============
sentence vectors by pooling             Reimers, Gurevych 2019, EMNLP               text_encoder
vectors kept by content                                                             cache
pictures, self-supervision, fine-tuning missing
======================================  ==========================================  ==============
"""

from causalrec.embedding.cache import CachedVectors, EmbeddingCache
from causalrec.embedding.encoder import Encoder
from causalrec.embedding.text_encoder import TextEncoder

__all__ = ["CachedVectors", "EmbeddingCache", "Encoder", "TextEncoder"]

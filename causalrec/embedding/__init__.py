"""Texts to vectors: a local transformer, and a cache that keeps what it computed.

======================================  ==========================================  ==============
what                                    paper                                       module
======================================  ==========================================  ==============
sentence vectors by pooling             Reimers, Gurevych 2019, EMNLP               text_encoder
vectors kept by content                                                             cache
words and TF-IDF beside vectors         Deerwester et al. 1990, JASIS               text_features
vectors as int8, the loss measured                                                  int8
tables of any length, block by block                                                embedded_table
fine-tuning                             Devlin et al. 2019, NAACL                   classification
histories: next and hidden items        Kang, McAuley 2018; Sun et al. 2019         histories
few labels                              Lee 2013; Zhou et al. 2004                  few_labels
self-supervision                        Devlin et al. 2019; Gao et al. 2021         pretraining
pictures, turns told apart              Gidaris, Singh, Komodakis 2018, ICLR        pictures
======================================  ==========================================  ==============
"""

from causalrec.embedding.cache import CachedVectors, EmbeddingCache
from causalrec.embedding.embedded_table import EmbeddedTable, embed_table
from causalrec.embedding.encoder import Encoder
from causalrec.embedding.int8 import Int8Loss, int8_loss
from causalrec.embedding.text_encoder import TextEncoder
from causalrec.embedding.text_features import TextFeatures

__all__ = [
    "CachedVectors",
    "EmbeddedTable",
    "EmbeddingCache",
    "Encoder",
    "Int8Loss",
    "TextEncoder",
    "TextFeatures",
    "embed_table",
    "int8_loss",
]

"""Self-supervision: a pretrained encoder goes on learning from a domain's texts, without labels.

==========================================  ==========================================  =======================
what                                        paper                                       module
==========================================  ==========================================  =======================
hidden words, whole words                   Devlin et al. 2019, NAACL                   masked_language_model
two dropout views, in-batch negatives       Gao, Yao, Chen 2021, EMNLP                  contrastive_pretraining
alignment, uniformity                       Wang, Isola 2020, ICML                      contrast
contrast from labelled pairs                missing
words by spans, replaced-token detection    missing
==========================================  ==========================================  =======================
"""

from causalrec.embedding.pretraining.contrast import alignment, uniformity
from causalrec.embedding.pretraining.contrastive_pretraining import ContrastivePretraining
from causalrec.embedding.pretraining.held_out import Change, Figure, HeldOutChange, Reference
from causalrec.embedding.pretraining.masked_language_model import MaskedLanguageModel

__all__ = [
    "Change", "ContrastivePretraining", "Figure", "HeldOutChange", "MaskedLanguageModel", "Reference", "alignment",
    "uniformity",
]  # fmt: skip

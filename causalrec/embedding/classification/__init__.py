"""Classes of texts: a pretrained encoder is fine-tuned, or a head on its vectors.

==========================================  ==========================================  ==============
what                                        paper                                       module
==========================================  ==========================================  ==============
fine-tuning with a head                     Devlin et al. 2019, NAACL                   classifier
low-rank adapters (LoRA)                    Hu et al. 2022, ICLR                        adapters
temperature scaling, calibration error      Guo et al. 2017, ICML                       calibration
macro-F1 with its standard error                                                        scores
adapters in layers, prompts, few labels     missing
masked-language-model adaptation            missing
==========================================  ==========================================  ==============
"""

from causalrec.embedding.classification.classifier import TextClassifier
from causalrec.embedding.classification.comparison import ScoreDifference, compare_scores
from causalrec.embedding.classification.finetuned_table import FinetunedTable, finetune_table
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores

__all__ = [
    "ClassificationScores", "FinetunedTable", "ScoreDifference", "TextClassifier", "classification_scores",
    "compare_scores", "finetune_table",
]  # fmt: skip

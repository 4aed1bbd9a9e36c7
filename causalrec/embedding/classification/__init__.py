"""Classes of texts: a pretrained encoder is fine-tuned, or a head on its vectors.

==========================================  ==========================================  ==============
what                                        paper                                       module
==========================================  ==========================================  ==============
fine-tuning with a head                     Devlin et al. 2019, NAACL                   classifier
low-rank adapters, prompts, prefixes,       each in `tuning`                            tuning
bottlenecks
search for parameters                       Bergstra et al. 2011, NeurIPS               search
temperature scaling, calibration error      Guo et al. 2017, ICML                       calibration
macro-F1 with its standard error                                                        scores
==========================================  ==========================================  ==============
"""

from causalrec.embedding.classification.classifier import TextClassifier
from causalrec.embedding.classification.comparison import ScoreDifference, compare_scores
from causalrec.embedding.classification.finetuned_table import FinetunedTable, finetune_table
from causalrec.embedding.classification.scores import ClassificationScores, classification_scores
from causalrec.embedding.classification.search import (
    LinearRange,
    LogRange,
    ParameterSearch,
    SearchTrial,
    WholeRange,
    search_parameters,
)
from causalrec.embedding.classification.tuning import BottleneckAdapters, LoRA, PrefixTuning, PromptTuning

__all__ = [
    "BottleneckAdapters", "ClassificationScores", "FinetunedTable", "LinearRange", "LoRA", "LogRange",
    "ParameterSearch", "PrefixTuning", "PromptTuning", "ScoreDifference", "SearchTrial", "TextClassifier", "WholeRange",
    "classification_scores", "compare_scores", "finetune_table", "search_parameters",
]  # fmt: skip

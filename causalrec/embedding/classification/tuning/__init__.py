"""How much of a network learns: all of it, its head, or a few weights beside a frozen trunk.

==========================================  ==========================================  ==============
what                                        paper                                       module
==========================================  ==========================================  ==============
low-rank adapters (LoRA)                    Hu et al. 2022, ICLR                        low_rank
prompts learned before the text             Lester et al. 2021, EMNLP                   prompts
prefixes of keys and values                 Li, Liang 2021, ACL                         prefixes
bottleneck adapters                         Houlsby et al. 2019, ICML                   bottlenecks
re-parametrised prefixes, other LoRAs       missing
==========================================  ==========================================  ==============
"""

from causalrec.embedding.classification.tuning.ways import (
    BottleneckAdapters,
    LoRA,
    PrefixTuning,
    PromptTuning,
    Tuning,
)

__all__ = ["BottleneckAdapters", "LoRA", "PrefixTuning", "PromptTuning", "Tuning"]

"""The ways, and how many weights of a tiny model learn in each."""

from causalrec.embedding.classification import BottleneckAdapters, LoRA, PrefixTuning, PromptTuning

HEAD = 17 * 16 + 17 * 3  # pooler and classes
WAYS = {  # name: way, weights beside the head, by hand: layers * places * weights of each
    "lora": (LoRA(2), 2 * 2 * (2 * 16 + 16 * 2)),
    "prompts": (PromptTuning(4), 4 * 16),
    "prefixes": (PrefixTuning(4), 4 * 2 * 2 * 16),
    "adapters": (BottleneckAdapters(3), 2 * 2 * ((16 + 1) * 3 + (3 + 1) * 16)),
}
PARAMETERS = {"learning_rate": 0.02, "n_threads": 1, "precision": "fp32"}

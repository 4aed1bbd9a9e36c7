"""Ways to tune are told as JSON and come back; what is none is refused by name."""

import json

import numpy as np
import pytest

from causalrec.embedding.classification import BottleneckAdapters, LoRA, PrefixTuning, PromptTuning
from causalrec.embedding.classification.tuning.ways import n_virtual_tokens, named_tuning, told_tuning, tuning_of
from causalrec.errors import DataError

WAYS = [
    "full", "frozen", LoRA(), LoRA(4, 0.5, 0.1, ("query", "key")), PromptTuning(3), PrefixTuning(5),
    BottleneckAdapters(7, ("output.dense",)),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_it_comes_back_from_json(way):
    assert tuning_of(json.loads(json.dumps(told_tuning(way)))) == way


def test_numpys_numbers_serve():
    assert tuning_of(json.loads(json.dumps(told_tuning(LoRA(np.int64(4), np.float64(0.5)))))) == LoRA(4, 0.5)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("full", "full"), ("frozen", "frozen"), ("lora", LoRA()), ("lora:4", LoRA(4)), ("prompts:3", PromptTuning(3)),
        ("prefixes:3", PrefixTuning(3)), ("adapters:3", BottleneckAdapters(3)),
    ],
)  # fmt: skip
def test_the_command_lines_names(name, way):
    assert named_tuning(name) == way


@pytest.mark.parametrize("name", ["", "half", "lora:", "lora:0", "lora:x", "lora:-1", "full:3", "LoRA"])
def test_other_names_are_refused(name):
    with pytest.raises(DataError, match=f"tuning is '{name}'; give full, frozen, lora or lora:8"):
        named_tuning(name)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LoRA(0), "rank is 0"),
        (lambda: LoRA(1.5), "rank is 1.5"),
        (lambda: LoRA(scale=0), "scale is 0; give a number above 0"),
        (lambda: LoRA(dropout=1), "dropout is 1"),
        (lambda: LoRA(modules="query"), "modules is 'query'; give a tuple of names"),
        (lambda: LoRA(modules=()), r"modules is \(\)"),
        (lambda: PromptTuning(0), "n_tokens is 0"),
        (lambda: PrefixTuning(True), "n_tokens is True"),
        (lambda: BottleneckAdapters(-1), "size is -1"),
        (lambda: BottleneckAdapters(modules=(3,)), r"modules is \(3,\)"),
    ],
)
def test_values_out_of_range_are_named(make, message):
    with pytest.raises(DataError, match=message):
        make()


def test_virtual_tokens():
    assert [n_virtual_tokens(way) for way in WAYS] == [0, 0, 0, 0, 3, 5, 0]

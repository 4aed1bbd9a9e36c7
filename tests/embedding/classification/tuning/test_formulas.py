"""What each way computes is what its paper says."""

import numpy as np
import pytest
import torch

from causalrec.embedding.classification import BottleneckAdapters, LoRA, PrefixTuning, PromptTuning
from causalrec.embedding.classification.network import build_network
from causalrec.embedding.classification.tuning.applied import settled, tuned_network
from causalrec.errors import DataError

IDS = torch.tensor([[2, 4, 5, 9, 3], [2, 6, 3, 0, 0]])  # the second one is filled up
MASK = (IDS != 0).long()


@pytest.fixture
def network(tiny):
    return build_network(tiny, np.array(["dairy", "soup"]), 0)[0].eval()


def asked(network, ids=IDS, mask=MASK):
    with torch.inference_mode():
        return network(input_ids=ids, attention_mask=mask).logits


def shaken(weights):
    """New weights away from their start, so that what they do can be seen."""
    with torch.no_grad():
        for weight in weights:
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)) * 0.3)


def test_merged_weights_are_base_and_scale_times_product(network):
    pytest.importorskip("peft")
    base = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    before = asked(network)
    adapted = tuned_network(network, LoRA(rank=3, scale=0.5, modules=("query", "dense")), 0).eval()
    assert torch.equal(asked(adapted), before)  # B is zero at first
    pairs = {name: weight for name, weight in adapted.named_parameters() if "lora_" in name}
    shaken(pairs.values())
    learned = asked(adapted)
    products = {}
    for name, b in pairs.items():
        if "lora_B" in name:
            a = pairs[name.replace("lora_B", "lora_A")]
            assert (a.shape[0], b.shape[1]) == (3, 3)
            products[name.removeprefix("model.").replace("lora_B.default.", "")] = (0.5 * b @ a).detach().clone()
    merged = settled(adapted, LoRA())
    found = dict(merged.named_parameters())
    assert found.keys() == base.keys()
    assert len(products) >= 2 * 2  # queries of both layers, and more
    for name in base:
        expected = base[name] + products.get(name, 0)
        assert torch.allclose(found[name], expected, atol=1e-6), name
    assert torch.allclose(asked(merged), learned, atol=1e-5)
    assert not torch.allclose(learned, before, atol=1e-2)


def test_prompts_are_vectors_before_the_texts(network):
    vectors = network.get_input_embeddings()
    tuned_network(network, PromptTuning(4), 0)
    shaken([network.prompt_embeddings])
    found = asked(network)
    with torch.inference_mode():
        both = torch.cat([network.prompt_embeddings.expand(2, -1, -1), vectors(IDS)], dim=1)
        mask = torch.cat([torch.ones(2, 4, dtype=torch.long), MASK], dim=1)
        hidden = network.bert(inputs_embeds=both, attention_mask=mask)
        by_hand = network.classifier(hidden.pooler_output)
        alone = network.bert(input_ids=IDS, attention_mask=MASK).last_hidden_state
    assert torch.allclose(found, by_hand, atol=1e-6)
    assert alone.shape == (2, 5, 16)  # the trunk alone reads no prompts


def test_prefixes_are_keys_and_values_before_those_of_the_texts(network):
    tuned_network(network, PrefixTuning(4), 0)
    shaken([network.prompt_embeddings])
    assert torch.allclose(asked(network), by_attention(network, 4), atol=1e-5)


def by_attention(network, n_tokens):
    """BERT layer by layer, softmax([p_k; k] q) [p_v; v] written out."""
    bert, told = network.bert, network.prompt_embeddings.view(n_tokens, 2, 2, 2, 8)  # layer, key or value, head
    seen = torch.cat([torch.ones(2, n_tokens), MASK.float()], dim=1)[:, None, None]
    with torch.inference_mode():
        hidden = bert.embeddings(input_ids=IDS, position_ids=torch.arange(5)[None] + n_tokens)
        for number, layer in enumerate(bert.encoder.layer):
            own = layer.attention.self
            query, key, value = (
                part(hidden).view(2, 5, 2, 8).transpose(1, 2) for part in (own.query, own.key, own.value)
            )
            before = [told[:, number, kind].permute(1, 0, 2).expand(2, -1, -1, -1) for kind in (0, 1)]
            key, value = torch.cat([before[0], key], dim=2), torch.cat([before[1], value], dim=2)
            weight = (query @ key.transpose(2, 3) / 8**0.5 + (seen - 1) * 1e9).softmax(dim=-1)
            told_by = (weight @ value).transpose(1, 2).reshape(2, 5, 16)
            hidden = layer.attention.output(told_by, hidden)
            hidden = layer.output(layer.intermediate(hidden), hidden)
        return network.classifier(bert.pooler(hidden))


def test_bottlenecks_follow_each_block(network):
    before = asked(network)
    tuned_network(network, BottleneckAdapters(3), 0)
    assert torch.equal(asked(network), before)  # they begin as nothing
    own = [module for name, module in network.named_modules() if name.endswith(".adapter")]
    assert len(own) == 2 * 2
    shaken(weight for adapter in own for weight in adapter.parameters())
    place = network.bert.encoder.layer[1].output.dense
    down, up, given = place.adapter[0], place.adapter[2], torch.randn(5, 32)
    with torch.inference_mode():
        plain = given @ place.weight.T + place.bias
        by_hand = plain + torch.nn.functional.gelu(plain @ down.weight.T + down.bias) @ up.weight.T + up.bias
        assert torch.allclose(place(given), by_hand, atol=1e-6)
    assert not torch.allclose(asked(network), before, atol=1e-3)


WAYS = [PromptTuning(4), PrefixTuning(4), BottleneckAdapters(3), LoRA(2, modules=("query",))]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_filling_up_changes_nothing(network, way):
    if isinstance(way, LoRA):
        pytest.importorskip("peft")
    module = tuned_network(network, way, 0).eval()
    shaken(weight for weight in module.parameters() if weight.requires_grad)
    assert torch.allclose(asked(module)[1], asked(module, IDS[1:, :3], MASK[1:, :3])[0], atol=1e-5)


@pytest.mark.parametrize("way", [PromptTuning(4), PrefixTuning(4), BottleneckAdapters(3)], ids=str)
def test_decoders_answer_from_the_texts_last_token(decoder, way):
    network = build_network(decoder, np.array(["dairy", "soup"]), 0)[0].eval()
    tuned_network(network, way, 0)
    shaken(weight for weight in network.parameters() if weight.requires_grad)
    both = asked(network)
    assert torch.allclose(both[1], asked(network, IDS[1:, :3], MASK[1:, :3])[0], atol=1e-5)
    assert not torch.allclose(both[1], asked(network, IDS[1:, :2], MASK[1:, :2])[0], atol=1e-3)


def test_a_model_without_a_cache_takes_no_prefixes():
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    network = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=20, dim=16, n_layers=1, n_heads=2))
    with pytest.raises(DataError, match=r"PrefixTuning needs a model .*, and 'distilbert' does not"):
        tuned_network(network, PrefixTuning(4), 0)


def test_modules_that_are_not_there(network):
    with pytest.raises(DataError, match=r"no linear maps to 16 dimensions named out.*BottleneckAdapters\(modules"):
        tuned_network(network, BottleneckAdapters(3, ("out",)), 0)
    pytest.importorskip("peft")
    with pytest.raises(DataError, match=r"peft cannot place adapters in a model of type 'bert'.*LoRA\(modules"):
        tuned_network(network, LoRA(3, modules=("out",)), 0)


def test_peft_does_not_know_every_model():
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    pytest.importorskip("peft")
    network = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=20, dim=16, n_layers=1, n_heads=2))
    with pytest.raises(DataError, match="of type 'distilbert'"):
        tuned_network(network, LoRA(2), 0)
    adapted = tuned_network(network, LoRA(2, modules=("q_lin", "v_lin")), 0)
    n_adapters = sum(weight.numel() for name, weight in adapted.named_parameters() if "lora_" in name)
    assert n_adapters == 2 * 2 * (16 + 16)

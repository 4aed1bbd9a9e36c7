"""The head is asked about hidden places alone, whatever the architecture; it is tied, fresh or the model's own."""

import pytest
import torch

from causalrec.embedding.pretraining.network import build_masked_network
from causalrec.errors import DataError
from tests.embedding.pretraining.conftest import save_bert, save_tokenizer

IDS = torch.tensor([[2, 5, 13, 6, 3], [2, 7, 4, 3, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
ASKED = torch.tensor([[0, 1, 0, 1, 0], [0, 0, 1, 0, 0]], dtype=torch.bool)


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("BertForMaskedLM", {}),
        ("RobertaForMaskedLM", {"pad_token_id": 1, "max_position_embeddings": 40}),
        ("DistilBertForMaskedLM", {"dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64}),
    ],
)
def test_asked_places_answer_as_in_the_whole(kind, sizes, tmp_path):
    save_tokenizer(tmp_path)
    save_bert(tmp_path, kind, **sizes)
    masked = build_masked_network(tmp_path, 0)
    assert masked.has_own_head
    with torch.inference_mode():
        whole = masked.network(input_ids=IDS, attention_mask=MASK).logits
        assert torch.allclose(masked.logits(IDS, MASK, ASKED), whole[ASKED], atol=1e-6)
        assert torch.equal(masked.network(input_ids=IDS, attention_mask=MASK).logits, whole)  # nothing is left behind


def test_a_fresh_head_is_tied_and_seeded(trunk):
    masked, again, other = (build_masked_network(trunk, seed) for seed in (0, 0, 1))
    assert not masked.has_own_head
    embeddings = masked.network.get_input_embeddings().weight
    assert masked.network.get_output_embeddings().weight is embeddings
    states = [one.network.state_dict() for one in (masked, again, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    changed = {name for name in states[0] if not torch.equal(states[0][name], states[2][name])}
    assert changed
    assert all(name.startswith("cls.") for name in changed)


def test_the_head_alone_learns_when_it_is_told(trunk):
    masked = build_masked_network(trunk, 0)
    masked.let_learn(trunk=False)
    learning = {name for name, weight in masked.network.named_parameters() if weight.requires_grad}
    assert learning == {
        "cls.predictions.bias", "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias",
    }  # fmt: skip
    masked.let_learn(trunk=True)
    assert all(weight.requires_grad for weight in masked.network.parameters())


def test_the_sources_pooler_is_kept_beside_and_no_other(trunk, whole):
    assert set(build_masked_network(trunk, 0).beside) == {"bert.pooler.dense.weight", "bert.pooler.dense.bias"}
    assert build_masked_network(whole, 0).beside == {}  # the files have none, and one drawn at random is no one's


def test_decoders_are_refused(decoder, changed):
    with pytest.raises(DataError, match=r"\(llama\) is a decoder: it sees only what stands before a word"):
        build_masked_network(decoder, 0)
    with pytest.raises(DataError, match=r"\(bert\) is a decoder"):
        build_masked_network(changed(is_decoder=True), 0)

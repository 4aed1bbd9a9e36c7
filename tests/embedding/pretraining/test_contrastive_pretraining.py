"""A tiny encoder learns to tell texts apart; its loss is the formula over its own two views."""

import numpy as np
import pytest
import torch

from causalrec.embedding.pretraining import ContrastivePretraining
from causalrec.embedding.pretraining.contrast import contrastive_losses
from causalrec.embedding.pretraining.contrastive_task import ContrastiveTask
from causalrec.embedding.pretraining.corpus import corpus
from causalrec.embedding.pretraining.network import load_encoder
from causalrec.embedding.pretraining.tokens import read_tokens
from causalrec.errors import DataError, EstimationError, NotFittedError

QUICK = {"batch_size": 16, "learning_rate": 1e-3, "precision": "fp32", "n_threads": 1}


@pytest.fixture
def task(trunk, ruled):
    transformer = load_encoder(trunk, 0)
    data = corpus(ruled(40), 0.2, 0)
    return ContrastiveTask(transformer.model, read_tokens(transformer, data.texts, 32), data, 0, 8, 0, 0.05, "mean")


def test_the_loss_is_of_two_dropout_views(task):
    rows = task.data.learning[:6]
    task.module.train()
    torch.manual_seed(3)
    loss = task.loss(rows)
    torch.manual_seed(3)
    ids = [task.tokens[row].ids for row in rows] * 2
    longest = max(map(len, ids))
    tokens = torch.tensor([[*text, *[0] * (longest - len(text))] for text in ids])
    mask = torch.tensor([[1] * len(text) + [0] * (longest - len(text)) for text in ids])
    hidden = task.module(input_ids=tokens, attention_mask=mask).last_hidden_state
    vectors = torch.stack([hidden[k, : len(text)].mean(dim=0) for k, text in enumerate(ids)])
    assert not torch.allclose(vectors[:6], vectors[6:])
    expected = contrastive_losses(vectors[:6], vectors[6:], 0.05).mean()
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)


def test_gradient_reaches_every_layer(task):
    task.module.train()
    task.loss(task.data.learning[:6]).backward()
    used = {name: weight.grad for name, weight in task.module.named_parameters() if not name.startswith("pooler")}
    assert all(gradient is not None for gradient in used.values())
    assert all(gradient.norm() > 0 for name, gradient in used.items() if name.endswith("weight"))


def test_no_text_is_left_alone_in_a_batch(task):
    for epoch in range(5):
        batches = task.batches(epoch)
        assert min(map(len, batches)) >= 2
        assert sorted(np.concatenate(batches)) == task.data.learning.tolist()


def test_held_out_figures_are_the_same_at_every_call(task):
    state = torch.get_rng_state()
    one, two = task.held_out(), task.held_out()
    assert {name: figure.value for name, figure in one.items()} == {name: figure.value for name, figure in two.items()}
    assert torch.equal(torch.get_rng_state(), state)
    assert not task.module.training
    assert one["alignment"].value > 0  # dropout was on


def test_texts_spread_and_find_themselves(trunk, ruled):
    learned = ContrastivePretraining(trunk, n_epochs=4, **QUICK).fit(ruled(300))
    loss, uniformity = learned.comparison_["loss"], learned.comparison_["uniformity"]
    for change in (loss, uniformity):
        assert change.difference + 5 * change.difference_stderr < 0
    assert learned.comparison_.before_is == "the model as it came"
    assert learned.record_.name == "ContrastivePretraining"
    assert set(learned.record_.epochs[0].validation) == {"loss", "alignment", "uniformity"}
    best = learned.record_.epochs[learned.record_.best_epoch - 1].validation
    assert best["loss"] == pytest.approx(loss.after)


def test_seeds_and_order(trunk, ruled):
    texts = ruled(60)
    fits = [(texts, 0), ([None, *texts[::-1], texts[3]], 0), (texts, 1)]
    states = [
        ContrastivePretraining(trunk, random_state=seed, **QUICK).fit(given).network_.state_dict()
        for given, seed in fits
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not all(torch.equal(states[0][name], states[2][name]) for name in states[0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch_size": 1}, "batch_size is 1; give a whole number of 2 or more"),
        ({"temperature": 0}, "temperature is 0; give a number above 0"),
        ({"pooling": "max"}, "pooling is 'max'"),
        ({"max_tokens": 1}, "max_tokens is 1"),
    ],
)
def test_parameters_out_of_range_are_named(changes, said, trunk, ruled):
    with pytest.raises(DataError, match=said):
        ContrastivePretraining(trunk, **QUICK | changes).fit(ruled(10))


def test_bad_texts_and_models_are_refused(trunk, decoder, changed, ruled):
    with pytest.raises(EstimationError, match="all 1 texts are null or blank"):
        ContrastivePretraining(trunk, **QUICK).fit([""])
    with pytest.raises(DataError, match="is a decoder"):
        ContrastivePretraining(decoder, **QUICK).fit(ruled(10))
    without = changed(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    with pytest.raises(DataError, match="has no dropout, so two views of a text would be equal"):
        ContrastivePretraining(without, **QUICK).fit(ruled(10))
    with pytest.raises(NotFittedError, match="call `fit"):
        ContrastivePretraining(trunk).save("nowhere")

"""A tiny encoder learns a planted rule from hidden words; seeds, refusals and the parameters' manner."""

import numpy as np
import pytest
import torch

from causalrec.embedding.pretraining import MaskedLanguageModel
from causalrec.errors import DataError, EstimationError, MissingDataError, NotFittedError
from causalrec.training import Callback
from tests.embedding.pretraining.conftest import FIRST, SECOND, VOCABULARY, save_bert, save_tokenizer

QUICK = {"n_epochs": 2, "batch_size": 8, "learning_rate": 3e-3, "precision": "fp32", "n_threads": 1}


def test_held_out_loss_falls_below_what_frequencies_know(adapted):
    """Each of 16 words stands as often as the others: frequencies know log 16, the frozen trunk little more."""
    loss, (guess,) = adapted.comparison_["loss"], adapted.comparison_.references
    assert guess.value == pytest.approx(np.log(len(FIRST) + len(SECOND)), abs=0.05)
    assert loss.after + 5 * loss.after_stderr < guess.value / 2 < loss.before - 5 * loss.before_stderr
    assert loss.difference == pytest.approx(loss.after - loss.before)
    assert loss.difference + 5 * loss.difference_stderr < 0
    assert adapted.comparison_.before_is.startswith("trunk frozen")


def test_words_that_neighbours_tell_are_recovered(adapted):
    """Every pair in a context that was drawn anew, its second half hidden."""
    number = {piece: place for place, piece in enumerate(VOCABULARY)}
    rng, right = np.random.default_rng(5), 0
    for k in range(len(FIRST)):
        pairs = [k, *rng.choice(len(FIRST), 2)]
        words = [word for pair in pairs for word in (FIRST[pair], SECOND[pair])]
        words[1] = "[MASK]"
        ids = torch.tensor([[2, *(number[word] for word in words), 3]])
        with torch.inference_mode():
            logits = adapted.network_(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        right += VOCABULARY[int(logits[0, 2].argmax())] == SECOND[k]
    assert right >= len(FIRST) - 1


def test_the_record_says_what_was_done(adapted):
    record = adapted.record_
    assert record.name == "MaskedLanguageModel"
    assert record.parameters["mask_share"] == 0.15
    assert record.parameters["n_epochs"] == 25
    assert record.data["n_rows"] == 800
    assert record.data["n_texts"] > 300
    assert record.n_learning == record.n_weights
    assert {"loss", "accuracy"} == set(record.epochs[-1].validation)
    best = record.epochs[record.best_epoch - 1].validation["loss"]
    assert best == pytest.approx(adapted.comparison_["loss"].after)
    assert best == min(epoch.validation["loss"] for epoch in record.epochs)


def test_the_same_seed_gives_the_same_bits_and_rows_have_no_order(trunk, ruled):
    texts = ruled(60)
    one = MaskedLanguageModel(trunk, **QUICK).fit(texts)
    same = MaskedLanguageModel(trunk, **QUICK).fit([*texts[::-1], texts[0], None])
    other = MaskedLanguageModel(trunk, random_state=1, **QUICK).fit(texts)
    states = [model.network_.state_dict() for model in (one, same, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert one.comparison_ == same.comparison_
    assert not all(torch.equal(states[0][name], states[2][name]) for name in states[0])
    assert (same.record_.data["n_blank"], one.record_.data["n_blank"]) == (1, 0)


def test_random_numbers_outside_are_left_alone(trunk, ruled):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    MaskedLanguageModel(trunk, **QUICK).fit(ruled(30))
    assert torch.equal(torch.rand(3), expected)


def test_a_model_with_a_head_is_before_as_it_came(whole, ruled):
    learned = MaskedLanguageModel(whole, **QUICK).fit(ruled(60))
    assert learned.comparison_.before_is == "the model as it came, with the head of its own files"
    # Nothing learned at all: after no step worth the name, both sides are the same.
    still = MaskedLanguageModel(whole, **QUICK | {"learning_rate": 1e-12}).fit(ruled(60))
    assert still.comparison_["loss"].before == pytest.approx(learned.comparison_["loss"].before)
    assert still.comparison_["loss"].difference == pytest.approx(0, abs=1e-6)


def test_nothing_is_compared_without_texts_held_out(trunk, ruled):
    learned = MaskedLanguageModel(trunk, validation_share=0, **QUICK).fit(ruled(30))
    assert learned.comparison_ is None
    assert learned.record_.best_epoch == 2
    assert learned.record_.epochs[0].validation == {}


def test_it_stops_early(trunk, ruled):
    given = QUICK | {"n_epochs": 30, "learning_rate": 0.3, "patience": 2}
    record = MaskedLanguageModel(trunk, **given).fit(ruled(40)).record_
    assert record.stopped_early
    assert len(record.epochs) == record.best_epoch + 2


def test_callbacks_hear_of_the_trunks_epochs(trunk, ruled):
    class Heard(Callback):
        def __init__(self):
            self.starts, self.epochs, self.ends = 0, [], 0

        def on_start(self, parameters):
            self.starts += 1

        def on_epoch(self, epoch):
            self.epochs.append(epoch.number)

        def on_end(self, record):
            self.ends += 1

    heard = Heard()
    MaskedLanguageModel(trunk, callbacks=[heard], **QUICK).fit(ruled(30))
    assert (heard.starts, heard.epochs, heard.ends) == (1, [1, 2], 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mask_share": 0}, "mask_share is 0; give a number above 0 and below 1"),
        ({"mask_share": 1.0}, "mask_share is 1.0"),
        ({"n_epochs": 0}, "n_epochs is 0"),
        ({"n_head_epochs": 0}, "n_head_epochs is 0"),
        ({"head_learning_rate": -1}, "head_learning_rate is -1"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"max_tokens": 2}, "max_tokens is 2"),
        ({"validation_share": 1}, "validation_share is 1; give a number of 0 or more and below 1"),
        ({"precision": "fp16"}, "precision is 'fp16'"),
        ({"device": "toaster"}, "device is 'toaster'"),
        ({"callbacks": ["loud"]}, "callbacks is"),
        ({"checkpoint_folder": 3}, "checkpoint_folder is 3"),
        ({"patience": 0}, "patience is 0"),
        ({"n_threads": 0}, "n_threads is 0"),
        ({"random_state": -1}, "random_state is -1"),
        ({"model": 5}, "model is 5"),
    ],
)
def test_parameters_out_of_range_are_named(changes, said, trunk, ruled):
    with pytest.raises(DataError, match=said):
        MaskedLanguageModel(**{"model": trunk} | QUICK | changes).fit(ruled(10))


def test_bad_texts_and_models_are_refused(trunk, decoder, ruled, tmp_path):
    for texts, said in (([], "there are no texts"), ([None, " "], "all 2 texts are null or blank")):
        with pytest.raises(EstimationError, match=said):
            MaskedLanguageModel(trunk, **QUICK).fit(texts)
    with pytest.raises(DataError, match="is a decoder"):
        MaskedLanguageModel(decoder, **QUICK).fit(ruled(10))
    with pytest.raises(MissingDataError):
        MaskedLanguageModel(tmp_path, **QUICK).fit(ruled(10))
    save_bert(tmp_path)
    with pytest.raises(MissingDataError, match="has no tokenizer"):
        MaskedLanguageModel(tmp_path, **QUICK).fit(ruled(10))
    save_tokenizer(tmp_path, mask=False)
    with pytest.raises(DataError, match="has no mask token"):
        MaskedLanguageModel(tmp_path, **QUICK).fit(ruled(10))


def test_a_loss_that_explodes_is_named(trunk, ruled):
    with pytest.raises(EstimationError, match="learning_rate"):
        MaskedLanguageModel(trunk, **QUICK | {"learning_rate": 1e30}).fit(ruled(30))


def test_it_has_scikit_learns_manners(trunk):
    from sklearn.base import clone

    model = MaskedLanguageModel(trunk, mask_share=0.2)
    assert clone(model).get_params() == model.get_params()
    assert "mask_share=0.2" in repr(model)
    with pytest.raises(NotFittedError, match="call `fit"):
        model.save("nowhere")

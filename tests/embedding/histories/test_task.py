"""What is asked of which windows, and the loss of it, held against sums by hand."""

import numpy as np
import pytest
import torch

from causalrec.embedding.histories.network import NetworkShape, build_network
from causalrec.embedding.histories.task import HistoryTask
from causalrec.embedding.histories.windows import windows
from tests.embedding.histories.languages import N_ITEMS, spoken

SIZE = 6


def task(mask_share=None, n_negatives=None, dropout=0.0):
    shape = NetworkShape(N_ITEMS, SIZE, 8, 1, 2, dropout, mask_share is None)
    pieces = windows([np.array(history[: 2 + k % 8]) for k, history in enumerate(spoken(30, 1))], SIZE)
    return HistoryTask(build_network(shape, np.ones(N_ITEMS), 0), pieces, pieces, mask_share, n_negatives, 8, 0)


def by_hand(told, inputs, targets):
    """Mean loss of single windows, each asked alone; targets by place."""
    losses = []
    for items, wanted in zip(inputs, targets, strict=True):
        given = torch.tensor([items])
        states = told.network.states(given, torch.ones_like(given, dtype=torch.bool))[0]
        odds = states @ told.network.vectors.T + told.module.bias
        losses += [-odds[place].log_softmax(0)[item] for place, item in wanted.items()]
    return float(torch.stack(losses).mean().detach())


def test_next_items_of_windows_of_all_lengths():
    told, rows = task(), np.array([0, 3, 7, 20])
    kept = [told.learning.items[row, : told.learning.lengths[row]].tolist() for row in rows]
    expected = by_hand(told, [items[:-1] for items in kept], [dict(enumerate(items[1:])) for items in kept])
    assert float(told.loss(rows).detach()) == pytest.approx(expected, rel=1e-5)
    assert len({len(items) for items in kept}) > 2


def test_only_hidden_items_are_told_and_none_of_them_is_seen():
    told, rows = task(mask_share=0.3), np.arange(12)
    told.batches(1)
    hiding = told._hiding
    inputs, targets = [], []
    for row in rows:
        n_seen = int(hiding.filled[row].sum())
        places = np.flatnonzero(hiding.hidden[row])
        items = told.learning.items[row, :n_seen]
        targets.append({int(place): int(items[place]) for place in places})
        inputs.append([told.network.blank if place in places else int(item) for place, item in enumerate(items)])
    assert float(told.loss(rows).detach()) == pytest.approx(by_hand(told, inputs, targets), rel=1e-5)


def test_gradients_of_a_masked_loss_come_from_hidden_places_alone():
    """An item that is hidden in all windows is read nowhere: its vector learns from being told alone."""
    told, rows = task(mask_share=0.3), np.arange(8)
    read = []
    hook = told.module["vectors"].register_forward_hook(lambda module, args, states: read.append(args[0]))
    told.loss(rows)
    hook.remove()
    hiding = told._hiding
    width = read[0].shape[1]
    hidden = torch.from_numpy(hiding.hidden[rows, :width])
    assert (read[0][hidden] == told.network.blank).all()
    assert (read[0][~hidden] != told.network.blank).all()


@pytest.mark.parametrize("mask_share", [None, 0.3])
def test_the_validation_is_the_same_at_every_call(mask_share):
    told = task(mask_share)
    told.module.eval()
    with torch.inference_mode():
        first = told.validate()["loss"]
        told.batches(5)
        assert told.validate()["loss"] == first
    if mask_share is None:
        kept = [told.learning.items[row, :n].tolist() for row, n in enumerate(told.learning.lengths)]
        expected = by_hand(told, [items[:-1] for items in kept], [dict(enumerate(items[1:])) for items in kept])
        assert first == pytest.approx(expected, rel=1e-5)


def test_epochs_have_other_batches_and_other_hidden_items_of_one_number():
    told = task(mask_share=0.3)
    first, hidden = told.batches(0), told._hiding.hidden
    second, other = told.batches(1), told._hiding.hidden
    assert len(first) == len(second)
    assert sorted(np.concatenate(first)) == list(range(len(told.learning.lengths)))
    assert not np.array_equal(hidden, other)
    assert np.array_equal(told.batches(0)[0], first[0])
    assert np.array_equal(told._hiding.hidden, hidden)


def test_as_many_drawn_as_there_are_is_the_full_loss():
    rows = np.arange(8)
    full = float(task().loss(rows).detach())
    assert float(task(n_negatives=N_ITEMS).loss(rows).detach()) == full
    assert float(task(n_negatives=3).loss(rows).detach()) != full

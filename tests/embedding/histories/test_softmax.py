"""Cross entropies held against their formulas."""

from itertools import combinations

import numpy as np
import pytest
import torch

from causalrec.embedding.histories.softmax import full_loss, sampled_loss

N_ITEMS, N = 7, 4


def drawn():
    rng = np.random.default_rng(0)
    arrays = (rng.normal(size=(N, 3)), rng.normal(size=(N_ITEMS, 3)), rng.normal(size=N_ITEMS))
    states, vectors, bias = (torch.from_numpy(array.astype(np.float32)) for array in arrays)
    return states, torch.tensor([0, 3, 3, 6]), vectors, bias


def test_the_full_loss_is_its_formula():
    states, targets, vectors, bias = drawn()
    odds = states.numpy() @ vectors.numpy().T + bias.numpy()
    expected = np.log(np.exp(odds).sum(axis=1)) - odds[np.arange(N), targets.numpy()]
    assert full_loss(states, targets, vectors, bias).numpy() == pytest.approx(expected, rel=1e-5)


def test_all_items_drawn_give_the_full_loss():
    given = drawn()
    assert sampled_loss(*given, torch.randperm(N_ITEMS)).numpy() == pytest.approx(full_loss(*given).numpy(), rel=1e-5)


@pytest.mark.parametrize("n_drawn", [1, 2, 5])
def test_over_all_draws_the_sum_of_exponentials_is_right(n_drawn):
    """exp(loss) is that sum over the target's own exponential."""
    given = drawn()
    several = [sampled_loss(*given, torch.tensor(items)).exp() for items in combinations(range(N_ITEMS), n_drawn)]
    assert torch.stack(several).mean(dim=0).numpy() == pytest.approx(full_loss(*given).exp().numpy(), rel=1e-5)


def test_a_target_is_not_its_own_rival():
    states, targets, vectors, bias = drawn()
    found = sampled_loss(states, targets, vectors, bias, torch.tensor([3]))
    assert found[1:3].tolist() == [0, 0]
    assert (found[[0, 3]] > 0).all()

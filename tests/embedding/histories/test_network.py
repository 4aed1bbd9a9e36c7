"""What a place may see: nothing that comes later for "next", everything but what fills up for "masked"."""

import numpy as np
import pytest
import torch

from causalrec.embedding.histories.network import NetworkShape, build_network

N_ITEMS, WIDTH = 9, 7
FILLED = torch.ones((1, WIDTH), dtype=torch.bool)


def network(looks_back_only, **changes):
    sizes = {"n_items": N_ITEMS, "n_places": WIDTH, "n_dimensions": 8, "n_layers": 2, "n_heads": 2, "dropout": 0.0}
    shape = NetworkShape(**sizes | changes, looks_back_only=looks_back_only)
    return build_network(shape, np.ones(N_ITEMS), 0)


def drawn(seed):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, N_ITEMS, (1, WIDTH)))


def influence(net, place):
    """Largest gradient of a place's state with respect to the vector that each place reads."""
    read = []

    def keep(module, args, told):
        told.retain_grad()
        read.append(told)

    hook = net.module["vectors"].register_forward_hook(keep)
    net.states(drawn(0), FILLED)[0, place].square().sum().backward()
    hook.remove()
    return read[0].grad[0].abs().amax(dim=1)


@pytest.mark.parametrize("place", range(WIDTH))
def test_gradients_from_later_items_are_exactly_zero(place):
    found = influence(network(True), place)
    assert (found[place + 1 :] == 0).all()
    assert (found[: place + 1] > 0).all()


@pytest.mark.parametrize("place", [0, 3, WIDTH - 1])
def test_hidden_items_are_told_from_both_sides(place):
    assert (influence(network(False), place) > 0).all()


@pytest.mark.parametrize("is_learning", [True, False])
def test_other_later_items_change_nothing(is_learning):
    net = network(True)
    net.module.train(is_learning)
    one, other = drawn(0), drawn(0).clone()
    other[0, 4:] = (other[0, 4:] + 1) % N_ITEMS
    with torch.inference_mode(not is_learning):
        first, second = (net.states(items, FILLED) for items in (one, other))
    assert torch.equal(first[:, :4], second[:, :4])
    assert not torch.allclose(first[:, 4:], second[:, 4:], atol=1e-3)


@pytest.mark.parametrize("looks_back_only", [True, False])
def test_what_fills_up_changes_nothing(looks_back_only):
    net, filled = network(looks_back_only), FILLED.clone()
    filled[0, 5:] = False
    other = drawn(0).clone()
    other[0, 5:] = net.blank
    first, second = (net.states(items, filled)[0, :5] for items in (drawn(0), other))
    alone = net.states(drawn(0)[:, :5], FILLED[:, :5])[0]
    assert torch.equal(first, second)
    assert torch.allclose(first, alone, atol=1e-6)


@pytest.mark.parametrize("looks_back_only", [True, False])
def test_learning_and_answering_compute_the_same(looks_back_only):
    """Torch takes another way through a transformer that only answers."""
    net, filled = network(looks_back_only), FILLED.repeat(3, 1)
    items = torch.cat([drawn(seed) for seed in range(3)])
    filled[1, 4:], filled[2, 1:] = False, False
    learning = net.states(items, filled).detach()
    net.module.eval()
    with torch.inference_mode():
        answering = net.states(items, filled)
    assert torch.allclose(learning[filled], answering[filled], atol=1e-5)


def test_it_begins_with_the_shares():
    counts = np.arange(1.0, N_ITEMS + 1)
    shape = NetworkShape(N_ITEMS, WIDTH, 8, 2, 2, 0.0, True)
    net = build_network(shape, counts, 0)
    assert net.module.bias.exp().tolist() == pytest.approx((counts / counts.sum()).tolist())
    odds = net.states(drawn(0), FILLED)[0] @ net.vectors.T
    assert odds.abs().max() < 0.5


def test_layers_begin_with_weights_of_their_own():
    first, second = network(True).module["blocks"].layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)

"""Steps' sizes, what decays, and values out of range."""

import pytest
import torch

from causalrec.errors import DataError
from causalrec.training import Optimisation
from causalrec.training.optimisation import build_optimizer, step_size


def test_the_learning_rate_rises_and_falls_in_straight_lines():
    settings = Optimisation(n_epochs=1, learning_rate=2.0, warmup=0.25)
    rates = torch.tensor([step_size(step, 40, settings) for step in range(40)], dtype=torch.float64)
    assert rates.argmax() == 9
    assert rates.max() == 2.0
    assert torch.allclose(rates[:10].diff(), torch.tensor(0.2, dtype=torch.float64))
    assert torch.allclose(rates[10:].diff(), torch.tensor(-2 / 30, dtype=torch.float64))
    assert 0 < rates[-1] < 0.1


def test_transformers_has_the_same_schedule():
    from transformers import get_linear_schedule_with_warmup

    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    schedule = get_linear_schedule_with_warmup(optimizer, 10, 40)
    settings, ours, theirs = Optimisation(n_epochs=1, learning_rate=0.5, warmup=0.25), [], []
    for step in range(40):
        theirs.append(optimizer.param_groups[0]["lr"])
        ours.append(step_size(step, 40, settings))
        optimizer.step()
        schedule.step()
    assert ours[9:] == pytest.approx([theirs[10], *theirs[10:]])  # theirs begins at 0, where a step is lost
    assert ours[:9] == pytest.approx(theirs[1:10])


def test_matrices_decay_and_vectors_do_not():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
    module[0].weight.requires_grad_(True)
    groups = build_optimizer(module, Optimisation(n_epochs=1, learning_rate=0.1, weight_decay=0.3)).param_groups
    assert [(len(group["params"]), group["weight_decay"]) for group in groups] == [(1, 0.3), (3, 0.0)]


def test_frozen_weights_are_left_out():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 2))
    module[0].requires_grad_(False)
    groups = build_optimizer(module, Optimisation(n_epochs=1, learning_rate=0.1, optimizer="sgd")).param_groups
    assert [len(group["params"]) for group in groups] == [1, 1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_epochs": 0}, "n_epochs is 0; give a whole number of 1 or more"),
        ({"n_epochs": 2.5}, "n_epochs is 2.5"),
        ({"learning_rate": 0}, "learning_rate is 0; give a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ({"weight_decay": -1}, "weight_decay is -1; give a number of 0 or more"),
        ({"warmup": 1.0}, "warmup is 1.0; give a number of 0 or more and below 1"),
        ({"optimizer": "adam"}, "optimizer is 'adam'; it is one of 'adamw', 'sgd'"),
        ({"patience": 0}, "patience is 0"),
        ({"random_state": None}, "random_state is None"),
        ({"max_gradient": True}, "max_gradient is True"),
    ],
)
def test_values_out_of_range(wrong, message):
    with pytest.raises(DataError, match=message):
        Optimisation(**{"n_epochs": 1, "learning_rate": 0.1, **wrong})

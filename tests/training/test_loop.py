"""The loop learns, keeps the best epoch, stops, and goes on after a kill with the same bits."""

import numpy as np
import pytest
import torch

from causalrec.errors import DataError, EstimationError
from causalrec.training import Callback, Checkpoints, Optimisation, train
from causalrec.training.optimisation import OPTIMIZERS

SETTINGS = Optimisation(n_epochs=4, learning_rate=0.02, weight_decay=0.01)


class Killed(Callback):
    """Ends the run after a step, as a kill would, but inside this process."""

    def __init__(self, step):
        self.step = step

    def on_step(self, step, loss, learning_rate):
        if step == self.step:
            raise KeyboardInterrupt


def weights(task):
    return {name: tensor.clone() for name, tensor in task.module.state_dict().items()}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_learns(circle, optimizer):
    task = circle()
    rate = 0.05 if optimizer == "adamw" else 0.3
    settings = Optimisation(n_epochs=25, learning_rate=rate, optimizer=optimizer, monitor="accuracy")
    done = train(task, settings, n_threads=1)
    assert done.epochs[done.best_epoch - 1].validation["accuracy"] > 0.85
    assert done.epochs[-1].loss < 0.75 * done.epochs[0].loss


def test_the_same_seed_gives_the_same_bits_and_another_does_not(circle):
    found = []
    for seed in (0, 0, 1):
        task = circle()
        train(task, Optimisation(n_epochs=2, learning_rate=0.02, random_state=seed), n_threads=1)
        found.append(weights(task))
    assert same(found[0], found[1])
    assert not same(found[0], found[2])


def test_the_callers_random_numbers_are_left_alone(circle):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(circle(), SETTINGS, n_threads=1)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("step", [1, 5, 6, 7, 15, 24])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_resumed_run_ends_with_the_same_bits(circle, tmp_path, step, optimizer):
    settings = Optimisation(n_epochs=4, learning_rate=0.02, optimizer=optimizer)
    whole = circle()
    unbroken = train(whole, settings, n_threads=1)
    with pytest.raises(KeyboardInterrupt):
        train(circle(), settings, n_threads=1, checkpoints=Checkpoints(tmp_path, 4), callbacks=[Killed(step)])
    resumed = circle(seed=0)
    done = train(resumed, settings, n_threads=1, checkpoints=Checkpoints(tmp_path, 4))
    assert same(weights(whole), weights(resumed))
    assert done.best_epoch == unbroken.best_epoch
    assert [epoch.loss for epoch in done.epochs] == [epoch.loss for epoch in unbroken.epochs]
    assert [epoch.validation for epoch in done.epochs] == [epoch.validation for epoch in unbroken.epochs]
    written = {4: 4, 5: 4, 6: 4, 7: 6, 15: 12, 24: 20}.get(step, 0)  # a kill in step 6 comes before the epoch's end
    assert done.resumed == ((written,) if written else ())


def test_a_finished_run_is_read_not_repeated(circle, tmp_path):
    first = circle()
    train(first, SETTINGS, n_threads=1, checkpoints=Checkpoints(tmp_path))
    again = circle()
    train(again, SETTINGS, n_threads=1, checkpoints=Checkpoints(tmp_path), callbacks=[Killed(1)])
    assert same(weights(first), weights(again))


def test_the_weights_of_the_best_epoch_are_kept(circle):
    task = circle()
    settings = Optimisation(n_epochs=12, learning_rate=0.2, monitor="accuracy")
    done = train(task, settings, n_threads=1)
    accuracies = [epoch.validation["accuracy"] for epoch in done.epochs]
    assert done.best_epoch == 1 + int(np.argmax(accuracies))
    with torch.inference_mode():
        assert task.validate()["accuracy"] == max(accuracies)


def test_patience_ends_a_run_that_does_not_get_better(circle):
    task = circle()
    task.validate = lambda: {"loss": 1.0}
    done = train(task, Optimisation(n_epochs=9, learning_rate=0.01, patience=2), n_threads=1)
    assert (len(done.epochs), done.best_epoch, done.stopped_early) == (3, 1, True)


def test_without_validation_the_last_epoch_is_kept(circle):
    done = train(circle(validated=False), SETTINGS, n_threads=1)
    assert (done.best_epoch, done.stopped_early) == (4, False)
    assert not done.epochs[0].validation


def test_callbacks_are_told_everything(circle):
    told = []

    class Told(Callback):
        def on_start(self, parameters):
            told.append(("start", parameters["learning_rate"]))

        def on_step(self, step, loss, learning_rate):
            told.append(("step", step))

        def on_epoch(self, epoch):
            told.append(("epoch", epoch.number))

    train(circle(), Optimisation(n_epochs=2, learning_rate=0.02), n_threads=1, callbacks=[Told()])
    steps = [("step", step) for step in range(1, 13)]
    assert told == [("start", 0.02), *steps[:6], ("epoch", 1), *steps[6:], ("epoch", 2)]


def test_a_loss_that_is_not_finite_is_refused(circle):
    task = circle()
    task.points[3] = float("nan")
    with pytest.raises(EstimationError, match=r"learning_rate of 0\.02"):
        train(task, SETTINGS, n_threads=1)


def test_a_figure_that_the_validation_lacks(circle):
    with pytest.raises(DataError, match="monitor is 'macro_f1'; the validation gives accuracy, loss"):
        train(circle(), Optimisation(n_epochs=1, learning_rate=0.02, monitor="macro_f1"), n_threads=1)


def test_bf16_stays_near_fp32(circle):
    found = {}
    for precision in ("fp32", "bf16"):
        task = circle()
        found[precision] = train(task, SETTINGS, n_threads=1, precision=precision).epochs[-1].loss
        assert next(task.module.parameters()).dtype == torch.float32
    assert found["bf16"] != found["fp32"]
    assert found["bf16"] == pytest.approx(found["fp32"], abs=0.02)

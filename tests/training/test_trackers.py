"""Each tracker says what happens in the words of its program; stand-ins play the programs."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from causalrec.errors import MissingExtraError
from causalrec.training import MlflowTracker, Optimisation, RunRecord, TensorBoardTracker, WandbTracker, train

SETTINGS = Optimisation(n_epochs=2, learning_rate=0.02)
TRACKERS = {
    "torch.utils.tensorboard": TensorBoardTracker("runs"),
    "wandb": WandbTracker("news"),
    "mlflow": MlflowTracker("news"),
}


class Heard:
    """Writes down each call of any method."""

    def __init__(self):
        self.calls, self.summary = [], {}

    def __getattr__(self, name):
        def call(*given, **named):
            self.calls.append((name, given, named))
            return self

        return call


@pytest.fixture
def played(monkeypatch):
    def play(name):
        heard = Heard()
        module = ModuleType(name)
        for door in ("SummaryWriter", "init", "set_experiment", "start_run", "log_params", "log_metrics", "log_dict"):
            setattr(module, door, getattr(heard, door))
        module.end_run = heard.end_run
        monkeypatch.setitem(sys.modules, name, module)
        return heard

    return play


def record(done):
    return RunRecord("Circle", {}, {}, {}, 1, 1, "cpu", "fp32", done.epochs, done.best_epoch, False)


@pytest.mark.parametrize("module", TRACKERS)
def test_a_run_is_told(circle, played, module):
    heard, tracker = played(module), TRACKERS[module]
    done = train(circle(), SETTINGS, n_threads=1, callbacks=[tracker])
    tracker.on_end(record(done))
    names = [name for name, _, _ in heard.calls]
    said = str(heard.calls)
    assert "validation/accuracy" in said
    assert str(done.epochs[1].validation["accuracy"]) in said
    assert names[-1] == {"wandb": "finish", "mlflow": "end_run"}.get(module, "close")


@pytest.mark.parametrize("module", TRACKERS)
def test_a_program_that_is_not_installed(circle, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"causalrec-toolkit\[track\]"):
        train(circle(), SETTINGS, n_threads=1, callbacks=[TRACKERS[module]])


def test_anything_with_the_four_methods_serves(circle):
    seen = []
    silent = SimpleNamespace(
        on_start=seen.append, on_step=lambda *given: None, on_epoch=seen.append, on_end=seen.append
    )
    train(circle(), SETTINGS, n_threads=1, callbacks=[silent])
    assert len(seen) == 3

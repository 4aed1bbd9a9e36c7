"""A fit that is killed again and again ends with the weights of one that was not, bit for bit."""

import signal
import subprocess
import sys

import torch

from tests.embedding.classification import killed


def test_killed_and_resumed_to_the_same_bits(tiny, tmp_path):
    unbroken = killed.fitted(tiny, tmp_path / "unbroken")
    for step in (6, 15):
        command = [sys.executable, killed.__file__, str(tiny), str(tmp_path / "killed"), str(step)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    resumed = killed.fitted(tiny, tmp_path / "killed")
    weights = [known.network_.state_dict() for known in (unbroken, resumed)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert unbroken.temperature_ == resumed.temperature_
    assert (unbroken.record_.resumed, resumed.record_.resumed) == ((), (4, 14))
    assert figures(unbroken) == figures(resumed)


def figures(known):
    return [(epoch.loss, epoch.validation) for epoch in known.record_.epochs]

"""A fit that is killed and done again ends with the bits of one that was not: dropout, draws and hidden items too."""

import signal
import subprocess
import sys

import pytest
import torch

from causalrec.errors import DataError
from tests.embedding.histories import killed


@pytest.mark.parametrize("objective", ["next", "masked"])
def test_killed_and_resumed_to_the_same_bits(objective, tmp_path):
    unbroken = killed.fitted(objective, tmp_path / "unbroken")
    command = [sys.executable, killed.__file__, objective, str(tmp_path / "killed")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = killed.fitted(objective, tmp_path / "killed")
    weights = [model._learned.network.module.state_dict() for model in (unbroken, again)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert unbroken.comparison_ == again.comparison_
    assert figures(unbroken) == figures(again)
    assert unbroken.record_.resumed == ()
    assert len(again.record_.resumed) == 1
    assert 0 < again.record_.resumed[0] < unbroken_steps(unbroken)


def test_a_folder_of_another_run_is_refused(tmp_path):
    killed.fitted("next", tmp_path)
    with pytest.raises(DataError, match=r"another run: dropout was 0\.2 and is 0\.5"):
        killed.fitted("next", tmp_path, dropout=0.5)


def figures(model):
    return [(epoch.loss, epoch.validation) for epoch in model.record_.epochs]


def unbroken_steps(model):
    return 15 * len(model.record_.epochs)

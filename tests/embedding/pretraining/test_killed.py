"""A fit that is killed again and again, in each of its stages, ends with the bits of one that was not."""

import signal
import subprocess
import sys

import pytest
import torch

from causalrec.embedding.pretraining import MaskedLanguageModel
from causalrec.errors import DataError
from tests.embedding.pretraining import killed


# Each stage writes twice an epoch. The first kill is in the second stage, its head alone; the second in the third.
@pytest.mark.parametrize(("kind", "writes"), [("masked", (3, 4)), ("contrastive", (3,))])
def test_killed_and_resumed_to_the_same_bits(kind, writes, trunk, tmp_path):
    unbroken = killed.fitted(kind, trunk, tmp_path / "unbroken")
    for write in writes:
        command = [sys.executable, killed.__file__, kind, str(trunk), str(tmp_path / "killed"), str(write)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    again = killed.fitted(kind, trunk, tmp_path / "killed")
    weights = [known.network_.state_dict() for known in (unbroken, again)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert unbroken.comparison_ == again.comparison_
    assert figures(unbroken) == figures(again)
    assert unbroken.record_.resumed == ()
    assert len(again.record_.resumed) == 1


def test_a_folder_of_another_run_is_refused(trunk, tmp_path):
    killed.fitted("masked", trunk, tmp_path)
    other = MaskedLanguageModel(trunk, n_epochs=2, mask_share=0.3, checkpoint_folder=tmp_path, **killed.GIVEN)
    with pytest.raises(DataError, match=r"checkpoints of another run: mask_share was 0\.15 and is 0\.3"):
        other.fit(killed.TEXTS)


def figures(known):
    return [(epoch.loss, epoch.validation) for epoch in known.record_.epochs]

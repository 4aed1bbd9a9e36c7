"""A fit that kills itself with SIGKILL at a write of a checkpoint: `killed.py KIND MODEL CHECKPOINTS WRITE`.

Writes are counted through all stages: the head's, the head's alone, the trunk's.
"""

import os
import signal
import sys

from causalrec.embedding.pretraining import ContrastivePretraining, MaskedLanguageModel
from causalrec.training import Checkpoints

WORDS = [("salted", "butter"), ("oat", "milk"), ("frozen", "pizza"), ("motor", "oil")]
TEXTS = [" ".join([*one, *other, filler]) for one in WORDS for other in WORDS for filler in ("the", "a")]
GIVEN = {"batch_size": 8, "learning_rate": 3e-3, "n_threads": 1, "checkpoint_steps": 2, "precision": "bf16"}


def fitted(kind, model, checkpoints):
    if kind == "masked":
        return MaskedLanguageModel(model, n_epochs=2, checkpoint_folder=checkpoints, **GIVEN).fit(TEXTS)
    return ContrastivePretraining(model, n_epochs=3, checkpoint_folder=checkpoints, **GIVEN).fit(TEXTS)


def kill_at(write):
    """Die in the middle of the work, a step after this write."""
    written, done = Checkpoints.write, []

    def counted(self, step, checkpoint):
        written(self, step, checkpoint)
        done.append(step)
        if len(done) == write:
            os.kill(os.getpid(), signal.SIGKILL)

    Checkpoints.write = counted


if __name__ == "__main__":
    kill_at(int(sys.argv[4]))
    fitted(sys.argv[1], sys.argv[2], sys.argv[3])

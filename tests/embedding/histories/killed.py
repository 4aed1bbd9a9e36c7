"""A fit that kills itself with SIGKILL at its third checkpoint: `killed.py OBJECTIVE CHECKPOINTS`."""

import os
import signal
import sys

from causalrec.embedding.histories import HistoryModel
from causalrec.training import Checkpoints

HISTORIES = [[(3 * k + step * (1 + k % 3)) % 11 for step in range(9)] for k in range(40)]
GIVEN = {"n_dimensions": 8, "n_epochs": 3, "batch_size": 8, "n_negatives": 4, "n_threads": 1, "checkpoint_steps": 3,
         "precision": "bf16", "max_items": 6}  # fmt: skip


def fitted(objective, checkpoints, **changes):
    return HistoryModel(objective, checkpoint_folder=checkpoints, **GIVEN | changes).fit(HISTORIES)


def kill_at(write):
    """Die in the middle of the work, after this write."""
    written, done = Checkpoints.write, []

    def counted(self, step, checkpoint):
        written(self, step, checkpoint)
        done.append(step)
        if len(done) == write:
            os.kill(os.getpid(), signal.SIGKILL)

    Checkpoints.write = counted


if __name__ == "__main__":
    kill_at(4)
    fitted(*sys.argv[1:])

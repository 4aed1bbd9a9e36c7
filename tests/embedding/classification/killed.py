"""A fit that kills itself with SIGKILL after a step: `killed.py MODEL CHECKPOINTS STEP [TUNING]`."""

import os
import signal
import sys

from causalrec.embedding.classification import TextClassifier
from causalrec.embedding.classification.tuning.ways import named_tuning
from causalrec.training import Callback

TEXTS = [f"{word} {filler}" for word in ("butter", "milk", "pizza", "soup") for filler in ("the", "a", "of", "ounce")]
LABELS = ["dairy"] * 8 + ["frozen"] * 4 + ["soup"] * 4


class Kill(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, step, loss, learning_rate):
        if step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def fitted(model, checkpoints, callbacks=(), tuning="full"):
    return TextClassifier(
        model, n_epochs=4, learning_rate=5e-3, batch_size=2, n_threads=1, checkpoint_steps=4, precision="bf16",
        checkpoint_folder=checkpoints, callbacks=callbacks, tuning=tuning,
    ).fit(TEXTS, LABELS)  # fmt: skip


if __name__ == "__main__":
    model, checkpoints, step, *tuning = sys.argv[1:]
    fitted(model, checkpoints, [Kill(int(step))], *map(named_tuning, tuning))

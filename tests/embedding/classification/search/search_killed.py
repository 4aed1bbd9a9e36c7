"""A search that kills itself with SIGKILL in a trial: `search_killed.py MODEL FOLDER FIT`."""

import os
import signal
import sys

from causalrec.embedding.classification import LogRange, TextClassifier, WholeRange, search_parameters
from causalrec.training import Callback

WORDS = {"dairy": ("butter", "milk"), "frozen": ("pizza", "frozen"), "soup": ("soup", "noodle")}
ROWS = [
    (f"{a} {word} {b}", shelf)
    for shelf, words in WORDS.items()
    for word in words
    for a in ["a", "the", "of"]
    for b in ("ounce", "size")
]
TEXTS, LABELS = [text for text, _ in ROWS], [shelf for _, shelf in ROWS]
SPACE = {
    "learning_rate": LogRange(1e-4, 1e-1), "n_epochs": WholeRange(1, 3), "tuning": ("frozen", "full"),
    "optimizer": ("adamw", "sgd"),
}  # fmt: skip


class Kill(Callback):
    """Kills after the first step of a fit, numbered from 1."""

    def __init__(self, fit):
        self.fit = fit

    def on_start(self, parameters):
        self.fit -= 1

    def on_step(self, step, loss, learning_rate):
        if self.fit == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def searched(model, folder, callbacks=(), n_trials=6, space=SPACE):
    classifier = TextClassifier(
        model, n_threads=1, precision="fp32", monitor="accuracy", callbacks=callbacks, cache=None, batch_size=8
    )  # fmt: skip
    return search_parameters(classifier, TEXTS, LABELS, space=space, n_trials=n_trials, study_folder=folder)


if __name__ == "__main__":
    searched(sys.argv[1], sys.argv[2], [Kill(int(sys.argv[3]))])

"""Clothes in ten classes with a tenth of the labels: a network that learned turns first, against random weights.

A seed draws everything: the labelled tenth of each class, the random weights, the pretraining on the training pictures
without their labels, the heads, the order and the changes. Both kinds of weights go the same way afterwards. Epochs and
rates were looked at on the validation part; the test part is only asked here.
"""

from __future__ import annotations

import io
import time
import zipfile
from functools import lru_cache

import numpy as np

from causalrec.embedding.pictures import PictureClassifier, ResNetShape, RotationPretraining
from tests.datasets import absent, place

TITLE = (
    "Clothes in 10 classes (372 test pictures), a tenth of the labels (307), ten seeds: weights that learned turns "
    "against random ones"
)
FILE = "clothing_images_64/clothing_small_64.zip"
N_RUNS = 10
SHARE = 0.1
N_PRETRAINING = 5
ARMS = {
    "whole network": {"n_epochs": 40},
    "linear head on the frozen network": {"n_epochs": 60, "tuning": "frozen", "learning_rate": 5e-3},
}
COMMON = {"validation_share": 0, "n_threads": 1}
LEAST_GAIN = 0.03
MOST_SECONDS = 20 * 60
T_9 = 2.262157  # two-sided 95%, ten seeds


def run(seed: int) -> dict:
    """Right and wrong answers of each way to learn, from both kinds of weights."""
    if reason := absent(FILE):
        return {"problem": reason}
    pictures, labels = part("train")
    begun = time.process_time()
    pretraining = RotationPretraining(n_epochs=N_PRETRAINING, n_threads=1, random_state=seed).fit(pictures)
    turns_accuracy = pretraining.evaluate(part("validation")[0]).accuracy
    rows, found = drawn_rows(labels, seed), {}
    for arm, parameters in ARMS.items():
        for start, model in (("random", ResNetShape()), ("turns", pretraining.network_)):
            classifier = PictureClassifier(model, random_state=seed, **parameters, **COMMON)
            scores = classifier.fit(pictures[rows], labels[rows].tolist()).evaluate(*part("test"))
            found[f"{arm}, {start}"] = {"right": scores.right.astype(int).tolist(), "macro_f1": scores.macro_f1}
    return {"turns_accuracy": turns_accuracy, "cpu_seconds": time.process_time() - begun, **found}


@lru_cache(maxsize=3)
def part(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and classes of "train", "validation" or "test"."""
    from PIL import Image

    with zipfile.ZipFile(place() / FILE) as packed:
        files = sorted(file for file in packed.namelist() if file.startswith(f"{name}/") and file.endswith(".jpg"))
        several = [np.asarray(Image.open(io.BytesIO(packed.read(file))).convert("RGB")) for file in files]
    return np.stack(several), np.array([file.split("/")[1] for file in files])


def drawn_rows(labels: np.ndarray, seed: int) -> np.ndarray:
    """A tenth of each class."""
    rng = np.random.default_rng(seed)
    several = [np.flatnonzero(labels == name) for name in np.unique(labels)]
    return np.sort(np.concatenate([rng.permutation(rows)[: round(SHARE * len(rows))] for rows in several]))


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a way to learn and kind of weights, and their difference; "disagree" where it misses the mark."""
    if problems := [one["problem"] for one in results if "problem" in one]:
        return [{"method": "all", "note": problems[0]}]
    gains = {arm: right_answers(results, arm, "turns") - right_answers(results, arm, "random") for arm in ARMS}
    table = [row for arm in ARMS for row in (_row(results, arm, "random"), _row(results, arm, "turns", gains[arm]))]
    turns, seconds = np.array([one["turns_accuracy"] for one in results]), sum(one["cpu_seconds"] for one in results)
    missed = gains["whole network"].mean() < LEAST_GAIN or seconds > MOST_SECONDS
    told = {"method": "turns told (of 341 validation pictures)", "accuracy": _over_seeds(turns)}
    return [*table, {**told, "CPU seconds of all": f"{seconds:.0f}", "disagree": int(missed)}]


def right_answers(results: list[dict], arm: str, start: str) -> np.ndarray:
    """1 where the answer was right; shape (n_seeds, n_pictures)."""
    return np.array([one[f"{arm}, {start}"]["right"] for one in results])


def _row(results: list[dict], arm: str, start: str, gains: np.ndarray | None = None) -> dict[str, object]:
    macro = np.array([one[f"{arm}, {start}"]["macro_f1"] for one in results])
    accuracies = right_answers(results, arm, start).mean(axis=1)
    row = {"method": f"{arm}, {start}", "accuracy": _over_seeds(accuracies), "macro-F1": _over_seeds(macro)}
    if gains is None:
        return row
    gain, reach = gains.mean(), T_9 * crossed_stderr(gains)
    return {**row, "gain": f"{gain:+.4f}", "95%": f"{gain - reach:+.4f} to {gain + reach:+.4f}"}


def _over_seeds(values: np.ndarray) -> str:
    """Mean, and the standard deviation over seeds in brackets."""
    return f"{values.mean():.4f}" + (f" ({values.std(ddof=1):.4f})" if len(values) > 1 else "")


def crossed_stderr(gains: np.ndarray) -> float:
    """Standard error of the mean over seeds and pictures, both drawn, shape (n_seeds, n_pictures).

    Variances of the seeds' means and of the pictures' means, less that of single answers, which both contain.
    """
    n_seeds, n_pictures = gains.shape
    if n_seeds < 2:
        return float(gains.std(ddof=1) / np.sqrt(n_pictures))
    seeds = gains.mean(axis=1).var(ddof=1) / n_seeds
    pictures = gains.mean(axis=0).var(ddof=1) / n_pictures
    single = gains.var(ddof=1) / gains.size
    return float(np.sqrt(max(seeds + pictures - single, seeds, pictures)))

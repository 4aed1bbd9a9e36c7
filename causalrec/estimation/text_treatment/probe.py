"""A code that people labelled on some texts, told for all of them by a classifier, and how well it is told."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.text_treatment.text_codes import TextCodes
from causalrec.estimation.text_treatment.words import text_words
from causalrec.training.ranges import check_whole

__all__ = ["ProbeError", "ProbedCode", "probe_codes"]

LEAST_LABELS = 10  # of each kind


@dataclass(frozen=True, slots=True)
class ProbeError:
    """How well the classifier tells the code of labelled texts that it did not learn from.

    Attributes
    ----------
    n_labelled, n_with_code : int
    accuracy, sensitivity, specificity : float
        Shares told right of all texts, of those that have the code, of those that do not, at a probability of 1/2.
    r2 : float
        Share of the code's variance that the prediction has; the effect's variance is about 1 / r2 times what
        labels for all texts would have given.
    slope, slope_stderr : float
        Of the label on the predicted probability; 1 where probabilities are right.
    """

    n_labelled: int
    n_with_code: int
    accuracy: float
    sensitivity: float
    specificity: float
    r2: float
    slope: float
    slope_stderr: float

    @property
    def scale_error(self) -> float:
        """Standard error of the slope over the slope: what an effect's interval lacks, as a share of the effect."""
        return self.slope_stderr / self.slope

    def __str__(self) -> str:
        return (
            f"a classifier of {self.n_labelled:,} labelled texts ({self.n_with_code:,} with the code): out of fold "
            f"right for {self.accuracy:.0%} ({self.sensitivity:.0%} of those with it, {self.specificity:.0%} of those "
            f"without), R2 {self.r2:.2f}, scale known to ± {self.scale_error:.0%}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class ProbedCode:
    """One column for all texts, and its measurement error.

    Attributes
    ----------
    codes : TextCodes
        Probability of the code, on the scale on which an effect of it is an effect of the code.
    error : ProbeError
    """

    codes: TextCodes
    error: ProbeError

    def to_dict(self) -> dict[str, Any]:
        """Column and error."""
        parts = {name: getattr(self.error, name) for name in ProbeError.__slots__}
        return {**self.codes.to_dict(), "error": parts}

    def __str__(self) -> str:
        return f"{self.codes.names[0]!r} by {self.error}"


def probe_codes(
    texts: Sequence[str | None], labelled: Sequence[str | None], labels: Sequence[int], *, name: str,
    classifier: Any = None, n_folds: int = 5, random_state: int = 0,
) -> ProbedCode:  # fmt: skip
    """Tell a code of all texts from labels of some.

    Labelled texts are told by a classifier that learned from other folds; equal texts share a fold. Predictions are
    brought to the scale on which the labels have slope 1 (regression calibration), for a prediction that stands in for
    a code without that shrinks or swells its effect. The scale is itself estimated; `ProbeError` says how well.

    Assumes that the labelled texts are a random part of the texts, that labels are right, and that what the classifier
    misses of a code is not told by anything else that moves clicks.

    Parameters
    ----------
    texts : sequence of str or None, length n
    labelled : sequence of str or None, length n_labelled
        May be among `texts`.
    labels : sequence of 0 and 1, length n_labelled
    name : str
        Of the code.
    classifier : object, optional
        Has `fit(texts, labels)` and `predict_proba(texts)`; copied before each fit. None: logistic regression on
        TF-IDF of words.
    n_folds, random_state : int

    Raises
    ------
    ShapeError : another number of labels than of labelled texts.
    DataError : labels other than 0 and 1, fewer than ten labelled texts of a kind, entries that are no texts.
    EstimationError : predictions that say nothing of the labels.

    References
    ----------
    Carroll, Ruppert, Stefanski, Crainiceanu (2006), Measurement Error in Nonlinear Models, chapter 4.
    """
    everything, known = text_contents(texts), text_contents(labelled)
    label = _checked_labels(known, labels)
    check_whole("n_folds", n_folds, 2)
    check_whole("random_state", random_state, 0)
    if not isinstance(name, str) or not name.strip():
        raise DataError(f"name is {name!r}; the code needs one, for its effect carries it.")
    model = _word_classifier() if classifier is None else classifier
    out_of_fold = _out_of_fold(model, known, label, n_folds, random_state)
    error = _error(out_of_fold, label)
    of_text = dict(zip(known, out_of_fold, strict=True))
    others = sorted(set(everything) - set(known))
    of_text |= dict(zip(others, _told(model, known, label, others), strict=True)) if others else {}
    told = np.array([of_text[text] for text in everything], dtype=float)
    scaled = label.mean() + error.slope * (told - out_of_fold.mean())
    return ProbedCode(TextCodes((name,), scaled[:, None], {name: str(error)}), error)


def _checked_labels(known: list[str], labels: Sequence[int]) -> np.ndarray:
    label = np.asarray(labels)
    if label.shape != (len(known),):
        raise ShapeError(f"There are {len(known):,} labelled texts and labels of shape {label.shape}.")
    if not np.isin(label, [0, 1]).all():
        raise DataError(f"Labels are {', '.join(map(repr, np.unique(label)[:5].tolist()))}; they must be 0 and 1.")
    label = label.astype(np.int64)
    if (least := min(int((label == kind).sum()) for kind in (0, 1))) < LEAST_LABELS:
        raise DataError(f"{least} labelled texts are of one kind; at least {LEAST_LABELS} of each are needed.")
    return label


def _word_classifier() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(analyzer=text_words, sublinear_tf=True), LogisticRegression(C=10.0))


def _out_of_fold(model: Any, known: list[str], label: np.ndarray, n_folds: int, random_state: int) -> np.ndarray:
    """Probability of each labelled text from the folds that it is not in; the order of the texts changes nothing."""
    distinct = {text: at for at, text in enumerate(sorted(set(known)))}
    if len(distinct) < n_folds:
        raise DataError(f"{len(distinct)} different labelled texts cannot make {n_folds} folds.")
    fold_of = np.random.default_rng(random_state).permutation(len(distinct)) % n_folds
    fold = fold_of[[distinct[text] for text in known]]
    found = np.empty(len(known))
    for k in range(n_folds):
        train, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if len(np.unique(label[train])) < 2:
            raise DataError(f"Without fold {k} all labels are equal: give more labelled texts, or fewer folds.")
        found[held] = _told(model, [known[at] for at in train], label[train], [known[at] for at in held])
    return found


def _told(model: Any, known: list[str], label: np.ndarray, texts: list[str]) -> np.ndarray:
    order = sorted(range(len(known)), key=lambda at: (known[at], label[at]))
    fitted = copy.deepcopy(model)
    fitted.fit([known[at] for at in order], label[order])
    found = np.asarray(fitted.predict_proba(texts), dtype=float)
    if found.shape != (len(texts), 2) or not np.isfinite(found).all():
        raise ShapeError(f"The classifier gave probabilities {found.shape} for {len(texts):,} texts, not two a text.")
    return found[:, 1]


def _error(told: np.ndarray, label: np.ndarray) -> ProbeError:
    about, left = told - told.mean(), label - label.mean()
    square = float(about @ about)
    if not square > 1e-12 * len(told):
        raise EstimationError("The classifier gives all labelled texts one probability: it says nothing of the code.")
    slope = float(about @ left) / square
    rest = left - slope * about
    stderr = float(np.sqrt((about**2) @ rest**2)) / square
    if slope <= 2 * stderr:
        raise EstimationError(
            f"Out of fold the labels have a slope of {slope:.2f} ± {stderr:.2f} on their prediction: the classifier "
            f"says nothing of the code that a scale could be put on. Label more texts, or take another classifier."
        )
    right = (told > 0.5) == (label == 1)
    return ProbeError(
        len(label), int(label.sum()), float(right.mean()), float(right[label == 1].mean()),
        float(right[label == 0].mean()), float(np.corrcoef(told, label)[0, 1] ** 2), slope, stderr,
    )  # fmt: skip

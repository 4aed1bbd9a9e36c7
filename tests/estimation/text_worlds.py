"""Real texts whose effect is planted: a confounder that the text determines, and one that it shows in part.

AG News, 7,600 news items of four classes, is read from the folder that CAUSALREC_DATA names.

- "topic": the posterior of a TF-IDF classifier of the classes, a function of the text that remembers its label;
- "topic of others": the same, each text's from a classifier that learned on other texts alone;
- "topic model": shares of eight topics that non-negative factors of the words find, each with its own weight;
- "things": how many of thirty named things the text mentions, each with its own weight;
- "class": the label itself, of which a text shows about three quarters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data import Design, DesignBlock
from causalrec.embedding import TextEncoder
from causalrec.embedding.text_features import TextFeatures
from causalrec.estimation.linear.penalised_line import Spectrum, fitted_line, treatment_scores
from causalrec.estimation.moments.cross_fitted import cross_fitted
from causalrec.estimation.uneven_effect import uneven_effect
from tests.datasets import place
from tests.estimation.planted import expit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

__all__ = [
    "AG_NEWS_FILES", "EFFECT", "NUISANCES", "WORLDS", "Runs", "columns", "confounder", "draw", "least_squares_runs",
    "news", "ridge_runs", "score_runs", "world",
]  # fmt: skip

AG_NEWS_FILES = ("ag_news/test.csv.gz",)
WORLDS = ("topic", "topic of others", "topic model", "things", "class")
N_TOPICS, N_TOPIC_COLUMNS = 8, 50
N_CROSSED = 32
N_PARTS = 20  # a text's classifier learns on the other nineteen twentieths
EFFECT = 1.0
BY_CLASS = np.array([1.0, -1.0, 0.5, -0.5])  # World, Sports, Business, Sci/Tech
THINGS = (
    "iraq", "bush", "oil", "microsoft", "google", "olympic", "yankees", "china", "israel", "palestinian", "nuclear",
    "stocks", "prices", "software", "internet", "space", "coach", "cup", "election", "court", "police", "bank",
    "profit", "phone", "music", "baghdad", "korea", "russia", "president", "quarter",
)  # fmt: skip


@lru_cache
def news() -> tuple[tuple[str, ...], np.ndarray]:
    """Title and description of each item, and its class, 0 to 3."""
    import pandas as pd

    rows = pd.read_csv(place() / AG_NEWS_FILES[0], header=None)
    return tuple(rows[1].astype(str) + ". " + rows[2].astype(str)), rows[0].to_numpy() - 1


@lru_cache
def confounder(kind: str) -> np.ndarray:
    """One number a text, of mean 0 and variance 1."""
    texts, label = news()
    if kind == "class":
        found = BY_CLASS[label]
    elif kind == "topic":
        found = _posterior(texts, label) @ BY_CLASS
    elif kind == "topic of others":
        found = _posterior_from_others(texts, label) @ BY_CLASS
    elif kind == "topic model":
        found = _topic_shares(texts) @ np.random.default_rng(0).normal(size=N_TOPICS)
    else:
        found = _mentioned(texts) @ np.random.default_rng(4).normal(size=len(THINGS))
    return (found - found.mean()) / found.std()


def _posterior(texts: tuple[str, ...], label: np.ndarray) -> np.ndarray:
    rows = _weighted_words(texts)
    return _classifier().fit(rows, label).predict_proba(rows)


def _posterior_from_others(texts: tuple[str, ...], label: np.ndarray) -> np.ndarray:
    from sklearn.model_selection import KFold, cross_val_predict

    parts = KFold(N_PARTS, shuffle=True, random_state=0)
    return cross_val_predict(_classifier(), _weighted_words(texts), label, cv=parts, method="predict_proba")


def _topic_shares(texts: tuple[str, ...], n_topics: int = N_TOPICS) -> np.ndarray:
    from sklearn.decomposition import NMF

    amounts = NMF(n_topics, init="nndsvda", max_iter=200, random_state=0).fit_transform(_weighted_words(texts))
    return amounts / np.maximum(amounts.sum(axis=1, keepdims=True), 1e-9)


def _weighted_words(texts: tuple[str, ...]) -> csr_matrix:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(min_df=3, stop_words="english", sublinear_tf=True).fit_transform(texts)


def _classifier() -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=300)


def _mentioned(texts: tuple[str, ...]) -> np.ndarray:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=THINGS, binary=True).transform(texts).toarray().astype(float)


def draw(kind: str, seed: int, n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Treatment and outcome of the first n texts; the effect is 1 for all."""
    c, rng = confounder(kind)[:n], np.random.default_rng(seed)
    t = (rng.random(len(c)) < expit(c)).astype(float)
    return t, EFFECT * t + c + rng.normal(size=len(c))


def world(kind: str, seed: int, matrix: np.ndarray) -> Design:
    """One unit a text, for as many texts as the matrix has rows; its columns are the block `title`."""
    t, y = draw(kind, seed, len(matrix))
    block = DesignBlock("title", np.arange(len(matrix)), np.asarray(matrix, dtype=float))
    return Design(y, t[:, None], np.empty((len(y), 0)), (), {}, ("shown",), blocks=(block,))


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Estimates of many draws from the same texts.

    Attributes
    ----------
    naive, value, stderr : float64, shape (n_runs,)
    loud : float64, shape (n_runs,)
        Whether the test of text as a proxy fires; NaN where it was not asked for.
    """

    naive: np.ndarray
    value: np.ndarray
    stderr: np.ndarray
    loud: np.ndarray

    @property
    def removed(self) -> float:
        """Share of the naive bias."""
        return 1 - float((self.value - EFFECT).mean() / self.naive.mean())

    @property
    def held(self) -> int:
        """Intervals that hold the effect."""
        return int((np.abs(self.value - EFFECT) <= 1.96 * self.stderr).sum())

    def row(self, kind: str, name: str) -> dict[str, object]:
        """One row of a table."""
        return {
            "world": kind, "columns": name, "runs": len(self.value), "naive bias": f"{self.naive.mean():.3f}",
            "bias left": f"{self.value.mean() - EFFECT:+.4f}", "removed": f"{self.removed:.1%}",
            "spread": f"{self.value.std(ddof=1):.4f}", "error": f"{self.stderr.mean():.4f}",
            "cover": f"{self.held / len(self.value):.3f}", "width": f"{3.92 * self.stderr.mean():.3f}",
            "said to be a proxy": f"{self.loud.mean():.2f}",
        }  # fmt: skip


def draws(kind: str, seeds: range, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Treatments and outcomes of many draws; float64, shape (n, n_runs) each."""
    t, y = zip(*(draw(kind, seed, n) for seed in seeds), strict=True)
    return np.column_stack(t), np.column_stack(y)


def least_squares_runs(kind: str, matrix: np.ndarray, seeds: range) -> Runs:
    """What `OLS()` gives on `world(kind, seed, matrix)`, all seeds by one factorisation of the columns."""
    t, y = draws(kind, seeds, len(matrix))
    basis = np.linalg.qr(np.column_stack([np.ones(len(matrix)), matrix]))[0]
    left, outcome = (part - basis @ (basis.T @ part) for part in (t, y))
    n, k = basis.shape
    return _runs(t, y, left, outcome, (n / (n - k - 1)) ** 0.5)


def ridge_runs(kind: str, matrix: np.ndarray, seeds: range, l2: float | None = None) -> Runs:
    """What `PartiallyLinearDML(l2=l2)` gives, all seeds in the same five folds; with the test of text as a proxy."""
    t, y = draws(kind, seeds, len(matrix))
    design = replace(world(kind, 0, matrix), keys=np.arange(len(matrix), dtype=np.uint64))
    both = np.column_stack([t, y])
    left, outcome = np.hsplit(both - cross_fitted(design, both, (5, 0), l2).predicted, 2)
    found = _runs(t, y, left, outcome)
    residual = (outcome - found.value * left) ** 2
    noise = cross_fitted(design, residual, (5, 0)).predicted
    pairs = zip(left.T, outcome.T, noise.T, strict=True)
    tilt = [uneven_effect(np.column_stack([a, b]), v, np.ones(len(a)), design) for a, b, v in pairs]
    return replace(found, loud=np.array(tilt) > 1.645)


def score_runs(kind: str, matrix: np.ndarray, seeds: range, n_scores: int = 3) -> Runs:
    """What `ScoreRidge(n_scores)` gives on `world(kind, seed, matrix)`, all seeds by one factorisation."""
    t, y = draws(kind, seeds, len(matrix))
    rows = matrix - matrix.mean(axis=0, dtype=float)
    rows /= np.sqrt((rows**2).sum() / len(rows))
    squares, turn = np.linalg.eigh(rows.T @ rows)
    kept = np.flatnonzero(squares > 1e-13 * squares.max())[::-1]
    basis = rows @ (turn[:, kept] / np.sqrt(squares[kept]))
    t0, y0 = t - t.mean(axis=0), y - y.mean(axis=0)
    found = [_beside_score(basis, squares[kept], *pair, n_scores) for pair in zip(t0.T, y0.T, strict=True)]
    value, stderr = np.array(found).T
    return replace(_runs(t, y, t0, y0), value=value, stderr=stderr)


def _beside_score(
    basis: np.ndarray, squares: np.ndarray, t: np.ndarray, y: np.ndarray, n_scores: int
) -> tuple[float, float]:
    n = len(t)
    spectrum = Spectrum(squares, basis.T @ t, basis.T @ y, t @ t, t @ y, y @ y, n - 1)
    line = fitted_line(spectrum, treatment_scores(spectrum, n_scores)[0])
    both = basis @ np.column_stack([line.along, line.outcome_along])
    left, residual = line.on_treatment * t + both[:, 0], y - line.value * t - both[:, 1]
    free = n - 1 - round(line.n_parameters)
    return line.value, line.widening * float(np.sqrt(n / free * ((left * residual) ** 2).sum()))


def _runs(t: np.ndarray, y: np.ndarray, left: np.ndarray, outcome: np.ndarray, factor: float = 1.0) -> Runs:
    square = (left**2).sum(axis=0)
    value = (left * outcome).sum(axis=0) / square
    stderr = factor * np.sqrt((left**2 * (outcome - left * value) ** 2).sum(axis=0)) / square
    means = [(y * arm).sum(axis=0) / arm.sum(axis=0) for arm in (t, 1 - t)]
    return Runs(means[0] - means[1] - EFFECT, value, stderr, np.full(len(value), np.nan))


RIDGE_FIXED, RIDGE_CHOSEN = partial(ridge_runs, l2=1.0), ridge_runs
NUISANCES = {
    "embedding, ridge of penalty 1": ("embedding", RIDGE_FIXED),
    "embedding, ridge chosen": ("embedding", RIDGE_CHOSEN),
    "embedding, least squares": ("embedding", least_squares_runs),
    "Nystroem, ridge chosen": ("kernel", RIDGE_CHOSEN),
    "fifty topics, least squares": ("topics", least_squares_runs),
    "words, ridge chosen": ("words", RIDGE_CHOSEN),
    "words, least squares": ("words", least_squares_runs),
    "embedding and words, ridge chosen": ("both", RIDGE_CHOSEN),
    "embedding and words, least squares": ("both", least_squares_runs),
    "embedding and words, beside the score": ("both", score_runs),
    "and products, least squares": ("crossed", least_squares_runs),
    "and products, beside the score": ("crossed", score_runs),
}
"""Columns of a text, and what adjusts for them: `runs(kind, columns(name, cache), seeds)`."""


@lru_cache
def columns(kind: str, cache: str | None = None, n: int | None = None) -> np.ndarray:
    """Of the first n texts.

    "embedding", "kernel" of it, "words", "topics" of them, "both"
    embedding and words, or "crossed" with products of the embedding's components too.
    """
    texts = news()[0][:n]
    if kind == "topics":
        return _topic_shares(texts, N_TOPIC_COLUMNS)
    if kind == "words":
        return TextFeatures(None).encode(texts)
    vectors = TextEncoder("minilm", precision="fp32", cache=cache)
    if kind in ("both", "crossed"):
        return TextFeatures(vectors, n_crossed=N_CROSSED if kind == "crossed" else 0).encode(texts)
    return vectors.encode(texts) if kind == "embedding" else _nystroem(vectors.encode(texts).astype(float))


def _nystroem(vectors: np.ndarray, n_landmarks: int = 1000) -> np.ndarray:
    """Features of a Gaussian kernel of width 1 (Williams, Seeger 2001, NIPS)."""
    chosen = vectors[np.random.default_rng(0).choice(len(vectors), min(n_landmarks, len(vectors)), replace=False)]
    values, turn = np.linalg.eigh(np.exp(chosen @ chosen.T - 1))
    kept = values > 1e-8 * values.max()
    return np.exp(vectors @ chosen.T - 1) @ (turn[:, kept] / np.sqrt(values[kept]))

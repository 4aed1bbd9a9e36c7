"""The direction of an encoder's vectors along which clicks rise, in the experiments that are searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.embedding.encoder import Encoder, encoded
from causalrec.estimation.text_treatment.experiments import TextExperiments
from causalrec.estimation.text_treatment.within_poisson import centred
from causalrec.estimation.text_treatment.word_scores import word_matrix

__all__ = ["Appeal", "encoded_once", "find_appeal"]

PENALTIES = tuple(np.logspace(-1, 3, 9))  # times the mean curvature
N_FOLDS = 5
N_NAMED = 8


@dataclass(frozen=True, slots=True, eq=False)
class Appeal:
    """A direction of the encoder's vectors; a text's score is in standard deviations within experiments.

    Attributes
    ----------
    name : str
    words, low_words : tuple of str
        Whose texts have the highest and the lowest scores on average, for how many there are.
    examples : tuple of (str, str)
        Of one experiment each: a text of a high score, and one of a low score.
    coef : float64, shape (n_dimensions,)
    penalty : float
        Ridge penalty over the mean curvature, chosen by cross-validation over experiments.
    """

    name: str
    words: tuple[str, ...]
    low_words: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    coef: np.ndarray = field(repr=False)
    penalty: float
    encoder: Encoder = field(repr=False)

    def score(self, texts: Sequence[str | None]) -> np.ndarray:
        """Place of each text along the direction; float64, shape (n,)."""
        return encoded_once(self.encoder, text_contents(texts)) @ self.coef

    def to_dict(self) -> dict[str, Any]:
        """Words, examples and coefficients."""
        return {
            "name": self.name, "words": list(self.words), "low_words": list(self.low_words),
            "examples": list(self.examples), "penalty": self.penalty, "coef": self.coef.tolist(),
        }  # fmt: skip


def encoded_once(encoder: Encoder, texts: list[str]) -> np.ndarray:
    """Vectors of texts, equal ones encoded once; float64, shape (n, n_dimensions)."""
    distinct = sorted(set(texts))
    place = {text: at for at, text in enumerate(distinct)}
    return encoded(encoder, distinct).astype(float)[[place[text] for text in texts]]


def find_appeal(
    texts: list[str], seen: TextExperiments, encoder: Encoder, min_texts: int, random_state: int
) -> Appeal | None:
    """Ridge regression of relative click rates on vectors, both about their means of an experiment.

    None where the vectors do not vary within experiments. The penalty is chosen by cross-validation over experiments,
    and the largest is among those that can be chosen: a direction is found in noise, too.
    """
    weight = seen.expected()
    left = centred(encoded_once(encoder, texts), weight, seen.group)
    rate = np.where(weight > 0, seen.clicks / np.where(weight > 0, weight, 1.0) - 1, 0.0)
    spread = (weight @ left**2).sum() / weight.sum()
    if not spread > 1e-12:
        return None
    fold = np.random.default_rng(random_state).permutation(seen.n_experiments)[seen.experiment] % N_FOLDS
    penalty = _chosen(left, rate, weight, fold)
    coef = _ridge(_moments(left, rate, weight), penalty)
    deviation = np.sqrt(weight @ (left @ coef) ** 2 / weight.sum())
    if not deviation > 0:
        return None
    coef = coef / deviation
    words, low_words = _telling_words(texts, left @ coef, min_texts)
    name = f"appeal: {', '.join(words[:3])} against {', '.join(low_words[:3])}"
    return Appeal(name, words, low_words, (), coef, penalty, encoder)


def _moments(left: np.ndarray, rate: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weighted = left * weight[:, None]
    return weighted.T @ left, weighted.T @ rate


def _ridge(moments: tuple[np.ndarray, np.ndarray], penalty: float) -> np.ndarray:
    gram, product = moments
    return np.linalg.solve(gram + penalty * np.trace(gram) / len(gram) * np.eye(len(gram)), product)


def _chosen(left: np.ndarray, rate: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> float:
    """Penalty with the smallest loss out of its fold; sums over folds are the whole's less their own."""
    parts = [_moments(left[fold == k], rate[fold == k], weight[fold == k]) for k in range(N_FOLDS)]
    whole = tuple(sum(part[at] for part in parts) for at in (0, 1))
    loss = np.zeros(len(PENALTIES))
    for gram, product in parts:
        for at, penalty in enumerate(PENALTIES):
            coef = _ridge((whole[0] - gram, whole[1] - product), penalty)
            loss[at] += coef @ gram @ coef - 2 * coef @ product
    return PENALTIES[int(np.argmin(loss))]


def _telling_words(texts: list[str], score: np.ndarray, min_texts: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words, has = word_matrix(texts, len(texts) * 100, min_texts)
    if not words:
        return (), ()
    counts = np.asarray(has.sum(axis=0)).ravel()
    z = (has.T @ score) / np.sqrt(counts)
    order = np.argsort(-z, kind="stable")
    high = tuple(words[at] for at in order[:N_NAMED] if z[at] > 0)
    return high, tuple(words[at] for at in order[::-1][:N_NAMED] if z[at] < 0)

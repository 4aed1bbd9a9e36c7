"""Experiments among headlines whose clicks are simulated: one class of words raises them by a known amount."""

from dataclasses import dataclass

import numpy as np

from causalrec.estimation.text_treatment import TextCodes
from causalrec.estimation.text_treatment.words import text_words

PLANTED = ("kids", "mom", "teacher", "baby", "school", "family")
OTHERS = tuple(f"{a}{b}" for a in ("ba", "do", "fi", "lu", "me") for b in ("lor", "nik", "sta", "vor", "zel", "rim"))
CLASSES = {name: set(OTHERS[3 * k : 3 * k + 3]) for k, name in enumerate(("a", "b", "c"))}


@dataclass(frozen=True)
class Headlines:
    texts: list
    clicks: np.ndarray
    impressions: np.ndarray
    experiments: np.ndarray
    expected: np.ndarray

    @property
    def columns(self):
        return self.clicks, self.impressions, self.experiments


def headlines(seed, n_experiments=150, n_texts=4, *, effect=0.1, spread=0.1, rate=0.015, n_impressions=3000):
    """Headlines of eight words, each with some of the planted ones."""
    rng = np.random.default_rng(seed)
    n = n_experiments * n_texts
    words = np.array([*PLANTED, *OTHERS])
    chance = np.r_[np.full(len(PLANTED), 0.05), np.full(len(OTHERS), 0.2)]
    has = rng.random((n, len(words))) < chance
    texts = [" ".join([*rng.permutation(words[row]), f"no{at}x"]) for at, row in enumerate(has)]
    experiments = np.arange(n) // n_texts
    level = np.log(rate) + 0.4 * rng.normal(size=n_experiments)[experiments]
    impressions = rng.integers(n_impressions // 2, 2 * n_impressions, n)
    clicks, expected = simulated(rng, texts, impressions, level, PLANTED, effect, spread)
    return Headlines(texts, clicks, impressions, experiments, expected)


def simulated(rng, texts, impressions, level, planted, effect, spread):
    """Clicks, and what is expected of them apart from a level of each text; a word counts as often as it stands."""
    count = np.array([sum(word in planted for word in text_words(text)) for text in texts])
    own = {text: spread * rng.normal() for text in sorted(set(texts))}
    expected = np.exp(level + effect * count)
    rate = np.minimum(expected * np.exp([own[text] for text in texts]), 0.5)
    return rng.binomial(impressions, rate).astype(float), impressions * expected


class Meanings:
    """An encoder for which the planted words mean nearly the same."""

    def __init__(self, n_dimensions=16):
        rng = np.random.default_rng(99)
        vectors = rng.normal(size=(len(PLANTED) + len(OTHERS), n_dimensions))
        vectors[: len(PLANTED)] = 0.3 * vectors[: len(PLANTED)] + 2 * rng.normal(size=n_dimensions)
        self.vectors = dict(zip((*PLANTED, *OTHERS), vectors, strict=True))
        self.empty = np.zeros(n_dimensions)

    def encode(self, texts):
        return np.array([
            np.sum([self.empty, *(self.vectors.get(word, self.empty) for word in text.split())], axis=0)
            for text in texts
        ])  # fmt: skip


def codes_of(texts):
    """How many planted words, and three codes that do nothing."""
    kinds = {"planted": set(PLANTED), **CLASSES}
    values = np.array(
        [[len(kind.intersection(text.split())) for kind in kinds.values()] for text in texts], dtype=float
    )
    return TextCodes(tuple(kinds), values, {})

"""Titles of products, and a treatment whose effect differs between them by what they mention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import Dataset, text
from causalrec.identification import Estimand
from tests.estimation.planted import expit

__all__ = ["BY_TITLE", "WORDS", "Mentions", "World", "titles", "world"]

WORDS = (
    "organic", "frozen", "salted", "butter", "milk", "soup", "pizza", "large", "mild", "dark", "green", "fresh",
)  # fmt: skip
BY_TITLE = Estimand(("shown",), "sold", "adjustment", ("title",))
EFFECT = 1.0


class Mentions:
    """An encoder: which of the words a title has."""

    def encode(self, texts):
        return np.array([[word in one.split() for word in WORDS] for one in texts], dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A table and the effect of each title."""

    data: Dataset
    effect: dict[str, float]

    def of(self, texts):
        """Effects of some titles, in their order."""
        return np.array([self.effect[one] for one in texts])


def titles(rng, n):
    """Distinct titles: some words, and a number."""
    has = rng.random((n, len(WORDS))) < 0.35
    return [" ".join([*np.array(WORDS)[row], f"no {k}"]) for k, row in enumerate(has)], has


def world(
    seed, n_texts=600, *, slope=0.0, n_rows=1, shared=False, confounded=0.5, amounts=False, beside=False
) -> World:
    """The effect is 1 + slope * (organic - frozen), in standard deviations.

    A title has `n_rows` rows. With `shared` they have one treatment, and a shock of the outcome. With `beside` the
    titles stand in the items.
    """
    rng = np.random.default_rng(seed)
    names, has = titles(rng, n_texts)
    kind = (has[:, 0] - 1.0 * has[:, 1]) / np.sqrt(2 * 0.35 * 0.65)
    pull = confounded * (1.0 * has[:, 0] + has[:, 3] - has[:, 4])
    of = np.repeat(np.arange(n_texts), n_rows)
    eta = pull[of] - pull.mean()
    chance = rng.random(n_texts)[of] if shared else rng.random(len(of))
    t = eta + rng.normal(size=len(of)) if amounts else (chance < expit(eta)).astype(float)
    effect = EFFECT + slope * kind
    shock = rng.normal(size=n_texts)[of] if shared else 0.0
    sold = effect[of] * t + 2 * pull[of] + shock + rng.normal(size=len(of))
    table = {"item": of, "shown": t, "sold": sold}
    items = {"item": np.arange(n_texts), "name": names}
    if not beside:
        table["name"] = np.array(names, dtype=object)[of]
    columns = {"title": text("name", model=Mentions())}
    data = Dataset.from_frames(table, items=items if beside else None, columns=columns)
    return World(data, dict(zip(names, effect, strict=True)))

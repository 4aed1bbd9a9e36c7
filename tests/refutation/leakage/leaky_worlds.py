"""Titles that move the treatment, and titles that give it away."""

from __future__ import annotations

import numpy as np

from causalrec.data import Dataset, text
from causalrec.estimation import OLS, estimate_effect
from causalrec.identification import Estimand
from causalrec.refutation import Attacked
from tests.estimation.planted import expit
from tests.estimation.text_modifier.modifier_worlds import WORDS, Mentions, titles

__all__ = ["BY_TITLE", "EFFECT", "WordsBeside", "attacked", "decided_word", "named"]

BY_TITLE = Estimand(("shown",), "sold", "adjustment", ("title",))
EFFECT = 1.0
OTHERS = 40
STRENGTHS = np.array([1.0, -1.0, 0.8, 0.5, -0.5, *[0.0] * (len(WORDS) - 5)])


class WordsBeside(Mentions):
    """Mentions of the words, and of "sale" beside them."""

    def encode(self, texts):
        sale = np.array([[float("sale" in one.split())] for one in texts])
        return np.column_stack([super().encode(texts), sale])


def named(seed, n=1200, *, pull=1.0, base=0.0, leak="", share=0.3, n_rows=1):
    """Titles, treatment, outcome and item of each row; the effect is 1.

    `leak` is "sale", which a share of the treated titles has at its end; "late", which untreated ones have; "many",
    one of forty words that treated ones have; or nothing.
    """
    rng = np.random.default_rng(seed)
    names, has = titles(rng, n)
    score = has @ STRENGTHS
    score = pull * (score - score.mean())
    t = (rng.random(n) < expit(base + score)).astype(float)
    marked = rng.random(n) < share
    word = {"sale": "now on sale", "late": "back in may"}.get(leak)
    for k in np.flatnonzero(marked & (t == (leak != "late")) & bool(leak)):
        names[k] += f" {word or f'deal{rng.integers(OTHERS)}'}"
    of = np.repeat(np.arange(n), n_rows)
    sold = EFFECT * t[of] + 2 * score[of] + rng.normal(size=len(of))
    return np.array(names, dtype=object)[of], t[of], sold, of


def decided_word(seed, n, chance):
    """Titles of which half have a word with this chance of treatment, and the others one with the chance of none."""
    rng = np.random.default_rng(seed)
    has = rng.random(n) < 0.5
    t = (rng.random(n) < np.where(has, chance, 1 - chance)).astype(float)
    return [f"{'sale' if marked else 'plain'} {k}" for k, marked in enumerate(has)], t


def attacked(seed, *, encoder=None, beside=False, times=None, **given) -> Attacked:
    """The effect by least squares on the titles' columns, ready to be attacked."""
    names, t, sold, of = named(seed, **given)
    table = {"item": of, "shown": t, "sold": sold, "day": np.arange(len(of)), "name": names}
    items = None
    if beside:
        first = np.unique(of, return_index=True)[1]
        items = {"item": of[first], "name": table.pop("name")[first]}
    data = Dataset.from_frames(
        table, items=items, columns={"title": text("name", model=encoder or WordsBeside())}, times=times
    )
    clusters = ("item",) if given.get("n_rows", 1) > 1 else ()
    effect = estimate_effect(BY_TITLE, data, estimator=OLS(), clusters=clusters)
    return Attacked.of(effect, data)

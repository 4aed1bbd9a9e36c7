"""Text that gives the treatment away: phrases that decide who is treated, and texts that foretell it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.errors import DataError, ShapeError
from causalrec.refutation.leakage.decided import Decided, bounds_of, decided
from causalrec.refutation.leakage.foretold import N_FOLDS, Foretold, foretold
from causalrec.refutation.leakage.phrases import PhraseTable, group_shares, phrase_table
from causalrec.training.ranges import check_number, check_whole

__all__ = ["GivenAway", "TextLeakage", "text_leakage"]

FORETOLD = 0.9  # predicted share treated from which texts are tested together
N_EXAMPLES = 2
FORETELL = "texts whose words foretell treatment", "texts whose words foretell none"


@dataclass(frozen=True, slots=True)
class GivenAway:
    """Something about a text after which the treatment is nearly known.

    Attributes
    ----------
    phrases : tuple of str
        A word or two, and others that the same texts have; or which texts, where it is no phrase.
    n : int
        Independent units that have it.
    share : float
        Of them, treated; in [0, 1].
    limit : float
        What the share is at least (at most, where it is below one half), all limits together at the level.
    p_value : float
        Holding together with all others.
    examples : tuple of str
        Texts that have it.
    """

    phrases: tuple[str, ...]
    n: int
    share: float
    limit: float
    p_value: float
    examples: tuple[str, ...]

    @property
    def name(self) -> str:
        """The phrases, to read."""
        return self.phrases[0] if self.phrases[0] in FORETELL else " and ".join(map(repr, self.phrases))

    def __str__(self) -> str:
        side = f"{self.limit:.1%} or {'more' if self.share > 0.5 else 'less'}"
        shown = f", such as {' and '.join(map(repr, self.examples))}" if self.examples else ""
        return f"{self.name}: {self.n:,} units, {self.share:.1%} treated ({side}){shown}"


@dataclass(frozen=True, slots=True)
class TextLeakage:
    """Whether texts give the treatment away.

    Attributes
    ----------
    given_away : tuple of GivenAway
        What was found, the clearest first; a phrase that holds another one that was found is left out.
    phrases : tuple of str
        All phrases that were found, also those that hold another.
    p_value : float
        Of the null that given any phrase, and among texts whose words foretell the treatment or none, it stays
        within the bounds.
    base : float
        Share treated of all units.
    bounds : (float, float)
        Shares treated beyond which nobody is left to compare.
    auc, auc_without : float
        Chance that a treated unit is told from an untreated one by other texts' words; without those phrases.
    beyond, beyond_without : float
        Share of the units whose predicted chance of treatment, as if half of all were treated, is within the margin
        of 0 or 1; without those phrases.
    n_tests, n_phrases, n_texts, n : int
    level, margin : float
    """

    given_away: tuple[GivenAway, ...]
    phrases: tuple[str, ...]
    p_value: float
    base: float
    bounds: tuple[float, float]
    auc: float
    auc_without: float
    beyond: float
    beyond_without: float
    n_tests: int
    n_phrases: int
    n_texts: int
    n: int
    level: float
    margin: float

    @property
    def found(self) -> bool:
        """Whether something gives the treatment away; False is no proof that nothing does."""
        return self.p_value < self.level

    @property
    def sentence(self) -> str:
        """What a reader must know."""
        told = f"Other texts' words tell treated from untreated units with an AUC of {self.auc:.2f}"
        if not self.found:
            return (
                f"{told}, and {self.beyond:.1%} of the units have a predicted chance next to 0 or 1; no phrase and no "
                f"such texts were found to leave fewer than {self.margin:.0%} of a kind."
            )
        without = ""
        if self.phrases:
            without = f", and {self.auc_without:.2f} without those phrases ({self.beyond_without:.1%})"
        return (
            f"{told} ({self.beyond:.1%} of the units next to a chance of 0 or 1){without}. Such text contains the "
            f"treatment, was written after it, or names a rule by which it was given; in any case those units have no "
            f"counterpart. Use text from before the treatment, or cut the phrases."
        )

    def cut(self, text: str) -> str:
        """A text without the phrases that give the treatment away.

        Blanks that are left over are cut too; the rest stays as it is.
        """
        if not self.phrases:
            return text
        longest = sorted(self.phrases, key=lambda phrase: (-len(phrase.split()), phrase))
        any_of = "|".join(r"\W+".join(map(re.escape, phrase.split())) for phrase in longest)
        return " ".join(re.sub(rf"(?<!\w)(?:{any_of})(?!\w)", " ", text, flags=re.IGNORECASE).split())

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        found = asdict(self)
        found["given_away"] = [{**one, "examples": list(one["examples"])} for one in found["given_away"]]
        return {**found, "bounds": list(self.bounds), "phrases": list(self.phrases), "sentence": self.sentence}

    def __str__(self) -> str:
        from textwrap import wrap

        head = f"Text that gives the treatment away: {self.n_texts:,} texts, {self.n:,} units, {self.base:.1%} treated"
        tests = (
            f"  {self.n_phrases:,} words and pairs, {self.n_tests:,} tests against {self.bounds[0]:.2%} and "
            f"{self.bounds[1]:.2%}, p = {self.p_value:.2g}"
        )
        said = wrap(self.sentence, 118, initial_indent="  ", subsequent_indent="  ")
        return "\n".join([head, tests, *(f"  {one}" for one in self.given_away), *said])


def text_leakage(
    texts: Sequence[str | None], treatment: np.ndarray, *, groups: np.ndarray | None = None, margin: float = 0.1,
    level: float = 0.05, random_state: int = 0,
) -> TextLeakage:  # fmt: skip
    """Find what in texts says who is treated, more than an effect that is adjusted for them can bear.

    Text may move the treatment: that is confounding, and adjusting for the text deals with it. It cannot where text
    decides the treatment, as "now on sale" does. Null: among the units with any word or pair of neighbouring words,
    and among those whose treatment is foretold at .9 or more from other texts, the share treated lies between bounds,
    `margin` from 0 and 1 as long as half of the units are treated, further out where few or nearly all are. Each is
    tested exactly, all together at `level`, whatever ordinary confounding by the text there is.

    Parameters
    ----------
    texts : sequence of str or None, of length n
        One a unit.
    treatment : array of 0 and 1, shape (n,)
    groups : int, shape (n,), optional
        Units that got their treatment together count once; each unit on its own where none are given.
    margin : float, in (0, .5)
    level : float, in (0, 1)
    random_state : int

    Returns
    -------
    TextLeakage

    Raises
    ------
    ShapeError : not one treatment, or group, a text.
    DataError : a treatment other than 0 and 1 or the same for all, entries that are no texts, no words, parameters out
        of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> t = rng.integers(0, 2, 1000)
    >>> names = [f"{'milk' if k % 3 else 'soup'} {k}" + (" on sale" if t[k] and k % 2 else "") for k in range(1000)]
    >>> found = text_leakage(names, t)
    >>> found.found, [one.name for one in found.given_away], found.cut("milk 7 on sale")
    (True, ["'on' and 'sale'", 'texts whose words foretell treatment'], 'milk 7')
    """
    check_number("margin", margin, above=0, below=0.5)
    check_number("level", level, above=0, below=1)
    check_whole("random_state", random_state, 0)
    contents = text_contents(texts)
    t, group = _checked(contents, treatment, groups)
    table = phrase_table(contents)
    if table is None:
        raise DataError(
            "No word is in three of the texts or more: there is nothing that could give the treatment away."
        )
    n_units = np.bincount(table.codes), np.bincount(table.codes, t)
    folds = _folds(table, group, random_state)
    told = foretold(table.has, n_units[1], n_units[0] - n_units[1], folds)
    bounds = bounds_of(float(t.mean()), margin)
    tested = _tested(table, told, t, group, bounds, level)
    named = [*table.names, *FORETELL]
    clear = [at for at in np.argsort(tested.p_value, kind="stable") if tested.p_value[at] < level]
    phrases = tuple(named[at] for at in clear if at < len(table.names))
    without = told
    if phrases:
        rest = [at for at, name in enumerate(table.names) if not any(_holds(name, one) for one in phrases)]
        without = foretold(table.has[:, rest], n_units[1], n_units[0] - n_units[1], folds)
    shown = [at for at in clear if not any(named[at] != one and _holds(named[at], one) for one in phrases)]
    return TextLeakage(
        _given_away(shown, named, tested, table, told), phrases, float(tested.p_value.min()),
        float(t.mean()), bounds, told.auc, without.auc, told.beyond(margin, n_units[0]),
        without.beyond(margin, n_units[0]), tested.n_tests, len(table.names), len(table.texts), len(t), level, margin,
    )  # fmt: skip


def _checked(texts: Sequence[str], treatment: np.ndarray, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    try:
        t = np.asarray(treatment, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"The treatment must be 0 or 1; it holds something that is no number: {error}.") from error
    group = np.arange(len(t)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if t.shape != (len(texts),) or group.shape != t.shape:
        raise ShapeError(
            f"{len(texts):,} texts, a treatment {t.shape} and groups {group.shape}: give one of each a unit."
        )
    if not np.isin(t, (0.0, 1.0)).all() or not 0 < t.mean() < 1:
        raise DataError("The treatment must be 0 or 1, and both must occur.")
    return t, group


def _folds(table: PhraseTable, group: np.ndarray, random_state: int) -> np.ndarray:
    """Fold of each text; texts of one group share it where groups hold texts whole."""
    n_texts = len(table.texts)
    unit = np.arange(n_texts)
    if len(np.unique(np.column_stack([table.codes, group]), axis=0)) == n_texts:
        unit[table.codes] = group
        _, first, place = np.unique(unit, return_index=True, return_inverse=True)
        unit = np.argsort(np.argsort(first))[place]  # numbered by their texts, wherever the rows stand
    return (np.random.default_rng(random_state).permutation(int(unit.max()) + 1) % N_FOLDS)[unit]


def _tested(
    table: PhraseTable, told: Foretold, t: np.ndarray, group: np.ndarray, bounds: tuple[float, float], level: float
) -> Decided:
    """All phrases, then the texts that are foretold to be treated and those to be not."""
    from scipy.sparse import csr_matrix, hstack

    both = np.column_stack([told.share > FORETOLD, told.share < 1 - FORETOLD]).astype(float)
    member = hstack([table.has, csr_matrix(both)]).tocsr()[table.codes]
    return decided(*group_shares(member, t, group), bounds, level)


def _holds(phrase: str, other: str) -> bool:
    """Whether a phrase has another one in it, or is it."""
    return f" {other} " in f" {phrase} "


def _given_away(
    shown: Sequence[int], named: Sequence[str], tested: Decided, table: PhraseTable, told: Foretold
) -> tuple[GivenAway, ...]:
    """What was found, phrases of the same texts together."""
    found: dict[bytes, tuple[list[int], np.ndarray]] = {}
    for at in shown:
        places = _places(at, table, told)
        same_texts = b"" if at >= len(table.names) else np.sort(places).tobytes()
        found.setdefault(same_texts or named[at].encode(), ([], places))[0].append(at)
    return tuple(
        GivenAway(
            tuple(named[at] for at in same), int(tested.n[same[0]]), float(tested.treated[same[0]] / tested.n[same[0]]),
            float(tested.limit[same[0]]), float(tested.p_value[same[0]]),
            tuple(table.texts[place] for place in places[:N_EXAMPLES]),
        )
        for same, places in found.values()
    )  # fmt: skip


def _places(at: int, table: PhraseTable, told: Foretold) -> np.ndarray:
    """Texts that have a phrase, or that foretell the treatment, the surest first."""
    if at < len(table.names):
        return np.flatnonzero(np.asarray(table.has[:, [at]].todense()).ravel())
    far = told.share if at == len(table.names) else 1 - told.share
    places = np.flatnonzero(far > FORETOLD)
    return places[np.argsort(-far[places], kind="stable")]

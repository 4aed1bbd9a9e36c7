"""What in texts moves clicks, where nobody knows it beforehand: searched in one half, estimated in the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from causalrec.embedding.contents import text_contents
from causalrec.embedding.encoder import Encoder, is_encoder
from causalrec.errors import DataError, ShapeError
from causalrec.estimation.text_treatment.appeal import Appeal, find_appeal
from causalrec.estimation.text_treatment.code_effects import LEAST_EXPERIMENTS, effective_experiments, effects_within
from causalrec.estimation.text_treatment.effect_table import CodeEffects
from causalrec.estimation.text_treatment.experiments import TextExperiments, text_experiments
from causalrec.estimation.text_treatment.halves import search_part
from causalrec.estimation.text_treatment.text_codes import TextCodes
from causalrec.estimation.text_treatment.word_classes import WordClass, word_classes
from causalrec.estimation.text_treatment.word_scores import word_scores
from causalrec.training.ranges import check_number, check_whole

__all__ = ["DiscoveredTreatments", "discover_text_treatments"]

N_EXAMPLES = 3


@dataclass(frozen=True, slots=True, eq=False)
class DiscoveredTreatments:
    """Directions found in one part of the experiments, and their effects in the other.

    Attributes
    ----------
    directions : tuple of WordClass or Appeal
    effects : CodeEffects or None
        On the part that was not searched, each direction alone; None where the search found nothing.
    searched : bool, shape (n,)
        Which of the given texts were searched; neither those nor the texts without a comparison are in `effects`.
    n_words : int
        Words that were tested in the search.
    untested : tuple of str
        Directions that hardly vary in the other part.
    """

    directions: tuple[WordClass | Appeal, ...]
    effects: CodeEffects | None
    searched: np.ndarray = field(repr=False)
    n_words: int
    untested: tuple[str, ...]

    def codes(self, texts: Sequence[str | None]) -> TextCodes:
        """Scores of any texts, one column a direction."""
        return _scores(self.directions, texts)

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Directions, effects and what was searched."""
        return {
            "directions": [one.to_dict() for one in self.directions], "n_words": self.n_words,
            "effects": None if self.effects is None else self.effects.to_dict(level),
            "n_searched": int(self.searched.sum()), "untested": list(self.untested),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [
            f"Found among {self.n_words:,} words of {int(self.searched.sum()):,} texts, estimated on other experiments"
        ]
        for one in self.directions:
            lines.append(f"  {one.name}")
            if isinstance(one, WordClass):
                lines.append(f"    words: {', '.join(one.words)}")
            else:
                lines.append(f"    high: {', '.join(one.words)}; low: {', '.join(one.low_words)}")
            lines += [f"    {high!r} against {low!r}" for high, low in one.examples]
        if self.untested:
            lines.append(f"  not estimated, for they hardly vary in the other experiments: {'; '.join(self.untested)}")
        return "\n".join([*lines, "Nothing was found to estimate." if self.effects is None else str(self.effects)])


def discover_text_treatments(
    texts: Sequence[str | None], clicks: Sequence[float], impressions: Sequence[float], experiments: Sequence, *,
    within: Sequence | None = None, encoder: Encoder | None = None, n_classes: int = 2, least_z: float = 2.5,
    n_words: int = 1000, min_texts: int = 20, search_share: float = 0.5, random_state: int = 0,
) -> DiscoveredTreatments:  # fmt: skip
    """Search one part of the experiments for what moves clicks, and estimate it on the other.

    Whoever tests what they searched for in the same data finds something in any noise. So experiments are split;
    words are tested one by one in the first part, those beyond `least_z` become classes, and a class is counted in
    the texts of the second part, whose clicks the search never saw. With an encoder, words are gathered into classes
    by meaning, and a further direction is the one of its vectors along which clicks rise (ridge). Each direction is
    estimated alone, with whatever comes with it.

    Assumes what `code_effects` does. An effect that holds in the second part is no artefact of the search; whether
    the name given to a direction is what moves readers, the data do not say.

    Parameters
    ----------
    texts : sequence of str or None, length n
    clicks, impressions, experiments, within
        As in `code_effects`.
    encoder : Encoder, optional
        Such as `TextEncoder("minilm")`.
    n_classes : int
        Of words that raise clicks, and of words that lower them; needs an encoder, without one each side is one class.
    least_z : float
        Of a word in the search.
    n_words, min_texts : int
        Words that are tested: those of the most texts, and of at least so many in the part that is searched.
    search_share : float, in (0, 1)
        Share of the experiments.
    random_state : int
        Of the split; the order of the rows changes nothing.

    Raises
    ------
    DataError, ShapeError, EstimationError
        As `code_effects`, a parameter out of its range, or fewer than three experiments on a side.

    References
    ----------
    Egami, Fong, Grimmer, Roberts, Stewart (2022), Science Advances 8(42).
    """
    _check(encoder, n_classes, least_z, n_words, min_texts, search_share, random_state)
    contents = text_contents(texts)
    seen = text_experiments(clicks, impressions, experiments, within)
    if len(contents) != len(clicks):
        raise ShapeError(f"There are {len(contents):,} texts and clicks of {len(clicks):,}.")
    kept = [contents[at] for at in seen.kept]
    part = search_part(kept, seen, search_share, random_state)
    directions, n_tested = _searched(
        [text for text, mine in zip(kept, part, strict=True) if mine], seen.rows(part), encoder, n_classes, least_z,
        n_words, min_texts, random_state,
    )  # fmt: skip
    rest = [text for text, mine in zip(kept, part, strict=True) if not mine]
    effects, untested = _estimated(directions, rest, seen.rows(~part))
    searched = np.zeros(len(contents), dtype=bool)
    searched[seen.kept[part]] = True
    return DiscoveredTreatments(tuple(directions), effects, searched, n_tested, untested)


def _searched(
    texts: list[str], seen: TextExperiments, encoder: Encoder | None, n_classes: int, least_z: float, n_words: int,
    min_texts: int, random_state: int,
) -> tuple[list[WordClass | Appeal], int]:  # fmt: skip
    """Directions with examples, and how many words were tested."""
    scores = word_scores(texts, seen, n_words, min_texts)
    found: list[WordClass | Appeal] = list(word_classes(scores, least_z, n_classes, encoder))
    if encoder is not None and (appeal := find_appeal(texts, seen, encoder, min_texts, random_state)) is not None:
        found.append(appeal)
    return [replace(one, examples=_examples(one, texts, seen)) for one in found], len(scores.words)


def _estimated(
    directions: Sequence[WordClass | Appeal], texts: list[str], seen: TextExperiments
) -> tuple[CodeEffects | None, tuple[str, ...]]:
    scores = _scores(directions, texts)
    chosen = [
        name
        for name, column in zip(scores.names, scores.values.T, strict=True)
        if effective_experiments(column, seen) >= LEAST_EXPERIMENTS
    ]
    untested = tuple(name for name in scores.names if name not in chosen)
    if not chosen:
        return None, untested
    return effects_within(scores.only(*chosen), seen, jointly=False, n_given=len(texts)), untested


def _scores(directions: Sequence[WordClass | Appeal], texts: Sequence[str | None]) -> TextCodes:
    columns = [one.score(texts) for one in directions]
    names = tuple(one.name for one in directions)
    values = np.column_stack(columns) if columns else np.empty((len(texts), 0))
    return TextCodes(names, values, {})


def _examples(direction: WordClass | Appeal, texts: list[str], seen: TextExperiments) -> tuple[tuple[str, str], ...]:
    """Texts of one group that are furthest apart, of the groups where they are; equal scores by the alphabet."""
    score = direction.score(texts)
    order = np.lexsort((np.unique(np.array(texts, dtype=object), return_inverse=True)[1], score, seen.group))
    ends = np.cumsum(np.bincount(seen.group))
    low, high = order[np.r_[0, ends[:-1]]], order[ends - 1]
    gap = score[high] - score[low]
    chosen = np.argsort(-gap, kind="stable")[:N_EXAMPLES]
    return tuple((texts[high[at]], texts[low[at]]) for at in chosen if gap[at] > 0)


def _check(
    encoder: Any, n_classes: int, least_z: float, n_words: int, min_texts: int, search_share: float, random_state: int
) -> None:
    if encoder is not None and not is_encoder(encoder):
        raise DataError(f"encoder is {encoder!r}; give an encoder, such as TextEncoder('minilm'), or None.")
    for name, value, least in (
        ("n_classes", n_classes, 1), ("n_words", n_words, 1), ("min_texts", min_texts, 1),
        ("random_state", random_state, 0),
    ):  # fmt: skip
        check_whole(name, value, least)
    check_number("least_z", least_z)
    check_number("search_share", search_share, above=0, below=1)

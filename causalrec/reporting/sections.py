"""One section for each kind of result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from causalrec.charts import contributions_chart, gain_chart, placebo_chart
from causalrec.data import Ranking
from causalrec.estimation import EffectEstimate
from causalrec.evaluation import GainComparison
from causalrec.refutation import Refutation
from causalrec.reporting.content import Headline, Picture, Section, Table

__all__ = [
    "Explained", "comparison_section", "effect_headline", "effect_section", "explanation_section", "ranking_section",
    "refutation_section",
]  # fmt: skip


class Explained(Protocol):
    """What a report asks of an explanation."""

    @property
    def user(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def contributions(self) -> Mapping[str, float] | Sequence[tuple[str, float]]: ...
    @property
    def sentence(self) -> str: ...


def effect_headline(effect: EffectEstimate) -> Headline:
    """The effect as a number, its interval, and what it means."""
    low, high = effect.interval()
    digits = _digits(effect.stderr)
    number, lower, upper = (f"{x:+.{digits}f}".replace("-", "−") for x in (effect.value, low, high))
    return Headline(number, f"{effect.unit}; 95% interval {lower} to {upper}", _meaning(effect, low, high))


def effect_section(effect: EffectEstimate) -> Section:
    """What was estimated, how, and on what it rests."""
    estimand, (low, high) = effect.estimand, effect.interval()
    treatment = " and ".join(estimand.treatment)
    facts = {
        "adjusted for": ", ".join(estimand.adjustment) or "nothing",
        "among units selected by": ", ".join(estimand.selected),
        "method": effect.method,
        "units": f"{effect.n:,}",
        "errors clustered by": " and ".join(f"{count:,} {kind}" for kind, count in effect.n_clusters.items()),
        "expression": estimand.expression,
    }
    numbers = Table.of([{"effect": effect.value, "standard error": effect.stderr, "lower": low, "upper": high}])
    known = [(name, value) for name, value in facts.items() if value]
    return Section(
        f"Effect of {treatment} on {estimand.outcome}",
        paragraphs=(_meaning(effect, low, high),),
        tables=(numbers, Table(("", "how"), tuple(known))),
        sections=(Section("What must hold", items=tuple(estimand.assumptions)),) if estimand.assumptions else (),
    )


def refutation_section(refutations: Iterable[Refutation]) -> Section:
    """Each attack on the effect, what it found, and the verdict."""
    found = list(refutations)
    columns = ("attack", "verdict", "the effect", "found", "± standard error", "p", "from", "to")
    rows = tuple((r.name, r.verdict, r.original, r.refuted, r.stderr, r.p_value, r.lower, r.upper) for r in found)
    counts = [(v, sum(r.verdict == v for r in found)) for v in ("passed", "failed", "not applicable")]
    summary = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    return Section(
        "Doubts",
        paragraphs=(f"Attacks on the effect: {summary or 'none was made'}.",),
        tables=(Table(columns, rows),),
        sections=tuple(_refutation_part(r) for r in found),
    )


def comparison_section(comparison: GainComparison) -> Section:
    """What treating the top of each ranking gains, and which beats which."""
    rows = [
        {"top": gain.k or "all", "ranking": gain.name, "gain": gain.value, "lower": gain.lower, "upper": gain.upper}
        for gain in comparison.gains()
    ]
    n_ks = len(comparison.ks)
    lower, upper = (np.reshape([row[side] for row in rows], (n_ks, -1)).T for side in ("lower", "upper"))
    ks = ", ".join(str(k or "all") for k in comparison.ks)
    alt = f"Gain of {', '.join(comparison.names)} at k = {ks}, with intervals"
    figure = gain_chart(
        comparison.names, comparison.ks, comparison.value, lower, upper, unit="purchases gained per 1,000 units"
    )
    return Section(
        "Which ranking gains most",
        paragraphs=(
            "Gain is what treating the top of each user's list adds, in purchases per thousand units, each item "
            "compared with itself untreated. Intervals are 95%, by user and item.",
        ),
        pictures=(Picture.of(figure, alt),),
        tables=(Table.of(rows),),
        items=tuple(f"{difference}." for difference in comparison.differences()),
    )


def ranking_section(
    ranking: Ranking, names: Mapping[str, str] | None = None, *, n_users: int = 10, k: int = 10
) -> Section:
    """The lists of the first users; `names` gives each item's name."""
    names = names or {}
    users = list(dict.fromkeys(ranking.user.tolist()))
    parts = tuple(_list_of(ranking, user, names, k) for user in users[:n_users])
    more = f" The first {n_users} are shown." if len(users) > n_users else ""
    return Section("Recommendations", (f"Lists for {len(users):,} users.{more}",), sections=parts)


def explanation_section(explanations: Iterable[Explained], names: Mapping[str, str] | None = None) -> Section:
    """Why each item is recommended: sentences, and what each score is made of.

    `contributions` is a mapping, or pairs of name and number, that sum to the score.
    """
    found = list(explanations)
    by_user: dict[str, list[Explained]] = {}
    for explanation in found:
        by_user.setdefault(str(explanation.user), []).append(explanation)
    parts = tuple(
        Section(f"User {user}", sections=tuple(_explanation(one, names or {}) for one in theirs), folded=at > 0)
        for at, (user, theirs) in enumerate(by_user.items())
    )
    return Section("Why these items", pictures=_first_picture(found, names or {}), sections=parts)


def _meaning(effect: EffectEstimate, low: float, high: float) -> str:
    treatment, outcome = " and ".join(effect.estimand.treatment), effect.estimand.outcome
    if low <= 0 <= high:
        return f"No effect of {treatment} on {outcome} can be told from none: the interval holds zero."
    direction = "raises" if effect.value > 0 else "lowers"
    if not effect.unit.startswith("probability"):
        return f"Setting {treatment} {direction} {outcome} by {abs(effect.value):.3g} ({effect.unit}) on average."
    low, high = sorted((abs(low), abs(high)))
    return (
        f"Setting {treatment} {direction} the {effect.unit} by {1000 * abs(effect.value):.1f} in a thousand "
        f"on average ({1000 * low:.1f} to {1000 * high:.1f})."
    )


def _refutation_part(refutation: Refutation) -> Section:
    draws = list(refutation.reference)
    pictures: tuple[Picture, ...] = ()
    if len(draws) > 1:
        alt = f"{len(draws)} draws of {refutation.name} beside the effect of {refutation.original:.3g}"
        pictures = (Picture.of(placebo_chart(draws, refutation.original, unit=refutation.unit), alt),)
    return Section(f"{refutation.name}: {refutation.verdict}", (refutation.question, refutation.reason), pictures)


def _list_of(ranking: Ranking, user: str, names: Mapping[str, str], k: int) -> Section:
    rows = (ranking.user == user) & (ranking.rank <= k)
    order = np.argsort(ranking.rank[rows], kind="stable")
    columns = zip(ranking.rank[rows][order], ranking.item[rows][order], ranking.score[rows][order], strict=True)
    table = Table(("rank", "item", "score"), tuple((int(r), names.get(i, str(i)), float(s)) for r, i, s in columns))
    return Section(f"User {user}", tables=(table,), folded=True)


def _explanation(explanation: Explained, names: Mapping[str, str]) -> Section:
    pairs = sorted(_pairs(explanation.contributions), key=lambda pair: -abs(pair[1]))
    rest = sum(value for _, value in pairs[5:])
    others = [(f"{len(pairs) - 5} others", rest)] if len(pairs) > 5 else []
    rows = (*pairs[:5], *others, ("score", float(explanation.score)))
    title = names.get(explanation.item, str(explanation.item))
    table = Table(("made of", "adds"), rows, highlight=len(rows) - 1)
    return Section(title, (explanation.sentence,), tables=(table,))


def _first_picture(explanations: Sequence[Explained], names: Mapping[str, str]) -> tuple[Picture, ...]:
    if not explanations or not _pairs(explanations[0].contributions):
        return ()
    first = explanations[0]
    title = f"Why user {first.user} is shown {names.get(first.item, first.item)}"
    parts = zip(*_pairs(first.contributions), strict=True)
    return (Picture.of(contributions_chart(*parts, title=title), f"{title}: contributions that sum to the score"),)


def _pairs(contributions: Mapping[str, float] | Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    pairs = contributions.items() if isinstance(contributions, Mapping) else contributions
    return [(str(name), float(value)) for name, value in pairs]


def _digits(stderr: float) -> int:
    return int(np.clip(-np.floor(np.log10(stderr)), 0, 8)) if stderr > 0 else 4

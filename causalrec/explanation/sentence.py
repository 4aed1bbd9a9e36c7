"""One sentence for the person who gets a recommendation."""

from __future__ import annotations

from collections.abc import Mapping

from causalrec.explanation.explanation import PairEffect, Removal

__all__ = ["sentence"]

OWN_WORDS = {"bought it before": "it was bought before", "bought it lately": "it was bought lately"}


def sentence(
    user: str, item: str, parts: list[tuple[str, float]], removal: Removal | None, effect: PairEffect | None,
    names: Mapping[str, str],
) -> str:  # fmt: skip
    """Say why, what would have been without, and what treating the pair brings.

    `parts` are named: items of the history by their names.
    """
    name = names.get(item, item)
    helping = [part for part, value in sorted(parts, key=lambda part: -part[1]) if value > 0]
    reasons = [OWN_WORDS.get(part, part) for part in helping if part.startswith("bought ")]
    because = f" because {' and '.join(reasons[:2])}" if reasons else " because many buy it"
    text = f"{name} is listed for {user}{because}."
    if removal is not None:
        gone = names.get(removal.item, removal.item)
        then = "it would still be listed" if removal.stays else "it would not be listed"
        enters = f", and {names.get(removal.enters[0], removal.enters[0])} would be new" if removal.enters else ""
        text += f" Had {user} never bought {'it' if removal.item == item else gone}, {then}{enters}."
    return text if effect is None else f"{text} {_effect_words(effect)}"


def _effect_words(effect: PairEffect) -> str:
    low, value, high = (1000 * number for number in (effect.lower, effect.value, effect.upper))
    told = f"{value:.0f} purchases in 1,000 visits ({low:.0f} to {high:.0f})"
    if low <= 0 <= high:
        return f"{effect.treatment.capitalize()} is expected to add {told}, which for this pair alone may be nothing."
    return f"{effect.treatment.capitalize()} adds {told}."

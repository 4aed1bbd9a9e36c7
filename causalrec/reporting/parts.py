"""Results in any order, as a report in the order in which it is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from causalrec.data import Ranking
from causalrec.errors import DataError
from causalrec.estimation import EffectEstimate
from causalrec.evaluation import GainComparison
from causalrec.refutation import Battery, Refutation
from causalrec.reporting.content import Section
from causalrec.reporting.provenance import made_section
from causalrec.reporting.report import Report
from causalrec.reporting.sections import (
    comparison_section,
    effect_headline,
    effect_section,
    explanation_section,
    ranking_section,
    refutation_section,
)

__all__ = ["report"]

KINDS = "an effect, refutations, a comparison, a ranking, explanations or a section"


def report(*parts: object, title: str = "What the data say") -> Report:
    """One page: the first effect as headline, then effects, doubts, rankings, explanations, versions.

    Parameters
    ----------
    *parts : EffectEstimate, Battery, Refutation, GainComparison, Ranking, Section, or list of Refutation or Explanation
        Sections stand where they are given, after the effects and doubts.
    title : str

    Raises
    ------
    DataError : something else.
    """
    effects = [part for part in parts if isinstance(part, EffectEstimate)]
    placed = sorted((_placed(part) for part in parts if not _is_empty(part)), key=lambda pair: pair[0])
    sections = (*(section for _, section in placed), made_section())
    return Report(title, sections, effect_headline(effects[0]) if effects else None)


def _is_empty(part: object) -> bool:
    return isinstance(part, list | tuple) and not part


def _placed(part: object) -> tuple[int, Section]:
    """The part's section, and where in the report it stands."""
    if isinstance(part, EffectEstimate):
        return 0, effect_section(part)
    if isinstance(part, Battery):
        return 1, refutation_section(part)
    if isinstance(part, Refutation):
        return 1, refutation_section([part])
    if isinstance(part, GainComparison):
        return 2, comparison_section(part)
    if isinstance(part, Section):
        return 2, part
    if isinstance(part, Ranking):
        return 3, ranking_section(part)
    return _placed_list(part)


def _placed_list(part: Any) -> tuple[int, Section]:
    found = list(part) if isinstance(part, Iterable) and not isinstance(part, str | bytes | dict) else [part]
    refutations = [one for one in found if isinstance(one, Refutation)]
    if refutations and len(refutations) == len(found):
        return 1, refutation_section(refutations)
    if found and all(hasattr(one, "contributions") and hasattr(one, "sentence") for one in found):
        return 4, explanation_section(found)
    raise DataError(f"A report is made of {KINDS}, not of {type(part).__name__}.")

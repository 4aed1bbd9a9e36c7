"""Stages 2 and 3: what the graph says, and the effects that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from causalrec.errors import NotIdentifiableError
from causalrec.estimation import EffectEstimate, estimate_effect
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification import Estimand, identify
from causalrec.study.promotion.data import load
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["display_effect", "display_estimand", "graph_answer", "headline", "promotion_estimand"]

BOTH = ("display", "mailer")


def graph_answer(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """What the graph says of the display, of the mailer, and of both."""
    display = display_estimand(study)
    (folder / "graph.dag").write_text(study.settings.graph_text, "utf-8")
    return {
        "display": display.to_dict(),
        "mailer_refused": _refusal(study),
        "promotion": promotion_estimand(study).to_dict(),
        "assumed": "a mailer brings no household to the store (the edge mailer -> visit is left out)",
    }


def display_estimand(study: Study[Settings]) -> Estimand:
    """The headline: the display's effect among visits."""
    return identify(_graph(study), "display", "purchased")


def promotion_estimand(study: Study[Settings]) -> Estimand:
    """Display and mailer together, on the assumption that a mailer brings nobody to the store."""
    graph = _graph(study)
    return identify(graph.without_edges([("mailer", "visit")]), BOTH, "purchased")


def display_effect(study: Study[Settings], *, clusters: tuple[str, ...] = ()) -> EffectEstimate:
    """The headline."""
    return _estimated(display_estimand(study), study, clusters)


def headline(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """The effects that the graph gives: of the display, and of display and mailer together."""
    effect, by_category = display_effect(study), display_effect(study, clusters=("category",))
    return {
        "effect": effect.to_dict()
        | {"stderr_by_category": by_category.stderr, "interval_by_category": by_category.interval()},
        "promotion": _estimated(promotion_estimand(study), study).to_dict(),
    }


def _estimated(estimand: Estimand, study: Study[Settings], clusters: tuple[str, ...] = ()) -> EffectEstimate:
    return cast(EffectEstimate, estimate_effect(estimand, load(study), clusters=clusters))


def _graph(study: Study[Settings]) -> CausalGraph:
    return read_dagitty(study.settings.graph_text)


def _refusal(study: Study[Settings]) -> str | None:
    """Why the mailer's own effect is refused; None where the graph gives it."""
    try:
        identify(_graph(study), "mailer", "purchased")
    except NotIdentifiableError as error:
        return str(error)
    return None

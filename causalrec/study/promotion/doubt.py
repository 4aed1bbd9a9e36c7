"""Stage 4: attacks on the headline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from causalrec.refutation import refute_effect
from causalrec.study.promotion.data import load
from causalrec.study.promotion.effect import display_effect
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["doubt"]


def doubt(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Placebo, lead and hidden confounder, each with a verdict."""
    battery = refute_effect(display_effect(study), load(study), random_state=study.settings.random_state)
    return {"verdict": battery.verdict, "refutations": [refutation.to_dict() for refutation in battery]}

"""What the chain found, in a few lines for the terminal."""

from __future__ import annotations

from pathlib import Path

from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["summary"]


def summary(study: Study[Settings], out: Path) -> str:
    """The headline, its doubts, the rankings, and where the report is."""
    effect, rank = study.result("effect")["effect"], study.result("rank")
    lines = [
        "",
        f"A display adds {_per_thousand(effect['value'])} purchases per thousand offers "
        f"({_per_thousand(effect['lower'])} to {_per_thousand(effect['upper'])}), "
        f"{study.result('data')['n_units']:,} units.",
        f"Doubts: {study.result('doubt')['verdict']}.",
        *(f"{said['sentence']}." for said in rank["differences"] if said["second"] == "purchase rate"),
        *(f"Displays alone: {said['sentence']}." for said in rank["display_alone"]),
        f"Report: {out / 'report.html'}",
    ]
    return "\n".join(lines)


def _per_thousand(value: float) -> str:
    return f"{1000 * value:.2f}"

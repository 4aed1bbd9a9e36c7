"""What cleaning did, step by step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from causalrec.data.cleaning.duplicates import DropDuplicates
from causalrec.data.cleaning.implausible import DropBots, DropImpossibleTimes
from causalrec.data.cleaning.minimum import MinimumCounts
from causalrec.data.cleaning.outcomes import CountRows, CountsToOutcome, RatingsToOutcome
from causalrec.data.cleaning.sessions import Sessions
from causalrec.errors import DataError
from causalrec.files import replace_atomically

__all__ = ["CleaningReport", "Step", "StepReport"]

Step = (
    DropDuplicates
    | Sessions
    | DropBots
    | DropImpossibleTimes
    | MinimumCounts
    | RatingsToOutcome
    | CountsToOutcome
    | CountRows
)
STEPS: dict[str, Any] = {kind.__name__: kind for kind in Step.__args__}


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step and what it took.

    Attributes
    ----------
    step : Step
    n_before, n_after : int
        Rows.
    counts : mapping of str to int
        Further numbers, such as the bots that were found.
    """

    step: Step
    n_before: int
    n_after: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_taken(self) -> int:
        """Rows that the step took."""
        return self.n_before - self.n_after


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """Steps in the order in which they ran; prints as a table.

    Attributes
    ----------
    steps : tuple of StepReport
    """

    steps: tuple[StepReport, ...]

    def __str__(self) -> str:
        width = max((len(type(done.step).__name__) for done in self.steps), default=0)
        lines = []
        for done in self.steps:
            more = ", ".join(f"{name} {n:,}" for name, n in done.counts.items())
            rows = f"{done.n_before:,} rows, {done.n_taken:,} taken, {done.n_after:,} left"
            lines.append(f"{type(done.step).__name__:<{width}}  {rows}" + (f" ({more})" if more else ""))
        return "\n".join(lines) or "No step."

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {"steps": [
            {"step": type(done.step).__name__, "options": asdict(done.step), "n_before": done.n_before,
             "n_after": done.n_after, "counts": dict(done.counts)} for done in self.steps
        ]}  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write it as JSON; a file that exists is replaced as a whole."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"
        return replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

    @classmethod
    def load(cls, path: str | Path) -> CleaningReport:
        """Read what `save` wrote.

        Raises
        ------
        DataError : the file is no such report.
        """
        try:
            saved = json.loads(Path(path).read_text(encoding="utf-8"))["steps"]
            return cls(tuple(_step_report(values) for values in saved))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{str(path)!r} is no report of cleaning: {error}.") from error


def _step_report(values: dict[str, Any]) -> StepReport:
    kind = STEPS[values["step"]]
    known = {f.name for f in fields(kind)}
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in values["options"].items()}
    if strange := options.keys() - known:
        raise KeyError(f"{values['step']} has no option {sorted(strange)}")
    return StepReport(kind(**options), int(values["n_before"]), int(values["n_after"]), dict(values["counts"]))

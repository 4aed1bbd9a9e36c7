"""One attack on an effect, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Battery", "Refutation", "Verdict"]

Verdict = Literal["passed", "failed", "not applicable"]


@dataclass(frozen=True, slots=True)
class Refutation:
    """One attack.

    Attributes
    ----------
    name : str
    question : str
        What is asked, in one sentence.
    original : float
        The effect that is attacked, in `unit`.
    refuted : float
        What the attack found, in `unit`; NaN where it does not apply.
    stderr : float
        Standard error, or spread of the reference distribution, of `refuted`.
    verdict : "passed", "failed" or "not applicable"
    reason : str
        Why, in one or two sentences.
    unit : str
    details : mapping of str to float
    """

    name: str
    question: str
    original: float
    refuted: float
    stderr: float
    verdict: Verdict
    reason: str
    unit: str = "outcome"
    details: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Refutation:
        """What `to_dict` gave."""
        missing = {name: float("nan") for name in ("refuted", "stderr") if values[name] is None}
        return cls(**{**values, **missing})

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON; NaN becomes None."""
        names = ("name", "question", "original", "refuted", "stderr", "verdict", "reason", "unit")
        values = {name: getattr(self, name) for name in names}
        return {k: None if v != v else v for k, v in values.items()} | {
            "details": {k: None if v != v or abs(v) == float("inf") else v for k, v in self.details.items()}
        }


@dataclass(frozen=True, slots=True)
class Battery:
    """Several attacks on one effect; prints as a table with a verdict in words."""

    refutations: tuple[Refutation, ...]

    def __iter__(self) -> Iterator[Refutation]:
        return iter(self.refutations)

    def __len__(self) -> int:
        return len(self.refutations)

    def __getitem__(self, at: int) -> Refutation:
        return self.refutations[at]

    @property
    def verdict(self) -> str:
        """One sentence over all attacks; what was not tested is never counted as passed."""
        by_verdict = {v: [r.name for r in self if r.verdict == v] for v in ("passed", "failed", "not applicable")}
        parts = [f"{verdict}: {', '.join(names)}" for verdict, names in by_verdict.items() if names]
        return "; ".join(parts) or "nothing was tested"

    def __str__(self) -> str:
        lines = []
        for r in self:
            number = "" if r.refuted != r.refuted else f" {r.refuted:+.5f} ± {r.stderr:.5f} against {r.original:+.5f}."
            lines += [f"{r.verdict.upper():<15}{r.name}: {r.question}", f"{'':<15}{number[1:]} {r.reason}".rstrip()]
        return "\n".join([*lines, f"Verdict: {self.verdict}."])

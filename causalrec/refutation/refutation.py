"""One attack on an effect, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = ["LEVEL", "NAN", "Refutation", "Verdict", "by_verdict"]

Verdict = Literal["passed", "failed", "not applicable"]
LEVEL = 0.05
"""Level of every attack that is a test."""

NUMBERS = ("refuted", "stderr", "p_value", "lower", "upper")
NAN = float("nan")


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
        Further numbers by name.
    p_value : float
        Of the test, in [0, 1]; NaN where the attack is no test.
    lower, upper : float
        Bounds on the effect, in `unit`, where the attack gives bounds; else NaN.
    reference : tuple of float
        Draws of the reference distribution, in `unit`; empty where there is none.
    sees : str
        The violation that this attack can see.
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
    p_value: float = NAN
    lower: float = NAN
    upper: float = NAN
    reference: tuple[float, ...] = ()
    sees: str = ""

    @classmethod
    def not_applicable(
        cls, name: str, question: str, original: float, reason: str, *, unit: str = "outcome", sees: str = "",
        details: Mapping[str, float] | None = None,
    ) -> Refutation:  # fmt: skip
        """An attack that could not be made, and why."""
        return cls(
            name, question, original, NAN, NAN, "not applicable", reason, unit, dict(details or {}), sees=sees
        )  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Refutation:
        """What `to_dict` gave."""
        missing = {name: NAN for name in NUMBERS if values.get(name) is None}
        return cls(**{**values, **missing, "reference": tuple(values.get("reference", ()))})

    def within(self, lower: float, upper: float) -> Refutation:
        """The same with bounds on the effect."""
        return replace(self, lower=float(lower), upper=float(upper))

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON; NaN and infinities become None."""
        names = ("name", "question", "original", "verdict", "reason", "unit", "sees")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: _finite(getattr(self, name)) for name in NUMBERS},
            "reference": list(self.reference),
            "details": {name: _finite(number) for name, number in self.details.items()},
        }

    @property
    def numbers(self) -> str:
        """What the attack found, in one line; empty where it found no number."""
        found = ""
        if self.refuted == self.refuted:
            error = "" if self.stderr != self.stderr else f" ± {self.stderr:.5g}"
            found = f"{self.refuted:+.5g}{error} against {self.original:+.5g}"
        if self.lower == self.lower or self.upper == self.upper:
            found += f"{', ' if found else ''}bounds {self.lower:+.5g} to {self.upper:+.5g}"
        if self.p_value == self.p_value:
            found += f"{', ' if found else ''}p = {self.p_value:.3f}"
        return found


def by_verdict(refutations: Sequence[Refutation]) -> dict[Verdict, list[str]]:
    """Names of the attacks that came out each way."""
    ways: tuple[Verdict, ...] = ("passed", "failed", "not applicable")
    return {way: [one.name for one in refutations if one.verdict == way] for way in ways}


def _finite(number: float) -> float | None:
    return None if number != number or abs(number) == float("inf") else number

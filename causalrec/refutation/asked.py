"""What one attack asks, so that each of its answers is made in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from causalrec.estimation import EffectEstimate
from causalrec.refutation.refutation import LEVEL, NAN, Refutation, Verdict

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Name, question and reach of an attack.

    Attributes
    ----------
    name, question, sees : str
        As in `Refutation`.
    """

    name: str
    question: str
    sees: str

    def cannot(self, effect: EffectEstimate, reason: str, details: Mapping[str, float] | None = None) -> Refutation:
        """The attack could not be made, or is no test here; why."""
        return Refutation.not_applicable(
            self.name, self.question, effect.value, reason, unit=effect.unit, sees=self.sees, details=details
        )  # fmt: skip

    def answer(
        self, effect: EffectEstimate, verdict: Verdict, reason: str, *, refuted: float = NAN, stderr: float = NAN,
        p_value: float = NAN, details: Mapping[str, float] | None = None,
    ) -> Refutation:  # fmt: skip
        """What came of it."""
        return Refutation(
            self.name, self.question, effect.value, refuted, stderr, verdict, reason, effect.unit,
            dict(details or {}), p_value=p_value, sees=self.sees,
        )  # fmt: skip

    def tested(
        self, effect: EffectEstimate, p_value: float, reason: str, *, refuted: float, stderr: float,
        details: Mapping[str, float] | None = None, reference: Sequence[float] = (),
    ) -> Refutation:  # fmt: skip
        """What came of a test at the level that all attacks have."""
        verdict: Verdict = "failed" if p_value < LEVEL else "passed"
        return Refutation(
            self.name, self.question, effect.value, refuted, stderr, verdict, reason, effect.unit,
            dict(details or {}), p_value=p_value, reference=tuple(reference), sees=self.sees,
        )  # fmt: skip

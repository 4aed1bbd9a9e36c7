"""Several attacks on one effect, and the verdict in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from causalrec.refutation.refutation import LEVEL, Refutation, by_verdict

__all__ = ["Battery"]


@dataclass(frozen=True, slots=True)
class Battery:
    """Several attacks on one effect; prints as a table with a verdict in words.

    Attributes
    ----------
    refutations : tuple of Refutation
    left_out : mapping of str to str
        Attacks that were not made for want of time, each with the reason.
    seconds : float
        What the attacks took.
    """

    refutations: tuple[Refutation, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    seconds: float = float("nan")

    def __iter__(self) -> Iterator[Refutation]:
        return iter(self.refutations)

    def __len__(self) -> int:
        return len(self.refutations)

    def __getitem__(self, at: int | str) -> Refutation:
        """By position, or by name.

        Raises
        ------
        KeyError : no attack of that name was made.
        """
        if isinstance(at, str):
            found = {one.name: one for one in self.refutations}
            if at not in found:
                raise KeyError(f"No attack {at!r} was made; there are {', '.join(found) or 'none'}.")
            return found[at]
        return self.refutations[at]

    @property
    def verdict(self) -> str:
        """One sentence over all attacks; what was not tested is never counted as passed."""
        ways: dict[str, list[str]] = dict(by_verdict(self.refutations).items())
        ways["left out"] = list(self.left_out)
        parts = [f"{way}: {', '.join(names)}" for way, names in ways.items() if names]
        return "; ".join(parts) or "nothing was tested"

    @property
    def summary(self) -> str:
        """What the verdicts mean together."""
        ways = by_verdict(self.refutations)
        tested = len(ways["passed"]) + len(ways["failed"])
        if not tested:
            return "Nothing could be tested: this effect stands on its assumptions alone."
        n_tests = sum(one.p_value == one.p_value for one in self.refutations if one.verdict != "not applicable")
        chance = f" Of {n_tests} tests at {LEVEL:.0%}, chance alone fails {n_tests * LEVEL:.1f}." if n_tests > 1 else ""
        if not ways["failed"]:
            return f"None of {tested} attacks shook the effect; what they cannot see may still be there.{chance}"
        return f"{len(ways['failed'])} of {tested} attacks shook the effect: {', '.join(ways['failed'])}.{chance}"

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON."""
        return {
            "verdict": self.verdict, "summary": self.summary, "left_out": dict(self.left_out),
            "refutations": [one.to_dict() for one in self.refutations],
        }  # fmt: skip

    def __str__(self) -> str:
        order = {"failed": 0, "passed": 1, "not applicable": 2}
        lines = []
        for one in sorted(self, key=lambda refutation: order[refutation.verdict]):
            if one.verdict == "not applicable":
                lines.append(f"{'NOT APPLICABLE':<15}{one.name}: {one.reason}")
                continue
            lines.append(f"{one.verdict.upper():<15}{one.name}: {one.question}")
            lines.append(f"{'':<15}{one.numbers}{'. ' if one.numbers else ''}{one.reason}".rstrip())
        lines += [f"{'LEFT OUT':<15}{name}: {reason}" for name, reason in self.left_out.items()]
        return "\n".join([*lines, f"Verdict: {self.verdict}.", self.summary])

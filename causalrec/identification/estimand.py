"""`Estimand`: what to compute, and under which assumptions it is the effect."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from causalrec.errors import IdentificationError
from causalrec.identification.expression import Expression, adjustment_expression, frontdoor_expression

__all__ = ["Estimand"]


@dataclass(frozen=True, slots=True)
class Estimand:
    """An effect, written as a function of what is observed; it holds no data.

    Attributes
    ----------
    treatment : tuple of str
        One node or several that are set together.
    outcome : str
    strategy : str
        How the graph identifies the effect: "adjustment", "frontdoor", "id" or "instrument".
    adjustment : tuple of str, sorted
        Nodes to adjust for, beside `selected`.
    selected : tuple of str
        Nodes that every row has: the effect is among those.
    mediators, instruments : tuple of str
        Nodes that the front door and instruments use; empty under other strategies.
    conditional : tuple of str
        Nodes within whose values the effect is asked for.
    identified : Expression, optional
        What the ID algorithm found; None under other strategies, whose formula follows from the rest.
    assumptions : tuple of str
        What must hold, one sentence each.
    target : str
        What the formula gives: "ATE", the average effect; an instrument gives another one, which it names.
    tried : tuple of str
        Strategies in the order in which they were tried, each with its reason; the last one led here.

    Examples
    --------
    >>> estimand = Estimand(("display",), "purchased", "adjustment", adjustment=("season",))
    >>> print(estimand)
    Effect of display on purchased (ATE, by adjustment)
      adjust for   season
      expression   Σ_{season} P(purchased | display, season) P(season)
    >>> Estimand.from_dict(estimand.to_dict()) == estimand
    True
    """

    treatment: tuple[str, ...]
    outcome: str
    strategy: str
    adjustment: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    identified: Expression | None = None
    assumptions: tuple[str, ...] = ()
    target: str = "ATE"
    tried: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "adjustment", tuple(sorted(self.adjustment)))

    @property
    def formula(self) -> Expression | None:
        """P(outcome | do(treatment)) as a tree of probabilities; None for an instrument."""
        if self.strategy == "adjustment":
            kept = (*self.selected, *self.conditional)
            return adjustment_expression(self.treatment, self.outcome, self.adjustment, kept)
        if self.strategy == "frontdoor":
            return frontdoor_expression(self.treatment, self.outcome, self.mediators)
        return self.identified

    @property
    def expression(self) -> str:
        """What to compute, as a text."""
        if not self.instruments:
            return str(self.formula or "")
        (z, *_), given = self.instruments, ", ".join((*self.adjustment, *self.selected))
        among = f" | {given}" if given else ""
        return f"Cov({self.outcome}, {z}{among}) / Cov({', '.join(self.treatment)}, {z}{among})"

    def __str__(self) -> str:
        among = f" among {_listed(self.selected)}" if self.selected else ""
        within = f" within {_listed(self.conditional)}" if self.conditional else ""
        effect = f"Effect of {_listed(self.treatment)} on {self.outcome}{among}{within}"
        nothing = "nothing" if self.strategy == "adjustment" else ""
        rows = [
            ("adjust for", ", ".join(self.adjustment) or nothing),
            ("mediators", ", ".join(self.mediators)),
            ("instruments", ", ".join(self.instruments)),
            ("expression", self.expression),
            *zip(["assuming", *[" "] * len(self.assumptions)], self.assumptions, strict=False),
            *zip(["not by", *[" "] * len(self.tried)], self.tried[:-1], strict=False),
        ]
        return "\n".join(
            [f"{effect} ({self.target}, by {self.strategy})", *(f"  {name:<12} {text}" for name, text in rows if text)]
        )

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        identified = self.identified.to_dict() if self.identified else None
        return {**plain, "identified": identified, "expression": self.expression}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Estimand":
        """Estimand that `to_dict` wrote.

        Raises
        ------
        IdentificationError : a field is missing, unknown, or not of its type.
        """
        if not isinstance(values, Mapping):
            raise IdentificationError(f"A saved estimand must be a mapping of its fields, got {type(values).__name__}.")
        known = {field.name: field.type for field in fields(cls)}
        required = {"treatment", "outcome", "strategy"}
        if (unknown := set(values) - {*known, "expression"}) or (missing := required - set(values)):
            what = f"unknown fields {sorted(unknown)}" if unknown else f"no field {sorted(missing)}"
            raise IdentificationError(f"This is not a saved estimand: it has {what}.")
        identified = values.get("identified")
        texts = {name: value for name, value in values.items() if name not in {"identified", "expression"}}
        read: dict[str, Any] = {name: _read(name, value, known[name] is str) for name, value in texts.items()}
        return cls(**read, identified=None if identified is None else Expression.from_dict(identified))


def _read(name: str, value: Any, is_text: bool) -> str | tuple[str, ...]:
    texts = [value] if is_text else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        expected = "a text" if is_text else "a list of texts"
        raise IdentificationError(f"This is not a saved estimand: {name!r} must be {expected}, got {value!r}.")
    return value if is_text else tuple(value)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)

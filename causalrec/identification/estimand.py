"""`Estimand`: what to compute, and under which assumptions it is the effect."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from causalrec.errors import IdentificationError

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
        How the graph identifies the effect: "adjustment".
    adjustment : tuple of str, sorted
        Nodes to adjust for, beside `selected`.
    selected : tuple of str
        Nodes that every row has: the effect is among those.
    mediators, instruments : tuple of str
        Nodes that other strategies use; empty under adjustment.
    expression : str
        The formula.
    assumptions : tuple of str
        What must hold, one sentence each.
    target : str
        What the formula gives: "ATE", the average effect.
    tried : tuple of str
        Strategies in the order in which they were tried, the last one with success.

    Examples
    --------
    >>> estimand = Estimand(("display",), "purchased", "adjustment", adjustment=("season",))
    >>> print(estimand)
    Effect of display on purchased (ATE, by adjustment)
      adjust for   season
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
    expression: str = ""
    assumptions: tuple[str, ...] = ()
    target: str = "ATE"
    tried: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "adjustment", tuple(sorted(self.adjustment)))

    def __str__(self) -> str:
        among = f" among {_listed(self.selected)}" if self.selected else ""
        title = f"Effect of {_listed(self.treatment)} on {self.outcome}{among} ({self.target}, by {self.strategy})"
        rows = [
            ("adjust for", ", ".join(self.adjustment) or "nothing"),
            ("mediators", ", ".join(self.mediators)),
            ("instruments", ", ".join(self.instruments)),
            ("expression", self.expression),
            *zip(["assuming", *[" "] * len(self.assumptions)], self.assumptions, strict=False),
        ]
        return "\n".join([title, *(f"  {name:<12} {text}" for name, text in rows if text)])

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold: texts, and lists of texts."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

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
        if (unknown := set(values) - set(known)) or (missing := required - set(values)):
            what = f"unknown fields {sorted(unknown)}" if unknown else f"no field {sorted(missing)}"
            raise IdentificationError(f"This is not a saved estimand: it has {what}.")
        read: dict[str, Any] = {name: _read(name, value, known[name] is str) for name, value in values.items()}
        return cls(**read)


def _read(name: str, value: Any, is_text: bool) -> str | tuple[str, ...]:
    texts = [value] if is_text else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        expected = "a text" if is_text else "a list of texts"
        raise IdentificationError(f"This is not a saved estimand: {name!r} must be {expected}, got {value!r}.")
    return value if is_text else tuple(value)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)

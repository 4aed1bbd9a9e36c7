"""`Counterfactual`: what given units would have been under an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, UnknownNodeError
from causalrec.estimation.written import Written, aligned, percent
from causalrec.structural.nodes import Node

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Counterfactual", "NodeCounterfactual"]

N_SHOWN = 10


@dataclass(frozen=True, slots=True, eq=False)
class NodeCounterfactual:
    """One node of some units, as it was and as it would have been.

    Attributes
    ----------
    node : Node
    factual : array, shape (n,)
        As the table has it.
    value : float64, shape (n,)
        Mean over the draws; of a category that is text the probability of the likeliest one.
    lower, upper : float64, shape (n,)
        Ends of the interval over the draws, which holds the value with the level.
    probabilities : float64, shape (n, n_levels), or None
        Of each category.
    extrapolated : bool, shape (n,)
        Units whose parents, as they were or would have been, the mechanism was never fitted on.
    average : tuple of float
        Mean over the units of value less factual, and the ends of its interval; NaN for text.
    """

    node: Node
    factual: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    probabilities: np.ndarray | None
    extrapolated: np.ndarray
    average: tuple[float, float, float]

    @property
    def difference(self) -> np.ndarray:
        """Value less factual; float64, shape (n,)."""
        return self.value - self.node.amounts_of(self.factual)

    @property
    def likeliest(self) -> np.ndarray:
        """Category with the greatest probability; shape (n,).

        Raises
        ------
        DataError : the node has no categories.
        """
        if self.probabilities is None:
            raise DataError(f"{self.node.name!r} has no categories; see `value`.")
        return self.node.decoded(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Counterfactual(Written):
    """Units under an action, with the noise that they had.

    Attributes
    ----------
    do : mapping of str to anything
        What was set, in words.
    nodes : mapping of str to NodeCounterfactual
        Nodes that the action reaches, and that hold one column.
    n : int
        Units.
    level : float
        Of the intervals.
    n_draws : int
        Draws of noise and of refitted mechanisms behind the intervals.
    is_exact : bool
        Whether the noise of every unit is known: what the interval then shows is the fit alone.
    extrapolated : bool, shape (n,)
        Units for which some mechanism extrapolates, be it of a node that was not asked for.
    n_extrapolated : mapping of str to int
        Such units by node, those on the way to the outcome included.
    notes : tuple of str
    """

    do: Mapping[str, Any]
    nodes: Mapping[str, NodeCounterfactual]
    n: int
    level: float
    n_draws: int
    is_exact: bool
    extrapolated: np.ndarray
    n_extrapolated: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def __getitem__(self, node: str) -> NodeCounterfactual:
        if node not in self.nodes:
            raise UnknownNodeError([node], self.nodes)
        return self.nodes[node]

    def to_frame(self) -> pd.DataFrame:
        """A pandas table, one row a unit and node."""
        import pandas as pd

        return pd.DataFrame([row for node in self.nodes for row in self._units(node, self.n)])

    def to_dict(self, level: float | None = None) -> dict[str, Any]:
        """Plain numbers and text; the level is that of the draws."""
        return {
            "do": dict(self.do), "n": self.n, "level": self.level, "n_draws": self.n_draws, "is_exact": self.is_exact,
            "average": {node: dict(zip(("difference", "lower", "upper"), one.average, strict=True))
                        for node, one in self.nodes.items()},
            "extrapolated": dict(self.n_extrapolated), "notes": list(self.notes),
            "units": [row for node in self.nodes for row in self._units(node, self.n)],
        }  # fmt: skip

    def _units(self, name: str, n: int) -> list[dict[str, Any]]:
        one = self.nodes[name]
        columns = (one.factual[:n], one.value[:n], one.lower[:n], one.upper[:n], one.extrapolated[:n])
        rows = [dict(zip(("factual", "value", "lower", "upper", "extrapolated"), _plain(row), strict=True))
                for row in zip(*columns, strict=True)]  # fmt: skip
        return [{"unit": k, "node": name, **row, **self._category(one, k)} for k, row in enumerate(rows)]

    def _category(self, one: NodeCounterfactual, unit: int) -> dict[str, Any]:
        if one.probabilities is None:
            return {}
        return {"probabilities": dict(zip(map(str, one.node.levels), one.probabilities[unit].tolist(), strict=True))}

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [
            {
                "unit": str(row["unit"]), "node": name, "was": _short(row["factual"]),
                "would be": self._would_be(one, row), f"{percent(self.level)} of draws": self._ends(one, row),
                "": "extrapolated" if row["extrapolated"] else "",
            }
            for name, one in self.nodes.items() for row in self._units(name, N_SHOWN)
        ]  # fmt: skip

    def _would_be(self, one: NodeCounterfactual, row: Mapping[str, Any]) -> str:
        if one.node.is_number:
            return _short(row["value"])
        return f"{one.likeliest[row['unit']]} ({row['value']:.0%})"

    def _ends(self, one: NodeCounterfactual, row: Mapping[str, Any]) -> str:
        return f"{_short(row['lower'])} to {_short(row['upper'])}" if one.node.is_number else ""

    def _remarks(self) -> list[str]:
        means = [
            f"mean change of {name} over {self.n:,} units: {one.average[0]:+.4g} "
            f"({percent(self.level)} {one.average[1]:+.4g} to {one.average[2]:+.4g})"
            for name, one in self.nodes.items() if one.node.is_number and name not in self.do
        ]  # fmt: skip
        outside = ", ".join(f"{name} {count:,}" for name, count in self.n_extrapolated.items() if count)
        return [*means, *([f"extrapolated units, by node: {outside}"] if outside else []), *self.notes]

    def __str__(self) -> str:
        rows = [f"  {line}" for line in aligned(self._rows(self.level))]
        setting = ", ".join(f"{node} = {value}" for node, value in self.do.items())
        more = [f"  ... {self.n - N_SHOWN:,} more units"] if self.n > N_SHOWN else []
        head = f"{self.n:,} unit{'s' if self.n > 1 else ''} under do({setting}), {self.n_draws} draws"
        return "\n".join([head, *rows, *more, *(f"  {remark}" for remark in self._remarks())])


def _plain(row: tuple) -> list[Any]:
    return [cell.item() if isinstance(cell, np.generic) else cell for cell in row]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

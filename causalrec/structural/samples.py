"""`Samples`: units that a structural model drew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import UnknownNodeError
from causalrec.structural.nodes import Node

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Samples"]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Drawn units.

    Attributes
    ----------
    nodes : mapping of str to Node
    values : mapping of str to array, shape (n,) or (n, d)
        As the table had them: categories by name.
    do : mapping of str to anything
        What was set, in words.
    """

    nodes: Mapping[str, Node]
    values: Mapping[str, np.ndarray]
    do: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of units."""
        return len(next(iter(self.values.values())))

    def __getitem__(self, node: str) -> np.ndarray:
        if node not in self.values:
            raise UnknownNodeError([node], self.values)
        return self.values[node]

    def to_frame(self) -> pd.DataFrame:
        """A pandas table, one row a unit; a block is a column of lists."""
        import pandas as pd

        return pd.DataFrame({node: array if array.ndim == 1 else list(array) for node, array in self.values.items()})

    def __str__(self) -> str:
        setting = f", do({', '.join(f'{node} = {value}' for node, value in self.do.items())})" if self.do else ""
        return "\n".join([f"{self.n:,} samples{setting}", *(f"  {self._line(node)}" for node in self.values)])

    def _line(self, name: str) -> str:
        node, values = self.nodes[name], self.values[name]
        if node.kind == "block":
            return f"{name:20s} block of {node.n_columns} columns"
        if node.kind == "continuous" or (len(node.levels) == 2 and node.is_number):
            return f"{name:20s} mean {values.mean():.4g}, deviation {values.std():.4g}"
        shares = [(level, float((values == level).mean())) for level in node.levels]
        return f"{name:20s} " + ", ".join(f"{level} {share:.1%}" for level, share in shares[:6])

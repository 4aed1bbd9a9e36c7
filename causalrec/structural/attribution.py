"""`Attribution`: shares of the nodes in what an outcome does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, aligned, decimals, percent

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Attribution"]

QUESTIONS = {
    "variance": "share of each node's own noise in the variance of {outcome}",
    "outlier": "share of each node's own noise in how far {outcome} lies from its mean",
    "change": "share of each node's mechanism in the change of the mean of {outcome}",
}
N_SHOWN = 10


@dataclass(frozen=True, slots=True, eq=False)
class Attribution(Written):
    """Shapley values of the nodes' mechanisms.

    Attributes
    ----------
    outcome : str
    question : {"variance", "outlier", "change"}
    nodes : tuple of str
        The outcome and its causes.
    value, stderr : float64, shape (n_rows, n_nodes)
        In the outcome's unit, squared for a variance; one row, or one a unit. The error is the spread over repeats:
        of simulation, of the mechanisms fitted again and, for a change, of resampled rows.
    n_repeats : int
    """

    outcome: str
    question: str
    nodes: tuple[str, ...]
    value: np.ndarray
    stderr: np.ndarray
    n_repeats: int

    @property
    def total(self) -> np.ndarray:
        """Sum over the nodes: the variance, the distance, the change; float64, shape (n_rows,)."""
        return self.value.sum(axis=1)

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the confidence intervals, of the t distribution; two arrays (n_rows, n_nodes)."""
        refuse_level(level)
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.n_repeats - 1)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {
            "outcome": self.outcome, "question": self._words, "n_repeats": self.n_repeats, "level": level,
            "total": self.total.tolist(),
            "rows": [
                {"unit": unit, "node": node, "value": float(self.value[unit, k]),
                 "stderr": float(self.stderr[unit, k]), "lower": float(lower[unit, k]), "upper": float(upper[unit, k])}
                for unit in range(len(self.value)) for k, node in enumerate(self.nodes)
            ],
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A pandas table, one row a unit and node."""
        import pandas as pd

        return pd.DataFrame(self.to_dict(level)["rows"])

    def _rows(self, level: float) -> list[dict[str, str]]:
        lower, upper = self.interval(level)
        rows = []
        for unit in range(min(len(self.value), N_SHOWN)):
            for k in np.argsort(-np.abs(self.value[unit]), kind="stable"):
                digits = decimals(float(self.stderr[unit, k]))
                start = {"unit": str(unit)} if len(self.value) > 1 else {}
                rows.append({
                    **start, "node": self.nodes[k], "contribution": f"{self.value[unit, k]:+.{digits}f}",
                    "standard error": f"{self.stderr[unit, k]:.{digits}f}",
                    f"{percent(level)} interval": f"{lower[unit, k]:+.{digits}f} to {upper[unit, k]:+.{digits}f}",
                })  # fmt: skip
        return rows

    def _remarks(self) -> list[str]:
        more = len(self.value) - N_SHOWN
        total = [f"together {self.total[0]:+.4g}"] if len(self.value) == 1 else []
        return [*total, *([f"{more:,} more units"] if more > 0 else [])]

    def __str__(self) -> str:
        lines = [f"  {line}" for line in aligned(self._rows(0.95))]
        return "\n".join([self._words, *lines, *(f"  {remark}" for remark in self._remarks())])

    @property
    def _words(self) -> str:
        return QUESTIONS[self.question].format(outcome=self.outcome)

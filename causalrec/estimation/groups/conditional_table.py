"""Effects within the values of some columns, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.uncertainty.simultaneous import (
    EqualityTest,
    correlation_of,
    equality_test,
    simultaneous_level,
)
from causalrec.estimation.written import Written, percent, row_remarks
from causalrec.identification import Estimand

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConditionalEffects"]

WIDTH = 28


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalEffects(Written):
    """Effects of one treatment, one within each value of the conditioning columns.

    Attributes
    ----------
    names : tuple of str
        The conditioning nodes.
    groups : tuple of tuples
        Their values in each group, in ascending order.
    estimates : tuple of EffectEstimate
        One a group, each with its own error.
    covariance : float64, shape (n_groups, n_groups)
        Joint covariance of the estimates; 0 off the diagonal unless clusters have units of several groups.
    estimand : Estimand
    method : str
    unit : str
    left_out : mapping of str to str
        Groups without an estimate, and why.
    reason : str
        Why this estimator was taken, where nobody chose it.
    notes : tuple of str
        What a reader must know before trusting the error, one sentence each.
    n_dropped : int
        Rows that were left out because a value was missing.
    dropped, filled : mapping of str to int
        Missing values by column: of the rows that were left out, and those that were filled in.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[object, ...], ...]
    estimates: tuple[EffectEstimate, ...]
    covariance: np.ndarray
    estimand: Estimand
    method: str
    unit: str = "outcome"
    left_out: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()
    n_dropped: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> np.ndarray:
        """Effect of each group, in `unit`; float64, shape (n_groups,)."""
        return np.array([found.value for found in self.estimates])

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of each; float64, shape (n_groups,)."""
        return np.array([found.stderr for found in self.estimates])

    @property
    def labels(self) -> tuple[str, ...]:
        """One text a group, such as "mobile" or "mobile, new"."""
        return tuple(label_of(group) for group in self.groups)

    def __len__(self) -> int:
        return len(self.estimates)

    def __getitem__(self, group: object) -> EffectEstimate:
        """Effect of the group with this value, or this tuple of values.

        Raises
        ------
        DataError : no such group, with those that there are.
        """
        asked = label_of(group if isinstance(group, tuple) else (group,))
        if asked not in self.labels:
            why = f" ({self.left_out[asked]})" if asked in self.left_out else ""
            raise DataError(f"There is no effect of {asked!r}{why}; there are {', '.join(self.labels)}.")
        return self.estimates[self.labels.index(asked)]

    def intervals(self, level: float = 0.95, *, simultaneous: bool = False) -> np.ndarray:
        """Interval of each group; float64, shape (n_groups, 2).

        Each holds with probability `level` by itself or, where `simultaneous`, all of them together do.
        """
        if simultaneous:
            level = simultaneous_level(correlation_of(self.covariance), level)
        return np.array([found.interval(level) for found in self.estimates])

    def test_equal(self) -> EqualityTest:
        """Whether all groups have the same effect.

        Raises
        ------
        EstimationError : one group, or fewer clusters than groups.
        """
        return equality_test(self.value, self.covariance, min(found.dof for found in self.estimates))

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row a group: its values, effect, error, both intervals and number of units."""
        import pandas as pd

        own, joint = self.intervals(level), self.intervals(level, simultaneous=True)
        columns = {name: [group[at] for group in self.groups] for at, name in enumerate(self.names)}
        return pd.DataFrame(columns).assign(
            value=self.value, stderr=self.stderr, lower=own[:, 0], upper=own[:, 1], joint_lower=joint[:, 0],
            joint_upper=joint[:, 1], n=[found.n for found in self.estimates],
        )  # fmt: skip

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        joint = self.intervals(level, simultaneous=True)
        rows = [
            {**found.to_dict(level), "group": dict(zip(self.names, map(_plain, group), strict=True)), "label": label,
             "joint_lower": low, "joint_upper": high}
            for found, group, label, (low, high) in zip(
                self.estimates, self.groups, self.labels, joint.tolist(), strict=True)
        ]  # fmt: skip
        return {
            "names": list(self.names), "groups": rows, "covariance": self.covariance.tolist(), "unit": self.unit,
            "all_equal": self._equality(), "left_out": dict(self.left_out), "method": self.method,
            "reason": self.reason, "notes": list(self.notes), "n_dropped": self.n_dropped,
            "dropped": dict(self.dropped), "filled": dict(self.filled),
            "estimand": self.estimand.to_dict(),
        }  # fmt: skip

    def _rows(self, level: float) -> list[dict[str, str]]:
        both = zip(self.intervals(level), self.intervals(level, simultaneous=True), strict=True)
        intervals = [[f"{low:+.4f} to {high:+.4f}" for low, high in pair] for pair in both]
        return [
            {
                ", ".join(self.names): label, "estimate": f"{found.value:+.4f}",
                "standard error": f"{found.stderr:.4f}", f"{percent(level)} interval": own,
                f"{percent(level)} for all": joint, "unit": self.unit, "target": found.target, "units": f"{found.n:,}",
            }
            for label, found, (own, joint) in zip(self.labels, self.estimates, intervals, strict=True)
        ]  # fmt: skip

    def __str__(self) -> str:
        names = ", ".join(self.names)
        width = min(max(len(text) for text in (*self.labels, names)), WIDTH)
        rows = zip(
            self.labels, self.estimates, self.intervals(), self.intervals(simultaneous=True), strict=True
        )  # fmt: skip
        own, joint = "95%", f"95% for all {len(self)}"
        lines = [
            f"Effect of {' and '.join(self.estimand.treatment)} on {self.estimand.outcome} within {names}, {self.unit}",
            f"  {names[:width]:<{width}}  {'effect':>18}  {own:^20}  {joint:^20}  {'units':>10}",
        ]
        for label, found, (low, high), (wide_low, wide_high) in rows:
            lines.append(
                f"  {label[:width]:<{width}}  {found.value:>+8.4f} ± {found.stderr:.4f}  "
                f"{f'{low:+.4f} to {high:+.4f}':^20}  {f'{wide_low:+.4f} to {wide_high:+.4f}':^20}  {found.n:>10,}"
            )
        return "\n".join([*lines, *(f"  {remark}" for remark in self._remarks())])

    def _remarks(self) -> list[str]:
        equal = self._equality()
        adjusted = ", ".join(node for node in self.estimand.adjustment if node not in self.names)
        clusters = " and ".join(dict.fromkeys(kind for found in self.estimates for kind in found.n_clusters))
        why = f"; chosen because {self.reason}" if self.reason else ""
        target = self.estimates[0].target
        return [
            *([f"all equal: {equal}"] if equal else []),
            f"adjusted for {adjusted or 'nothing'}",
            f"{self.method}{f'; errors clustered by {clusters}' if clusters else ''}{why}",
            *([f"target: {target}"] if target != "ATE" else []),
            *(f"left out: {label}, {reason}" for label, reason in self.left_out.items()),
            *row_remarks(self.n_dropped, self.dropped, self.filled, self.notes),
        ]

    def _equality(self) -> str:
        """The test in words; why there is none; nothing for one group."""
        if len(self) < 2:
            return ""
        try:
            return str(self.test_equal())
        except EstimationError as error:
            return f"no test. {error}"


def label_of(values: tuple[object, ...]) -> str:
    """The values of a group as one text.

    >>> label_of(("mobile", 2.0))
    'mobile, 2'
    """
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float) else str(value)

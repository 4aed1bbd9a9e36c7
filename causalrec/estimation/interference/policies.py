"""Groups that drew policies: what is read of a table, and means of the groups of one policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import codes_of, sorted_levels
from causalrec.data.values import is_number, numbers_of
from causalrec.errors import DataError
from causalrec.estimation.interference.exposures import binary_treatment

if TYPE_CHECKING:
    import pyarrow as pa

    from causalrec.data import Dataset

__all__ = ["GroupMeans", "TwoStage", "read_two_stage", "two_policies"]


@dataclass(frozen=True, slots=True, eq=False)
class GroupMeans:
    """Groups that drew one policy.

    Attributes
    ----------
    n : int64, shape (n_groups, 2)
        Untreated and treated units of each group.
    mean : float64, shape (n_groups, 2)
        Their mean outcomes; NaN where there are none.
    variance : float64, shape (n_groups, 2)
        Variance of their outcomes (divided by n - 1); NaN for fewer than two.
    weight : float64, shape (n_groups,)
        How much each group counts.
    """

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    weight: np.ndarray

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.n)

    @property
    def overall(self) -> np.ndarray:
        """Mean outcome of all units of each group; float64, shape (n_groups,)."""
        return np.asarray(np.where(self.n > 0, self.n * self.mean, 0.0).sum(axis=1) / self.n.sum(axis=1))

    def has(self, own: int) -> bool:
        """Whether every group has units with this treatment."""
        return bool((self.n[:, own] > 0).all())


@dataclass(frozen=True, slots=True, eq=False)
class TwoStage:
    """Outcomes of a two-stage lottery.

    Attributes
    ----------
    outcome, treatment : float64, shape (n,)
    groups : int64, shape (n,)
    saturation : float64, shape (n,)
        What the unit's group drew; the same within a group.
    """

    outcome: np.ndarray
    treatment: np.ndarray
    groups: np.ndarray
    saturation: np.ndarray

    def policy(self, value: float, each: str) -> GroupMeans:
        """The groups that drew a saturation."""
        inside = self.saturation == value
        codes = np.unique(self.groups[inside], return_inverse=True)[1]
        cell, n_groups = 2 * codes + self.treatment[inside].astype(np.int64), int(codes.max()) + 1
        n, total = (np.bincount(cell, weights, 2 * n_groups) for weights in (None, self.outcome[inside]))
        mean = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
        squares = np.bincount(cell, (self.outcome[inside] - mean[cell]) ** 2, 2 * n_groups)
        variance = np.divide(squares, n - 1, out=np.full(len(n), np.nan), where=n > 1)
        shaped = [part.reshape(-1, 2) for part in (n, mean, variance)]
        weight = np.ones(n_groups) if each == "group" else shaped[0].sum(axis=1)
        return GroupMeans(shaped[0].astype(np.int64), shaped[1], shaped[2], weight.astype(float))


def read_two_stage(data: Dataset, treatment: str, outcome: str, group: str, saturation: str) -> TwoStage:
    """The columns of a two-stage lottery.

    Raises
    ------
    DataError : see `two_stage_effects`.
    """
    if data.is_grid:
        raise DataError(f"{data.name!r} is a log of visits; a two-stage design is a flat table, one row a unit.")
    data.require("interactions", (treatment, outcome, group, saturation))
    table = data.tables["interactions"]
    numbers = {name: _numbers(table[name], name) for name in (treatment, outcome, saturation)}
    codes = codes_of(table[group], sorted_levels(table[group], group), group)
    treated = binary_treatment(numbers[treatment], len(codes), treatment)
    _refuse_mixed(codes, numbers[saturation], group, saturation)
    return TwoStage(numbers[outcome], treated, codes, numbers[saturation])


def _numbers(column: pa.ChunkedArray, name: str) -> np.ndarray:
    if not is_number(column.type):
        raise DataError(f"{name!r} holds {column.type}; numbers are needed.")
    values = numbers_of(column)
    bad = ~np.isfinite(values)
    if bad.any():
        raise DataError(f"{int(bad.sum()):,} of {len(values):,} rows miss {name!r} or hold no finite number there.")
    return values


def _refuse_mixed(groups: np.ndarray, saturation: np.ndarray, group: str, name: str) -> None:
    least, most = (np.full(int(groups.max()) + 1, end) for end in (np.inf, -np.inf))
    np.minimum.at(least, groups, saturation)
    np.maximum.at(most, groups, saturation)
    mixed = int((least != most).sum())
    if mixed:
        raise DataError(
            f"{mixed:,} values of {group!r} hold rows of more than one {name!r}; a group draws one policy for all its "
            f"units."
        )


def two_policies(saturation: np.ndarray, low: float | None, high: float | None, name: str) -> tuple[float, float]:
    """The policies to be compared.

    Raises
    ------
    DataError : they are not said, or no group drew them.
    """
    known = np.unique(saturation)
    if low is None and high is None and len(known) == 2:
        return float(known[0]), float(known[1])
    listed = ", ".join(f"{value:g}" for value in known[:10])
    if low is None or high is None:
        raise DataError(f"{name!r} holds {len(known)} policies ({listed}); say which two: low=..., high=....")
    if low == high or any(value not in known.tolist() for value in (low, high)):
        raise DataError(f"low={low!r} and high={high!r} must be two of the policies of {name!r}: {listed}.")
    return float(low), float(high)

"""Two lotteries: groups draw how many of them are treated, units draw who; and whole groups as clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.interference.contrasts import Contrast, SpilloverEffects, contrast
from causalrec.estimation.interference.policies import GroupMeans, TwoStage, read_two_stage, two_policies

if TYPE_CHECKING:
    from causalrec.data import Dataset

__all__ = ["two_stage_effects"]

LEAST_GROUPS = 2
FEW_GROUPS = 10


def two_stage_effects(
    data: Dataset, *, treatment: str, outcome: str, group: str, saturation: str, low: float | None = None,
    high: float | None = None, each: str = "group", unit: str = "outcome",
) -> SpilloverEffects:  # fmt: skip
    """Effects from a lottery of groups and then of units (Hudgens, Halloran 2008, JASA 103(482)).

    Groups drew a policy, the share of their units to be treated; within a group so many units were drawn, each set
    with the same chance. Units of different groups do not touch each other; within a group they may in any way.

    - direct: treated less untreated units, in groups of the policy `high`;
    - spill-over: untreated units of `high` less untreated units of `low` (indirect effect);
    - total: treated units of `high` less untreated units of `low`;
    - overall: all units of `high` less all units of `low`.

    Variances are those of the paper: between groups, and for the direct effect, which is that of these very groups and
    not of others like them, between and within them. Degrees of
    freedom are groups less one, for two policies by Welch and Satterthwaite. Where whole groups are treated (shares
    0 and 1, a cluster-randomised design) the total is all that the design tells.

    Parameters
    ----------
    data : Dataset
        A flat table, one row a unit.
    treatment, outcome, group, saturation : str
        Columns; `saturation` holds the policy that the group drew, such as .3 for 30% treated.
    low, high : float, optional
        Policies to be compared; where there are two in the table they need not be given.
    each : {"group", "unit"}
        Whether each group counts the same, as in the paper, or each unit.
    unit : str
        Unit of the outcome.

    Raises
    ------
    DataError : missing values, a treatment that is not 0 and 1, a policy that varies within a group, policies that
        are not said or that no group drew.
    MissingColumnsError : the table lacks a column.
    EstimationError : fewer than two groups of a policy.

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> rows = {"village": [1, 1, 2, 2, 3, 3, 4, 4], "share": [0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5],
    ...         "invited": [0, 0, 0, 0, 1, 0, 1, 0], "came": [0.0, 0.2, 0.1, 0.1, 3.0, 1.0, 3.2, 1.2]}
    >>> found = two_stage_effects(Dataset.from_frames(rows), treatment="invited", outcome="came", group="village",
    ...                           saturation="share")
    >>> [round(one.value, 1) for one in found.contrasts]
    [2.0, 1.0, 3.0, 2.0]
    """
    if each not in ("group", "unit"):
        raise DataError(f"each is {each!r}; it is 'group' or 'unit'.")
    rows = read_two_stage(data, treatment, outcome, group, saturation)
    low, high = two_policies(rows.saturation, low, high, saturation)
    few, many = rows.policy(low, each), rows.policy(high, each)
    _refuse_few(few, low, group, saturation)
    _refuse_few(many, high, group, saturation)
    found = _effects(few, many, rows, low, high)
    method = f"means of {each}s, {many.n_groups:,} groups at {high:g} and {few.n_groups:,} at {low:g}"
    return SpilloverEffects(
        found.get("direct"), found.get("spill-over"), found["total"], treatment, outcome, method,
        "Hudgens and Halloran, between groups", int(few.n.sum() + many.n.sum()), overall=found.get("overall"),
        unit=unit, notes=_notes(few, many, found, high),
    )  # fmt: skip


def _effects(few: GroupMeans, many: GroupMeans, rows: TwoStage, low: float, high: float) -> dict[str, Contrast]:
    found: dict[str, Contrast] = {}
    if many.has(0) and many.has(1):
        found["direct"] = _direct(many, len(np.unique(rows.groups)), high)
    pairs = {"spill-over": (0, 0, "untreated"), "total": (1, 0, "treated")}
    for name, (own, other, who) in pairs.items():
        if many.has(own) and few.has(other):
            parts = (many.mean[:, own], many.weight), (few.mean[:, other], few.weight)
            found[name] = _difference(name, f"{who} units at {high:g} against untreated at {low:g}", *parts)
    if "total" not in found:
        raise EstimationError(
            f"Every group at {high:g} needs treated units and every group at {low:g} untreated ones, to be compared."
        )
    if "direct" in found or "spill-over" in found:
        parts = (many.overall, many.weight), (few.overall, few.weight)
        found["overall"] = _difference("overall", f"all units at {high:g} against all at {low:g}", *parts)
    return found


def _direct(many: GroupMeans, n_all: int, high: float) -> Contrast:
    """Treated less untreated within groups; its variance has a part between groups and one within them."""
    value, share = many.mean[:, 1] - many.mean[:, 0], many.n_groups / n_all
    mean, between = _mean(value, many.weight)
    inner = (np.nan_to_num(many.variance) / many.n).sum(axis=1)
    within = float(((many.weight / many.weight.sum()) ** 2 * inner).sum())
    # Groups of a policy are a sample of all groups; what varies within them is added for that part alone.
    variance = (1 - share) * between + share * within
    if np.isnan(many.variance).any():
        variance = between  # with one unit in an arm what varies within is not known, and this is no less
    return contrast("direct", f"treated against untreated units at {high:g}", mean, variance, many.n_groups - 1.0)


def _difference(name: str, compares: str, one: tuple, other: tuple) -> Contrast:
    (mean_one, var_one), (mean_other, var_other) = _mean(*one), _mean(*other)
    variance = var_one + var_other
    pieces = var_one**2 / (len(one[0]) - 1) + var_other**2 / (len(other[0]) - 1)
    dof = variance**2 / pieces if pieces > 0 else float(min(len(one[0]), len(other[0])) - 1)
    return contrast(name, compares, mean_one - mean_other, variance, dof)


def _mean(value: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted mean over groups, and its variance."""
    mean = float(np.average(value, weights=weight))
    n = len(value)
    return mean, float((weight**2 * (value - mean) ** 2).sum() / weight.sum() ** 2 * n / (n - 1))


def _refuse_few(groups: GroupMeans, value: float, group: str, saturation: str) -> None:
    if groups.n_groups < LEAST_GROUPS:
        raise EstimationError(
            f"{groups.n_groups} {group!r} has {saturation!r} {value:g}: how groups differ cannot be told from fewer "
            f"than {LEAST_GROUPS}."
        )


def _notes(few: GroupMeans, many: GroupMeans, found: dict[str, Contrast], high: float) -> tuple[str, ...]:
    said = []
    if "direct" not in found:
        said.append(f"some groups at {high:g} have treated or untreated units alone: no direct effect")
    if "spill-over" not in found:
        said.append(f"some groups at {high:g} have no untreated unit: no spill-over to them")
    fewest = min(few.n_groups, many.n_groups)
    if fewest < FEW_GROUPS:
        said.append(f"{fewest} groups of one policy: take the errors as a rough guide")
    return tuple(said)

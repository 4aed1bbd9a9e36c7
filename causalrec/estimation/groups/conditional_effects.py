"""The effect within each value of a few conditioning columns, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.data.shared_treatment import warn_of_sharing
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.choice import ENOUGH, as_estimator, chosen_estimator
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.groups.conditional_fits import fits_within, joint_covariance, scores_of_one_fit
from causalrec.estimation.groups.conditional_table import ConditionalEffects, label_of
from causalrec.estimation.groups.conditioning import Grouped, grouped_design
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.row_counts import row_counts
from causalrec.identification import Estimand

__all__ = ["MIN_ARM", "MIN_CLUSTERS", "MIN_UNITS", "conditional_effects"]

MIN_UNITS = 20
"""Units of a group below which it has no effect of its own."""

MIN_ARM = 5
"""Units of either arm of a group below which it has none, where the treatment is 0 or 1."""

MIN_CLUSTERS = 10
"""Clusters of a group below which its error says nothing."""


def conditional_effects(
    estimand: Estimand, data: Dataset, *, estimator: Any = None, clusters: Sequence[str] = (),
    weights: str | None = None, missing: str = "refuse", target: str = "ATE",
) -> ConditionalEffects:  # fmt: skip
    """Effect within each value of the nodes that the estimand is conditional on.

    The estimator is fitted in each group by itself, so that nothing of one group is assumed of another.
    Where a group has fewer than 200 units and the estimator averages doubly robust scores over all, it is
    fitted once on all groups, their indicators among the covariates, and the scores are averaged within
    groups: nuisances are then shared. Small groups are left out by name. Clusters may have units of several
    groups; the joint covariance knows it.

    Parameters
    ----------
    estimand : Estimand
        With `conditional` nodes of few values: categories, or numbers.
    data : Dataset
        A flat table.
    estimator : estimator, optional
    clusters : sequence of str
    weights : str, optional
    missing : {"refuse", "drop", "indicator", "impute"}
        For covariates. A row whose group is missing is dropped under "drop" and refused otherwise.
    target : {"ATE", "ATT", "ATO"}
        Whose effect within each group, where no estimator is given.

    Returns
    -------
    ConditionalEffects

    Raises
    ------
    DataError : no conditioning node, more than 50 groups, text, or a log of visits.
    EstimationError : no group has an effect, with each group's reason.

    References
    ----------
    Semenova, Chernozhukov (2021), Econometrics Journal 24(2), for scores averaged within groups.

    Examples
    --------
    >>> paid = [0.0, 1.0, 1.0, 2.0] * 20 + [0.0, 4.0, 1.0, 5.0] * 20
    >>> data = Dataset.from_frames({"coin": [0, 1] * 80, "device": ["desk"] * 80 + ["phone"] * 80, "paid": paid})
    >>> found = conditional_effects(Estimand(("coin",), "paid", "adjustment", conditional=("device",)), data)
    >>> found.labels, found.value.round(1).tolist()
    (('desk', 'phone'), [1.0, 4.0])
    """
    _refuse(estimand, data)
    grouped = grouped_design(estimand, data, clusters, weights, missing)
    estimator = None if estimator is None else as_estimator(estimator)
    left_out = {label_of(name): why for at, name in enumerate(grouped.groups) if (why := _too_small(grouped.part(at)))}
    kept = [at for at, name in enumerate(grouped.groups) if label_of(name) not in left_out]
    _refuse_none(kept, left_out, estimand)
    chosen, reason = (estimator, "") if estimator else _chosen(estimand, grouped, kept, target)
    if _smallest(grouped, kept) < ENOUGH and _averages(chosen):
        found, words = scores_of_one_fit(estimand, grouped, kept, chosen, data.unit), "scores averaged within groups"
    else:
        found, words = fits_within(estimand, grouped, kept, chosen, left_out, data.unit), "fitted within each group"
    _refuse_none(list(found), left_out, estimand)
    estimates = tuple(estimate for estimate, _ in found.values())
    sharing = warn_of_sharing(estimand, data, tuple(grouped.rows.clusters), weights)
    few = {f"{label_of(grouped.groups[at])}: {note}": None for at, (own, _) in found.items() for note in own.notes}
    return ConditionalEffects(
        names=estimand.conditional, groups=tuple(grouped.groups[at] for at in found), estimates=estimates,
        covariance=joint_covariance(grouped, found), estimand=estimand, method=f"{estimates[0].method}, {words}",
        unit=data.unit, left_out=left_out, reason=reason, notes=(*few, *sharing),
        **row_counts(estimand, data, missing, grouped.rows),
    )  # fmt: skip


def _chosen(estimand: Estimand, grouped: Grouped, kept: list[int], target: str) -> tuple[InfluenceEstimator, str]:
    plain = replace(estimand, conditional=())
    chosen, reason = chosen_estimator(plain, grouped.rows, target)
    few = _smallest(grouped, kept) < ENOUGH
    if not few or isinstance(chosen, OLS) or estimand.strategy != "adjustment" or grouped.rows.absorbed:
        return chosen, reason
    if isinstance(chosen, InteractiveDML) and target == "ATE":
        return AIPW(), f"a group has fewer than {ENOUGH} rows, too few for nuisances of its own"
    if target != "ATE":
        return chosen, reason
    return OLS(), f"a group has fewer than {ENOUGH} rows, too few to cross-fit"


def _smallest(grouped: Grouped, kept: list[int]) -> int:
    return int(min(np.bincount(grouped.codes)[at] for at in kept))


def _averages(estimator: InfluenceEstimator) -> bool:
    """Whether the estimate is the mean of a score, the same for all groups."""
    return isinstance(estimator, AIPW | InteractiveDML) and estimator.target == "ATE"


def _too_small(part: Design) -> str:
    """Why a group can have no effect of its own; nothing where it can."""
    counts = part.weight is None or part.weight > 0
    t, n = part.treatments, int(np.sum(np.broadcast_to(counts, part.n)))
    if n < MIN_UNITS:
        return f"{n:,} units, fewer than {MIN_UNITS}"
    for name, column in zip(part.treatment_names, t.T, strict=True):
        if np.ptp(column) == 0:
            return f"{name} is {column[0]:g} in all {n:,} units"
        off, on = int((column == 0).sum()), int((column == 1).sum())
        if off + on == len(column) and min(off, on) < MIN_ARM:
            return f"{off:,} units untreated and {on:,} treated, fewer than {MIN_ARM} of a kind"
    if np.ptp(part.outcome) == 0:
        return f"the outcome is {part.outcome[0]:g} in all {n:,} units"
    for name, count in part.n_clusters.items():
        if count < MIN_CLUSTERS:
            return f"{count} values of {name}, too few clusters for an error"
    return ""


def _refuse(estimand: Estimand, data: Dataset) -> None:
    if not estimand.conditional:
        raise DataError('Name the groups in the graph\'s words: identify(..., conditional="segment").')
    if data.is_grid:
        raise DataError(
            "A log of visits has no effects within groups: give a flat table, one row a unit, or ask for scores."
        )
    if estimand.strategy == "id":
        raise EstimationError(
            "An expression of the ID algorithm has no estimator within groups. Estimate it in the rows of one value."
        )


def _refuse_none(kept: list[int], left_out: dict[str, str], estimand: Estimand) -> None:
    if not kept:
        reasons = "; ".join(f"{label}: {why}" for label, why in list(left_out.items())[:5])
        raise EstimationError(
            f"No value of {', '.join(estimand.conditional)} has an effect of its own. {reasons}. Take fewer and larger "
            f"groups."
        )

"""Estimates within groups, by a fit of each or by the scores of one fit, and their joint error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator, effective_number
from causalrec.estimation.groups.conditional_table import label_of
from causalrec.estimation.groups.conditioning import Grouped, recoded
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.few_clusters import cluster_notes
from causalrec.estimation.uncertainty.simultaneous import correlation_of
from causalrec.identification import Estimand

__all__ = ["Found", "fits_within", "joint_covariance", "scores_of_one_fit"]

Found = tuple[EffectEstimate, np.ndarray | None]
"""An estimate, and the influence of the units of its group on it."""


def fits_within(
    estimand: Estimand, grouped: Grouped, kept: list[int], estimator: InfluenceEstimator, left_out: dict[str, str],
    unit: str,
) -> dict[int, Found]:  # fmt: skip
    """A fit of its own for each group; one that fails is left out with the reason."""
    found: dict[int, Found] = {}
    for at in kept:
        try:
            estimate = estimator.fit(grouped.part(at)).effect(estimand, unit=unit)
        except EstimationError as error:
            left_out[label_of(grouped.groups[at])] = str(error)
            continue
        found[at] = (replace(estimate, influence=None), estimate.influence)
    return found


def scores_of_one_fit(
    estimand: Estimand, grouped: Grouped, kept: list[int], estimator: InfluenceEstimator, unit: str
) -> dict[int, Found]:
    """Scores of one fit on all groups that are kept, averaged within each."""
    among = np.isin(grouped.codes, kept)
    rows, codes = recoded(grouped.rows.rows(np.flatnonzero(among))), grouped.codes[among]
    member = (codes[:, None] == np.array(kept[1:])).astype(float)
    names = tuple(f"group {label_of(grouped.groups[at])}" for at in kept[1:])
    estimator.fit(
        replace(
            rows, covariates=np.column_stack([rows.covariates, member]), covariate_names=(*rows.covariate_names, *names)
        )
    )
    assert estimator.influence_ is not None
    weight = np.ones(rows.n) if rows.weight is None else rows.weight / rows.weight.mean()
    found: dict[int, Found] = {}
    for at in kept:
        own = np.flatnonzero(codes == at)
        part = recoded(rows.rows(own))
        value, influence = averaged(float(estimator.value_[0]), estimator.influence_[own, 0], weight[own])
        covariance, dof = influence_covariance(influence[:, None], part.clusters, 1)
        estimate = EffectEstimate(
            value=value, stderr=float(covariance[0, 0] ** 0.5), n=part.n, dof=dof, method=estimator.method_,
            estimand=estimand, unit=unit, n_clusters=part.n_clusters, effective_n=effective_number(part.weight),
            notes=cluster_notes(part.n_clusters, dof, None, ""),
        )  # fmt: skip
        found[at] = (estimate, influence)
    return found


def averaged(overall: float, influence: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean within a group of scores whose influence on the overall mean is weight * (score - overall).

    Parameters
    ----------
    overall : float
    influence, weight : float64, shape (n_group,)

    Returns
    -------
    value : float
    influence : float64, shape (n_group,)
        Of the group's units on it.

    Examples
    --------
    >>> averaged(2.0, np.array([1.0, 3.0]), np.ones(2))[0]
    4.0
    """
    value = overall + float(influence.sum() / weight.sum())
    return value, (influence - weight * (value - overall)) * len(weight) / weight.sum()


def joint_covariance(grouped: Grouped, found: dict[int, Found]) -> np.ndarray:
    """Each group's own variance, and the covariances that clusters with units of several groups make."""
    stderr = np.array([estimate.stderr for estimate, _ in found.values()])
    clusters = grouped.rows.clusters
    if not clusters or any(influence is None for _, influence in found.values()):
        return np.diag(stderr**2)
    spread = np.zeros((grouped.rows.n, len(found)))
    for column, (at, (_, influence)) in enumerate(found.items()):
        own = grouped.codes == at
        assert influence is not None
        spread[own, column] = influence * grouped.rows.n / own.sum()
    correlation = correlation_of(influence_covariance(spread, clusters)[0])
    return correlation * np.outer(stderr, stderr)

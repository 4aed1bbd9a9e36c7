"""Sums by cluster from which every sample of a wild bootstrap follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.group_effects import absorb
from causalrec.estimation.moments.design_moments import design_moments, leading_columns, pieces
from causalrec.estimation.moments.moments import add_by
from causalrec.estimation.moments.ridge import centred, ridge

__all__ = ["MIN_CLUSTERS", "ClusterSums", "absorbed_sums", "cluster_sums"]

MIN_CLUSTERS = 5
NO_VARIATION = 1e-9  # share of a column's variance that is rounding error
N_SPREAD = 20_000_000  # numbers of a table of rows times clusters, 160 MB


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """Sums by cluster of products of an instrument z, the treatment t and the outcome y, once all else W is out.

    Without an instrument z is t.

    Attributes
    ----------
    own, treatment, outcome : float64, shape (n_clusters,)
        z'z, z't and z'y of each cluster.
    mixed_treatment, mixed_outcome : float64, shape (n_clusters, n_clusters)
        z'W (W'W)^-1 W't and the same with y: what cluster h does to the score of cluster g through W.
    instrumented : bool
    """

    own: np.ndarray
    treatment: np.ndarray
    outcome: np.ndarray
    mixed_treatment: np.ndarray
    mixed_outcome: np.ndarray
    instrumented: bool = False


def cluster_sums(design: Design, treatment: int = 0, *, instrumented: bool = False) -> ClusterSums:
    """Two passes over a design, in memory or streamed.

    Parameters
    ----------
    design : Design
        With clusters of one kind.
    treatment : int
        Which of the treatments; the others are held fixed.
    instrumented : bool
        Whether its one instrument takes the treatment's place.

    Raises
    ------
    DataError : no clusters, or of two kinds.
    EstimationError : fewer than five clusters, or a column that varies in one of them alone.
    """
    found = design_moments(design, instruments=instrumented)
    about, y = centred(found.total.gram, found.total.n), len(design.treatment_names)
    roles = np.array([found.n_leading - 1 if instrumented else treatment, treatment, y])
    others = np.setdiff1d(np.arange(len(found.names)), roles)
    fit = ridge(about, roles, others, 0.0, scale=True)
    z, name = roles[0], found.names[roles[0]]
    left = about.cross[z, z] - about.cross[z, others] @ fit.coef[:, 0]
    _refuse_constant(left, about.cross[z, z], name)
    coef = np.vstack([fit.intercept, fit.coef])
    sums = np.zeros((0, 3 + 3 * len(coef)))
    for batch in pieces(design, 4 * len(found.names)):
        rows = np.column_stack([leading_columns(batch, instrumented), batch.matrix()]) - found.shift
        known = np.column_stack([np.ones(batch.n), rows[:, others]])
        columns = (rows[:, roles] - known @ coef) * (1.0 if batch.weight is None else batch.weight[:, None] ** 0.5)
        known *= 1.0 if batch.weight is None else batch.weight[:, None] ** 0.5
        products = np.column_stack([columns[:, :1] * columns, *(known * column[:, None] for column in columns.T)])
        codes = _codes(batch)
        sums = np.vstack([sums, np.zeros((max(0, int(codes.max()) + 1 - len(sums)), sums.shape[1]))])
        add_by(sums, products, codes)
    gram = found.total.gram[np.ix_([0, *others + 1], [0, *others + 1])]
    sums = sums[(sums != 0).any(axis=1)]
    of_z, of_t, of_y = np.split(sums[:, 3:], 3, axis=1)
    through = of_z @ _inverse(gram)
    found_sums = ClusterSums(
        sums[:, 0], sums[:, 1], sums[:, 2], through @ of_t.T, through @ of_y.T, instrumented
    )  # fmt: skip
    return _checked(found_sums, name)


def absorbed_sums(design: Design, treatment: int = 0) -> ClusterSums:
    """The same with effects of groups among all else; for rows in memory.

    What all else says of the treatment in one cluster alone is one solve of the effects a cluster.

    Raises
    ------
    EstimationError : a stream, or more rows times clusters than memory should hold.
    """
    codes = _codes(design) if not design.streamed else np.empty(0, dtype=np.int64)
    present, codes = np.unique(codes, return_inverse=True)
    if design.streamed or design.n * len(present) > N_SPREAD:
        raise EstimationError("with absorbed effects the wild bootstrap needs the rows in memory, and fewer of them")
    y, weight = len(design.treatment_names), np.ones(design.n) if design.weight is None else design.weight

    def left_of(columns: np.ndarray) -> np.ndarray:
        return absorb(columns, design.absorbed, design.weight)

    rows = np.column_stack([design.treatments, design.outcome, design.matrix()])
    left = left_of(rows)
    others = left[:, np.setdiff1d(np.arange(rows.shape[1]), [treatment, y])]
    inverse = _inverse((others * weight[:, None]).T @ others)

    def without(columns: np.ndarray) -> np.ndarray:
        return columns - others @ (inverse @ (others.T @ (columns * weight[:, None])))

    t, e = without(left[:, [treatment, y]]).T
    before = rows[:, treatment] - np.average(rows[:, treatment], weights=weight)
    _refuse_constant(weight @ t**2, weight @ before**2, design.treatment_names[treatment])
    spread = t[:, None] * (codes[:, None] == np.arange(len(present)))
    said = (spread - without(left_of(spread))) * weight[:, None]
    sums = np.zeros((len(present), 2 + 2 * len(present)))
    add_by(sums, np.column_stack([weight * t * t, weight * t * e, said * t[:, None], said * e[:, None]]), codes)
    of_t, of_y = np.split(sums[:, 2:], 2, axis=1)
    found = ClusterSums(sums[:, 0], sums[:, 0], sums[:, 1], of_t.T, of_y.T)
    return _checked(found, design.treatment_names[treatment])


def _inverse(gram: np.ndarray) -> np.ndarray:
    unit = np.sqrt(np.where(np.diag(gram) > 0, np.diag(gram), 1.0))
    return np.linalg.pinv(gram / np.outer(unit, unit), rcond=1e-12, hermitian=True) / np.outer(unit, unit)


def _refuse_constant(left: float, before: float, name: str) -> None:
    if not left > NO_VARIATION * max(before, 1e-300):
        raise EstimationError(f"{name!r} does not vary once the adjustment set is held fixed.")


def _checked(sums: ClusterSums, name: str) -> ClusterSums:
    if len(sums.own) < MIN_CLUSTERS:
        raise EstimationError(f"{len(sums.own)} clusters are too few for the bootstrap; {MIN_CLUSTERS} are the least.")
    if sums.own.sum() ** 2 < 1.5 * (sums.own**2).sum():
        raise EstimationError(
            f"Most of what varies of {name!r} is in one cluster, so clusters cannot be compared. Find more of them, "
            f"or adjust for what sets that one apart."
        )
    return sums


def _codes(batch: Design) -> np.ndarray:
    if len(batch.clusters) != 1:
        raise DataError(f"The wild bootstrap takes clusters of one kind; the design has {len(batch.clusters)}.")
    return next(iter(batch.clusters.values()))

"""Linear regression on a flat table, with absorbed effects and clustered errors."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.grids.grid_regression import NO_VARIATION, Regression, left_over
from causalrec.estimation.linear.group_effects import absorb
from causalrec.estimation.uncertainty.clusters import cluster_meat

__all__ = ["absorb", "table_regression"]


def table_regression(columns: Design, names: tuple[str, ...]) -> Regression:
    """Least squares of the outcome on treatments and covariates.

    The error is heteroskedasticity-robust (HC1), or clustered by each of `columns.clusters`
    (Cameron, Gelbach, Miller 2011). Assumes a linear outcome model within the adjustment set.

    Parameters
    ----------
    columns : Design
    names : tuple of str
        Names of the treatments.

    Raises
    ------
    EstimationError : a treatment that does not vary given the covariates, or fewer rows than columns.
    """
    n, p = columns.treatments.shape
    effects = columns.absorbed or (np.zeros(n, dtype=np.int64),)
    left = absorb(np.column_stack([columns.treatments, columns.covariates, columns.outcome]), effects)
    nuisance, keep = left[:, p:-1], [*range(p), -1]
    if nuisance.shape[1]:
        left[:, keep] -= nuisance @ np.linalg.lstsq(nuisance, left[:, keep], rcond=None)[0]
    treatments, outcome = left[:, :p], left[:, -1]
    gram, before = treatments.T @ treatments, n * columns.treatments.var(axis=0)
    share = left_over(gram, before)
    if (share < NO_VARIATION).any():
        lost = [name for name, value in zip(names, share, strict=True) if value < NO_VARIATION]
        raise EstimationError(f"{' and '.join(map(repr, lost))} does not vary once the adjustment set is held fixed.")
    coef = np.linalg.solve(gram, treatments.T @ outcome)
    residual = outcome - treatments @ coef
    lost_dof = p + nuisance.shape[1] + n_effects(effects, columns.clusters)
    if n <= lost_dof:
        raise EstimationError(f"{n} rows cannot carry {lost_dof} coefficients.")
    meat, dof = cluster_meat(treatments * residual[:, None], columns.clusters, n, lost_dof)
    inverse = np.linalg.inv(gram)
    return Regression(
        names=names, coef=coef, cov=inverse @ meat @ inverse, gram=gram, residual_ss=float(residual @ residual),
        outcome_ss=float(outcome @ outcome), variation=share, effective_items=np.full(p, np.nan), n=n, dof=dof,
        n_clusters={name: int(codes.max()) + 1 for name, codes in columns.clusters.items()},
    )  # fmt: skip


def n_effects(effects: tuple[np.ndarray, ...], clusters: dict[str, np.ndarray]) -> int:
    """Lost degrees of freedom: effects that are nested in no cluster, and the constant."""
    free = [codes for codes in effects if not any(_nested(codes, cluster) for cluster in clusters.values())]
    return max(1, sum(int(codes.max()) + 1 for codes in free) - max(0, len(free) - 1))


def _nested(codes: np.ndarray, cluster: np.ndarray) -> bool:
    _, first = np.unique(codes, return_index=True)
    return bool((cluster[first][codes] == cluster).all())

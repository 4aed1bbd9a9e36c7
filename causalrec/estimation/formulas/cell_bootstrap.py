"""Covariance of the means of an expression from resampled rows or clusters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.formulas.cell_derivatives import Cells, level_means

__all__ = ["resampled_covariance"]

MAX_LOST = 0.05  # share of resamples without positivity above which no error is given


def resampled_covariance(
    cells: Cells, clusters: Mapping[str, np.ndarray], weight: np.ndarray | None, n_draws: int, random_state: int
) -> tuple[np.ndarray, float]:
    """Covariance of the means over resamples, and the share of resamples that have empty cells.

    Parameters
    ----------
    cells : Cells
    clusters : mapping of str to int64, shape (n,)
        Codes of clusters that are resampled whole; at most one kind.
    weight : float64, shape (n,), or None
    n_draws, random_state : int

    Returns
    -------
    covariance : float64, shape (n_levels, n_levels)
    lost : float

    Raises
    ------
    EstimationError : several kinds of clusters, or empty cells in more than 5% of the resamples.
    """
    if len(clusters) > 1:
        raise EstimationError(f"A bootstrap resamples one kind of clusters, not {' and '.join(clusters)}.")
    base = np.ones(len(cells.cell)) if weight is None else weight
    codes = next(iter(clusters.values()), None)
    if codes is None:  # numbered by what they hold: rows in another order give the same resamples
        codes = np.argsort(np.lexsort((base, cells.cell)))
    n_codes, draws = int(codes.max()) + 1, []
    rng = np.random.default_rng(random_state)
    for _ in range(n_draws):
        times = rng.multinomial(n_codes, np.full(n_codes, 1 / n_codes))
        share = np.bincount(cells.cell, weights=times[codes] * base, minlength=len(cells.share))
        try:
            draws.append(level_means(cells, share / share.sum()))
        except EstimationError:
            continue
    lost = 1 - len(draws) / n_draws
    if lost > MAX_LOST or len(draws) < 2:
        raise EstimationError(
            f"{lost:.0%} of the resamples have an empty cell (no positivity): the rarest combination has "
            f"{np.bincount(cells.cell).min():,} rows. Cut values into fewer levels, or take error='influence'."
        )
    return np.cov(np.array(draws), rowvar=False), lost

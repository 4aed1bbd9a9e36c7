"""Pairs of a treated and an untreated unit with nearly the same propensity, no unit twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.sensitivity.plain_numbers import are_numbers

__all__ = ["MatchedPairs", "matched_pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class MatchedPairs:
    """Who is compared with whom.

    Attributes
    ----------
    treated, untreated : int64, shape (n_pairs,)
        Rows of the design.
    difference : float64, shape (n_pairs,)
        Outcome of the treated less that of the untreated.
    n_unmatched : int
        Treated units without a partner.
    farthest : float
        Largest difference of log odds in a pair, in standard deviations.
    """

    treated: np.ndarray
    untreated: np.ndarray
    difference: np.ndarray
    n_unmatched: int
    farthest: float


def matched_pairs(design: Design, *, caliper: float = 0.2) -> MatchedPairs:
    """Greedy pairs on the log odds of treatment, those hardest to match first.

    Parameters
    ----------
    design : Design
        In memory, one treatment of 0 and 1, without clusters and weights.
    caliper : float
        Largest distance in standard deviations of the log odds; inf for none.

    Raises
    ------
    DataError : a caliper that is no number above 0.
    EstimationError : clusters or weights, no pair within the caliper, or arms that the covariates tell apart.

    References
    ----------
    Austin (2011), Pharmaceutical Statistics 10(2), on the caliper.

    Examples
    --------
    >>> t, x = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.1, 5.0, 5.2, 2.0, 1.5])
    >>> found = matched_pairs(Design(x + t, t[:, None], x[:, None], (), {}), caliper=np.inf)
    >>> found.treated.tolist(), found.untreated.tolist()
    ([0, 3, 5], [1, 2, 4])
    """
    if not (are_numbers(caliper) and caliper > 0):
        raise DataError(f"caliper is {caliper!r}; it is a number of standard deviations above 0.")
    if design.clusters or design.weight is not None:
        raise EstimationError("Signs of pairs are free of each other only without clusters and weights.")
    arms = two_arms(design, "Matching in pairs")
    e = logistic_propensity(arms).e
    logit = np.log(e) - np.log1p(-e)
    spread = float(logit.std()) or 1.0
    rows = arms.order  # pairs follow what rows hold, not where they stand
    on, off = rows[arms.t[rows] == 1], rows[arms.t[rows] == 0]
    off = off[np.argsort(logit[off], kind="stable")]
    on = on[np.argsort(-logit[on], kind="stable")]
    partner = _nearest_free(logit[on], logit[off], caliper * spread)
    kept = partner >= 0
    if not kept.any():
        raise EstimationError(f"No treated unit has an untreated one within {caliper:g} standard deviations.")
    treated, untreated = on[kept], off[partner[kept]]
    order = np.argsort(treated)
    treated, untreated = treated[order], untreated[order]
    gaps = np.abs(logit[treated] - logit[untreated]) / spread
    return MatchedPairs(treated, untreated, arms.y[treated] - arms.y[untreated], int((~kept).sum()), float(gaps.max()))


def _nearest_free(asked: np.ndarray, places: np.ndarray, reach: float) -> np.ndarray:
    """For each asked in turn the nearest free place, -1 where none is within reach; `places` ascend."""
    m = len(places)
    above, below = list(range(m + 1)), list(range(m + 1))  # next free place on either side; one more at the end
    found = np.full(len(asked), -1, dtype=np.int64)
    for row, start in enumerate(np.searchsorted(places, asked).tolist()):
        right, left = _root(above, start), _root(below, start) - 1  # `below` counts places from 1
        near = min((at for at in (left, right) if 0 <= at < m), key=lambda at: abs(places[at] - asked[row]), default=-1)
        if near >= 0 and abs(places[near] - asked[row]) <= reach:
            found[row] = near
            above[near], below[near + 1] = near + 1, near
    return found


def _root(links: list[int], at: int) -> int:
    """Where the links from a place end; they are shortened on the way."""
    end = at
    while links[end] != end:
        end = links[end]
    while links[at] != end:
        links[at], at = end, links[at]
    return end

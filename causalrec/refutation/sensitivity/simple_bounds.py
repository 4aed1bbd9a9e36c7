"""The marginal sensitivity model without balance: bounds that are simple, valid and wide."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation.bounds import Bounds
from causalrec.estimation.doubly_robust.two_arms import TwoArms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.sensitivity.marginal_model import compared, marginal_arms, odds_words

__all__ = ["simple_bounds"]

MAX_LOST = 0.1  # share of bootstrap samples without an estimate


def simple_bounds(
    design: Design, odds_ratio: float, *, target: str = "ATE", n_draws: int = 500, random_state: int = 0,
    unit: str = "outcome",
) -> Bounds:  # fmt: skip
    """Bounds of the marginal sensitivity model by weights that need not balance, with a percentile bootstrap.

    Assumes what `sharp_bounds` does, and gives a wider range, as weights that change by the factor are let to
    unbalance the covariates. Propensities are estimated anew in each sample; clusters are drawn whole.

    Parameters
    ----------
    design : Design
        In memory, one treatment of 0 and 1.
    odds_ratio : float
        1 or more.
    target : {"ATE", "ATT"}
    n_draws : int
        20 or more.
    random_state : int
    unit : str

    Raises
    ------
    DataError, EstimationError : as `sharp_bounds`; several kinds of clusters.

    References
    ----------
    Zhao, Small, Bhattacharya (2019), J. Royal Statistical Society B 81(4).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> t = (rng.random(500) < 1 / (1 + np.exp(-x))).astype(float)
    >>> found = simple_bounds(Design(x + t + rng.normal(size=500), t[:, None], x[:, None], (), {}), 1.5, n_draws=50)
    >>> found.lower < 1 < found.upper
    True
    """
    if not isinstance(n_draws, int | np.integer) or n_draws < 20:
        raise DataError(f"n_draws is {n_draws!r}; it is a whole number of 20 or more.")
    if len(design.clusters) > 1:
        raise EstimationError(f"A bootstrap draws one kind of clusters, not {' and '.join(design.clusters)}.")
    arms, propensity = marginal_arms(design, odds_ratio, target)
    ends = _ends(arms, propensity.e, odds_ratio, target)
    draws = _draws(design, arms, odds_ratio, target, int(n_draws), random_state)
    errors = draws.std(axis=0, ddof=1)
    return Bounds(
        float(ends[0]), float(ends[1]), odds_words(odds_ratio), float(errors[0]), float(errors[1]), unit=unit,
        subject=design.treatment_names[0], n=design.n, target=target, n_clusters=design.n_clusters, draws=draws,
        method=f"marginal sensitivity model, weights without balance, {n_draws} bootstrap samples",
    )  # fmt: skip


def extreme_mean(y: np.ndarray, base: np.ndarray, odds: np.ndarray, odds_ratio: float) -> float:
    """Largest weighted mean of y where the weights are base + odds * v, each v within the factor.

    The largest has v at the factor for the highest outcomes and at its inverse for the others, so all such cuts are
    looked at; all arrays (m,), sorted by y from high to low.
    """
    high, low = base + odds * odds_ratio, base + odds / odds_ratio

    def cuts(values: np.ndarray, others: np.ndarray) -> np.ndarray:
        return np.r_[0.0, np.cumsum(values)] + np.r_[others.sum(), others.sum() - np.cumsum(others)]

    return float((cuts(high * y, low * y) / cuts(high, low)).max())


def _ends(
    arms: TwoArms, e: np.ndarray, odds_ratio: float, target: str, order: np.ndarray | None = None
) -> tuple[float, float]:
    order = np.argsort(-arms.y, kind="stable") if order is None else order
    ends = np.zeros(2)
    if target == "ATT":
        ends += np.average(arms.y, weights=arms.weight * arms.t)
    for arm in compared(arms.t, e, target):
        down = order[arm.seen[order]]
        w = arms.weight[down]
        base, odds, y = arm.base * w, arm.odds[down] * w, arms.y[down]
        most = extreme_mean(y, base, odds, odds_ratio)
        least = -extreme_mean(-y[::-1], base[::-1], odds[::-1], odds_ratio)
        ends += np.array([least, most] if arm.sign > 0 else [-most, -least])
    return float(ends[0]), float(ends[1])


def _draws(
    design: Design, arms: TwoArms, odds_ratio: float, target: str, n_draws: int, random_state: int
) -> np.ndarray:
    from dataclasses import replace

    rng, found = np.random.default_rng(random_state), []
    codes = next(iter(design.clusters.values()), None)
    place = np.empty(arms.n, dtype=np.int64)
    place[arms.order] = np.arange(arms.n)  # so that rows in another order are drawn alike
    units = place if codes is None else _ranked(codes, place)
    n_units, down = int(units.max()) + 1, np.argsort(-arms.y, kind="stable")
    for _ in range(n_draws):
        times = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units)[units]
        drawn = replace(arms, weight=arms.weight * times)
        try:
            e = logistic_propensity(drawn).e
            found.append(_ends(drawn, e, odds_ratio, target, down))
        except (CausalrecError, ZeroDivisionError):  # a sample whose arms come apart
            continue
    if len(found) < (1 - MAX_LOST) * n_draws:
        raise EstimationError(
            f"{n_draws - len(found)} of {n_draws} bootstrap samples have arms that share no region: overlap is thin."
        )
    return np.array(found)


def _ranked(codes: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Clusters numbered by the first of their rows in an order that follows what rows hold."""
    first = np.full(int(codes.max()) + 1, len(codes), dtype=np.int64)
    np.minimum.at(first, codes, place)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[codes]

"""How many times more often an item is bought when it is treated, by history, kind and text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.grids.strata import Strata

__all__ = ["Lift", "LiftModel"]

N_ROUNDS = 40  # of the prior variances
TOLERANCE = 1e-3  # relative change of every prior variance


@dataclass(frozen=True, slots=True, eq=False)
class Lift:
    """Log rate ratios, treated over untreated.

    Attributes
    ----------
    log_lift : float64, shape (n_histories, n_items)
    variance : float64, shape (n_histories, n_items)
        Posterior variance of `log_lift`, overdispersion included.
    """

    log_lift: np.ndarray
    variance: np.ndarray


class LiftModel:
    """Conditional Poisson regression of purchases with a hierarchical prior on the items.

    Within a stratum (item, context group, purchase history) the base rate is free; given the
    stratum's purchases, the treated ones are binomial with log odds log(n1/n0) + log lift, so the
    base rates cancel (Hausman, Hall, Griliches 1984, Econometrica 52(4)). The log lift is
    a_history + z_item' g + u_item: g and u are normal around 0, their variances set by maximum
    marginal likelihood (MacKay's fixed point). Purchases of an item in a context group share shocks:
    the likelihood is divided by the overdispersion found there.

    Assumes no unmeasured confounding within strata, and that the lift is constant within them.

    Parameters
    ----------
    n_rounds : int
        Most rounds of the fixed point.

    Attributes
    ----------
    history_ : float64, shape (n_histories,)
        Log lift of each history for the average item.
    coef_ : float64, shape (q,)
        Of the items' covariates.
    item_ : float64, shape (n_items,)
        What the covariates leave.
    dispersion_ : float
        Variance of an item's purchases over the binomial one; at least 1.
    prior_variance_ : float64, shape (n_blocks + 1,)
        Of each block of covariates' coefficients, and of the items.
    """

    def __init__(self, *, n_rounds: int = N_ROUNDS):
        self.n_rounds = n_rounds

    def fit(self, strata: Strata, blocks: list[np.ndarray]) -> LiftModel:
        """Fit the lift; each block is an array (n_items, q_b) of the items' covariates."""
        n_items = len(blocks[0])
        covariates = np.column_stack([block - block.mean(axis=0) for block in blocks])
        sizes = [block.shape[1] for block in blocks]
        prior = np.array([0.5 / max(1.0, (b.var(axis=0)).sum()) for b in blocks] + [0.2])
        state = (np.zeros(int(strata.history.max()) + 1), np.zeros(covariates.shape[1]), np.zeros(n_items))
        dispersion = 1.0
        for _ in range(self.n_rounds):
            state, curvature = _newton(strata, covariates, state, np.repeat(prior[:-1], sizes), prior[-1], dispersion)
            new = _variances(state, curvature, sizes, prior)
            dispersion = _dispersion(strata, covariates, state)
            done = np.allclose(new, prior, rtol=TOLERANCE)
            prior = new
            if done:
                break
        self.history_, self.coef_, self.item_ = state
        self.dispersion_, self.prior_variance_ = dispersion, prior
        self._covariates, self._curvature = covariates, curvature
        return self

    def lift(self) -> Lift:
        """Log lift of every history and item, with its variance."""
        log_lift = self.history_[:, None] + (self._covariates @ self.coef_ + self.item_)[None, :]
        return Lift(log_lift, _posterior_variance(len(self.history_), self._covariates, self._curvature))


@dataclass(frozen=True, slots=True, eq=False)
class _Curvature:
    """Negative Hessian, the items' own effects eliminated.

    `inverse` (m, m) of the Schur complement for histories and coefficients; `cross` (m, n_items) with
    the items' effects; `item` (n_items,) inverse of the items' diagonal.
    """

    inverse: np.ndarray
    cross: np.ndarray
    item: np.ndarray


def _newton(strata, covariates, state, coef_variance, item_variance, dispersion):
    """Maximise the penalised likelihood; a Newton step costs one small system, items eliminated."""
    history, coef, item = state
    n_history, n_items = len(history), len(item)
    pair = strata.history * n_items + strata.item
    offset = np.log(strata.visits_treated / strata.visits_untreated)
    for _ in range(50):
        slope, weight = _derivatives(strata, offset, history[strata.history] + (covariates @ coef + item)[strata.item])
        slope = np.bincount(pair, slope / dispersion, n_history * n_items).reshape(n_history, n_items)
        weight = np.bincount(pair, weight / dispersion, n_history * n_items).reshape(n_history, n_items)
        by_item = weight.sum(axis=0)
        gradient = np.r_[slope.sum(axis=1) - 1e-6 * history, covariates.T @ slope.sum(axis=0) - coef / coef_variance]
        gradient_item = slope.sum(axis=0) - item / item_variance
        cross = np.vstack([weight, covariates.T * by_item])
        inverse_item = 1 / (by_item + 1 / item_variance)
        hessian = np.block([
            [np.diag(weight.sum(axis=1) + 1e-6), weight @ covariates],
            [(weight @ covariates).T, covariates.T @ (covariates * by_item[:, None]) + np.diag(1 / coef_variance)],
        ])  # fmt: skip
        inverse = np.linalg.inv(hessian - (cross * inverse_item) @ cross.T)
        step = inverse @ (gradient - cross @ (inverse_item * gradient_item))
        step_item = inverse_item * (gradient_item - cross.T @ step)
        size = max(1.0, np.abs(step[:n_history]).max(), np.abs(step_item).max())
        history, coef, item = history + step[:n_history] / size, coef + step[n_history:] / size, item + step_item / size
        if max(np.abs(step).max(), np.abs(step_item).max()) < 1e-6:
            return (history, coef, item), _Curvature(inverse, cross, inverse_item)
    raise EstimationError("The lift did not converge in 50 Newton steps; the strata hold too few purchases.")


def _derivatives(strata: Strata, offset: np.ndarray, log_lift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and curvature of the binomial log likelihood in the log lift of each stratum."""
    from scipy.special import expit

    share = expit(offset + log_lift)
    return strata.bought_treated - strata.bought * share, strata.bought * share * (1 - share)


def _variances(state, curvature: _Curvature, sizes: list[int], prior: np.ndarray) -> np.ndarray:
    """MacKay's fixed point: squared effects over the number of them that the data determine."""
    history, coef, item = state
    diagonal = np.diag(curvature.inverse)[len(history) :]
    new, start = [], 0
    for size, variance in zip(sizes, prior[:-1], strict=True):
        part = slice(start, start + size)
        determined = size - diagonal[part].sum() / variance
        new.append((coef[part] ** 2).sum() / max(determined, 1e-9))
        start += size
    own = curvature.item + curvature.item**2 * ((curvature.inverse @ curvature.cross) * curvature.cross).sum(axis=0)
    new.append((item**2).sum() / max(len(item) - own.sum() / prior[-1], 1e-9))
    return np.clip(new, 1e-6, 10.0)


def _dispersion(strata: Strata, covariates: np.ndarray, state) -> float:
    """Squared sums of residuals within (item, context group) over their binomial variance."""
    history, coef, item = state
    offset = np.log(strata.visits_treated / strata.visits_untreated)
    log_lift = history[strata.history] + (covariates @ coef + item)[strata.item]
    slope, weight = _derivatives(strata, offset, log_lift)
    cell = np.unique(strata.block * len(item) + strata.item, return_inverse=True)[1]
    return max(1.0, float((np.bincount(cell, slope) ** 2).sum() / weight.sum()))


def _posterior_variance(n_history: int, covariates: np.ndarray, curvature: _Curvature) -> np.ndarray:
    shared = covariates.T - (curvature.cross * curvature.item)[n_history:]
    left = -(curvature.cross * curvature.item)[:n_history]
    variance = np.empty((n_history, covariates.shape[0]))
    for at in range(n_history):
        top = left.copy()
        top[at] += 1
        direction = np.vstack([top, shared])
        variance[at] = curvature.item + (direction * (curvature.inverse @ direction)).sum(axis=0)
    return variance

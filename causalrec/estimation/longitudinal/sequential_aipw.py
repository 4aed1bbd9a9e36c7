"""Doubly robust means under regimes: iterated regressions, corrected by weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.longitudinal.ice import products_in_words
from causalrec.estimation.longitudinal.iterated_means import Step, chain_influence, iterated_means
from causalrec.estimation.longitudinal.regime_estimator import Means, RegimeEstimator, is_binary, refuse_not_binary
from causalrec.estimation.longitudinal.regimes import Regime
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.longitudinal.working_models import WorkingModel, fitted
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["Propensity", "SequentialAIPW", "propensities"]


@dataclass(frozen=True, slots=True, eq=False)
class Propensity:
    """Chance of one treatment given all that came before.

    Attributes
    ----------
    model : WorkingModel
    X : float64, shape (n, q)
    chance : float64, shape (n,)
        Of treatment 1.
    treatment : float64, shape (n,)
    """

    model: WorkingModel
    X: np.ndarray
    chance: np.ndarray
    treatment: np.ndarray

    @classmethod
    def of(cls, past: np.ndarray, treatment: np.ndarray, w: np.ndarray, n_products: int, what: str) -> Propensity:
        """A logistic model of a treatment given columns of shape (n, p)."""
        model, X = fitted(past, treatment, w, n_products, is_logistic=True, what=what)
        return cls(model, X, model.mean(X), treatment)

    def influence(self, slope: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Influence of each unit, (n,), on what has this derivative, (q,), by the coefficients."""
        return w * (self.treatment - self.chance) * (self.X @ (self.model.inverse @ slope))


def propensities(design: SequentialDesign, w: np.ndarray, n_products: int) -> list[Propensity]:
    """Logistic models of each treatment given covariates up to it and treatments before it."""
    return [
        Propensity.of(design.before(time), design.treatments[:, time], w, n_products, f"treatment {name!r}")
        for time, name in enumerate(design.treatment_names)
    ]


class SequentialAIPW(RegimeEstimator):
    """Augmented inverse probability weighting in time: right if the outcome's or the treatments' models are.

    Iterated regressions as in `ICE`, plus what they leave of each unit that followed the regime so far, weighted by the
    inverse of its chance to do so. Logistic models of the treatments, which are 0 or 1. Errors follow from the stacked
    equations of all models, so that they too hold if either set of models is right. Assumes that every past has units
    that go on to follow the regime.

    Parameters
    ----------
    n_products : int
        How many columns a term of the models multiplies: 1 for the columns alone, 2 for all pairs too.
    clip : float, in [0, 0.5)
        Least chance of a treatment that is divided by.

    References
    ----------
    Bang, Robins (2005), Biometrics 61(4).

    Examples
    --------
    >>> t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float).repeat(2, axis=0)
    >>> noise = np.tile([-0.5, 0.5], 4)
    >>> rows = SequentialDesign(1 + 2 * t[:, 0] + t[:, 1] + noise, t, np.empty((8, 0)), (), {})
    >>> SequentialAIPW().fit(rows).value_.round(6)
    array([4., 1.])
    """

    def __init__(self, *, n_products: int = 1, clip: float = 0.01):
        self.n_products = n_products
        self.clip = clip

    def _words(self) -> str:
        return f"doubly robust in time (AIPW){products_in_words(self.n_products)}"

    def _means(self, design: SequentialDesign, regimes: tuple[Regime, ...]) -> Means:
        if not 0 <= self.clip < 0.5:
            raise DataError(f"clip is {self.clip!r}; it is a chance of 0 or more and below 0.5.")
        refuse_not_binary(design, regimes, "weights")
        w, is_logistic = unit_weights(design), is_binary(design.outcome)
        models = propensities(design, w, self.n_products)
        parts, notes, diagnostics = [], [], {}
        for regime in regimes:
            set_to = regime.treatments(design)
            steps = iterated_means(design, set_to, w, self.n_products, is_logistic=is_logistic)
            followed = _followed(models, set_to, self.clip)
            _refuse_nobody(followed.weight, regime, design)
            parts.append(_mean(steps, models, followed, w))
            diagnostics[f"largest weight of {regime.name!r}"] = float(followed.weight[-1].max())
            if n_clipped := int((~followed.free).any(axis=0).sum()):
                notes.append(
                    f"{n_clipped:,} units had a chance to follow {regime.name!r} below {self.clip:g} at some time, "
                    f"taken as that"
                )
        value, influence = zip(*parts, strict=True)
        return Means(np.array(value), np.column_stack(influence), diagnostics=diagnostics, notes=tuple(notes))


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """Weights of units that followed a regime up to each time, their chance's slope, and where it was not clipped.

    `weight` is float64 (1 + n_times, n), the first row ones; `slope` float64 and `free` bool, (n_times, n).
    """

    weight: np.ndarray
    slope: np.ndarray
    free: np.ndarray


def _followed(models: list[Propensity], set_to: np.ndarray, clip: float) -> _Followed:
    n_times, n = len(models), len(set_to)
    weight, slope, free = np.ones((n_times + 1, n)), np.empty((n_times, n)), np.empty((n_times, n), dtype=bool)
    for time, model in enumerate(models):
        asked = set_to[:, time]
        chance = np.where(asked == 1, model.chance, 1 - model.chance)
        free[time], slope[time] = chance >= clip, asked - model.chance
        weight[time + 1] = weight[time] * (model.treatment == asked) / np.maximum(chance, max(clip, 1e-12))
    return _Followed(weight, slope, free)


def _mean(steps: list[Step], models: list[Propensity], followed: _Followed, w: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean under a regime and the influence of each unit on it, shape (n,)."""
    n, weight = len(w), followed.weight
    corrections = np.array([weight[t + 1] * (step.target - step.mean_set) for t, step in enumerate(steps)])
    score = steps[0].mean_set + corrections.sum(axis=0)
    value = float(w @ score) / n
    direct = [(w * (weight[t] - weight[t + 1])) @ step.model.slope(step.X_set) / n for t, step in enumerate(steps)]
    influence = w * (score - value) + chain_influence(steps, direct, w)
    for t, model in enumerate(models):
        later = corrections[t:].sum(axis=0) * followed.slope[t] * followed.free[t]
        influence += model.influence(-(w * later) @ model.X / n, w)
    return value, influence


def _refuse_nobody(weight: np.ndarray, regime: Regime, design: SequentialDesign) -> None:
    for time, name in enumerate(design.treatment_names):
        if not weight[time + 1].any():
            raise EstimationError(
                f"No unit followed {regime.name!r} up to {name!r}: nothing shows what comes of it. Ask for a regime "
                f"that some units followed, or take ICE, whose models extrapolate."
            )

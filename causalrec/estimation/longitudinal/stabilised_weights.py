"""Inverse probability weights of treatments in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.longitudinal.sequential_aipw import Propensity, propensities
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.longitudinal.weight_diagnostics import WeightDiagnostics, weight_diagnostics

__all__ = ["TimeWeights", "time_weights"]


@dataclass(frozen=True, slots=True, eq=False)
class TimeWeights:
    """Weights and the models that made them.

    Attributes
    ----------
    weight : float64, shape (n,)
        As used, cut where asked for.
    free : bool, shape (n,)
        Where it was not cut.
    denominator, numerator : list of Propensity
        Chance of each treatment given its past, and given earlier treatments alone; the latter is empty for weights
        that are not stabilised.
    diagnostics : WeightDiagnostics
    """

    weight: np.ndarray
    free: np.ndarray
    denominator: list[Propensity]
    numerator: list[Propensity]
    diagnostics: WeightDiagnostics

    def influence(self, slope: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Influence of each unit through the weights' models, on what changes by `slope`, (n,), times log weights."""
        moved, n, total = slope * self.weight * self.free * w, len(w), np.zeros(len(w))
        for models, sign in ((self.denominator, -1.0), (self.numerator, 1.0)):
            for model in models:
                by_coefficient = sign * (moved * (model.treatment - model.chance)) @ model.X / n
                total += model.influence(by_coefficient, w)
        return total


def time_weights(
    design: SequentialDesign, w: np.ndarray, *, n_products: int, stabilised: bool, truncate: float
) -> TimeWeights:
    """Inverse of the chance of each unit's own treatments; stabilised by their chance given earlier treatments alone.

    Raises
    ------
    DataError : `truncate` out of range.
    EstimationError : a past that decides a treatment.

    References
    ----------
    Robins, Hernán, Brumback (2000), Epidemiology 11(5). Cole, Hernán (2008), Am. J. Epidemiology 168(6): truncation.
    """
    if not 0 <= truncate < 0.5:
        raise DataError(f"truncate is {truncate!r}; it is the share of weights to cut at either end, below 0.5.")
    below, above = propensities(design, w, n_products), _marginal(design, w) if stabilised else []
    log_weight = -np.cumsum([_log_chance(model) for model in below], axis=0)
    log_weight += np.cumsum([_log_chance(model) for model in above], axis=0) if stabilised else 0.0
    weight = np.exp(log_weight)
    if not np.isfinite(weight).all():
        raise EstimationError("Some units had no chance of the treatments that they had: weights are infinite.")
    used, free = _truncated(weight[-1], w, truncate)
    return TimeWeights(used, free, below, above, weight_diagnostics(design.treatment_names, weight, used, w))


def _marginal(design: SequentialDesign, w: np.ndarray) -> list[Propensity]:
    """Chance of each treatment given those before it, all products of them."""
    found = []
    for time, name in enumerate(design.treatment_names):
        t, before = design.treatments[:, time], design.treatments[:, :time]
        n_products = max(1, time) if time <= 3 else 1
        found.append(Propensity.of(before, t, w, n_products, f"treatment {name!r} by earlier ones"))
    return found


def _log_chance(model: Propensity) -> np.ndarray:
    """Log of the chance of the treatment that a unit had."""
    with np.errstate(divide="ignore"):
        return np.log(np.where(model.treatment == 1, model.chance, 1 - model.chance))


def _truncated(weight: np.ndarray, w: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    if not share:
        return weight, np.ones(len(weight), dtype=bool)
    order = np.argsort(weight, kind="stable")
    below = (np.cumsum(w[order]) - 0.5 * w[order]) / w.sum()
    low, high = np.interp([share, 1 - share], below, weight[order])
    return np.clip(weight, low, high), (weight >= low) & (weight <= high)

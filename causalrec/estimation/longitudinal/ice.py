"""The g-formula by regressions backwards in time."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.longitudinal.iterated_means import chain_influence, iterated_means
from causalrec.estimation.longitudinal.regime_estimator import Means, RegimeEstimator, is_binary
from causalrec.estimation.longitudinal.regimes import Regime
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["ICE"]


class ICE(RegimeEstimator):
    """G-formula by iterated conditional expectations (Bang, Robins 2005).

    The outcome is regressed on all that came before it, predicted with the last treatment set, the prediction
    regressed on all that came before that treatment, and so on. Least squares, or logistic where the outcome is 0 and
    1; nothing is assumed of how covariates move. Right if each of these regressions is. Errors follow from the stacked
    equations of all regressions, and are robust or clustered.

    Parameters
    ----------
    n_products : int
        How many columns a term of the regressions multiplies: 1 for the columns alone, 2 for all pairs too.

    References
    ----------
    Bang, Robins (2005), Biometrics 61(4). Robins (1986), Mathematical Modelling 7.

    Examples
    --------
    >>> t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float).repeat(2, axis=0)
    >>> noise = np.tile([-0.5, 0.5], 4)
    >>> rows = SequentialDesign(1 + 2 * t[:, 0] + t[:, 1] + noise, t, np.empty((8, 0)), (), {})
    >>> ICE().fit(rows).value_.round(6)
    array([4., 1.])
    """

    def __init__(self, *, n_products: int = 1):
        self.n_products = n_products

    def _words(self) -> str:
        return f"g-formula by iterated regressions{products_in_words(self.n_products)}"

    def _means(self, design: SequentialDesign, regimes: tuple[Regime, ...]) -> Means:
        refuse_extrapolation(design, regimes)
        w, is_logistic = unit_weights(design), is_binary(design.outcome)
        value, influence = [], []
        for regime in regimes:
            steps = iterated_means(design, regime.treatments(design), w, self.n_products, is_logistic=is_logistic)
            first = steps[0]
            value.append(float(w @ first.mean_set) / design.n)
            slope = w @ first.model.slope(first.X_set) / design.n
            direct = [slope, *(np.zeros(step.X.shape[1]) for step in steps[1:])]
            influence.append(w * (first.mean_set - value[-1]) + chain_influence(steps, direct, w))
        return Means(np.array(value), np.column_stack(influence))


def products_in_words(n_products: int) -> str:
    """What the working models multiply, for `method`."""
    return "" if n_products == 1 else f", products of up to {n_products} columns"


def refuse_extrapolation(design: SequentialDesign, regimes: tuple[Regime, ...]) -> None:
    """Refuse to set a treatment to what no unit had."""
    for regime in regimes:
        set_to = regime.treatments(design)
        for name, seen, asked in zip(design.treatment_names, design.treatments.T, set_to.T, strict=True):
            few = is_binary(seen)
            outside = ~np.isin(asked, (0.0, 1.0)) if few else (asked < seen.min()) | (asked > seen.max())
            if outside.any():
                raise EstimationError(
                    f"Regime {regime.name!r} sets {name!r} to {asked[outside][0]:g}, which no unit had: it goes from "
                    f"{seen.min():g} to {seen.max():g}. A model could only extrapolate."
                )

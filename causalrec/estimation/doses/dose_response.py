"""The mean outcome at each dose of a continuous treatment, doubly robust."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError
from causalrec.estimation.doses.curve import DoseCurve
from causalrec.estimation.doses.density import silverman
from causalrec.estimation.doses.lines import density_ratio, local_lines, local_number
from causalrec.estimation.doses.nuisances import default_dose_model, default_outcome_model, dose_nuisances
from causalrec.estimation.doses.support import refuse_beyond, refuse_lumps, refuse_rare, refuse_thin
from causalrec.estimation.doubly_robust.two_arms import refuse_infinite, refuse_shape
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.row_order import row_order
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.estimation.unit_weights import unit_weights
from causalrec.identification import Estimand
from causalrec.threads import limit_threads

__all__ = ["DoseResponse"]


class DoseResponse(InfluenceEstimator):
    """Doubly robust dose-response curve of a continuous treatment, by local linear regression.

    Outcomes are turned into doubly robust ones, whose mean given the dose is the curve E[Y(d)] where the
    outcome regression or the conditional density of the dose is right; a local line through them at each dose
    is the estimate. Nuisances are cross-fitted. Assumes that the covariates close every back door, and that
    units of all kinds could have had each dose asked for.

    Intervals are of the curve as the kernel smooths it, over `bandwidth` to both sides of a dose. The default
    bandwidth shrinks with n^(-1/4), faster than is best for the curve's error, so that smoothing bends the
    curve by less than the interval where it is not sharply curved.

    Parameters
    ----------
    doses : sequence of float, or int
        Doses at which the curve is asked for; or how many, evenly spaced between the tenth and the ninetieth
        percentile.
    reference : float, optional
        Dose that differences are to; the lowest of `doses` where it is left out.
    bandwidth : float, optional
        Half width of the kernel (Epanechnikov's), in the dose's unit.
    outcome_model : scikit-learn regressor, optional
        Of the dose (first column) and the covariates. Left out: ridge on splines of the dose, the covariates
        and their products with the dose.
    dose_model : scikit-learn regressor, optional
        Of the covariates, for the dose's mean and the log of its squared residual; ridge where left out.
    n_folds : int
        2 or more.
    random_state : int
    n_threads : int, optional

    Attributes
    ----------
    doses_ : float64, shape (k,)
        In ascending order, `reference` among them.
    value_ : float64, shape (k,)
        Mean outcome at each dose.
    local_n_ : float64, shape (k,)
        Effective number of units around each dose.
    bandwidth_ : float

    References
    ----------
    Kennedy, Ma, McHugh, Small (2017), J. Royal Stat. Soc. B 79(4).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=2000)
    >>> dose = x + rng.normal(size=2000)
    >>> rows = Design(x + dose + rng.normal(size=2000), dose[:, None], x[:, None], (), {})
    >>> DoseResponse([-1, 0, 1]).fit(rows).value_.round(0)
    array([-1., -0.,  1.])
    """

    def __init__(
        self, doses: Sequence[float] | int = 9, *, reference: float | None = None, bandwidth: float | None = None,
        outcome_model: Any = None, dose_model: Any = None, n_folds: int = 5, random_state: int = 0,
        n_threads: int | None = None,
    ):  # fmt: skip
        self.doses = doses
        self.reference = reference
        self.bandwidth = bandwidth
        self.outcome_model = outcome_model
        self.dose_model = dose_model
        self.n_folds = n_folds
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        DataError : a bandwidth that is not above 0, doses that are no numbers.
        EstimationError : a treatment of few values or with many units on one, a dose outside those that were
            seen, with too few units around it, or that too many units could not have had.
        """
        refuse_shape(design, "DoseResponse")
        dose, X = np.asarray(design.treatments[:, 0], dtype=float), np.asarray(design.matrix(), dtype=float)
        y, weight, name = np.asarray(design.outcome, dtype=float), unit_weights(design), design.treatment_names[0]
        refuse_infinite(design, X, dose, y)
        refuse_lumps(dose[weight > 0], name)
        self.doses_, self.reference_ = self._asked(dose[weight > 0], name)
        self.bandwidth_ = self._width(dose[weight > 0])
        order = row_order(design)
        with limit_threads(self.n_threads):
            found = dose_nuisances(
                X, dose, y, weight, design.folds(self.n_folds, self.random_state), order,
                default_outcome_model() if self.outcome_model is None else self.outcome_model,
                default_dose_model() if self.dose_model is None else self.dose_model,
            )  # fmt: skip
        ratio, bounded = density_ratio(found)
        self.local_n_ = np.array([local_number(dose, at, self.bandwidth_, ratio * weight) for at in self.doses_])
        refuse_thin(self.doses_, self.local_n_, self.bandwidth_, name)
        refuse_rare(found, self.doses_, weight, name)
        value, influence = local_lines(found, dose, y, weight, ratio, self.doses_, self.bandwidth_)
        return self._keep(
            design, value=value, influence=influence, n_parameters=2,
            method=f"doubly robust local linear regression, bandwidth {self.bandwidth_:.3g}, {self.n_folds} folds",
            diagnostics={"bandwidth": self.bandwidth_, "largest density ratio": float(ratio.max()),
                         "density ratios bounded": bounded},
        )  # fmt: skip

    def effect(self, estimand: Estimand, *, unit: str = "outcome") -> DoseCurve:  # type: ignore[override]
        """The curve with its joint error, clustered as the design says."""
        self._require_fitted()
        refuse_two_clusters(self.n_clusters_)
        covariance, dof = self._covariance()
        return DoseCurve(
            doses=self.doses_, value=self.value_, covariance=covariance, local_n=self.local_n_,
            reference=self.reference_, bandwidth=self.bandwidth_, n=self.n_, dof=dof, method=self.method_,
            estimand=estimand, unit=unit, n_clusters=dict(self.n_clusters_), diagnostics=dict(self.diagnostics_),
            notes=cluster_notes(self.n_clusters_, dof, None, ""),
        )  # fmt: skip

    def _asked(self, dose: np.ndarray, name: str) -> tuple[np.ndarray, float]:
        """Doses in order, the reference among them."""
        if isinstance(self.doses, int):
            low, high = np.quantile(dose, [0.1, 0.9])
            doses = np.linspace(float(low), float(high), max(self.doses, 2))
        else:
            doses = _numbers(self.doses)
        if doses.ndim != 1 or not len(doses) or not np.isfinite(doses).all():
            raise DataError(f"doses is {self.doses!r}; it is a list of numbers, or how many of them.")
        reference = float(doses.min() if self.reference is None else self.reference)
        if not np.isfinite(reference):
            raise DataError(f"reference is {self.reference!r}; it is a dose.")
        doses = np.unique([*doses, reference])
        refuse_beyond(doses, dose, name)
        return doses, reference

    def _width(self, dose: np.ndarray) -> float:
        if self.bandwidth is None:
            return float(2.34 * silverman(dose) * len(dose) ** -0.05)
        if not (np.isfinite(self.bandwidth) and self.bandwidth > 0):
            raise DataError(f"bandwidth is {self.bandwidth!r}; it is a number above 0, in the unit of the dose.")
        return float(self.bandwidth)


def _numbers(doses: object) -> np.ndarray:
    try:
        return np.asarray(doses, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"doses is {doses!r}; it is a list of numbers, or how many of them.") from error

"""What estimators of means under regimes share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.longitudinal.regime_effects import RegimeEffects
from causalrec.estimation.longitudinal.regimes import Regime, Regimes, as_regimes
from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.identification import Estimand, SequentialPlan

__all__ = ["Means", "RegimeEstimator", "follows", "is_binary", "refuse_not_binary"]


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Means under regimes as an estimator found them.

    Attributes
    ----------
    value : float64, shape (k,)
    influence : float64, shape (n, k), or None
    covariance : float64, shape (k, k), or None
        Where there is no influence.
    diagnostics : dict of str to float
    notes : tuple of str
    """

    value: np.ndarray
    influence: np.ndarray | None = None
    covariance: np.ndarray | None = None
    diagnostics: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class RegimeEstimator(InfluenceEstimator):
    """Means under regimes, from a `SequentialDesign`; a class that inherits has `_means` and `_words`.

    `value_` holds one mean a regime, and `effect` the difference of the first and the last.
    """

    def fit(self, design: Design, regimes: Regimes | None = None) -> Self:
        """Estimate the mean under each regime; by default treatments always 1 and never.

        Raises
        ------
        DataError : a design without times, regimes that do not fit it, values that are not finite.
        EstimationError : the data carry no information on a regime.
        """
        if not isinstance(design, SequentialDesign):
            raise DataError(f"{type(self).__name__} needs to know when covariates were measured: use estimate_plan.")
        chosen = as_regimes(regimes, design.n_times)
        _refuse_rows(design)
        found = self._means(design, chosen)
        self.regimes_, self.notes_ = tuple(regime.name for regime in chosen), found.notes
        n_followers = {r.name: float(follows(design, r.treatments(design)).sum()) for r in chosen}
        counts = {f"units that followed {name!r} throughout": count for name, count in n_followers.items()}
        return self._keep(
            design, value=found.value, influence=found.influence, covariance=found.covariance, n_parameters=1,
            method=self._words(), diagnostics=counts | found.diagnostics, dof=design.n - 1.0,
            n_clusters=design.n_clusters,
        )  # fmt: skip

    def regime_effects(self, plan: SequentialPlan, *, unit: str = "outcome") -> RegimeEffects:
        """The means as one table.

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : a mean or its error is not finite, or rests on two clusters.
        """
        self._require_fitted()
        refuse_two_clusters(self.n_clusters_)
        covariance, dof = self._covariance()
        if not (np.isfinite(self.value_).all() and np.isfinite(covariance).all()):
            raise EstimationError(f"{type(self).__name__} gave means or errors that are not finite.")
        return RegimeEffects(
            plan, self.regimes_, self.value_, covariance, dof, self.n_, self.method_, unit, self.influence_,
            dict(self.n_clusters_), dict(self.diagnostics_),
            (*self.notes_, *cluster_notes(self.n_clusters_, dof, None, "")),
        )  # fmt: skip

    def effect(self, estimand: Estimand, *, unit: str = "outcome") -> EffectEstimate:
        """The first regime's mean less the last one's; `estimate_plan` gives them all."""
        if estimand.identified is None:
            raise DataError("Treatments in time are of a plan: use estimate_plan(plan, data).")
        plan = SequentialPlan(estimand.treatment, (estimand.outcome,), (estimand.adjustment,), estimand.selected,
                              estimand.identified)  # fmt: skip
        return self.regime_effects(plan, unit=unit).difference()

    def _means(self, design: SequentialDesign, regimes: tuple[Regime, ...]) -> Means:
        raise NotImplementedError(f"{type(self).__name__} has no `_means`.")

    def _words(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} has no `_words`.")


def follows(design: SequentialDesign, set_to: np.ndarray) -> np.ndarray:
    """Units whose treatments were what a regime sets; bool, shape (n,)."""
    return (design.treatments == set_to).all(axis=1)


def is_binary(values: np.ndarray) -> bool:
    """Whether all values are 0 or 1."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def refuse_not_binary(design: SequentialDesign, regimes: tuple[Regime, ...], owner: str) -> None:
    """Refuse treatments, as they were and as they are set, that are not 0 and 1."""
    names = design.treatment_names
    lost = [name for name, column in zip(names, design.treatments.T, strict=True) if not is_binary(column)]
    if lost:
        raise DataError(f"{', '.join(map(repr, lost))} must be 0 or 1 in every row for {owner}; ICE takes doses.")
    if other := [regime.name for regime in regimes if not is_binary(regime.treatments(design))]:
        raise DataError(f"Regime {other[0]!r} sets treatments that are not 0 or 1.")


def _refuse_rows(design: SequentialDesign) -> None:
    if not design.n:
        raise EstimationError("The table is empty: there is nothing to estimate from.")
    columns: dict[str, Any] = dict(zip(design.treatment_names, design.treatments.T, strict=True))
    columns |= dict(zip(design.covariate_names, design.covariates.T, strict=True)) | {"the outcome": design.outcome}
    if lost := [name for name, column in columns.items() if not np.isfinite(column).all()]:
        raise DataError(f"Not finite in some rows: {', '.join(lost)}. Drop those rows or fill them in.")
    for name, column in zip(design.treatment_names, design.treatments.T, strict=True):
        if (column == column[0]).all():
            raise EstimationError(f"{name!r} does not vary: every row has {column[0]:g}, so nothing compares.")

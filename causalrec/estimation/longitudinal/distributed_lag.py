"""Effects of today's and earlier treatments on today's outcome, units and periods held fixed."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.data.ids import crossed
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.group_effects import TOLERANCE
from causalrec.estimation.longitudinal.almon import lag_basis
from causalrec.estimation.longitudinal.lag_effects import LagEffects
from causalrec.estimation.longitudinal.unit_times import unit_times
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uncertainty.few_clusters import cluster_notes, refuse_two_clusters
from causalrec.identification import Estimand

__all__ = ["DistributedLag"]


class DistributedLag(InfluenceEstimator):
    """Effects of a treatment today and up to `n_lags` periods ago, by least squares within units and periods.

    The value is the sum over all lags: what one period of treatment does in all. Assumes that treatments more than
    `n_lags` periods ago do nothing, an outcome that is linear in the others, and, given units and periods, treatments
    that do not answer to the outcomes of other periods (strict exogeneity). Leads check the last: treatments still to
    come should have no effect. Covariates are those of today; one that earlier treatments move takes their effect
    through it away, for which `estimate_plan` is the way.

    The adjustment set holds two nodes bound with `absorbed`, one a unit and one a period. Rows without all their leads
    and lags are left out. Errors are clustered by unit unless the design has other clusters.

    Parameters
    ----------
    unit, time : str
        Columns of units and periods.
    n_lags, n_leads : int
        Periods back and ahead.
    degree : int, optional
        Degree of the polynomial on which lags 1 to `n_lags` lie (Almon 1965), today's effect free beside it; all lags
        are free where it is not given.
    gaps : {"refuse", "drop"}
        What to do where a unit was not seen in a period between others.
    tolerance : float
        See `AbsorbedRegression`.

    Attributes
    ----------
    lag_effects_ : LagEffects
        One effect a lead and lag.

    References
    ----------
    Almon (1965), Econometrica 33(1).

    Examples
    --------
    >>> unit, week = np.repeat(np.arange(30), 8), np.tile(np.arange(8), 30)
    >>> shown = np.random.default_rng(0).integers(0, 2, (30, 8)).astype(float)
    >>> spent = 3 * shown + np.arange(8) + np.arange(30)[:, None]
    >>> spent[:, 1:] -= shown[:, :-1]
    >>> rows = Design(spent.ravel(), shown.reshape(-1, 1), np.empty((240, 0)), (unit, week), {})
    >>> DistributedLag("shop", "week", n_lags=1).fit(rows).lag_effects_.value.round(6)
    array([ 3., -1.])
    """

    def __init__(
        self, unit: str, time: str, *, n_lags: int = 4, n_leads: int = 0, degree: int | None = None,
        gaps: str = "refuse", tolerance: float = TOLERANCE,
    ):  # fmt: skip
        self.unit = unit
        self.time = time
        self.n_lags = n_lags
        self.n_leads = n_leads
        self.degree = degree
        self.gaps = gaps
        self.tolerance = tolerance

    def fit(self, design: Design) -> Self:
        """Estimate from a design of a flat table, one row a unit and period.

        Raises
        ------
        DataError : a parameter out of range; a unit twice in a period or with a gap; several treatments.
        EstimationError : no row with all its leads and lags, or a lag without variation.
        """
        basis = lag_basis(self.n_lags, self.n_leads, self.degree)
        lags = tuple(range(-self.n_leads, self.n_lags + 1))
        rows = self._lagged(design, lags)
        found = AbsorbedRegression(tolerance=self.tolerance).fit(
            replace(rows, treatments=rows.treatments @ basis, treatment_names=self._names(lags, basis))
        )
        assert found.influence_ is not None
        refuse_two_clusters(rows.n_clusters)
        value, influence = basis @ found.value_, found.influence_ @ basis.T
        covariance, dof = influence_covariance(influence, rows.clusters, found.n_parameters_)
        shape = "" if self.degree is None else f", later lags on a polynomial of degree {self.degree}"
        method = f"{found.method_}{shape}"
        left_out = design.n - rows.n
        notes = (
            [f"{left_out:,} of {design.n:,} rows are left out, a lead or lag of theirs not known"] if left_out else []
        )
        effects = LagEffects(
            design.treatment_names[0], "the outcome", self.time, lags, value, covariance, float(dof), rows.n, method,
            n_clusters=rows.n_clusters,
        )  # fmt: skip
        self.notes_ = (*notes, *effects.lead_notes())
        few = cluster_notes(rows.n_clusters, float(dof), None, "")
        self.lag_effects_ = replace(effects, notes=(*self.notes_, *few))
        is_lag = np.array(lags) >= 0
        return self._keep(
            rows, value=value[is_lag], influence=influence[:, is_lag], n_parameters=found.n_parameters_, method=method,
            target=f"total of {self.n_lags + 1} {self.time}s", diagnostics=self._diagnostics(found.diagnostics_),
        )  # fmt: skip

    def effect(self, estimand: Estimand, *, unit: str = "outcome") -> EffectEstimate:
        """The total over all lags; `lag_effects_` then has the outcome's name and unit too.

        Raises
        ------
        NotFittedError : `fit` was not called.
        EstimationError : the error is not a finite number, or rests on two clusters.
        """
        found = super().effect(estimand, unit=unit)
        self.lag_effects_ = replace(self.lag_effects_, outcome=estimand.outcome, unit=unit)
        return replace(found, notes=(*found.notes, *self.notes_))

    def _lagged(self, design: Design, lags: tuple[int, ...]) -> Design:
        """The rows with all their leads and lags, which stand in place of the treatment."""
        if design.treatments.shape[1] != 1:
            raise DataError(f"Distributed lags are of one treatment, not {design.treatments.shape[1]}: take one.")
        seen = unit_times(design, self.unit, self.time, gaps=self.gaps)
        shifted = np.column_stack([seen.shifted(design.treatments[:, 0], lag) for lag in lags])
        known = ~np.isnan(shifted).any(axis=1)
        if not known.any():
            raise EstimationError(
                f"No {self.unit} was seen in {len(lags)} {self.time}s on end, as {self.n_lags} lags and {self.n_leads} "
                f"leads need. Take fewer of them."
            )
        clusters = {name: crossed(codes[known])[0] for name, codes in design.clusters.items()}
        clusters = clusters or {self.unit: crossed(seen.unit[known])[0]}
        return replace(
            design.rows(known), treatments=shifted[known], clusters=clusters,
            treatment_names=tuple(f"lag {lag}" for lag in lags),
        )  # fmt: skip

    def _names(self, lags: tuple[int, ...], basis: np.ndarray) -> tuple[str, ...]:
        later = [f"polynomial {k} of later lags" for k in range(basis.shape[1] - self.n_leads - 1)]
        first = [f"lead {-lag}" if lag < 0 else f"lag {lag}" for lag in lags]
        return tuple(first if self.degree is None else [*first[: self.n_leads + 1], *later])

    def _diagnostics(self, of_regression: dict[str, float]) -> dict[str, float]:
        tested = self.lag_effects_.leads_test
        return of_regression if tested is None else of_regression | {"p value of the leads": tested.p_value}

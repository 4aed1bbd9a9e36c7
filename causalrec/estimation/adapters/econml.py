"""Any EconML estimator object on a design."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.adapters.econml_influence import Average, average_effect, learned_of_treatment
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.heterogeneity.forest import prediction_rows, refuse_large_forest
from causalrec.estimation.heterogeneity.learners.modifiers import modifier_matrix, modifier_places, one_treatment
from causalrec.estimation.heterogeneity.learners.unit_effects import UnitEffects
from causalrec.estimation.row_order import row_order
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["EconMLEstimator"]


class EconMLEstimator(InfluenceEstimator):
    """An EconML estimator: modifiers become its X, the other covariates its W, instruments its Z.

    The average effect comes with influence values where EconML keeps what they need: cross-fitted scores
    (DR learners), residuals with a linear final stage (LinearDML), or residuals with out-of-bag effects and a
    discrete treatment (CausalForestDML). Then errors can be clustered, and EconML's folds keep clusters whole.
    Others have the error of EconML's `ate_inference`, which EconML calls a conservative bound where it averages
    units, and clusters are refused. An estimator that gives no error at all is refused.

    Parameters
    ----------
    estimator : EconML estimator, not fitted
        Copied; the object itself stays as it is.
    modifiers : sequence of str, optional
        Covariates that the effect may differ by; all of them where none is named.
    max_memory : float
        Bytes that a forest may take; a larger one is refused before it starts.

    Attributes
    ----------
    estimator_ : EconML estimator, fitted
    n_modifiers_ : int
    """

    def __init__(self, estimator: Any, *, modifiers: Sequence[str] | None = None, max_memory: float = 8e9):
        self.estimator = estimator
        self.modifiers = modifiers
        self.max_memory = max_memory

    def fit(self, design: Design) -> Self:
        """Fit a copy of the estimator.

        Raises
        ------
        DataError : several treatments, absorbed effects, values that are not finite, or clusters that the
            estimator's error cannot allow for.
        EstimationError : no error of the average effect, no variation, or a forest larger than `max_memory`.
        """
        from copy import deepcopy

        one_treatment(design)
        unit_weights(design)
        order = row_order(design)  # EconML's folds and trees go by position
        rows = design.rows(order)
        matrix, places = rows.matrix(), modifier_places(rows, self.modifiers)
        refuse_large_forest(self.estimator, rows.n, matrix.shape[1], self.max_memory)
        t = rows.treatments[:, 0]
        X, W = (part if part.shape[1] else None for part in (matrix[:, places], np.delete(matrix, places, axis=1)))
        self.n_modifiers_ = len(places)
        self.estimator_ = deepcopy(self.estimator)
        self._fit(rows, t, X, W)
        diagnostics = learned_of_treatment(self.estimator_, rows)
        found = _with_error(average_effect(self.estimator_, rows, t, X), self.estimator_, rows)
        if hasattr(self.estimator_, "_cached_values"):
            self.estimator_._cached_values = None  # the rows themselves
        name, own = type(self.estimator_).__name__, found.influence is not None
        influence = np.empty((design.n, 1))
        influence[order, 0] = found.influence if own else np.nan
        return self._keep(
            design, value=np.array([found.value]), influence=influence if own else None, n_parameters=1,
            covariance=None if own else np.array([[found.stderr**2]]), dof=None if own else np.inf,
            diagnostics=diagnostics, method=f"EconML {name}, {found.words}",
        )  # fmt: skip

    def effects(self, rows: Design | np.ndarray, *, unit: str = "outcome") -> UnitEffects:
        """Effect of each unit with EconML's standard error.

        Parameters
        ----------
        rows : Design, or float64 of shape (n, n_modifiers_)

        Raises
        ------
        EstimationError : the estimator gives no error of single units.
        """
        self._require_fitted()
        V = modifier_matrix(rows, self.modifiers, self.n_modifiers_)
        name, at_once = type(self.estimator_).__name__, prediction_rows(self.estimator_, len(V))
        parts = [self._effects(V[start : start + at_once]) for start in range(0, max(1, len(V)), at_once)]
        value, stderr = (np.concatenate(part) for part in zip(*parts, strict=True))
        return UnitEffects(value, stderr, unit, f"EconML {name}")

    def _effects(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        name = type(self.estimator_).__name__
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that there is no error is said by the refusal that follows
                found = self.estimator_.effect_inference(V if V.shape[1] else None)
            value, stderr = np.ravel(found.point_estimate), found.stderr
        except (AttributeError, ValueError) as error:
            raise EstimationError(f"EconML's {name} gives no standard error of single units: {error}") from error
        if stderr is None:
            raise EstimationError(f"EconML's {name} gives no standard error of single units; set its `inference`.")
        if len(value) != len(V):  # without modifiers EconML gives the one effect that there is
            return np.repeat(value, len(V)), np.repeat(np.ravel(stderr), len(V))
        return value, np.ravel(stderr)

    def _fit(self, design: Design, t: np.ndarray, X: np.ndarray | None, W: np.ndarray | None) -> None:
        import inspect

        known = inspect.signature(self.estimator_.fit).parameters
        given: dict[str, Any] = {"X": X, "W": W}
        if design.instruments.shape[1]:
            given["Z"] = design.instruments[:, 0] if design.instruments.shape[1] == 1 else design.instruments
        if design.weight is not None:
            given["sample_weight"] = design.weight
        if design.clusters and "groups" in known:
            kind = min(design.n_clusters, key=design.n_clusters.__getitem__)
            given["groups"] = design.clusters[kind]
        if "cache_values" in known:
            given["cache_values"] = True
        if lacking := [name for name, value in given.items() if value is not None and name not in known]:
            what = {"W": "covariates that are no modifiers", "Z": "instruments", "sample_weight": "weights"}
            raise DataError(
                f"EconML's {type(self.estimator_).__name__} takes no {what.get(lacking[0], lacking[0])}; name all "
                f"covariates as modifiers, or take another estimator."
            )
        given = {name: value for name, value in given.items() if name in known}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # EconML warns of column vectors and of its own defaults
            try:
                self.estimator_.fit(design.outcome, t, **given)
            except (ValueError, AttributeError, TypeError, ZeroDivisionError, np.linalg.LinAlgError) as error:
                name, treatment = type(self.estimator_).__name__, design.treatment_names[0]
                raise EstimationError(
                    f"EconML's {name} could not be fitted to {treatment!r} in {design.n:,} rows: {error}"
                ) from error


def _with_error(found: Average | None, estimator: Any, design: Design) -> Average:
    """The average effect, refused where its error is missing or cannot be clustered as the design says."""
    name = type(estimator).__name__
    if found is None:
        raise EstimationError(
            f"EconML's {name} gives no standard error of the average effect. Take one that does (LinearDML, "
            f"LinearDRLearner, CausalForestDML), or our learner of the same name."
        )
    if found.influence is None and design.clusters:
        raise DataError(
            f"EconML's {name} gives no influence values, so its error cannot be clustered by "
            f"{', '.join(map(repr, design.clusters))}. Take LinearDML or a DR learner, or leave the clusters out."
        )
    if found.influence is None and not np.isfinite(found.stderr):
        raise EstimationError(f"EconML's {name} gives {found.value:g} ± {found.stderr:g}: the data carry no effect.")
    return found

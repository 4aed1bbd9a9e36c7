"""Estimators of DoWhy on a design."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.heterogeneity.learners.modifiers import one_treatment
from causalrec.estimation.row_order import row_order
from causalrec.estimation.uncertainty.row_share import left_over, variation_of

__all__ = ["DoWhyEstimator"]


class DoWhyEstimator(InfluenceEstimator):
    """A DoWhy estimator class, its error by our bootstrap of units or whole clusters.

    DoWhy gives a standard error of its own for linear regression alone, and its bootstrap knows no clusters.
    So the estimator is fitted again to `n_draws` samples, of the clusters of the kind with the fewest.
    The covariates of the design are its common causes; DoWhy's own identification plays no part. A bootstrap is
    not valid for matching; those estimators are refused (Abadie, Imbens 2008, Econometrica 76(6)).

    Parameters
    ----------
    kind : DoWhy estimator class
        Such as `PropensityScoreWeightingEstimator`.
    n_draws : int, at least 20
    random_state : int
    parameters : mapping of str to object, optional
        For the class's own `__init__`.
    """

    def __init__(
        self, kind: Any, *, n_draws: int = 100, random_state: int = 0, parameters: Mapping[str, Any] | None = None
    ):  # fmt: skip
        self.kind = kind
        self.n_draws = n_draws
        self.random_state = random_state
        self.parameters = parameters

    def fit(self, design: Design) -> Self:
        """Estimate, and again on every bootstrap sample.

        Raises
        ------
        DataError : no DoWhy estimator class, weights, instruments, or what no estimator of units takes.
        EstimationError : too few draws, a matching estimator, or an estimate that is not a number.
        """
        treatment, t = one_treatment(design)
        self._refuse(design)
        X = design.matrix()
        if design.n < X.shape[1] + 4:
            raise EstimationError(f"{design.n} rows are too few for {X.shape[1] + 2} coefficients and their error.")
        diagnostics = variation_of(treatment, t, left_over(t, X))
        rows = design.rows(row_order(design))
        value = self._estimate(rows)
        name = min(rows.n_clusters, key=rows.n_clusters.__getitem__) if rows.clusters else None
        codes = np.arange(rows.n) if name is None else np.unique(rows.clusters[name], return_inverse=True)[1]
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        rng = np.random.default_rng(self.random_state)
        drawn = []
        for _ in range(self.n_draws):
            chosen = np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))])
            drawn.append(self._estimate(rows.rows(chosen)))
        return self._keep(
            design, value=np.array([value]), influence=None, covariance=np.array([[np.var(drawn, ddof=1)]]),
            dof=float(min(self.n_draws, len(members)) - 1), n_parameters=1,
            n_clusters={name: len(members)} if name else None, diagnostics=diagnostics,
            method=f"DoWhy {self.kind.__name__}, error of {self.n_draws} bootstrap refits",
        )  # fmt: skip

    def _refuse(self, design: Design) -> None:
        from dowhy.causal_estimator import CausalEstimator

        if not (isinstance(self.kind, type) and issubclass(self.kind, CausalEstimator)):
            raise DataError(f"{self.kind!r} is no class of DoWhy's estimators; hand in the class itself.")
        name = self.kind.__name__
        if "Matching" in name:
            raise EstimationError(f"A bootstrap gives no valid error of {name}; take our matching, or weighting.")
        if any(word in name for word in ("Instrumental", "Discontinuity", "TwoStage", "Econml", "Causalml")):
            raise DataError(f"{name} takes more than covariates; its design is not one of adjustment.")
        if design.weight is not None:
            raise DataError(f"DoWhy's {name} takes no weights of units; leave them out, or take our estimators.")
        if len(design.clusters) > 1:
            raise DataError(
                f"A bootstrap draws clusters of one kind, and the design has {' and '.join(design.clusters)}: name one."
            )
        if self.n_draws < 20:
            raise EstimationError(f"{self.n_draws} bootstrap draws give no standard error to speak of; ask for 100.")

    def _estimate(self, rows: Design) -> float:
        import pandas as pd

        X = rows.matrix()
        names = [f"covariate_{k}" for k in range(X.shape[1])]
        frame = pd.DataFrame(X, columns=names)
        binary = bool(np.isin(rows.treatments, (0.0, 1.0)).all())
        frame["treatment"] = rows.treatments[:, 0].astype(bool) if binary else rows.treatments[:, 0]
        frame["outcome"] = rows.outcome
        with _silent():
            try:
                estimator = self.kind(_backdoor(names), **dict(self.parameters or {}))
                estimator.fit(frame, effect_modifier_names=[])
                found = estimator.estimate_effect(
                    frame, treatment_value=1, control_value=0, target_units="ate"
                )  # fmt: skip
            except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, TypeError) as error:
                raise EstimationError(f"DoWhy's {self.kind.__name__} could not estimate: {error}") from error
        value = float(np.ravel(found.value)[0])
        if not np.isfinite(value):
            raise EstimationError(f"DoWhy's {self.kind.__name__} gave {value}: the data carry no effect.")
        return value


def _backdoor(names: list[str]) -> Any:
    """DoWhy's estimand for adjustment for all covariates: our graph has decided already."""
    from dowhy.causal_identifier.identified_estimand import IdentifiedEstimand

    return IdentifiedEstimand(
        None, treatment_variable=["treatment"], outcome_variable=["outcome"], backdoor_variables={"backdoor": names},
        default_backdoor_id="backdoor", estimands={"backdoor": {}}, identifier_method="backdoor",
    )  # fmt: skip


@contextlib.contextmanager
def _silent():
    """Without DoWhy's warnings, its prints and its log."""
    level = logging.getLogger("dowhy").level
    logging.getLogger("dowhy").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger("dowhy").setLevel(level)

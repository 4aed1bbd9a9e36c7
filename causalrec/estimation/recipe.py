"""How an effect was estimated, so that it can be estimated again on other rows."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from causalrec.data import Dataset, Design, StreamedDesign, design
from causalrec.errors import EstimationError

if TYPE_CHECKING:
    from causalrec.estimation.effect import EffectEstimate
    from causalrec.estimation.estimators import InfluenceEstimator
    from causalrec.identification import Estimand

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """The estimator and the columns beside the estimand's own; it holds no data.

    Attributes
    ----------
    estimator : InfluenceEstimator or None
        Not fitted; None where a log of visits is regressed as a grid.
    clusters : tuple of str
    weights : str or None
    missing, target : str
    unit : str
        Unit of the outcome.
    """

    estimator: InfluenceEstimator | None
    clusters: tuple[str, ...] = ()
    weights: str | None = None
    missing: str = "refuse"
    target: str = "ATE"
    unit: str = field(default="outcome")

    def fresh(self) -> InfluenceEstimator:
        """A copy of the estimator that nothing was fitted to.

        Raises
        ------
        EstimationError : a grid has none.
        """
        if self.estimator is None:
            raise EstimationError("A log of visits is regressed as a grid: no estimator takes its rows.")
        parameters: dict[str, Any] = self.estimator.get_params(deep=False)
        return type(self.estimator)(**deepcopy(parameters))

    def columns(self, estimand: Estimand, data: Dataset) -> Design | StreamedDesign:
        """The design of an estimand on the same terms."""
        return design(estimand, data, clusters=self.clusters, weights=self.weights, missing=self.missing)

    def estimate(self, estimand: Estimand, rows: Design) -> EffectEstimate:
        """The effect on these rows, by the same estimator."""
        return replace(self.fresh().fit(rows).effect(estimand, unit=self.unit), recipe=self)

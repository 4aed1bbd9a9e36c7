"""Clusters of whole units, and covariances from the influence of units."""

from __future__ import annotations

import numpy as np

from causalrec.data.ids import crossed
from causalrec.errors import EstimationError
from causalrec.estimation.event_study.panel import Panel
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["covariance_of", "unit_clusters"]


def unit_clusters(panel: Panel, clusters: dict[str, np.ndarray], unit: str) -> dict[str, np.ndarray]:
    """Clusters by unit, each int64 (n_units,); empty where each unit is its own.

    Raises
    ------
    EstimationError : a unit in several clusters of one kind.
    """
    found = {}
    for name, codes in clusters.items():
        of_unit = np.zeros(panel.n_units, dtype=np.int64)
        of_unit[panel.unit] = codes
        if (torn := np.unique(panel.unit[of_unit[panel.unit] != codes])).size:
            raise EstimationError(
                f"{len(torn):,} values of {unit!r} lie in several clusters of {name!r}. The rows of a unit depend on "
                f"each other: cluster by {unit!r}, or by groups of them."
            )
        found[name] = crossed(of_unit)[0]
    return found


def covariance_of(influence: np.ndarray, clusters: dict[str, np.ndarray]) -> tuple[np.ndarray, float]:
    """Covariance and degrees of freedom of k averages, whose error is the sum of `influence`, shape (n_units, k)."""
    return influence_covariance(influence * len(influence), clusters)

"""Models that predict the nuisances of units that no model saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.models import Nuisances

__all__ = ["MAX_CLIPPED", "NuisanceModels", "require_both", "weight_of"]

MAX_CLIPPED = 0.5  # share of clipped propensities above which effects of single units cannot be learned either


@dataclass(frozen=True, slots=True, eq=False)
class NuisanceModels:
    """Cross-fitted nuisances, asked for units that no model saw; propensities within [clip, 1 - clip]."""

    found: Nuisances
    clip: float

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """mu0, mu1 and clipped propensity, averaged over the folds; each (n,)."""
        mu0, mu1, e = self.found.predict(X)
        return mu0, mu1, np.clip(e, self.clip, 1 - self.clip)


def require_both(t: np.ndarray, where: str) -> None:
    """Refuse units of one group alone."""
    if not (0 < t.sum() < len(t)):
        only = "treated" if len(t) and t[0] == 1 else "untreated"
        raise EstimationError(f"There are only {only} units in {where}; ask for fewer folds, or gather more data.")


def weight_of(weight: np.ndarray | None, which: np.ndarray) -> np.ndarray | None:
    """Weights of some rows, where there are any."""
    return None if weight is None else weight[which]

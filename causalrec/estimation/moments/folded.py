"""Linear and logistic nuisances of every fold, each fitted to other folds, for rows that come in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.moments.cells import OUTCOME, TREATMENT, Cells, Target, cell_moments
from causalrec.estimation.moments.design_moments import DesignMoments, pieces
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.linear_nuisances import fit_targets, predict_targets

__all__ = ["Folded", "folded_nuisances", "nuisance_targets", "refuse_options"]


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Models of `n_kinds` nuisances, one set a fold, fitted to the other folds.

    Attributes
    ----------
    cells : Cells
    targets : tuple of Target
        `n_kinds` a fold.
    maps : LinearMap
        One function a target.
    found : DesignMoments
        One a cell.
    n_kinds : int
    """

    cells: Cells
    targets: tuple[Target, ...]
    maps: LinearMap
    found: DesignMoments
    n_kinds: int

    def all(self, batch: Design) -> np.ndarray:
        """Each nuisance by each fold's models; float64, shape (m, n_folds, n_kinds)."""
        return predict_targets(batch, self.maps, self.targets).reshape(batch.n, -1, self.n_kinds)

    def own(self, batch: Design) -> Iterator[np.ndarray]:
        """Each nuisance by the models that never saw the row; arrays (m,)."""
        return iter(self.all(batch)[np.arange(batch.n), self.cells.folds(batch)].T)

    def mean(self, batch: Design) -> Iterator[np.ndarray]:
        """Each nuisance averaged over the folds' models, for rows that none of them saw; arrays (m,)."""
        return iter(self.all(batch).mean(axis=1).T)


def refuse_options(design: Design, outcome: str, clip: float, l2: float | None) -> None:
    """Refuse what is no model of the outcome, no bound of propensities or no penalty.

    Raises
    ------
    DataError : which, or an outcome other than 0 and 1 for a logistic model.
    """
    if outcome not in ("linear", "logistic"):
        raise DataError(f"outcome is {outcome!r}; it is one of linear, logistic.")
    if not 0 < clip < 0.5:
        raise DataError(f"clip is {clip!r}; it is between 0 and .5.")
    if l2 is not None and not (np.isfinite(l2) and l2 >= 0):
        raise DataError(f"l2 is {l2!r}; it is a number of 0 or more, or None to have it chosen.")
    if outcome == "logistic":
        for batch in pieces(design):
            if not np.isin(batch.outcome, (0.0, 1.0)).all():
                raise DataError("A logistic outcome must be 0 or 1 in every row; use outcome='linear'.")


def nuisance_targets(cells: Cells, train: np.ndarray, kinds: str, logistic: bool = False) -> list[Target]:
    """Regressions on the rows of some folds.

    Parameters
    ----------
    cells : Cells
    train : bool, shape (n_folds,)
    kinds : str
        "0" and "1" for the outcome of an arm, "e" for the propensity, "t" for a treatment of amounts, "m"
        for the outcome.
    logistic : bool
        Whether the outcome's models are.
    """
    both = cells.chosen(train)
    made = {
        "0": lambda: Target(OUTCOME, cells.chosen(train, 0), logistic),
        "1": lambda: Target(OUTCOME, cells.chosen(train, 1), logistic),
        "e": lambda: Target(TREATMENT, both, True),
        "t": lambda: Target(TREATMENT, both),
        "m": lambda: Target(OUTCOME, both, logistic),
    }
    return [made[kind]() for kind in kinds]


def folded_nuisances(
    design: Design, n_folds: int, random_state: int, l2: float | None, *, kinds: str = "01e", logistic: bool = False
) -> Folded:
    """Nuisances of each fold from the other folds: one pass for moments, one for each Newton step.

    Raises
    ------
    DataError : a treatment (where arms or a propensity are asked for) other than 0 and 1.
    EstimationError : an arm or a class that is missing outside a fold.
    """
    cells = Cells(n_folds, random_state, by_arm="e" in kinds)
    found = cell_moments(design, cells)
    if cells.by_arm:
        _require_arms(found)
    targets: list[Target] = []
    for fold in range(n_folds):
        targets += nuisance_targets(cells, np.arange(n_folds) != fold, kinds, logistic)
    return Folded(cells, tuple(targets), fit_targets(design, found, cells, targets, l2), found, len(kinds))


def _require_arms(found: DesignMoments) -> None:
    weight = np.array([part.gram[0, 0] for part in found.folds]).reshape(-1, 2)
    for fold, left in enumerate(weight.sum(axis=0) - weight):
        if not (left > 0).all():
            raise EstimationError(
                f"Outside fold {fold + 1} every row is {'treated' if left[1] > 0 else 'untreated'}: nothing compares. "
                f"Ask for fewer folds, or find rows of the other kind."
            )

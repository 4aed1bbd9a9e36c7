"""The formula of an effect with shares of the data in the place of probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.formulas.cell_bootstrap import resampled_covariance
from causalrec.estimation.formulas.cell_derivatives import Cells, cell_derivatives, level_means
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.identification import Estimand

__all__ = ["PlugIn"]

ERRORS = ("influence", "bootstrap")
OUTCOME, COVARIATES, MEDIATORS = "the outcome", "the covariates", "the mediators"  # no names of nodes


class PlugIn(InfluenceEstimator):
    """Means of a discrete outcome under each level of discrete treatments, by any identified formula.

    Adjustment, front door and expressions of the ID algorithm alike. Nothing is modelled: every combination of
    values that the formula asks for must occur. The estimate is a smooth function of the cells' shares, so
    that each row's influence is its derivative, taken numerically.

    Parameters
    ----------
    error : {"influence", "bootstrap"}
        Errors from influence values, or from resampled rows (whole clusters, where there are some).
    contrast : pair, optional
        Two values of the treatment, the reference first; for several treatments two tuples. Needed where a
        treatment has more than two values; otherwise all at their higher value against all at their lower.
    n_draws : int
        Resamples of the bootstrap, at least 2.
    random_state : int

    Attributes
    ----------
    means_, mean_stderrs_ : dict
        Mean outcome under each level of the treatment, and its error; tuples for several treatments.

    References
    ----------
    Shpitser, Pearl (2006), AAAI, for the formulas. Efron, Tibshirani (1986), Statistical Science 1(1).

    Examples
    --------
    >>> estimand = Estimand(("shown",), "clicked", "frontdoor", mediators=("seen",))
    >>> rows = {"shown": [0, 0, 0, 1, 1, 1] * 20, "seen": [0, 0, 1, 0, 1, 1] * 20, "clicked": [0, 1, 1, 0, 0, 1] * 20}
    >>> found = PlugIn().fit_columns(rows, estimand)
    >>> found.value_.round(3), found.stderr_.round(3)
    (array([0.167]), array([0.048]))
    """

    means_: dict[Any, float]
    mean_stderrs_: dict[Any, float]

    def __init__(
        self, error: str = "influence", *, contrast: tuple[Any, Any] | None = None, n_draws: int = 200,
        random_state: int = 0,
    ):  # fmt: skip
        self.error = error
        self.contrast = contrast
        self.n_draws = n_draws
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate by adjustment or, where the design has mediators, by the front door.

        Each combination of covariates is a stratum. Other formulas need their own columns: `fit_columns`.

        Raises
        ------
        EstimationError : as `fit_columns`; or a design that is streamed or has groups to hold fixed.
        """
        if design.streamed or design.absorbed:
            what = "is streamed" if design.streamed else "holds groups fixed"
            raise EstimationError(f"PlugIn counts combinations of values, and this design {what}: use fit_columns.")
        columns = dict(zip(design.treatment_names, design.treatments.T, strict=True)) | {OUTCOME: design.outcome}
        strata = {COVARIATES: design.matrix(), MEDIATORS: design.mediators}
        columns |= {name: _stratum(values) for name, values in strata.items() if values.shape[1]}
        if design.mediators.shape[1] and COVARIATES in columns:
            raise EstimationError("A front door within covariates is no formula of this design: take FrontDoor.")
        if design.mediators.shape[1]:
            estimand = Estimand(design.treatment_names, OUTCOME, "frontdoor", mediators=(MEDIATORS,))
        else:
            held = (COVARIATES,) if COVARIATES in columns else ()
            estimand = Estimand(design.treatment_names, OUTCOME, "adjustment", adjustment=held)
        return self.fit_columns(columns, estimand, clusters=design.clusters, weight=design.weight)

    def fit_columns(
        self, columns: Mapping[str, ArrayLike], estimand: Estimand, *,
        clusters: Mapping[str, ArrayLike] | None = None, weight: ArrayLike | None = None,
    ) -> Self:  # fmt: skip
        """Estimate from discrete columns, named as the nodes of the estimand.

        Parameters
        ----------
        columns : mapping of str to array-like, each of shape (n,)
        estimand : Estimand
        clusters : mapping of str to array-like, each of shape (n,), optional
        weight : array-like, shape (n,), optional

        Raises
        ------
        MissingColumnsError : columns that the formula needs and the table lacks.
        EstimationError : no positivity, with the cell that is empty; too many cells; missing values; an
            outcome that is no number; a treatment of one value.
        """
        counts_as = None if weight is None else np.asarray(weight, dtype=float)
        cells, groups = self._cells(columns, estimand, counts_as), _codes(clusters or {})
        means, moved = level_means(cells, cells.share), _contrast(cells, self.contrast)
        influence, covariance, dof, lost = self._errors(cells, groups, counts_as)
        self.means_ = {_plain(level): float(mean) for level, mean in zip(cells.levels, means, strict=True)}
        stderrs = np.sqrt(np.diag(covariance)).tolist()
        self.mean_stderrs_ = {_plain(level): stderr for level, stderr in zip(cells.levels, stderrs, strict=True)}
        counts, nothing = np.bincount(cells.cell), np.zeros((len(cells.cell), 0))
        outcome = np.asarray(columns[estimand.outcome], dtype=float)
        return self._keep(
            Design(outcome, nothing, nothing, (), groups, weight=counts_as),
            value=means @ moved, influence=None if influence is None else influence @ moved,
            covariance=np.atleast_2d(moved @ covariance @ moved), dof=dof, n_parameters=cells.n_settings,
            n_clusters={name: int(codes.max()) + 1 for name, codes in groups.items()},
            method=f"plug-in of the {estimand.strategy} formula, {len(counts):,} cells" + self._words(),
            diagnostics={"cells": len(counts), "rows of the smallest cell": counts.min(), **lost},
        )  # fmt: skip

    def _words(self) -> str:
        return f", {self.n_draws} resamples" if self.error == "bootstrap" else ""

    def _cells(self, columns: Mapping[str, ArrayLike], estimand: Estimand, weight: np.ndarray | None) -> Cells:
        if self.error not in ERRORS or not (isinstance(self.n_draws, int) and self.n_draws > 1):
            raise DataError(
                f"error is {self.error!r} and n_draws {self.n_draws!r}: error is one of {', '.join(ERRORS)}, n_draws "
                f"at least 2."
            )
        formula = estimand.formula
        if formula is not None and (missing := sorted(formula.names.difference(columns))):
            raise MissingColumnsError(missing, "columns", columns)
        cells = Cells.of(estimand, columns, weight)
        if len(cells.cell) <= cells.n_settings:
            raise EstimationError(
                f"{len(cells.cell):,} rows fall into {cells.n_settings:,} combinations of {', '.join(cells.columns)}: "
                f"nothing repeats that an error could be learned from. Cut values into fewer levels."
            )
        return cells

    def _errors(self, cells: Cells, groups: dict[str, np.ndarray], weight: np.ndarray | None):
        """Influence values of the means or None, their covariance, its degrees of freedom, and diagnostics."""
        if self.error == "influence":
            influence = cell_derivatives(cells)[cells.cell]
            influence *= 1.0 if weight is None else (weight / weight.mean())[:, None]
            return influence, *influence_covariance(influence, groups, cells.n_settings), {}
        covariance, lost = resampled_covariance(cells, groups, weight, self.n_draws, self.random_state)
        fewest = min((int(codes.max()) for codes in groups.values()), default=len(cells.cell) - cells.n_settings)
        return None, covariance, float(fewest), {"resamples without positivity": lost}


def _codes(clusters: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    return {name: np.unique(np.asarray(values), return_inverse=True)[1] for name, values in clusters.items()}


def _plain(level: tuple[Any, ...]) -> Any:
    return level[0] if len(level) == 1 else level


def _contrast(cells: Cells, asked: tuple[Any, Any] | None) -> np.ndarray:
    """Weight of each level's mean in the effect; float64, shape (n_levels,)."""
    if asked is None:
        values = [sorted(set(column)) for column in zip(*cells.levels, strict=True)]
        for name, found in zip(cells.treatment, values, strict=True):
            if len(found) > 2:
                raise EstimationError(
                    f"{name!r} has the values {found[:5]}: say which two by contrast=(reference, value)."
                )
        pair: Any = [tuple(found[place] for found in values) for place in (0, -1)]
    else:
        pair = [level if isinstance(level, tuple) else (level,) for level in asked]
    if unknown := [level for level in pair if level not in cells.levels]:
        raise DataError(f"contrast names {unknown}, and {' and '.join(cells.treatment)} has {list(cells.levels)[:8]}.")
    return np.array([float(level == pair[1]) - float(level == pair[0]) for level in cells.levels])


def _stratum(values: np.ndarray) -> np.ndarray:
    """Number of the distinct row that each row is; int64, shape (n,)."""
    return np.unique(values, axis=0, return_inverse=True)[1].ravel()

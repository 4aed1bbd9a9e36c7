"""Treatment and outcome with covariates taken out, again and again with some columns less, from moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.design_moments import DesignMoments
from causalrec.estimation.moments.normal_equations import least_squares
from causalrec.estimation.moments.ridge import centred

__all__ = ["PartialledPair", "partialled_pairs"]

SINGULAR = 1e-11  # eigenvalue of the correlations, below which others explain a direction
NO_VARIATION = 1e-9
AGREES = 1e-6  # standard errors by which the coefficient may differ from that of least squares


@dataclass(frozen=True, slots=True)
class PartialledPair:
    """What the covariates leave of one treatment and the outcome.

    Attributes
    ----------
    coef, stderr : float
        Of the treatment; the classical error.
    treatment_ss : float
        Sum of squares that the covariates leave of the treatment.
    residual_ss : float
        Sum of squares that covariates and treatment leave of the outcome.
    dof : float
    n : int
    """

    coef: float
    stderr: float
    treatment_ss: float
    residual_ss: float
    dof: float
    n: int


def partialled_pairs(
    design: Design, found: DesignMoments, groups: Mapping[str, Sequence[str]]
) -> tuple[PartialledPair, dict[str, PartialledPair]]:
    """The pair given all covariates, and given all but those of each group.

    Raises
    ------
    EstimationError : a treatment that the covariates explain, too few rows, or moments that keep too few digits.
    """
    about = centred(found.total.gram, found.total.n)
    spread = np.sqrt(np.maximum(np.diag(about.cross), 0.0))
    unit = np.where(spread > 1e-12 * np.sqrt(about.weight) * np.abs(found.shift + about.mean), spread, np.inf)
    unit[1] = spread[1] or 1.0
    scaled = about.cross / np.outer(unit, unit)  # a column that does not vary becomes 0
    names, everything = list(found.names), np.arange(2, len(unit))
    sizes = (float(unit[0]), float(unit[1]), found.total.n, names[0])
    full = _pair(scaled, everything, *sizes)
    _refuse_lost_digits(design, found, full)
    places = {name: at for at, name in enumerate(names) if at >= 2}
    left = {
        group: _pair(scaled, np.setdiff1d(everything, [places[column] for column in columns]), *sizes)
        for group, columns in groups.items()
    }
    return full, left


def _pair(
    scaled: np.ndarray, columns: np.ndarray, treatment_unit: float, outcome_unit: float, n: int, name: str
) -> PartialledPair:
    values, vectors = np.linalg.eigh(scaled[np.ix_(columns, columns)]) if len(columns) else (np.empty(0), np.eye(0))
    keep = values > SINGULAR * values.max(initial=0.0)
    along = vectors[:, keep].T @ scaled[columns, :2] / np.sqrt(values[keep])[:, None]
    left = scaled[:2, :2] - along.T @ along
    dof = n - 2 - int(keep.sum())
    if not np.isfinite(treatment_unit) or left[0, 0] <= NO_VARIATION:
        raise EstimationError(f"{name!r} does not vary once the covariates are held fixed: adjust for less.")
    if dof < 2:
        raise EstimationError(f"{n} rows cannot carry {n - dof} coefficients and say how strong a confounder is.")
    residual = max(left[1, 1] - left[0, 1] ** 2 / left[0, 0], 0.0) * outcome_unit**2
    treatment_ss = left[0, 0] * treatment_unit**2
    coef = float(left[0, 1] / left[0, 0] * outcome_unit / treatment_unit)
    return PartialledPair(
        coef, float(np.sqrt(residual / dof / treatment_ss)), float(treatment_ss), float(residual), float(dof), n
    )


def _refuse_lost_digits(design: Design, found: DesignMoments, full: PartialledPair) -> None:
    solved = least_squares(design, found)
    if abs(solved.coef[0] - full.coef) > AGREES * full.stderr + 1e-9 * abs(full.coef):
        raise EstimationError(
            f"The covariates are so nearly combinations of each other (condition {solved.condition:.0e}) that moments "
            f"lose the digits of a benchmark. Leave out what others explain, or put it on a common scale."
        )

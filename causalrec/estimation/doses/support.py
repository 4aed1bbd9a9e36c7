"""Doses on which the data say too little."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doses.lines import RARE
from causalrec.estimation.doses.nuisances import DoseNuisances
from causalrec.estimation.doubly_robust.overlap import MAX_CLIPPED

__all__ = ["refuse_beyond", "refuse_lumps", "refuse_rare", "refuse_thin"]

MIN_VALUES, MAX_SHARE = 20, 0.1  # of a dose: fewer values, or more units on one of them, have no density
MIN_LOCAL = 20.0  # effective units around a dose


def refuse_lumps(dose: np.ndarray, name: str) -> None:
    """Refuse a dose without a density: few values, or many units on one of them."""
    values, counts = np.unique(dose, return_counts=True)
    if len(values) < MIN_VALUES:
        raise EstimationError(
            f"{name!r} has {len(values)} values, and a curve needs a dose of {MIN_VALUES} or more: take OLS or DML for "
            f"its slope, or AIPW on two of its values."
        )
    if counts.max() > MAX_SHARE * len(dose):
        raise EstimationError(
            f"{name!r} is {values[counts.argmax()]:g} in {counts.max() / len(dose):.0%} of the units, so it has no "
            f"density there: ask for the curve among the other units, and for that value against the rest by itself."
        )


def refuse_beyond(doses: np.ndarray, dose: np.ndarray, name: str) -> None:
    """Refuse doses outside those that were seen."""
    beyond = doses[(doses < dose.min()) | (doses > dose.max())]
    if len(beyond):
        raise EstimationError(
            f"{name!r} goes from {dose.min():.4g} to {dose.max():.4g} in the data, which say nothing on "
            f"{', '.join(f'{at:.4g}' for at in beyond[:5])}: ask for doses that were given."
        )


def refuse_thin(doses: np.ndarray, local_n: np.ndarray, bandwidth: float, name: str) -> None:
    """Refuse doses with too few units around them, counted as `local_n`, shape (k,)."""
    thin = ~(local_n >= MIN_LOCAL)
    if thin.any():
        pairs = zip(doses[thin][:5], local_n[thin], strict=False)
        listed = ", ".join(f"{at:.4g} ({count:,.0f})" for at, count in pairs)
        raise EstimationError(
            f"Too few units have a {name!r} within {bandwidth:.3g} of {listed}: weighted for what sets them apart they "
            f"count as that many, and {MIN_LOCAL:.0f} are needed. Ask for other doses or a larger bandwidth."
        )


def refuse_rare(found: DoseNuisances, doses: np.ndarray, weight: np.ndarray, name: str) -> None:
    """Refuse doses that many units could hardly have had, as their covariates predict it."""
    common = weight @ found.density / weight.sum()
    share = np.interp(doses, found.grid, weight @ (found.density < RARE * common) / weight.sum())
    worst = int(share.argmax())
    if share[worst] > MAX_CLIPPED:
        raise EstimationError(
            f"{share[worst]:.0%} of {len(weight):,} units could hardly have had a {name!r} of {doses[worst]:.4g}, as "
            f"their covariates predict it, so the data do not say what it would do to all units. Ask for doses nearer "
            f"the middle, or about units that are more alike."
        )

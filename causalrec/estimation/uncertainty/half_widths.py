"""How many standard errors an interval goes to either side."""

from __future__ import annotations

from causalrec.estimation.uncertainty.confidence_levels import refuse_level

__all__ = ["half_width"]


def half_width(level: float, dof: float) -> float:
    """Half the width of the t interval of a level, in standard errors.

    Raises
    ------
    DataError : a level that is none.

    Examples
    --------
    >>> round(half_width(0.95, 30), 2), round(half_width(0.95, float("inf")), 2)
    (2.04, 1.96)
    """
    from scipy.stats import t

    refuse_level(level)
    return float(t.ppf(0.5 + level / 2, dof))

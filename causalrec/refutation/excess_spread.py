"""Whether draws spread more than the reported errors say."""

from __future__ import annotations

import numpy as np

__all__ = ["spread_p_value"]


def spread_p_value(square: float, n_draws: int, n_units: float = np.inf) -> float:
    """Probability of a ratio of variances as large, where the reported error is right.

    Draws that are normal with the reported error give a chi-squared variable over its degrees of freedom. Where the
    units' own residuals decide the ratio too, that adds what their number leaves open: the two are taken for one
    chi-squared variable of the same variance (Satterthwaite 1946, Biometrics Bulletin 2(6)).

    Parameters
    ----------
    square : float
        Variance of the draws over the squared error, 0 or more.
    n_draws : int
        Draws, less one where their mean was taken out.
    n_units : float
        Groups whose sums of residuals decide the ratio; infinite where the error follows from those sums itself.

    Examples
    --------
    >>> round(spread_p_value(1.0, 100), 2), round(spread_p_value(2.0, 100), 4)
    (0.48, 0.0)
    """
    from scipy.stats import chi2

    dof = 1 / (1 / n_draws + (0.0 if np.isinf(n_units) else 1 / max(n_units - 1, 1)))
    return float(chi2.sf(dof * square, dof))

"""p-values corrected for the number of tests."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.uncertainty.multiplicity import holm

__all__ = ["CORRECTIONS", "corrected"]

CORRECTIONS = ("holm", "bonferroni", "benjamini-hochberg", "none")


def corrected(p_values: np.ndarray, correction: str = "holm") -> np.ndarray:
    """p-values that can be compared with the level as they are.

    Parameters
    ----------
    p_values : array_like, shape (n_tests,)
    correction : {"holm", "bonferroni", "benjamini-hochberg", "none"}
        The first two hold the probability of one false alarm or more, the third the expected share of false
        alarms among the alarms.

    Raises
    ------
    DataError : there is no such correction.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6(2), 65-70.

    Examples
    --------
    >>> corrected([0.01, 0.04, 0.03]).round(2)
    array([0.03, 0.06, 0.06])
    """
    p_values = np.asarray(p_values, dtype=float)
    if correction not in CORRECTIONS:
        raise DataError(f"There is no correction {correction!r}; take one of {', '.join(CORRECTIONS)}.")
    if correction == "none" or not len(p_values):
        return p_values
    if correction == "bonferroni":
        return np.minimum(len(p_values) * p_values, 1.0)
    if correction == "benjamini-hochberg":
        from scipy.stats import false_discovery_control

        return false_discovery_control(p_values)
    return holm(p_values)

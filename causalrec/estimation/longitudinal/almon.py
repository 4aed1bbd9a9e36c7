"""Effects of later lags that lie on a polynomial of the lag."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError

__all__ = ["lag_basis"]


def lag_basis(n_lags: int, n_leads: int, degree: int | None) -> np.ndarray:
    """Effects of leads and lags as a linear map of fewer numbers; float64, shape (n_leads + n_lags + 1, p).

    Rows are the leads, farthest first, then lags 0 to n_lags. Leads and lag 0 are free, for what a treatment does at
    once is seldom on one curve with what it does later; lags 1 to n_lags lie on a polynomial of `degree`, or are free
    too where it is None. Its columns are orthonormal.

    Raises
    ------
    DataError : numbers out of range.

    References
    ----------
    Almon (1965), Econometrica 33(1).

    Examples
    --------
    >>> lag_basis(2, 1, None).shape, lag_basis(6, 1, 2).shape
    ((4, 4), (8, 5))
    """
    for name, count in (("n_lags", n_lags), ("n_leads", n_leads)):
        if count < 0:
            raise DataError(f"{name} is {count}; it is a number of periods, 0 or more.")
    if degree is not None and not 0 <= degree < n_lags:
        raise DataError(
            f"degree is {degree}; a polynomial through the {n_lags} lags after today has a degree below {n_lags}, and "
            f"needs one lag or more."
        )
    free = n_leads + 1 if degree is not None else n_leads + n_lags + 1
    later = np.empty((0, 0)) if degree is None else _polynomials(n_lags, degree)
    basis = np.zeros((n_leads + n_lags + 1, free + later.shape[1]))
    basis[:free, :free] = np.eye(free)
    basis[free:, free:] = later
    return basis


def _polynomials(n_lags: int, degree: int) -> np.ndarray:
    """Orthonormal polynomials of lags 1 to n_lags, one a column; float64, shape (n_lags, degree + 1)."""
    powers: np.ndarray = (np.arange(1.0, n_lags + 1) / n_lags)[:, None] ** np.arange(degree + 1.0)
    return np.linalg.qr(powers)[0]

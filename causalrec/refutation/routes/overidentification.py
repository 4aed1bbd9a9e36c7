"""Whether more instruments than treatments tell one story."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.partialled import partialled
from causalrec.estimation.uncertainty.clusters import cluster_meat

__all__ = ["HansenTest", "hansen_test"]


@dataclass(frozen=True, slots=True)
class HansenTest:
    """Test of the overidentifying restrictions.

    Attributes
    ----------
    statistic : float
        Hansen's J; chi-square with `dof` degrees of freedom where all instruments are valid.
    dof : int
        Instruments more than treatments.
    p_value : float
    value : float
        Effect by two-step GMM, in the unit of the outcome.
    """

    statistic: float
    dof: int
    p_value: float
    value: float


def hansen_test(design: Design) -> HansenTest:
    """Sargan's and Hansen's J of a design with more instruments than its one treatment.

    Two-step GMM with robust or clustered moments. Instruments that all err by the same amount agree, so passing
    is no proof of any of them. With a LATE for each instrument that differs the test fails too.

    References
    ----------
    Sargan (1958), Econometrica 26(3); Hansen (1982), Econometrica 50(4).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z, u = rng.normal(size=(500, 2)), rng.normal(size=500)
    >>> t = z.sum(axis=1) + u
    >>> rows = Design(t + u + rng.normal(size=500), t[:, None], np.empty((500, 0)), (), {}, instruments=z)
    >>> hansen_test(rows).dof
    1
    """
    parts = partialled(design)
    if parts.k != 1 or parts.rank < 2:
        raise EstimationError("A test of instruments needs one treatment and two instruments that are not the same.")
    left = parts.left(design)
    t, y, Z = left[:, 0], left[:, 1], left[:, 2:]
    weight = np.ones(design.n) if design.weight is None else design.weight
    first = _gmm(Z, t, y, weight, np.linalg.pinv((Z * weight[:, None]).T @ Z, hermitian=True))
    inverse = np.linalg.pinv(_meat(Z, y - first * t, weight, design), rcond=1e-10, hermitian=True)
    value = _gmm(Z, t, y, weight, inverse)
    moment = Z.T @ (weight * (y - value * t))
    statistic, dof = float(moment @ inverse @ moment), parts.rank - 1
    return HansenTest(statistic, dof, _tail(statistic, dof), value)


def _gmm(Z: np.ndarray, t: np.ndarray, y: np.ndarray, weight: np.ndarray, inverse: np.ndarray) -> float:
    """Effect that brings the moments nearest to 0 in this metric."""
    on_t, on_y = Z.T @ (weight * t), Z.T @ (weight * y)
    return float(on_t @ inverse @ on_y / (on_t @ inverse @ on_t))


def _meat(Z: np.ndarray, residual: np.ndarray, weight: np.ndarray, design: Design) -> np.ndarray:
    """Covariance of the summed moments."""
    scores = Z * (weight * residual)[:, None]
    return scores.T @ scores if not design.clusters else cluster_meat(scores, design.clusters, design.n, 1)[0]


def _tail(statistic: float, dof: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, dof))

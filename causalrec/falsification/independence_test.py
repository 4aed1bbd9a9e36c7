"""`IndependenceTest`: the outcome of one test, and the smallest dependence that it would have found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import DataError

__all__ = ["IndependenceTest", "untestable"]


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """Test of x independent of y given z.

    Attributes
    ----------
    statistic : float
    p_value : float
        1 where the data say nothing.
    dof : int
        Degrees of freedom; the number of pairs of columns for the projection test; 0 where the data say nothing.
    n : int
        Rows used.
    method : {"partial correlation", "G", "conditional Gaussian", "projection"} or a name of your own
    n_effective : float
        Rows less what estimation took: what the power rests on.
    note : str
        How p was found, and what was left out, where that is not the rule.

    Examples
    --------
    >>> IndependenceTest(1.2, 0.23, 1, 400, "partial correlation", 397.0)
    partial correlation: p = 0.23 (statistic 1.2, 1 dof, 400 rows)
    """

    statistic: float
    p_value: float
    dof: int
    n: int
    method: str
    n_effective: float = 0.0
    note: str = ""

    @property
    def is_testable(self) -> bool:
        """Whether the data say anything."""
        return self.dof > 0

    def smallest_dependence(self, *, alpha: float = 0.05, power: float = 0.8) -> float:
        """Dependence that this sample would have found with probability `power` at level `alpha`.

        On the scale of a correlation, in [0, 1]: the partial correlation, Cohen's w for tables (phi for two by
        two), the multiple partial correlation, or that of the one pair of columns. NaN where nothing that
        small would have been found, or where the method is not one of ours.

        Raises
        ------
        DataError : `alpha` or `power` is not inside (0, 1), or `power` is not above `alpha`.
        """
        from scipy.stats import norm

        if not 0 < alpha < power < 1:
            raise DataError(f"Expected 0 < alpha < power < 1, got alpha {alpha} and power {power}.")
        if not self.is_testable or self.n_effective <= 0:
            return float("nan")
        if self.method == "partial correlation":
            shift = norm.isf(alpha / 2) + norm.ppf(power)
            return float(np.tanh(shift / np.sqrt(self.n_effective)))
        if self.method == "projection":
            shift = norm.isf(alpha / (2 * self.dof)) + norm.ppf(power)
            return _possible(shift / np.sqrt(self.n_effective))
        ratio = _noncentrality(self.dof, alpha, power) / self.n_effective
        if self.method == "G":
            return _possible(np.sqrt(ratio))
        if self.method == "conditional Gaussian":
            return float(np.sqrt(-np.expm1(-ratio)))
        return float("nan")

    def __repr__(self) -> str:
        rest = f"{self.n} rows; {self.note}" if self.note else f"{self.n} rows"
        return f"{self.method}: p = {self.p_value:.2g} (statistic {self.statistic:.3g}, {self.dof} dof, {rest})"


def untestable(method: str, n: int, note: str) -> IndependenceTest:
    """Outcome where the data say nothing: too few rows, or nothing that varies."""
    return IndependenceTest(0.0, 1.0, 0, n, method, 0.0, note)


def _possible(size: float) -> float:
    return float(size) if size <= 1 else float("nan")


def _noncentrality(dof: int, alpha: float, power: float) -> float:
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    critical = chi2.isf(alpha, dof)
    high = 10.0
    while ncx2.sf(critical, dof, high) < power:
        high *= 2
    return float(brentq(lambda shift: ncx2.sf(critical, dof, shift) - power, 1e-9, high))

"""Nearest neighbours of the other arm, with bias correction."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.arm_means import refuse_target
from causalrec.estimation.doubly_robust.overlap import refuse_no_overlap
from causalrec.estimation.doubly_robust.two_arms import TwoArms, two_arms
from causalrec.estimation.estimators import InfluenceEstimator, effective_number
from causalrec.estimation.matching.neighbours import nearest_units, residual_variance
from causalrec.estimation.weighting.propensity import logistic_propensity, standardised

__all__ = ["Matching"]

METRICS = ("scaled", "mahalanobis")


class Matching(InfluenceEstimator):
    """Matching to the nearest neighbours of the other arm, with replacement.

    Assumes that the covariates close every back door and that each unit (of the treated, for the
    ATT) has near neighbours in the other arm. Neighbours at the same distance all count. What is left of
    differences in the covariates is taken out by a regression among the matched. It is no mean of
    influence values, so errors are Abadie's and Imbens's own; clusters and weights are refused.

    Parameters
    ----------
    n_matches : int
        Neighbours of each unit, 1 or more.
    target : {"ATT", "ATE"}
    metric : {"scaled", "mahalanobis"}
        Distance after each covariate is divided by its standard deviation, or after their correlations are
        taken out too.
    bias_correction : bool

    Attributes
    ----------
    weights_ : float64, shape (n,)
        How often each unit counts in the comparison, for balance tables.

    References
    ----------
    Abadie, Imbens (2006), Econometrica 74(1); (2011), J. Business & Economic Statistics 29(1).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=1000)
    >>> t = (rng.random(1000) < 1 / (1 + np.exp(-x))).astype(float)
    >>> Matching().fit(Design(x + 2 * t, t[:, None], x[:, None], (), {})).value_.round(2)
    array([2.])
    """

    def __init__(
        self, n_matches: int = 1, *, target: str = "ATT", metric: str = "scaled", bias_correction: bool = True
    ):
        self.n_matches = n_matches
        self.target = target
        self.metric = metric
        self.bias_correction = bias_correction

    def fit(self, design: Design) -> Self:
        """Estimate from a design in memory.

        Raises
        ------
        EstimationError : clusters or weights, no overlap, an arm with fewer units than `n_matches`, or values
            that are not finite.
        """
        refuse_target(self.target, ("ATE", "ATT"))
        arms = two_arms(design, "Matching")
        self._refuse(design, arms)
        X = standardised(arms)[0][:, 1:]
        if self.target == "ATE":
            refuse_no_overlap(arms, logistic_propensity(arms).e)
        places = _whitened(X) if self.metric == "mahalanobis" else X
        sides = (1,) if self.target == "ATT" else (0, 1)
        gaps, times, squares = np.zeros(arms.n), np.zeros(arms.n), np.zeros(arms.n)
        reach = 0.0
        for side in sides:
            mine, theirs = arms.t == side, arms.t == 1 - side
            found = nearest_units(places[mine], places[theirs], self.n_matches)
            times[theirs], squares[theirs] = found.times, found.squares
            left = arms.y - self._line(X, arms.y, theirs, times)
            gaps[mine] = (2 * side - 1) * (left[mine] - found.mean(left[theirs]))
            reach = max(reach, float(found.distance.max()))
        asked = np.isin(arms.t, sides)
        value, n = gaps[asked].mean(), int(asked.sum())
        variance = np.where(arms.t == 0, residual_variance(places, arms.y, arms.t == 0), 0.0)
        variance += np.where(arms.t == 1, residual_variance(places, arms.y, arms.t == 1), 0.0)
        again = times**2 + 2 * times * asked - squares
        total = float(((gaps[asked] - value) ** 2).sum() + variance @ again) / n**2
        self.weights_ = asked + times
        return self._keep(
            design, value=value, influence=None, covariance=np.array([[total]]), dof=n - 1, n_parameters=1,
            target=self.target, method=self._words(), effective_n=effective_number(self.weights_),
            diagnostics={"farthest match": reach, "most uses of one unit": float(times.max())},
        )  # fmt: skip

    def _line(self, X: np.ndarray, y: np.ndarray, among: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Regression of the outcome among the matched, each as often as it was used; (n,)."""
        if not self.bias_correction:
            return np.zeros(len(y))
        rows, root = np.column_stack([np.ones(len(X)), X]), np.sqrt(times[among])
        return rows @ np.linalg.lstsq(rows[among] * root[:, None], y[among] * root, rcond=None)[0]

    def _words(self) -> str:
        corrected = ", bias corrected" if self.bias_correction else ""
        return f"matching to {self.n_matches} nearest neighbour{'s' * (self.n_matches > 1)}{corrected}"

    def _refuse(self, design: Design, arms: TwoArms) -> None:
        if self.metric not in METRICS:
            raise DataError(f"metric is {self.metric!r}; it is one of {', '.join(METRICS)}.")
        if not isinstance(self.n_matches, int) or self.n_matches < 1:
            raise DataError(f"n_matches is {self.n_matches!r}; it is a whole number of 1 or more.")
        if design.clusters or design.weight is not None:
            what = f"clusters by {', '.join(design.clusters)}" if design.clusters else "weights"
            raise EstimationError(f"The errors of matching know no {what}: take AIPW or entropy balancing.")
        if min(arms.n_arms) < max(2, self.n_matches):
            raise EstimationError(f"Arms of {arms.n_arms[0]:,} and {arms.n_arms[1]:,} units are too few to match.")
        if not arms.X.shape[1] or not standardised(arms)[0].shape[1] > 1:
            raise EstimationError("There is no covariate that varies, so nothing to match on: take OLS.")


def _whitened(X: np.ndarray) -> np.ndarray:
    """Columns without correlation; float64, shape (n, q)."""
    return np.linalg.solve(np.linalg.cholesky(np.cov(X.T).reshape(X.shape[1], -1)), X.T).T

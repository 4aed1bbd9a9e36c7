"""Cross-fitted partially linear model with ridge nuisances, from second moments."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.linear.ols import refuse_absorbed
from causalrec.estimation.moments.cross_fitted import fold_ridges
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments, pieces
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.ridge import centred
from causalrec.estimation.moments.score_sums import ScoreSums
from causalrec.estimation.uncertainty.row_share import RowShare

__all__ = ["PartiallyLinearDML"]

NO_VARIATION = 1e-9  # share of a treatment's variance that is rounding error


class PartiallyLinearDML(InfluenceEstimator):
    """Double machine learning of a partially linear model (Chernozhukov et al. 2018, Econometrics J. 21(1)).

    Outcome and treatments are each predicted from the covariates by ridge regression on the other folds;
    the effect is the regression of what is left of the outcome on what is left of the treatments. One pass
    gives every fold's moments, the other folds' are the total less that fold, and a second pass gives the
    residuals. Assumes one effect for all units (else a variance-weighted average is estimated) and that
    both predictions are linear in the covariates, as a text embedding or a basis makes them.

    Parameters
    ----------
    n_folds : int
        2 or more; folds keep clusters whole.
    l2 : float or None
        Penalty as scikit-learn's `Ridge(alpha)`; None: chosen on each fold's training rows by generalised
        cross-validation, for the outcome and each treatment on its own.
    scale : bool
        Whether the penalty is on columns of unit variance; always so where it is chosen.
    random_state : int
        Seed of the folds.

    Attributes
    ----------
    value_ : float64, shape (k,)
    l2_ : float64, shape (n_folds, k + 1)
        Penalties, treatments first, the outcome's last.
    """

    def __init__(self, n_folds: int = 5, *, l2: float | None = None, scale: bool = True, random_state: int = 0):
        self.n_folds = n_folds
        self.l2 = l2
        self.scale = scale
        self.random_state = random_state

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        Raises
        ------
        DataError : a negative penalty, or fewer rows or clusters than folds.
        EstimationError : a treatment that does not vary once the covariates are held fixed.
        """
        if self.l2 is not None and not (np.isfinite(self.l2) and self.l2 >= 0):
            raise DataError(f"l2 is {self.l2!r}; it is a number of 0 or more, or None to have it chosen.")
        refuse_absorbed(design, type(self).__name__)
        dealt = (self.n_folds, self.random_state)
        found = design_moments(design, dealt)
        predict, self.l2_ = self.nuisances(found)
        k = found.n_leading - 1
        of_rows = RowShare()
        if design.streamed:
            left, sums = None, _summed(design, predict, dealt, of_rows)
            moments = sums.moments
        else:
            left = _residuals(design, predict, dealt)
            weighted = left if design.weight is None else left * design.weight[:, None]
            moments = left.T @ weighted
            of_rows.add(left[:, :k] * weighted[:, :k])
        variation = _variation(found, moments)
        self._refuse_constant(found, variation)
        value = np.linalg.solve(moments[:k, :k], moments[:k, k])
        inverse = np.linalg.inv(moments[:k, :k]) * found.total.n
        total = np.diag(centred(found.total.gram, found.total.n).cross)
        names = found.names[: k + 1]
        diagnostics = {f"variation of {name}": share for name, share in zip(names[:k], variation, strict=True)}
        diagnostics |= {
            f"cross-fitted R2 of {name}": 1 - moments[at, at] / total[at] for at, name in enumerate(names)
        }  # fmt: skip
        diagnostics |= of_rows.diagnostics(names)
        if left is None:
            kept = sums.error(value, inverse)
        else:
            kept = {"influence": _influence(left, design.weight, value, inverse)}
        method = f"double machine learning, partially linear, ridge, {self.n_folds} folds"
        return self._keep(design, value=value, n_parameters=k, diagnostics=diagnostics, method=method, **kept)

    def nuisances(self, found: DesignMoments) -> tuple[LinearMap, np.ndarray]:
        """Outcome and treatments given covariates, from the rows outside each fold; and their penalties."""
        outcomes, columns = np.arange(found.n_leading), np.arange(found.n_leading, len(found.names))
        return fold_ridges(found, outcomes, columns, self.l2, scale=self.scale or self.l2 is None)

    def _refuse_constant(self, found: DesignMoments, variation: np.ndarray) -> None:
        lost = [repr(name) for name, share in zip(found.names, variation, strict=False) if not share > NO_VARIATION]
        if lost:
            raise EstimationError(
                f"{' and '.join(lost)} does not vary once the adjustment set and the other treatments are held fixed, "
                f"so the data say nothing on its effect."
            )


def batch_residuals(batch: Design, predict: LinearMap, dealt: tuple[int, int]) -> np.ndarray:
    """What is left of treatments and outcome, each row predicted from the other folds; shape (m, k + 1)."""
    left, (n_folds, _) = np.column_stack([batch.treatments, batch.outcome]), dealt
    by_fold = predict.of(batch).reshape(batch.n, n_folds, -1)  # all folds' at once: less than to gather rows by fold
    left -= by_fold[np.arange(batch.n), batch.folds(*dealt)]
    return left


def _residuals(design: Design, predict: LinearMap, dealt: tuple[int, int]) -> np.ndarray:
    left, start = np.empty((design.n, design.treatments.shape[1] + 1)), 0
    for batch in pieces(design):
        left[start : start + batch.n] = batch_residuals(batch, predict, dealt)
        start += batch.n
    return left


class _Sums:
    """Products of a stream's residuals, by cluster: moments and errors both follow from them, in one pass."""

    def __init__(self, k: int):
        self.k, self.products, self.outcomes = k, ScoreSums(), 0.0
        self.total = np.zeros(k + k * k)

    def add(self, left: np.ndarray, batch: Design) -> None:
        """Residuals of a batch, shape (m, k + 1)."""
        treatments, outcome, m = left[:, : self.k], left[:, self.k :], len(left)
        weighted = treatments if batch.weight is None else treatments * batch.weight[:, None]
        products = np.column_stack([
            weighted * outcome, (weighted[:, :, None] * treatments[:, None, :]).reshape(m, self.k**2)
        ])  # fmt: skip
        self.products.add(products, batch)
        self.total += products.sum(axis=0)
        self.outcomes += ((outcome if batch.weight is None else outcome * batch.weight[:, None]).T @ outcome).item()

    @property
    def moments(self) -> np.ndarray:
        """Second moments of treatments and outcome; shape (k + 1, k + 1)."""
        cross = self.total[: self.k, None]
        return np.block([[self.total[self.k :].reshape(self.k, self.k), cross], [cross.T, self.outcomes]])

    def error(self, value: np.ndarray, inverse: np.ndarray) -> dict[str, Any]:
        """What the estimator keeps: influence is (treatment outcome - treatment treatment' value) inverse."""
        turn = np.vstack([np.eye(self.k), -np.kron(np.eye(self.k), value[:, None])]) @ inverse
        return self.products.kept(self.k, turn)


def _summed(design: Design, predict: LinearMap, dealt: tuple[int, int], of_rows: RowShare) -> _Sums:
    sums = _Sums(len(design.treatment_names))
    for batch in pieces(design):
        left = batch_residuals(batch, predict, dealt)
        sums.add(left, batch)
        of_rows.add(left[:, :-1] ** 2 * (1.0 if batch.weight is None else batch.weight[:, None]))
    return sums


def _influence(left: np.ndarray, weight: np.ndarray | None, value: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    residual = left[:, -1] - left[:, :-1] @ value
    return (left[:, :-1] @ inverse) * (residual if weight is None else residual * weight)[:, None]


def _variation(found: DesignMoments, moments: np.ndarray) -> np.ndarray:
    """Share of each treatment's variance that covariates and the other treatments leave."""
    k = found.n_leading - 1
    before = np.diag(centred(found.total.gram, found.total.n).cross)[:k]
    own = moments[:k, :k]
    unit = np.sqrt(np.where(np.diag(own) > 0, np.diag(own), 1.0))
    scaled = own / np.outer(unit, unit)
    if np.linalg.eigvalsh(scaled)[0] < NO_VARIATION:
        left = np.array([_without(scaled, at) for at in range(k)]) * unit**2
    else:
        left = 1 / np.diag(np.linalg.inv(scaled)) * unit**2
    return np.where(before > 0, left / np.where(before > 0, before, 1.0), 0.0)


def _without(scaled: np.ndarray, at: int) -> float:
    others = np.arange(len(scaled)) != at
    explained = np.linalg.pinv(scaled[np.ix_(others, others)], hermitian=True) @ scaled[others, at]
    return float(scaled[at, at] - scaled[at, others] @ explained)

"""Least squares from second moments, with robust or clustered errors."""

from __future__ import annotations

from typing import Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.moments.design_moments import DesignMoments, design_moments
from causalrec.estimation.moments.linear_map import LinearMap
from causalrec.estimation.moments.normal_equations import LeastSquares, least_squares
from causalrec.estimation.moments.score_sums import influence_error
from causalrec.estimation.uncertainty.row_share import RowShare

__all__ = ["OLS", "Scores", "refuse_absorbed"]

COVARIANCES = ("HC1", "HC0", "HC2", "HC3", "classical")


class OLS(InfluenceEstimator):
    """Least squares of the outcome on treatments and covariates, from one pass over second moments.

    Assumes that the outcome is linear in the covariates with one effect for all units; a treatment
    whose effect differs gives an average weighted by its variance given the covariates. Blocks of
    covariates are never expanded to rows. Covariates that are constant or that others explain are left
    out and named in `left_out_`; where moments would keep fewer than eight digits the rows are factorised
    (QR), which `diagnostics_["QR on the rows"]` says.

    Parameters
    ----------
    covariance : str
        "HC1", "HC0", "HC2", "HC3" (MacKinnon, White 1985, J. Econometrics 29(3)) or "classical" (one
        variance for all). Clusters of the design come before it: errors are then clustered, by one kind
        or by several (Cameron, Gelbach, Miller 2011, J. Business & Economic Statistics 29(2)).

    Attributes
    ----------
    value_ : float64, shape (k,)
        One coefficient a treatment, in the outcome's unit.
    left_out_ : tuple of str
    condition_ : float
        Condition number of the columns' correlations.

    Examples
    --------
    >>> t = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    >>> rows = Design(2 * t + np.array([0.1, -0.1, 0.0, 0.1, 0.0, -0.1]), t[:, None], np.empty((6, 0)), (), {})
    >>> OLS().fit(rows).value_.round(3)
    array([2.])
    """

    def __init__(self, covariance: str = "HC1"):
        self.covariance = covariance

    def fit(self, design: Design) -> Self:
        """Estimate from a design, in memory or streamed.

        Raises
        ------
        DataError : an unknown kind of covariance.
        EstimationError : a treatment that does not vary given the covariates, or too few rows.
        """
        if self.covariance not in COVARIANCES:
            raise DataError(f"covariance is {self.covariance!r}; it is one of {', '.join(COVARIANCES)}.")
        refuse_absorbed(design, type(self).__name__)
        found = design_moments(design)
        solved = least_squares(design, found)
        n_parameters = 1 + len(solved.coef)
        scores = Scores(found, solved, self.covariance, n_parameters)
        self.left_out_, self.condition_ = solved.left_out, solved.condition
        names = found.names[: found.n_leading - 1]
        diagnostics = {f"variation of {name}": share for name, share in zip(names, solved.variation, strict=True)}
        diagnostics |= {"condition number": solved.condition, "covariates left out": float(len(solved.left_out))}
        diagnostics |= {"QR on the rows": 1.0} if solved.by_qr else {}
        kept = scores.error(design)
        diagnostics |= scores.of_rows.diagnostics(names)
        return self._keep(
            design, n_parameters=n_parameters, method="least squares", value=solved.coef[: len(names)],
            diagnostics=diagnostics, **kept,
        )  # fmt: skip


class Scores:
    """What the second pass needs: residuals, what is left of the treatments, and leverages."""

    def __init__(self, found: DesignMoments, solved: LeastSquares, covariance: str, n_parameters: int):
        self.k, self.n, self.covariance, self.squares = found.n_leading - 1, found.total.n, covariance, 0.0
        self.n_parameters, self.of_rows = n_parameters, RowShare()
        self.weight = found.total.gram[0, 0]
        inverse = solved.root @ solved.root[: self.k].T
        maps = [-solved.coef[:, None], inverse]
        base = [[-solved.intercept], -solved.mean @ inverse]
        if covariance in ("HC2", "HC3"):
            maps, base = [*maps, solved.root], [*base, -solved.mean @ solved.root]
        coef = np.zeros((len(found.names) - 1, sum(part.shape[1] for part in maps)))
        coef[solved.kept] = np.column_stack(maps)
        at, k = np.concatenate(base), self.k
        base_treated = at - found.shift[:k] @ coef[:k]
        base_treated[0] -= found.shift[k]
        self.on_treatments, self.on_covariates = coef[:k], LinearMap.about(found, coef[k:], base_treated)
        self.inverse = inverse[: self.k]

    def influence(self, batch: Design) -> np.ndarray:
        """Influence of each row, shape (m, k); it adds up squared residuals on the way."""
        values = self.on_covariates.of(batch)
        values += batch.treatments @ self.on_treatments
        residual, left = values[:, 0] + batch.outcome, values[:, 1 : 1 + self.k]
        weight = 1.0 if batch.weight is None else batch.weight
        scaled = residual * weight
        self.of_rows.add(left**2 * np.reshape(weight, (-1, 1)))
        self.squares += float(residual @ scaled)
        if self.covariance in ("HC2", "HC3") and not batch.clusters:
            leverage = weight * (1 / self.weight + (values[:, 1 + self.k :] ** 2).sum(axis=1))
            room = np.maximum(1 - leverage, 1e-12)
            scaled = scaled / (np.sqrt(room) if self.covariance == "HC2" else room)
        return self.n * left * scaled[:, None]

    def error(self, design: Design) -> dict:
        """What the estimator keeps: clustered and HC1 errors follow from influence values alone."""
        kept = influence_error(design, self.influence, self.k, self.n_parameters)
        if self.covariance == "HC1" or design.n_clusters:
            return kept
        dof = self.n - self.n_parameters
        if self.covariance == "classical":
            return {**kept, "covariance": self.inverse * self.squares / dof, "dof": dof}
        if kept["influence"] is None:
            return {**kept, "covariance": kept["covariance"] * dof / self.n}
        return {**kept, "covariance": kept["influence"].T @ kept["influence"] / self.n**2, "dof": dof}


def refuse_absorbed(design: Design, name: str) -> None:
    """Effects of groups need the estimator that holds them fixed."""
    if design.n_absorbed:
        raise EstimationError(
            f"{name} does not hold effects of groups fixed, and the adjustment set has {len(design.n_absorbed)} kinds. "
            f"Use AbsorbedRegression."
        )

"""Generalised linear models of statsmodels, averaged to an effect."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.heterogeneity.learners.linear_final import with_intercept
from causalrec.estimation.heterogeneity.learners.modifiers import one_treatment
from causalrec.estimation.uncertainty.row_share import left_over, variation_of
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["GLMEstimator"]

FAMILIES = {"logit": "Binomial", "probit": "Binomial", "poisson": "Poisson", "gaussian": "Gaussian", "gamma": "Gamma"}
MAX_STEPS = 100


class GLMEstimator(InfluenceEstimator):
    """A generalised linear model of the outcome, and the average over units of what it predicts with and without.

    For a treatment of 0 and 1 that is the mean difference of the two predictions (g-computation); for amounts
    the mean derivative. Influence values take in the coefficients' error, robust to a wrong variance, and the
    covariates' own sampling. Assumes that the mean is as the model says.

    Parameters
    ----------
    family : statsmodels family object, or the name of one
        "logit", "probit", "poisson", "gaussian" or "gamma" (with a log link).
    interactions : bool
        Whether the treatment's coefficient may differ by every covariate.

    Attributes
    ----------
    coef_ : float64, shape (p,)
        Intercept, treatment, covariates, then their products with the treatment.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(2000, 1)), rng.integers(0, 2, 2000).astype(float)
    >>> rows = Design(t * (1 + x[:, 0]) + rng.normal(size=2000), t[:, None], x, (), {})
    >>> found = GLMEstimator("gaussian").fit(rows)
    >>> bool(found.stderr_[0] < 0.1), found.value_.round(0).tolist()
    (True, [1.0])
    """

    def __init__(self, family: Any = "logit", *, interactions: bool = False):
        self.family = family
        self.interactions = interactions

    def fit(self, design: Design) -> Self:
        """Fit the model and average it.

        Raises
        ------
        DataError : several treatments, absorbed effects, an outcome that the family does not allow.
        EstimationError : no variation, collinear covariates, separated groups, or no convergence.
        """
        import statsmodels.api as sm

        name, t = one_treatment(design)
        family = _family(self.family)
        _refuse_outcome(family, design.outcome)
        X, y = design.matrix(), design.outcome
        weight = unit_weights(design)
        rows, binary = self._rows(X, t), bool(np.isin(t, (0.0, 1.0)).all())
        if design.n <= rows.shape[1] + 1:
            raise EstimationError(f"{design.n} rows cannot carry {rows.shape[1]} coefficients and their error.")
        if np.linalg.matrix_rank(rows) < rows.shape[1]:
            raise EstimationError(f"{name!r} and the covariates are collinear; drop a covariate.")
        diagnostics = variation_of(name, t, left_over(t, X, weight), weight)
        found = _fitted(sm.GLM(y, rows, family=family, freq_weights=weight), name)
        self.coef_ = np.asarray(found.params)
        each, slope = self._each(family, X, t, binary)
        value = float(np.average(each, weights=weight))
        eta = rows @ self.coef_
        mu = family.link.inverse(eta)
        derivative = family.link.inverse_deriv(eta)
        working = derivative / family.variance(mu)
        scores = (weight * working * (y - mu))[:, None] * rows
        # Of the observed equation, not its expectation: the two differ where the link is not canonical.
        hessian = -_jacobian(family, rows, y, weight, self.coef_)
        influence = weight * (each - value) + scores @ np.linalg.solve(hessian.T, np.average(slope, 0, weight))
        return self._keep(
            design, value=np.array([value]), influence=influence[:, None], n_parameters=rows.shape[1],
            method=f"statsmodels GLM, {type(family).__name__} with {type(family.link).__name__} link, "
            f"{'predictions with and without' if binary else 'derivatives'} averaged",
            diagnostics=diagnostics | {"deviance explained": 1 - float(found.deviance / found.null_deviance)},
        )  # fmt: skip

    def _rows(self, X: np.ndarray, t: np.ndarray) -> np.ndarray:
        rows = np.column_stack([with_intercept(t), X])
        return np.column_stack([rows, X * t[:, None]]) if self.interactions else rows

    def _each(self, family: Any, X: np.ndarray, t: np.ndarray, binary: bool) -> tuple[np.ndarray, np.ndarray]:
        """Effect of each unit, (n,), and its derivative by the coefficients, (n, p)."""
        link = family.link
        if binary:
            on, off = (self._rows(X, np.full(len(t), level)) for level in (1.0, 0.0))
            each = link.inverse(on @ self.coef_) - link.inverse(off @ self.coef_)
            return each, (link.inverse_deriv(on @ self.coef_)[:, None] * on
                          - link.inverse_deriv(off @ self.coef_)[:, None] * off)  # fmt: skip
        rows = self._rows(X, t)
        by_t = self._rows(X, t + 1) - rows
        eta, change = rows @ self.coef_, by_t @ self.coef_
        first = link.inverse_deriv(eta)
        return first * change, (link.inverse_deriv2(eta) * change)[:, None] * rows + first[:, None] * by_t


def _jacobian(family, rows, y, weight, coef) -> np.ndarray:
    """Derivative of the mean score by the coefficients; float64, shape (p, p)."""
    eta = rows @ coef
    mu, first = family.link.inverse(eta), family.link.inverse_deriv(eta)
    variance = family.variance(mu)
    second, by_mu = family.link.inverse_deriv2(eta), _variance_slope(family, mu)
    curve = (second / variance - first**2 * by_mu / variance**2) * (y - mu) - first**2 / variance
    return (rows * (weight * curve)[:, None]).T @ rows / len(y)


def _variance_slope(family, mu) -> np.ndarray:
    derivative = getattr(family.variance, "deriv", None)
    return derivative(mu) if derivative is not None else np.zeros_like(mu)


def _family(family: Any) -> Any:
    import statsmodels.api as sm

    if not isinstance(family, str):
        return family
    if family not in FAMILIES:
        raise DataError(f"There is no family {family!r} by name; take one of {', '.join(FAMILIES)}, or an object.")
    links = {"probit": sm.families.links.Probit(), "gamma": sm.families.links.Log()}
    kind = getattr(sm.families, FAMILIES[family])
    return kind(links[family]) if family in links else kind()


def _refuse_outcome(family: Any, y: np.ndarray) -> None:
    name = type(family).__name__
    allowed = {"Binomial": (y >= 0) & (y <= 1), "Poisson": y >= 0, "NegativeBinomial": y >= 0, "Gamma": y > 0}
    if name in allowed and not allowed[name].all():
        bad = y[~allowed[name]][0]
        raise DataError(f"The outcome holds {bad:g}, which the family {name} does not allow; choose another family.")


def _fitted(model: Any, name: str) -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation and lack of convergence are refused below
        try:
            found = model.fit(maxiter=MAX_STEPS, tol=1e-10)
            mu = np.asarray(found.fittedvalues)
        except (ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
            raise EstimationError(f"The model of the outcome on {name!r} could not be fitted: {error}") from error
    binomial = type(model.family).__name__ == "Binomial"
    if binomial and ((mu < 1e-8) | (mu > 1 - 1e-8)).mean() > 0.05:
        raise EstimationError(
            f"{name!r} and the covariates separate the outcomes of 0 from those of 1, so no finite coefficient fits. "
            f"Drop the covariate that does it, or take a linear model."
        )
    if not found.converged or not np.isfinite(found.params).all():
        raise EstimationError(f"The model of the outcome on {name!r} did not converge in {MAX_STEPS} steps.")
    return found

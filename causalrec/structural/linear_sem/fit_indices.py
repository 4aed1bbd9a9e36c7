"""How well a model's implied moments meet the sample's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.structural.linear_sem.parameter_errors import scaling_factor
from causalrec.structural.linear_sem.ram import matrices, moments
from causalrec.structural.linear_sem.sample import Sample
from causalrec.structural.linear_sem.saturated import baseline_value, saturated_moments
from causalrec.structural.linear_sem.solution import Solution

__all__ = ["FitIndices", "fit_indices"]


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Fit of a model.

    Attributes
    ----------
    chi2, df, p_value : float, int, float
        Likelihood ratio against the saturated model; p_value is NaN where df is 0.
    scaling, scaled_chi2, scaled_p_value : float
        Satorra and Bentler's correction for non-normality and clusters; NaN with errors of normal theory.
    baseline_chi2, baseline_df : float, int
        Of the model in which no observed variable depends on another, except exogenous ones.
    cfi, tli : float
        Share of the baseline's misfit that the model takes away, the latter per degree of freedom.
    rmsea : float
        Misfit per degree of freedom and row.
    rmsea_interval : (float, float)
        Of 90%.
    srmr : float
        Root mean square of the residual correlations (and standardised means, where the model has them).
    log_likelihood, unrestricted : float
        Of the model, and of the saturated one.
    n_parameters : int
    aic, bic : float
    """

    chi2: float
    df: int
    p_value: float
    scaling: float
    scaled_chi2: float
    scaled_p_value: float
    baseline_chi2: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmr: float
    log_likelihood: float
    unrestricted: float
    n_parameters: int
    aic: float
    bic: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers."""
        return {**asdict(self), "rmsea_interval": list(self.rmsea_interval)}

    def __str__(self) -> str:
        low, high = self.rmsea_interval
        test = f"chi-square {self.chi2:.3f}, {self.df} degrees of freedom"
        test += f", p {self.p_value:.3f}" if self.df else " (the model is saturated: its fit is no test)"
        scaled = [] if np.isnan(self.scaling) else [
            f"scaled by its robust mean {self.scaled_chi2:.3f}, p {self.scaled_p_value:.3f} (factor {self.scaling:.3f})"
        ]  # fmt: skip
        return "\n".join([
            test, *scaled,
            f"CFI {self.cfi:.3f}, TLI {self.tli:.3f}, RMSEA {self.rmsea:.3f} (90% {low:.3f} to {high:.3f}), "
            f"SRMR {self.srmr:.3f}",
            f"log likelihood {self.log_likelihood:.3f}, {self.n_parameters} parameters, AIC {self.aic:.3f}, "
            f"BIC {self.bic:.3f}",
        ])  # fmt: skip


def fit_indices(solution: Solution, *, has_means: bool, exogenous: tuple[str, ...], scaled: bool) -> FitIndices:
    """Indices of a solution, as lavaan defines them.

    Parameters
    ----------
    has_means : bool
        Whether intercepts belong to the model.
    exogenous : tuple of str
        Observed variables that may covary in the baseline model too.
    scaled : bool
        Whether to correct chi-square for non-normality.

    References
    ----------
    Hu, Bentler 1999, Structural Equation Modeling 6(1), 1-55.
    """
    from scipy.stats import chi2 as chi2_of

    sample, p = solution.sample, len(solution.sample.names)
    means, value = saturated_moments(sample)
    chi2 = max(sample.n * (solution.value - value), 0.0)
    df = p * (p + 1) // 2 + (p if has_means else 0) - solution.n_counted
    chi2 = chi2 if df else 0.0
    baseline = sample.n * (baseline_value(sample, exogenous) - value)
    baseline_df = p * (p - 1) // 2 - len(exogenous) * (len(exogenous) - 1) // 2
    scaling = scaling_factor(solution, df) if scaled and df else float("nan")
    constant = p * np.log(2 * np.pi) if sample.is_complete else _missing_constant(sample)
    log_likelihood = -sample.n / 2 * (constant + solution.value)
    n_free = solution.n_counted + (p if not has_means and not sample.is_complete else 0)
    return FitIndices(
        chi2=chi2, df=df, p_value=float(chi2_of.sf(chi2, df)) if df else float("nan"), scaling=scaling,
        scaled_chi2=chi2 / scaling, scaled_p_value=float(chi2_of.sf(chi2 / scaling, df)) if df else float("nan"),
        baseline_chi2=baseline, baseline_df=baseline_df, cfi=_cfi(chi2, df, baseline, baseline_df),
        tli=_tli(chi2, df, baseline, baseline_df), rmsea=float(np.sqrt(max(chi2 - df, 0) / max(df, 1) / sample.n)),
        rmsea_interval=_rmsea_interval(chi2, df, sample.n), srmr=_srmr(solution, means, has_means),
        log_likelihood=float(log_likelihood), unrestricted=float(-sample.n / 2 * (constant + value)),
        n_parameters=n_free, aic=float(2 * n_free - 2 * log_likelihood),
        bic=float(np.log(sample.n) * n_free - 2 * log_likelihood),
    )  # fmt: skip


def _missing_constant(sample: Sample) -> float:
    """Mean count of values seen, times log 2 pi."""
    return float(sum(len(one.seen) * one.n for one in sample.patterns) / sample.n * np.log(2 * np.pi))


def _cfi(chi2: float, df: int, baseline: float, baseline_df: int) -> float:
    worst = max(baseline - baseline_df, chi2 - df, 0.0)
    return 1.0 if worst == 0 else 1 - max(chi2 - df, 0.0) / worst


def _tli(chi2: float, df: int, baseline: float, baseline_df: int) -> float:
    if not df or not baseline_df or baseline == baseline_df:
        return 1.0
    return (baseline / baseline_df - chi2 / df) / (baseline / baseline_df - 1)


def _rmsea_interval(chi2: float, df: int, n: int) -> tuple[float, float]:
    if not df:
        return 0.0, 0.0
    low, high = (_noncentrality(chi2, df, share) for share in (0.95, 0.05))
    return float(np.sqrt(low / df / n)), float(np.sqrt(high / df / n))


def _noncentrality(chi2: float, df: int, share: float) -> float:
    """Noncentrality at which chi-square lies below `chi2` with this probability; 0 where none is small enough."""
    from scipy.optimize import brentq
    from scipy.stats import chi2 as chi2_of
    from scipy.stats import ncx2

    if chi2_of.cdf(chi2, df) <= share:
        return 0.0
    return float(brentq(lambda size: ncx2.cdf(chi2, df, size) - share, 1e-12, 10 * chi2 + 100))


def _srmr(solution: Solution, saturated: tuple[np.ndarray, np.ndarray | None], has_means: bool) -> float:
    covariance, mean = saturated
    p = len(covariance)
    at = moments(matrices(solution.shape, solution.theta))
    scale = np.sqrt(np.diag(covariance))
    gaps = ((covariance - at.covariance[:p, :p]) / np.outer(scale, scale))[np.tril_indices(p)]
    if has_means and mean is not None:
        gaps = np.concatenate([gaps, (mean - at.mean[:p]) / scale])
    return float(np.sqrt(np.mean(gaps**2)))

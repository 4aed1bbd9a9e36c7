"""Formulas on how strong a confounder is: shares of variance that it explains, and the bias that they allow."""

from __future__ import annotations

import numpy as np

__all__ = ["bias", "confounder_strength", "multiple_to_remove", "robustness_value", "value_of_f2"]


def robustness_value(partial_r2: float, share: float = 1.0) -> float:
    """Partial R2 that a confounder needs with treatment and outcome to take away `share` of the effect.

    Cinelli, Hazlett (2020), J. Royal Statistical Society B 82(1), section 4.1.

    Parameters
    ----------
    partial_r2 : float
        Of the treatment with the outcome, in [0, 1).
    share : float

    Examples
    --------
    >>> round(robustness_value(0.02), 4)
    0.133
    """
    return value_of_f2(share**2 * partial_r2 / (1 - partial_r2))


def value_of_f2(f2: float) -> float:
    """The R that solves R^2 / (1 - R) = f2, in [0, 1)."""
    return float(0.5 * (np.sqrt(f2**2 + 4 * f2) - f2)) if f2 < 1e8 else 1 - 1 / f2


def bias(r2_treatment: float, r2_outcome: float, residual_ss: float, treatment_ss: float) -> float:
    """Largest bias by a confounder with these partial R2 (Cinelli, Hazlett 2020, section 3.2)."""
    return float(np.sqrt(r2_outcome * r2_treatment / (1 - r2_treatment) * residual_ss / treatment_ss))


def confounder_strength(
    times: float, r2_treatment: float, r2_outcome: float, times_outcome: float | None = None
) -> tuple[float, float]:
    """Partial R2 of a confounder that is `times` as strong as an observed covariate, or a group of them.

    Cinelli, Hazlett (2020), section 4.4. Returns infinity where no confounder can be that strong.

    Parameters
    ----------
    times : float
        As strong with the treatment and, unless `times_outcome` says otherwise, with the outcome.
    r2_treatment, r2_outcome : float
        The covariate's partial R2 with the treatment, and with the outcome given the treatment; in [0, 1).
    times_outcome : float, optional
    """
    treatment = times * r2_treatment / (1 - r2_treatment)
    if treatment >= 1 or times * r2_treatment >= 1:
        return np.inf, np.inf
    joint = times * r2_treatment**2 / ((1 - times * r2_treatment) * (1 - r2_treatment))
    if joint >= 1:
        return np.inf, np.inf
    along = times if times_outcome is None else times_outcome
    outcome = (np.sqrt(along) + np.sqrt(joint)) ** 2 / (1 - joint) * r2_outcome / (1 - r2_outcome)
    return float(treatment), float(min(outcome, 1.0))


def multiple_to_remove(
    value: float, r2_treatment: float, r2_outcome: float, residual_ss: float, treatment_ss: float
) -> float:
    """Smallest multiple of a covariate's strength whose largest bias equals the effect; inf above 10,000.

    Where a confounder can be no stronger before the bias is as large, that limit is the answer.
    """
    from scipy.optimize import brentq

    def gap(log_times: float) -> float:
        treatment, outcome = confounder_strength(float(np.exp(log_times)), r2_treatment, r2_outcome)
        return 1.0 if np.isinf(treatment) else bias(treatment, outcome, residual_ss, treatment_ss) / abs(value) - 1

    if value == 0:
        return 0.0
    if r2_treatment <= 0 or r2_outcome <= 0 or gap(np.log(1e4)) < 0:
        return np.inf
    return float(np.exp(brentq(gap, np.log(1e-6), np.log(1e4), xtol=1e-10)))

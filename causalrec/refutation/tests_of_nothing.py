"""Tests that an effect is nothing, one or several of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.estimation import EffectEstimate

__all__ = ["holm", "p_of_nothing"]


def p_of_nothing(effect: EffectEstimate) -> float:
    """Two-sided p-value of no effect, by the same distribution as the effect's interval."""
    if effect.bootstrap is not None:
        return float(effect.bootstrap.p_value())
    from scipy.stats import t

    return float(2 * t.sf(abs(effect.value) / effect.stderr, effect.dof))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """P-values of several tests that hold together (Holm 1979, Scandinavian J. Statistics 6(2)); shape (k,).

    Examples
    --------
    >>> holm([0.02, 0.5, 0.01]).tolist()
    [0.04, 0.5, 0.03]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(raised, 1.0)
    return found

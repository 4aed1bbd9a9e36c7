"""Test that an effect is nothing."""

from __future__ import annotations

from causalrec.estimation import EffectEstimate

__all__ = ["p_of_nothing"]


def p_of_nothing(effect: EffectEstimate) -> float:
    """Two-sided p-value of no effect, by the same distribution as the effect's interval."""
    if effect.bootstrap is not None:
        return float(effect.bootstrap.p_value())
    from scipy.stats import t

    return float(2 * t.sf(abs(effect.value) / effect.stderr, effect.dof))

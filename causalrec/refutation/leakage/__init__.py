"""Text that gives the treatment away."""

from causalrec.refutation.leakage.text_leakage import GivenAway, TextLeakage, text_leakage

__all__ = ["GivenAway", "TextLeakage", "text_leakage"]

"""Attacks on an effect: an effect that was never attacked is a guess."""

from causalrec.refutation.battery import refute_effect
from causalrec.refutation.leads import lead_test
from causalrec.refutation.placebo import permuted_placebo
from causalrec.refutation.refutation import Battery, Refutation
from causalrec.refutation.robustness import robustness, robustness_value

__all__ = ["Battery", "Refutation", "lead_test", "permuted_placebo", "refute_effect", "robustness", "robustness_value"]

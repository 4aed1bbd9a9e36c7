"""How much a hidden confounder could change an effect.

Each gives a frozen result or `Bounds`, and the sentence that a reader needs.

=================  =======================================  ========================  ====================
what               strength of the hidden confounder        paper                     module
=================  =======================================  ========================  ====================
least squares      partial R2 with treatment and outcome    Cinelli, Hazlett 2020     omitted_variable
DML, AIPW          the same, of representer and outcome     Chernozhukov et al. 2022  omitted_variable_dml
risk ratios        risk ratios with treatment and outcome   VanderWeele, Ding 2017    e_value
matched pairs      odds of treatment within a pair          Rosenbaum 2002            rosenbaum
weights, sharp     odds of treatment given the covariates   Tan 2006; Dorn, Guo 2023  marginal_model
weights, simple    the same, balance ignored                Zhao et al. 2019          simple_bounds
nothing assumed    none                                     Manski 1990               manski
=================  =======================================  ========================  ====================

Missing: sharp bounds for outcomes of 0 and 1 (those here are valid and wider there), instruments that are not
quite valid, and Rosenbaum's bounds for sets of more than two.
"""

from causalrec.refutation.sensitivity.benchmark import Benchmark, Contour, sentence_of
from causalrec.refutation.sensitivity.covariate_groups import covariate_groups
from causalrec.refutation.sensitivity.e_value import (
    EValue,
    e_value_of_difference,
    e_value_of_odds_ratio,
    e_value_of_risk_ratio,
)
from causalrec.refutation.sensitivity.learned_robustness import OmittedVariableDML
from causalrec.refutation.sensitivity.linear_robustness import Adjusted, OmittedVariable
from causalrec.refutation.sensitivity.manski import manski_bounds
from causalrec.refutation.sensitivity.marginal_model import sharp_bounds, strength_to_remove
from causalrec.refutation.sensitivity.matched_pairs import MatchedPairs, matched_pairs
from causalrec.refutation.sensitivity.omitted_variable import omitted_variable
from causalrec.refutation.sensitivity.omitted_variable_dml import omitted_variable_dml
from causalrec.refutation.sensitivity.rosenbaum import RosenbaumBounds, rosenbaum
from causalrec.refutation.sensitivity.sentences import removal_sentence
from causalrec.refutation.sensitivity.simple_bounds import simple_bounds

__all__ = [
    "Adjusted", "Benchmark", "Contour", "EValue", "MatchedPairs", "OmittedVariable", "OmittedVariableDML",
    "RosenbaumBounds", "covariate_groups", "e_value_of_difference", "e_value_of_odds_ratio", "e_value_of_risk_ratio",
    "manski_bounds", "matched_pairs", "omitted_variable", "omitted_variable_dml", "removal_sentence", "rosenbaum",
    "sentence_of", "sharp_bounds", "simple_bounds", "strength_to_remove",
]  # fmt: skip

"""Structural models: every node from its parents and noise; interventions, counterfactuals, attribution.

====================================  ==========================================  ==========================
what                                  paper                                       module
====================================  ==========================================  ==========================
mechanisms                            see there                                   mechanisms
interventions                         Pearl 2009, Causality                       equations, setting
influence weights, effects by path    see there                                   influence
counterfactuals                       Pearl 2009, Causality; Oberst, Sontag       abduction,
                                      2019, ICML                                  unit_counterfactuals
shares of variance                    Janzing et al. 2024, AISTATS                mechanism_shares
shares of an outlier                  Budhathoki et al. 2022, ICML                mechanism_shares
shares of a change                    Budhathoki et al. 2021, AISTATS             mechanism_shares
tests of residuals                    Ramsey 1969, J. R. Statist. Soc. B          misfit, model_check
noises that depend on each other      missing
(hidden common causes)
====================================  ==========================================  ==========================
"""

from causalrec.structural.attribution import Attribution
from causalrec.structural.counterfactual import Counterfactual, NodeCounterfactual
from causalrec.structural.equations import Equations
from causalrec.structural.influence import (
    InfluenceWeights,
    PathDecomposition,
    influence_weights,
    natural_effects,
    path_effect,
)
from causalrec.structural.interventional import InterventionalEffect
from causalrec.structural.mechanisms import (
    Boosting,
    Coding,
    ConditionalTable,
    EmpiricalRoot,
    GaussianRoot,
    LinearGaussian,
    Logistic,
    Mechanism,
    Neural,
    State,
)
from causalrec.structural.model import StructuralModel
from causalrec.structural.model_check import ModelCheck, NodeCheck
from causalrec.structural.nodes import Node
from causalrec.structural.samples import Samples

__all__ = [
    "Attribution", "Boosting", "Coding", "ConditionalTable", "Counterfactual", "EmpiricalRoot", "Equations",
    "GaussianRoot", "InfluenceWeights", "InterventionalEffect", "LinearGaussian", "Logistic", "Mechanism",
    "ModelCheck", "Neural", "Node", "NodeCheck", "NodeCounterfactual", "PathDecomposition", "Samples", "State",
    "StructuralModel", "influence_weights", "natural_effects", "path_effect",
]  # fmt: skip

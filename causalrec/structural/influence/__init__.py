"""Influence weights: how much each behaviour moves an outcome, directly and by each way.

==========================================  ================================================  =================
what                                        paper                                             module
==========================================  ================================================  =================
all causes of an outcome on one scale                                                         influence_weights
products of coefficients, path tracing      Wright 1934, Ann. Math. Statist.                  linear
natural direct and indirect effects         Pearl 2001, UAI; Robins, Greenland 1992,          nested, path_effect
                                            Epidemiology
path-specific effects, recanting witness    Avin, Shpitser, Pearl 2005, IJCAI                 path_effect
bounds where paths part beyond the          missing
treatment, interventional indirect effects
==========================================  ================================================  =================
"""

from causalrec.structural.influence.decomposition import PathDecomposition
from causalrec.structural.influence.influence_weights import influence_weights
from causalrec.structural.influence.path_effect import natural_effects, path_effect
from causalrec.structural.influence.size import Size
from causalrec.structural.influence.weights import InfluenceWeights

__all__ = ["InfluenceWeights", "PathDecomposition", "Size", "influence_weights", "natural_effects", "path_effect"]

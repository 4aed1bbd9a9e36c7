"""Effects through mediators, and along some paths.

==========================================  ================================================  =============
what                                        paper                                             module
==========================================  ================================================  =============
total, controlled, natural effects          Pearl 2001, UAI; Pearl 2014, Psychol. Methods     effects
interventional effects                      VanderWeele et al. 2014, Epidemiology             effects
sets for natural effects                    Pearl 2014, Psychological Methods                 natural
path-specific effects                       Avin, Shpitser, Pearl 2005, IJCAI                 specific_paths
recanting witness                           Avin, Shpitser, Pearl 2005, IJCAI                 routes
recanting district                          Shpitser 2013, Cognitive Science                  districts
several treatments, effects within levels   missing
of covariates
==========================================  ================================================  =============
"""

from causalrec.identification.mediators.effects import Mediation, MediationEffect, mediation
from causalrec.identification.mediators.specific_paths import PathSpecificEffect, path_specific

__all__ = ["Mediation", "MediationEffect", "PathSpecificEffect", "mediation", "path_specific"]

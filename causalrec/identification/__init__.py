"""From a graph to an estimand: which function of the observed data is the effect, or why none is.

================================================  ==========================================  ==============
what                                              paper                                       module
================================================  ==========================================  ==============
adjustment criterion                              Shpitser, VanderWeele, Robins 2010, UAI     criterion
minimal adjustment set, linear time               van der Zander et al. 2019, AIJ             adjustment
front door, ID, instruments, mediation,           missing
recovery from selection, transport, optimal sets
================================================  ==========================================  ==============
"""

from causalrec.identification.adjustment import adjustment_set
from causalrec.identification.criterion import check_adjustment, is_adjustment_set
from causalrec.identification.estimand import Estimand
from causalrec.identification.strategies import identify

__all__ = ["Estimand", "adjustment_set", "check_adjustment", "identify", "is_adjustment_set"]

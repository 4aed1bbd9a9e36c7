"""From a graph to an estimand: which function of the observed data is the effect, or why none is.

==============================================  ==============================================  ==================
what                                            paper                                           module
==============================================  ==============================================  ==================
the order of strategies                                                                         strategies, routes
adjustment criterion                            Shpitser, VanderWeele, Robins 2010, UAI         criterion
whether a set is one, and why not                                                               adjustment_check
minimal adjustment set, linear time             van der Zander et al. 2019, AIJ                 adjustment
all minimal sets, polynomial delay              Takata 2010, Discrete Applied Math.             adjustment
cheapest set                                    van der Zander et al. 2019, AIJ                 adjustment
set with the smallest variance                  Henckel et al. 2022, JRSSB                      optimal
adjustment in CPDAGs and MPDAGs                 Perkovic et al. 2018, JMLR; 2017, UAI           partial_adjustment
smallest set to measure                         minimum cut                                     measurement
front-door sets, linear time                    Wienöbst et al. 2024, AAAI                      frontdoor
ID, IDC, hedges                                 Shpitser, Pearl 2006, AAAI and UAI              id_algorithm
expressions and their values on data                                                            expression
instruments                                     Brito, Pearl 2002; van der Zander et al. 2015   instrument
treatments in time                              Pearl, Robins 1995, UAI                         sequential
mediation, path-specific effects                Pearl 2001, UAI; Avin et al. 2005, IJCAI        mediators
recovery from selection                         Correa, Tian, Bareinboim 2018, AAAI             selection
transport, one source                           Bareinboim, Pearl 2013, J. Causal Inference     transportability
several sources, PAGs, ID in classes            missing
==============================================  ==============================================  ==================
"""

from causalrec.identification.adjustment import adjustment_set, adjustment_sets, minimum_adjustment_set
from causalrec.identification.adjustment_check import check_adjustment, is_adjustment_set
from causalrec.identification.composite import Composite
from causalrec.identification.criterion import Verdict
from causalrec.identification.estimand import Estimand
from causalrec.identification.expression import Distribution, Expression, Probability, Product, Quotient, Sum
from causalrec.identification.frontdoor import frontdoor_set, frontdoor_sets
from causalrec.identification.id_algorithm import id_expression, idc_expression
from causalrec.identification.instrument import Instrument, conditional_instruments, instruments, is_instrument
from causalrec.identification.mediators import Mediation, PathSpecificEffect, mediation, path_specific
from causalrec.identification.optimal import optimal_adjustment_set
from causalrec.identification.selection import SelectionRecovery, recover_from_selection
from causalrec.identification.sequential import SequentialPlan, sequential_backdoor
from causalrec.identification.strategies import identify
from causalrec.identification.transportability import Transport, transport

__all__ = [
    "Composite",
    "Distribution",
    "Estimand",
    "Expression",
    "Instrument",
    "Mediation",
    "PathSpecificEffect",
    "Probability",
    "Product",
    "Quotient",
    "SelectionRecovery",
    "SequentialPlan",
    "Sum",
    "Transport",
    "Verdict",
    "adjustment_set",
    "adjustment_sets",
    "check_adjustment",
    "conditional_instruments",
    "frontdoor_set",
    "frontdoor_sets",
    "id_expression",
    "idc_expression",
    "identify",
    "instruments",
    "is_adjustment_set",
    "is_instrument",
    "mediation",
    "minimum_adjustment_set",
    "optimal_adjustment_set",
    "path_specific",
    "recover_from_selection",
    "sequential_backdoor",
    "transport",
]

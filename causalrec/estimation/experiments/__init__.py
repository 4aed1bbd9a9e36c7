"""Experiments on a recommender: how large, how analysed.

================================================  ===================================================  ================
what                                              paper                                                module
================================================  ===================================================  ================
users at random, with what they did before        Deng, Xu, Kohavi, Walker 2013, WSDM; Lin 2013        cuped
power, sample size, smallest effect               Eldridge, Ashby, Kerry 2006, Int. J. Epidemiology    plan
the whole market on and off in turn               Bojinov, Simchi-Levi, Zhao 2023, Management Science  switchback
how long its intervals should be                                                                       switchback_plan
two rankings in one list                          Radlinski, Kurup, Joachims 2008, CIKM                interleaving
================================================  ===================================================  ================
"""

from causalrec.estimation.experiments.cuped import CUPED
from causalrec.estimation.experiments.interleaving import Interleaved, Preference, preference, team_draft
from causalrec.estimation.experiments.plan import ExperimentPlan, plan_of
from causalrec.estimation.experiments.switchback import Switchback
from causalrec.estimation.experiments.switchback_plan import SwitchbackPlan, switchback_plan

__all__ = [
    "CUPED",
    "ExperimentPlan",
    "Interleaved",
    "Preference",
    "Switchback",
    "SwitchbackPlan",
    "plan_of",
    "preference",
    "switchback_plan",
    "team_draft",
]

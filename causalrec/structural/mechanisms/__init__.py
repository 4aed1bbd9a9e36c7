"""Mechanisms: how one node follows from its parents and a noise of its own.

====================================  ==========================================  =================
what                                  paper                                       module
====================================  ==========================================  =================
roots, empirical or Gaussian                                                      roots
linear, Gaussian noise                                                            linear
logistic, multinomial logistic        McFadden 1974, in Frontiers in Econometrics logistic
table of discrete parents                                                         conditional_table
boosted trees, additive noise         Friedman 2001, Ann. Statist.                boosting
network for a block, additive noise                                               neural
noise of categories                   Oberst, Sontag 2019, ICML                   categorical_noise
noise that depends on the parents,    missing
noises that depend on each other
====================================  ==========================================  =================
"""

from causalrec.structural.mechanisms.boosting import Boosting
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.conditional_table import ConditionalTable
from causalrec.structural.mechanisms.linear import LinearGaussian
from causalrec.structural.mechanisms.logistic import Logistic
from causalrec.structural.mechanisms.mechanism import Mechanism, State
from causalrec.structural.mechanisms.neural import Neural
from causalrec.structural.mechanisms.roots import EmpiricalRoot, GaussianRoot

__all__ = [
    "Boosting", "Coding", "ConditionalTable", "EmpiricalRoot", "GaussianRoot", "LinearGaussian", "Logistic",
    "Mechanism", "Neural", "State",
]  # fmt: skip

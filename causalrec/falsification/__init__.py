"""Graph against data: tests of what a graph implies, and graphs that data propose.

============================================  ================================================  =====================
what                                          paper                                             module
============================================  ================================================  =====================
partial correlation                           Fisher 1924, Metron                               partial_correlation
G-test in strata, small cells                 Cochran 1954, Biometrics                          g_test
conditional Gaussian test                     Lauritzen, Wermuth 1989, Ann. Statist.            conditional_gaussian
projection test for blocks                    Shah, Peters 2020, Ann. Statist.                  projection
step-down correction                          Holm 1979, Scand. J. Statist.                     correction
permutation baseline                          Eulig et al. 2023, arXiv                          permutation
PC-stable with background knowledge           Colombo, Maathuis 2014, JMLR; Meek 1995, UAI      skeleton, orientation
FCI (PAGs), score search, kernel tests,       missing
tests of dependence beyond means,
equality constraints of latent graphs
============================================  ================================================  =====================
"""

from causalrec.falsification.choice import independence_test
from causalrec.falsification.conditional_gaussian import conditional_gaussian
from causalrec.falsification.discover import discover, pc
from causalrec.falsification.discovery import Discovery
from causalrec.falsification.falsification import Falsification, Implication
from causalrec.falsification.falsify import falsify
from causalrec.falsification.g_test import g_test
from causalrec.falsification.independence_test import IndependenceTest
from causalrec.falsification.partial_correlation import partial_correlation
from causalrec.falsification.permutation import PermutationBaseline
from causalrec.falsification.projection import projection
from causalrec.falsification.repair import Repair
from causalrec.falsification.skeleton import RemovedEdge
from causalrec.falsification.variable import Variable, as_variable

__all__ = [
    "Discovery", "Falsification", "Implication", "IndependenceTest", "PermutationBaseline", "RemovedEdge", "Repair",
    "Variable", "as_variable", "conditional_gaussian", "discover", "falsify", "g_test", "independence_test",
    "partial_correlation", "pc", "projection",
]  # fmt: skip

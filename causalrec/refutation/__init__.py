"""Attacks on an effect: an effect that was never attacked is a guess.

`refute.py` is the door, `attacks.py` names what it makes, the most telling first; each attack is a module.

=====================================================  =============================================  ==============
what                                                   paper                                          folder
=====================================================  =============================================  ==============
placebo treatment and outcome, dummy confounder        Fisher 1935                                    placebo
random parts, bootstrap, groups that share treatment   MacKinnon, Nielsen, Webb 2023                  stability
tomorrow's treatment                                                                                  leads
negative controls that the graph names                 Lipsitch, Tchetgen Tchetgen, Cohen 2010        controls
other sets, front door, instruments; leave one out     Hausman 1978; Sargan 1958; Hansen 1982         routes
hidden confounders: benchmarks, odds, pairs            Cinelli, Hazlett 2020; Dorn, Guo 2023          hidden
the figures behind them, as functions                  Tan 2006; Rosenbaum 2002; Manski 1990          sensitivity
balance, propensities, where nobody compares           Austin 2011; Crump et al. 2009                 overlap
estimators x sets x trims                              Simonsohn, Simmons, Nelson 2020                specification
text that gives the treatment away                     Clopper, Pearson 1934; Tarone 1990             leakage
logs of visits                                                                                        grids
DoWhy's refuters                                                                                      adapters
=====================================================  =============================================  ==============
"""

from causalrec.refutation.adapters.dowhy import dowhy_refutation
from causalrec.refutation.attack import Attack
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.attacks import ATTACKS
from causalrec.refutation.battery import Battery
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.refute import refute_effect
from causalrec.refutation.specification import SpecificationCurve, specification_curve

__all__ = [
    "ATTACKS",
    "Attack",
    "Attacked",
    "Battery",
    "Refutation",
    "SpecificationCurve",
    "dowhy_refutation",
    "refute_effect",
    "specification_curve",
]

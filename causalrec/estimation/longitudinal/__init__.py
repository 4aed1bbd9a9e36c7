"""Treatments in time: what earlier ones still do, and what a sequence of them does.

==============================================  =========================================  =========================
what                                            paper                                      module
==============================================  =========================================  =========================
effects of earlier treatments                   Almon 1965, Econometrica                   distributed_lag, almon
the same on a log of visits                                                                grid_lags
g-formula by simulation                         Robins 1986, Mathematical Modelling        g_formula
g-formula by iterated regressions               Bang, Robins 2005, Biometrics              ice, iterated_means
doubly robust in time                           Bang, Robins 2005, Biometrics              sequential_aipw
marginal structural models                      Robins, Hernán, Brumback 2000, Epidem.     marginal_structural_model
rules that read covariates, checked             Pearl, Robins 1995, UAI                    regimes, plan_check
one row a unit from one a unit and period                                                  wide_table
models pooled over time, survival, censoring    missing
TMLE in time, learned nuisances                 missing
==============================================  =========================================  =========================
"""

from causalrec.estimation.longitudinal.distributed_lag import DistributedLag
from causalrec.estimation.longitudinal.g_formula import GFormula
from causalrec.estimation.longitudinal.grid_lags import grid_lag_effects
from causalrec.estimation.longitudinal.ice import ICE
from causalrec.estimation.longitudinal.lag_effects import LagEffects
from causalrec.estimation.longitudinal.lag_sum import LagSum
from causalrec.estimation.longitudinal.marginal_structural_model import MarginalStructuralModel
from causalrec.estimation.longitudinal.plan_estimate import estimate_plan
from causalrec.estimation.longitudinal.regime_effects import RegimeEffects
from causalrec.estimation.longitudinal.sequential_aipw import SequentialAIPW
from causalrec.estimation.longitudinal.weight_diagnostics import WeightDiagnostics
from causalrec.estimation.longitudinal.wide_table import widen

__all__ = [
    "ICE",
    "DistributedLag",
    "GFormula",
    "LagEffects",
    "LagSum",
    "MarginalStructuralModel",
    "RegimeEffects",
    "SequentialAIPW",
    "WeightDiagnostics",
    "estimate_plan",
    "grid_lag_effects",
    "widen",
]

"""Effects with standard errors, from tables and from grids that are never written down.

`estimator.py` is the door, `choice.py` says which estimator answers where nobody chose one; the rest is by kind.

=====================================================  =============================================  ==============
what                                                   paper                                          folder
=====================================================  =============================================  ==============
second moments in one pass, blocks kept once an item                                                  moments
least squares, absorbed effects, partially linear DML  Correia 2016; Chernozhukov et al. 2018         linear
AIPW, TMLE, several levels, risk and odds ratios       Robins, Rotnitzky, Zhao 1994; Cattaneo 2010    doubly_robust
their models, stacked and cross-fitted                 Breiman 1996                                   nuisances
inverse propensity, overlap, CBPS, entropy balancing   Li, Morgan, Zaslavsky 2018; Hainmueller 2012   weighting
matching                                               Abadie, Imbens 2006                            matching
two stages, LIML, Anderson-Rubin                       Anderson, Rubin 1949                           instruments
front door                                             Pearl 1995; Fulcher et al. 2020                frontdoor
any identified formula on discrete data                Shpitser, Pearl 2006                           formulas
difference in differences, event studies               Callaway, Sant'Anna 2021                       event_study
treatments in time: lags, plans, rules                 Robins 1986; Robins, Hernán, Brumback 2000    longitudinal
units that touch each other: friends, slates           Leung 2022; Aronow, Samii 2017                 interference
randomised experiments and how large they must be      Deng et al. 2013; Bojinov et al. 2023          experiments
text as a treatment, within experiments                Egami et al. 2022; Bell, McCaffrey 2002        text_treatment
effects within groups                                  Semenova, Chernozhukov 2021                    groups
dose-response curves                                   Kennedy, Ma, McHugh, Small 2017                doses
effects by unit: learners, calibration, policy trees   Nie, Wager 2021; Kennedy 2023                  heterogeneity
clusters, few clusters, simultaneous intervals         Cameron, Gelbach, Miller 2008, 2011            uncertainty
logs of visits as complete grids                                                                      grids
EconML, statsmodels, DoWhy                                                                            adapters
=====================================================  =============================================  ==============
"""

from causalrec.estimation.adapters import DoWhyEstimator, EconMLEstimator, GLMEstimator
from causalrec.estimation.bounds import Bounds
from causalrec.estimation.doses.curve import DoseCurve
from causalrec.estimation.doses.dose_response import DoseResponse
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.estimation.doubly_robust.levels import LevelAIPW
from causalrec.estimation.doubly_robust.ratio_estimate import RatioEstimate
from causalrec.estimation.doubly_robust.ratios import odds_ratio, ratio_effect, risk_ratio
from causalrec.estimation.doubly_robust.tmle import TMLE
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimator import estimate_effect
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.event_study import DifferenceInDifferences, EffectsBy, GroupTimes
from causalrec.estimation.formulas.plug_in import PlugIn
from causalrec.estimation.frontdoor.doubly_robust import FrontDoor
from causalrec.estimation.frontdoor.linear import LinearFrontDoor
from causalrec.estimation.grids.absorption import Absorbed, residuals
from causalrec.estimation.grids.grid_effect import GridPlan, grid_plan
from causalrec.estimation.grids.grid_regression import Regression, grid_regression
from causalrec.estimation.grids.kinds import EffectByKind, effects_by_kind
from causalrec.estimation.grids.lift import Lift, LiftModel
from causalrec.estimation.grids.rates import smoothed_rates
from causalrec.estimation.grids.scores import score_pairs
from causalrec.estimation.grids.strata import count_strata
from causalrec.estimation.groups.conditional_effects import conditional_effects
from causalrec.estimation.groups.conditional_table import ConditionalEffects
from causalrec.estimation.heterogeneity.calibration import best_linear_predictor, clan, gates
from causalrec.estimation.heterogeneity.learners import DRLearner, RLearner, SLearner, TLearner, UnitEffects, XLearner
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner, LinearRLearner
from causalrec.estimation.heterogeneity.policy_tree import PolicyTree, PolicyValue, policy_value
from causalrec.estimation.heterogeneity.targeting import rank_held_out, rank_weighted_effect
from causalrec.estimation.heterogeneity.text_effects import TextEffects, text_effects
from causalrec.estimation.heterogeneity.unit_scores import score_units, write_scores
from causalrec.estimation.instruments.instrumental import LIML, TwoStageLeastSquares
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.linear.score_ridge import ScoreRidge
from causalrec.estimation.matching.matching import Matching
from causalrec.estimation.moments.moments import Moments, block_moments, moments
from causalrec.estimation.text_report import TextReport, text_report
from causalrec.estimation.weighting.balance import BalanceTable, balance_table
from causalrec.estimation.weighting.entropy_balancing import EntropyBalancing
from causalrec.estimation.weighting.inverse_propensity import CBPS, IPW

__all__ = [
    "AIPW",
    "CBPS",
    "IPW",
    "LIML",
    "OLS",
    "TMLE",
    "Absorbed",
    "AbsorbedRegression",
    "BalanceTable",
    "Bounds",
    "ConditionalEffects",
    "DRLearner",
    "DifferenceInDifferences",
    "DoWhyEstimator",
    "DoseCurve",
    "DoseResponse",
    "EconMLEstimator",
    "EffectByKind",
    "EffectEstimate",
    "EffectsBy",
    "EntropyBalancing",
    "FrontDoor",
    "GLMEstimator",
    "GridPlan",
    "GroupTimes",
    "InfluenceEstimator",
    "InteractiveDML",
    "LevelAIPW",
    "Lift",
    "LiftModel",
    "LinearDRLearner",
    "LinearFrontDoor",
    "LinearRLearner",
    "Matching",
    "Moments",
    "PartiallyLinearDML",
    "PlugIn",
    "PolicyTree",
    "PolicyValue",
    "RLearner",
    "RatioEstimate",
    "Regression",
    "SLearner",
    "ScoreRidge",
    "TLearner",
    "TextEffects",
    "TextReport",
    "TwoStageLeastSquares",
    "UnitEffects",
    "XLearner",
    "balance_table",
    "best_linear_predictor",
    "block_moments",
    "clan",
    "conditional_effects",
    "count_strata",
    "effects_by_kind",
    "estimate_effect",
    "gates",
    "grid_plan",
    "grid_regression",
    "moments",
    "odds_ratio",
    "policy_value",
    "rank_held_out",
    "rank_weighted_effect",
    "ratio_effect",
    "residuals",
    "risk_ratio",
    "score_pairs",
    "score_units",
    "smoothed_rates",
    "text_effects",
    "text_report",
    "write_scores",
]

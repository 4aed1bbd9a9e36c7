"""Effects with standard errors, from tables and from grids that are never written down.

==============================================  ================================================  ====================
what                                            paper                                             module
==============================================  ================================================  ====================
which estimator, where nobody chose one                                                           choice
least squares from moments                                                                        ols
absorbed effects, one way and more              Correia 2016; Gaure 2013, Comput. Stat. Data An.  absorbed_regression
partially linear DML from moments               Chernozhukov et al. 2018, Econometrics J.         dml
cross-fitted AIPW, linear and logistic          Robins, Rotnitzky, Zhao 1994, JASA                interactive
AIPW with any learner; TMLE                     van der Laan, Rubin 2006, Int. J. Biostat.        doubly_robust, tmle
inverse propensity, overlap weights, CBPS       Li, Morgan, Zaslavsky 2018, JASA                  weighting
entropy balancing                               Hainmueller 2012, Political Analysis              balancing
matching                                        Abadie, Imbens 2006, Econometrica                 matching
two stages, LIML, Anderson-Rubin                Anderson, Rubin 1949, Ann. Math. Statistics       instrumental
front door                                      Pearl 1995; Fulcher et al. 2020, JRSSB            frontdoor
any identified formula on discrete data         Shpitser, Pearl 2006, AAAI                        plug_in
S, T, X, R, DR learners                         Nie, Wager 2021; Kennedy 2023, EJS                learners
calibration, targeting, policy trees            Chernozhukov et al. 2018; Athey, Wager 2021       calibration_of_effects
EconML, statsmodels, DoWhy                                                                        adapters
grids of visits and items                                                                         grid_regression
event studies, doses                            missing
==============================================  ================================================  ====================
"""

from causalrec.estimation.absorbed_regression import AbsorbedRegression
from causalrec.estimation.absorption import Absorbed, residuals
from causalrec.estimation.adapters import DoWhyEstimator, EconMLEstimator, GLMEstimator
from causalrec.estimation.balance import BalanceTable, balance_table
from causalrec.estimation.balancing import EntropyBalancing
from causalrec.estimation.calibration_of_effects import best_linear_predictor, clan, gates
from causalrec.estimation.conditional_effects import conditional_effects
from causalrec.estimation.conditional_table import ConditionalEffects
from causalrec.estimation.dml import PartiallyLinearDML
from causalrec.estimation.dose_curve import DoseCurve
from causalrec.estimation.dose_response import DoseResponse
from causalrec.estimation.doubly_robust import AIPW
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimator import estimate_effect
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.event_study import DifferenceInDifferences, EffectsBy, GroupTimes
from causalrec.estimation.frontdoor import LinearFrontDoor
from causalrec.estimation.frontdoor_robust import FrontDoor
from causalrec.estimation.grid_effect import GridPlan, grid_plan
from causalrec.estimation.grid_regression import Regression, grid_regression
from causalrec.estimation.instrumental import LIML, TwoStageLeastSquares
from causalrec.estimation.interactive import InteractiveDML
from causalrec.estimation.kinds import EffectByKind, effects_by_kind
from causalrec.estimation.learners import DRLearner, RLearner, SLearner, TLearner, UnitEffects, XLearner
from causalrec.estimation.lift import Lift, LiftModel
from causalrec.estimation.linear_learners import LinearDRLearner, LinearRLearner
from causalrec.estimation.matching import Matching
from causalrec.estimation.moments import Moments, block_moments, moments
from causalrec.estimation.multi_level import LevelAIPW
from causalrec.estimation.ols import OLS
from causalrec.estimation.plug_in import PlugIn
from causalrec.estimation.policy_tree import PolicyTree, PolicyValue, policy_value
from causalrec.estimation.rates import smoothed_rates
from causalrec.estimation.ratio_estimate import RatioEstimate
from causalrec.estimation.ratios import odds_ratio, ratio_effect, risk_ratio
from causalrec.estimation.scores import score_pairs
from causalrec.estimation.strata import count_strata
from causalrec.estimation.targeting import rank_held_out, rank_weighted_effect
from causalrec.estimation.text_effects import TextEffects, text_effects
from causalrec.estimation.tmle import TMLE
from causalrec.estimation.unit_scores import score_units, write_scores
from causalrec.estimation.weighting import CBPS, IPW

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
    "TLearner",
    "TextEffects",
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
    "write_scores",
]

"""Effects with standard errors, from tables and from grids that are never written down."""

from causalrec.estimation.absorption import Absorbed, residuals
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimator import GridPlan, estimate_effect, grid_plan
from causalrec.estimation.grid_regression import Regression, grid_regression
from causalrec.estimation.kinds import EffectByKind, effects_by_kind
from causalrec.estimation.lift import Lift, LiftModel
from causalrec.estimation.moments import Moments, block_moments, moments
from causalrec.estimation.rates import smoothed_rates
from causalrec.estimation.scores import score_pairs
from causalrec.estimation.strata import count_strata
from causalrec.estimation.table_regression import table_regression
from causalrec.estimation.text_effects import TextEffects, text_effects

__all__ = [
    "Absorbed", "EffectByKind", "EffectEstimate", "GridPlan", "Lift", "LiftModel", "Moments", "Regression",
    "TextEffects", "block_moments", "count_strata", "effects_by_kind", "estimate_effect", "grid_plan",
    "grid_regression", "moments", "residuals", "score_pairs", "smoothed_rates", "table_regression", "text_effects",
]  # fmt: skip

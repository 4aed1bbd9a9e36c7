"""Effects by unit: S, T, X, R and DR learners over scikit-learn estimators."""

from causalrec.estimation.heterogeneity.learners.meta_learners import SLearner, TLearner, XLearner
from causalrec.estimation.heterogeneity.learners.orthogonal_learners import DRLearner, RLearner
from causalrec.estimation.heterogeneity.learners.unit_effects import UnitEffects

__all__ = ["DRLearner", "RLearner", "SLearner", "TLearner", "UnitEffects", "XLearner"]

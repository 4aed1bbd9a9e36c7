"""Effects by unit: S, T, X, R and DR learners over scikit-learn estimators."""

from causalrec.estimation.learners.meta_learners import SLearner, TLearner, XLearner
from causalrec.estimation.learners.orthogonal_learners import DRLearner, RLearner
from causalrec.estimation.learners.unit_effects import UnitEffects

__all__ = ["DRLearner", "RLearner", "SLearner", "TLearner", "UnitEffects", "XLearner"]

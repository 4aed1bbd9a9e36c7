"""Estimators of other libraries, each given a design and giving back an effect with its error."""

from causalrec.estimation.adapters.dowhy import DoWhyEstimator
from causalrec.estimation.adapters.econml import EconMLEstimator
from causalrec.estimation.adapters.statsmodels import GLMEstimator

__all__ = ["DoWhyEstimator", "EconMLEstimator", "GLMEstimator"]

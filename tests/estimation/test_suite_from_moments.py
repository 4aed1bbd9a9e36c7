"""Estimators from second moments, and those with instruments."""

from causalrec.estimation import LIML, OLS, AbsorbedRegression, InteractiveDML, PartiallyLinearDML, TwoStageLeastSquares
from causalrec.estimation.linear.score_ridge import ScoreRidge
from tests.estimation.estimator_suite import EstimatorSuite
from tests.estimation.estimator_worlds import MOVED, amounts, grouped, moved, two_arms


class TestOLS(EstimatorSuite):
    estimator = OLS()
    streams, separated = True, "flagged"
    world = staticmethod(two_arms)


class TestPartiallyLinearDML(EstimatorSuite):
    estimator = PartiallyLinearDML(2, l2=0.0)
    default = PartiallyLinearDML()
    streams, separated, copies = True, "flagged", 0.05  # a penalty tells a covariate from its copy
    world = staticmethod(amounts)


class TestAbsorbedRegression(EstimatorSuite):
    estimator = AbsorbedRegression(tolerance=1e-12)
    streams, separated = True, "flagged"
    world = staticmethod(grouped)


class TestInteractiveDML(EstimatorSuite):
    estimator = InteractiveDML(n_folds=2, l2=0.0)
    default = InteractiveDML()
    streams, copies = True, 0.05


class TestTwoStageLeastSquares(EstimatorSuite):
    estimator = TwoStageLeastSquares()
    streams, separated = True, "flagged"
    world, estimand = staticmethod(moved), MOVED


class TestLIML(EstimatorSuite):
    estimator = LIML()
    streams, separated = True, "flagged"
    world, estimand = staticmethod(moved), MOVED


class TestScoreRidge(EstimatorSuite):
    estimator = ScoreRidge()
    streams, separated = True, "flagged"
    world = staticmethod(two_arms)

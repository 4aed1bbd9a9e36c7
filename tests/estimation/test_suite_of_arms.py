"""Estimators that compare two arms, and those through mediators."""

from causalrec.estimation import (
    AIPW,
    CBPS,
    IPW,
    TMLE,
    EntropyBalancing,
    FrontDoor,
    LinearFrontDoor,
    Matching,
    PlugIn,
)  # fmt: skip
from tests.estimation.estimator_suite import EstimatorSuite
from tests.estimation.estimator_worlds import THROUGH, cells, through
from tests.estimation.planted import Line, Logit


class TestAIPW(EstimatorSuite):
    estimator = AIPW(Line(), Logit(), n_folds=2)
    default = AIPW()
    copies = 0.05


class TestTMLE(EstimatorSuite):
    estimator = TMLE(Line(), Logit(), n_folds=2)
    default = TMLE()
    copies = 0.05


class TestIPW(EstimatorSuite):
    estimator = IPW()


class TestCBPS(EstimatorSuite):
    estimator = CBPS()


class TestEntropyBalancing(EstimatorSuite):
    estimator = EntropyBalancing(target="ATE")


class TestMatching(EstimatorSuite):
    estimator = Matching(target="ATE")
    weights = clusters = False


class TestLinearFrontDoor(EstimatorSuite):
    estimator = LinearFrontDoor()
    world, estimand = staticmethod(through), THROUGH
    separated = "flagged"


class TestFrontDoor(EstimatorSuite):
    estimator = FrontDoor(Line(), Logit(), n_folds=2)
    default = FrontDoor()
    world, estimand = staticmethod(through), THROUGH
    copies = 0.05


class TestPlugIn(EstimatorSuite):
    estimator = PlugIn()
    world = staticmethod(cells)

"""Learners of effects by unit, and adapters."""

from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.estimation import (
    DoWhyEstimator,
    DRLearner,
    EconMLEstimator,
    GLMEstimator,
    RLearner,
    SLearner,
    TLearner,
    XLearner,
)  # fmt: skip
from tests.estimation.estimator_suite import EstimatorSuite
from tests.estimation.planted import Line, Logit

USUAL = {"outcome_model": LinearRegression(), "propensity_model": LogisticRegression(C=1e3)}
LINEAR = {"outcome_model": Line(), "propensity_model": Logit(), "n_folds": 2}


def kind_of_dowhy():
    from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator

    return LinearRegressionEstimator


def linear_dml():
    from econml.dml import LinearDML

    models = {"model_y": LinearRegression(), "model_t": LogisticRegression(C=1e6, tol=1e-8)}
    return LinearDML(**models, discrete_treatment=True, cv=2, random_state=0)


class TestSLearner(EstimatorSuite):
    estimator = SLearner(**LINEAR)
    default = SLearner(**USUAL)
    copies = 0.05


class TestTLearner(EstimatorSuite):
    estimator = TLearner(**LINEAR)
    default = TLearner()
    copies = 1.0  # trees choose between a covariate and its copy by lot


class TestXLearner(EstimatorSuite):
    estimator = XLearner(**LINEAR)
    default = XLearner(**USUAL)
    copies = 0.05


class TestRLearner(EstimatorSuite):
    estimator = RLearner(**LINEAR)
    default = RLearner(**USUAL)
    copies = 0.05


class TestDRLearner(EstimatorSuite):
    estimator = DRLearner(**LINEAR)
    default = DRLearner()
    copies = 1.0


class TestGLM(EstimatorSuite):
    estimator = GLMEstimator("gaussian")
    separated = "flagged"


class TestEconML(EstimatorSuite):
    estimator = EconMLEstimator(linear_dml())
    swapping, repetition = 0.1, 0.06  # EconML's own folds are stratified by the treatment, whatever the clusters


class TestDoWhy(EstimatorSuite):
    estimator = DoWhyEstimator(kind_of_dowhy(), n_draws=20)
    weights, one_kind = False, True
    separated = "flagged"

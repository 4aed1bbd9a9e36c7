"""DoWhy estimators on a design: DoWhy's own numbers, bootstrap errors, and what is refused."""

import numpy as np
import pytest
from dowhy.causal_estimators.econml import Econml
from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator
from dowhy.causal_estimators.propensity_score_matching_estimator import PropensityScoreMatchingEstimator
from dowhy.causal_estimators.propensity_score_weighting_estimator import PropensityScoreWeightingEstimator

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.adapters.dowhy import DoWhyEstimator


def test_linear_regression_is_least_squares_and_its_error(planted):
    import statsmodels.api as sm

    design, X = planted(0, 400)
    rows = np.column_stack([np.ones(400), design.treatments, X])
    theirs = sm.OLS(design.outcome, rows).fit(cov_type="HC1")
    found = DoWhyEstimator(LinearRegressionEstimator, n_draws=100).fit(design)
    assert found.value_[0] == pytest.approx(theirs.params[1], abs=1e-8)
    assert found.stderr_[0] == pytest.approx(theirs.bse[1], rel=0.25)  # the error of 100 draws is 7%


def test_weighting_is_dowhys_and_its_error_that_of_clusters(planted, estimand):
    design, _ = planted(0, 400, clusters=40)
    alone = Design(design.outcome, design.treatments, design.covariates, (), {}, ("shown",), ("a", "b", "c"))
    clustered = DoWhyEstimator(PropensityScoreWeightingEstimator, n_draws=30).fit(design)
    assert clustered.effect(estimand).n_clusters == {"user": 40}
    single = DoWhyEstimator(PropensityScoreWeightingEstimator, n_draws=30).fit(alone)
    assert single.value_ == pytest.approx(clustered.value_)
    assert clustered.stderr_[0] > 1.3 * single.stderr_[0]


def test_what_the_adapter_refuses(planted):
    design, _ = planted(0, 200)
    with pytest.raises(DataError, match="hand in the class"):
        DoWhyEstimator("backdoor.linear_regression").fit(design)
    with pytest.raises(EstimationError, match="no valid error"):
        DoWhyEstimator(PropensityScoreMatchingEstimator).fit(design)
    with pytest.raises(DataError, match="takes more than covariates"):
        DoWhyEstimator(Econml).fit(design)
    with pytest.raises(EstimationError, match="ask for 100"):
        DoWhyEstimator(LinearRegressionEstimator, n_draws=5).fit(design)
    both = {"user": np.arange(200) // 4, "item": np.arange(200) % 9}
    rows = Design(design.outcome, design.treatments, design.covariates, (), both)
    with pytest.raises(DataError, match="user and item: name one"):
        DoWhyEstimator(LinearRegressionEstimator).fit(rows)
    with pytest.raises(EstimationError, match="too few"):
        DoWhyEstimator(LinearRegressionEstimator).fit(design.rows(slice(0, 5)))
    weighted = Design(design.outcome, design.treatments, design.covariates, (), {}, weight=np.ones(200))
    with pytest.raises(DataError, match="no weights"):
        DoWhyEstimator(LinearRegressionEstimator).fit(weighted)

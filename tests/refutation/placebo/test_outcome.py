from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.estimation import AIPW, IPW, OLS, InteractiveDML, Matching, PartiallyLinearDML
from causalrec.refutation.placebo.curves import curves_of
from causalrec.refutation.placebo.outcome import placebo_outcome
from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import attacked, curved, grouped, lines, plain, rate

N_RUNS = 100
N_POWER = 20


def test_it_is_quiet_where_the_outcome_is_a_line_and_fires_where_both_are_curved():
    low, high = exact_interval(round(rate(placebo_outcome, lines, N_RUNS) * N_RUNS), N_RUNS)
    assert low <= 0.05 <= high
    assert rate(placebo_outcome, curved, N_POWER) >= 0.8


def test_the_bias_it_finds_is_the_bias_of_least_squares():
    """Adding the square takes out about what the placebo outcome shows."""
    under = attacked(curved(1))
    found = placebo_outcome(under)
    square = under.design.covariates[:, :1] ** 2
    wider = replace(under.design, covariates=np.column_stack([under.design.covariates, square]), covariate_names=())
    without = OLS().fit(wider).value_[0]
    assert found.refuted == pytest.approx(under.effect.value - without, abs=0.1)
    assert found.refuted > 0.2


@pytest.mark.parametrize("estimator", [PartiallyLinearDML(), InteractiveDML(), IPW()], ids=repr)
def test_estimators_that_take_lines_are_caught(estimator):
    failed = [placebo_outcome(attacked(curved(seed), estimator=estimator)).verdict == "failed" for seed in range(5)]
    assert sum(failed) >= 4


@pytest.mark.parametrize("estimator", [InteractiveDML(), IPW(), Matching(), AIPW()], ids=repr)
def test_estimators_are_let_be_where_nothing_is_curved(estimator):
    found = placebo_outcome(attacked(plain(2), estimator=estimator))
    assert found.verdict == "passed"
    assert abs(found.refuted) < 3 * found.stderr


def test_clusters_widen_its_error():
    alone = placebo_outcome(attacked(grouped(0, shock=1.0)))
    clustered = placebo_outcome(attacked(grouped(0, shock=1.0, clustered=True)))
    assert clustered.refuted == pytest.approx(alone.refuted)
    assert clustered.stderr != pytest.approx(alone.stderr, rel=1e-3)


def test_coefficients_of_curves_agree_with_statsmodels():
    import statsmodels.api as sm

    design = attacked(curved(0)).design
    found = curves_of(design)
    X, t = found.columns[:, :3], design.treatments
    fit = sm.OLS(design.outcome, np.column_stack([found.columns, np.ones(design.n), t, X * t])).fit(cov_type="HC0")
    np.testing.assert_allclose(found.coef, fit.params[:9], rtol=1e-8)
    np.testing.assert_allclose(np.sqrt((found.influence**2).sum(axis=0)) / design.n, fit.bse[:9], rtol=1e-8)


def test_many_covariates_give_squares_alone_or_components():
    rng = np.random.default_rng(0)
    for p, n_curves in ((5, 15), (6, 6), (30, 10)):
        X = rng.normal(size=(1000, p))
        assert curves_of(Design(X[:, 0], X[:, :1] > 0, X, (), {})).n_curves == n_curves


def test_what_has_no_curves_is_not_applicable():
    rng = np.random.default_rng(0)
    x = (rng.random((200, 1)) < 0.5).astype(float)
    assert curves_of(Design(x[:, 0], x, x, (), {})) is None
    under = attacked(plain(0, n=60, n_noise=30))
    found = placebo_outcome(under)
    assert (found.verdict, "too few" in found.reason) == ("not applicable", True)
    bare = replace(under.design, covariates=np.empty((60, 0)), covariate_names=())
    assert "Nothing is adjusted for" in placebo_outcome(replace(under, design=bare)).reason


def test_an_estimator_for_zero_and_one_says_that_it_takes_no_such_outcome():
    world = plain(0)
    under = attacked(world, estimator=InteractiveDML())
    zero_one = replace(under.design, outcome=(under.design.outcome > 0).astype(float))
    recipe = replace(under.recipe, estimator=InteractiveDML("logistic"))
    found = placebo_outcome(replace(under, design=zero_one, recipe=recipe))
    assert (found.verdict, "covariates made" in found.reason) == ("not applicable", True)

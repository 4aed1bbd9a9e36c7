"""GLMs averaged: statsmodels' own margins, coverage, and what is refused."""

import numpy as np
import pytest
import statsmodels.api as sm

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.adapters.statsmodels import GLMEstimator

N_WORLDS = 200


def with_weight(design, weight):
    arrays = (design.outcome, design.treatments, design.covariates)
    return Design(*arrays, (), {}, ("shown",), ("a", "b", "c"), weight=weight)


@pytest.mark.parametrize(("family", "model"), [("logit", sm.Logit), ("probit", sm.Probit), ("poisson", sm.Poisson)])
@pytest.mark.parametrize("amount", [False, True])
def test_the_value_is_statsmodels_margin(planted, family, model, amount):
    outcome = "count" if family == "poisson" else "chance"
    design, X = planted(0, 600, outcome=outcome, amount=amount)
    rows = np.column_stack([np.ones(600), design.treatments, X])
    margins = model(design.outcome, rows).fit(disp=0, method="newton", tol=1e-12).get_margeff(dummy=not amount)
    found = GLMEstimator(family).fit(design)
    assert found.value_[0] == pytest.approx(float(margins.margeff[0]), rel=1e-6)


@pytest.mark.parametrize("family", ["logit", "probit", "poisson"])
def test_the_error_from_the_coefficients_is_statsmodels_delta_method(planted, family):
    design, X = planted(0, 600, outcome="count" if family == "poisson" else "chance")
    rows = np.column_stack([np.ones(600), design.treatments, X])
    model = {"logit": sm.Logit, "probit": sm.Probit, "poisson": sm.Poisson}[family](design.outcome, rows)
    margins = model.fit(disp=0, method="newton", tol=1e-12, cov_type="HC0").get_margeff(dummy=True)
    estimator = GLMEstimator(family)
    found = estimator.fit(design)
    import statsmodels.genmod.families as families

    link = {"logit": families.links.Logit(), "probit": families.links.Probit(), "poisson": families.links.Log()}[family]
    on, off = rows.copy(), rows.copy()
    on[:, 1], off[:, 1] = 1, 0
    each = link.inverse(on @ found.coef_) - link.inverse(off @ found.coef_)
    of_coef = found.influence_[:, 0] - (each - each.mean())  # what is left has no sampling of the covariates
    assert np.sqrt((of_coef**2).sum()) / 600 == pytest.approx(float(margins.margeff_se[0]), rel=1e-4)


def test_gaussian_is_least_squares(planted):
    design, X = planted(0, 500)
    theirs = sm.OLS(design.outcome, np.column_stack([np.ones(500), design.treatments, X])).fit(cov_type="HC1")
    found = GLMEstimator("gaussian").fit(design)
    assert found.value_[0] == pytest.approx(theirs.params[1], abs=1e-9)
    assert found.stderr_[0] == pytest.approx(theirs.bse[1], rel=1e-6)


@pytest.mark.parametrize(("family", "outcome"), [("logit", "chance"), ("poisson", "count")])
@pytest.mark.parametrize("amount", [False, True])
def test_intervals_cover(planted, covers_at_95, estimand, family, outcome, amount):
    truth = np.mean([_truth(planted(10_000 + seed, 20_000, outcome=outcome, amount=amount)[0], outcome, amount)
                     for seed in range(5)])  # fmt: skip
    hits = []
    for seed in range(N_WORLDS):
        design, _ = planted(seed, 400, outcome=outcome, amount=amount)
        low, high = GLMEstimator(family).fit(design).effect(estimand).interval()
        hits.append(low <= truth <= high)
    assert covers_at_95(hits)


def _truth(design, outcome, amount):
    a, t = design.covariates[:, 0], design.treatments[:, 0]
    mean = (lambda eta: 1 / (1 + np.exp(-eta))) if outcome == "chance" else np.exp
    slope = 0.5 if outcome == "chance" else 0.3
    if not amount:
        return float(np.mean(mean(0.4 + slope * a) - mean(slope * a)))
    rate = mean(0.4 * t + slope * a)
    return float(np.mean(0.4 * (rate * (1 - rate) if outcome == "chance" else rate)))


def test_interactions_and_clusters_cover(planted, covers_at_95, estimand):
    hits = []
    for seed in range(N_WORLDS):
        model = GLMEstimator("gaussian", interactions=True).fit(planted(seed, 600, clusters=120)[0])
        low, high = model.effect(estimand).interval()
        hits.append(low <= 1 <= high)
    assert covers_at_95(hits)


def test_weights_are_repetitions(planted):
    design, _ = planted(0, 300, outcome="chance")
    weight = np.random.default_rng(0).integers(1, 4, 300)
    repeated = design.rows(np.repeat(np.arange(300), weight))
    found = GLMEstimator("logit").fit(with_weight(design, weight.astype(float)))
    assert found.value_ == pytest.approx(GLMEstimator("logit").fit(repeated).value_, rel=1e-6)


def test_what_the_adapter_refuses(planted):
    design, X = planted(0, 300)
    with pytest.raises(DataError, match="does not allow"):
        GLMEstimator("poisson").fit(design)
    with pytest.raises(DataError, match="no family 'logistic'"):
        GLMEstimator("logistic").fit(design)
    apart = Design((X[:, 0] > 0).astype(float), design.treatments, X, (), {}, ("shown",), ("a", "b", "c"))
    with pytest.raises(EstimationError, match=r"separate|converge"):
        GLMEstimator("logit").fit(apart)
    twice = Design(design.outcome, design.treatments, np.column_stack([X, X[:, 0]]), (), {}, ("shown",))
    with pytest.raises(EstimationError, match="collinear"):
        GLMEstimator("gaussian").fit(twice)

"""Point by point against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from causalrec.estimation.longitudinal import ICE, MarginalStructuralModel
from tests.estimation.longitudinal.in_time import design, linear

COLUMNS = linear(5, 500)


def chance(t, *past):
    return sm.Logit(t, sm.add_constant(np.column_stack(past))).fit(disp=0, method="newton", tol=1e-14).predict()


def of_treatment(t, p):
    return np.where(t == 1, p, 1 - p)


def test_marginal_structural_model_is_weighted_least_squares_with_robust_errors():
    l0, a0, l1, a1, y = (COLUMNS[name] for name in ("l0", "a0", "l1", "a1", "y"))
    below = of_treatment(a0, chance(a0, l0)) * of_treatment(a1, chance(a1, l0, l1, a0))
    above = of_treatment(a0, np.full(len(y), a0.mean())) * of_treatment(a1, chance(a1, a0))
    weight = above / below
    model = sm.WLS(y, sm.add_constant(np.column_stack([a0, a1])), weights=weight).fit(cov_type="HC0")
    found = MarginalStructuralModel().fit(design(COLUMNS))
    np.testing.assert_allclose(found.weights_, weight, rtol=1e-6)
    np.testing.assert_allclose(found.coef_, model.params, rtol=1e-6)
    np.testing.assert_allclose(found.coef_stderr_ * np.sqrt(499 / 500), model.bse, rtol=1e-6)
    np.testing.assert_allclose(found.value_, [model.params.sum(), model.params[0]], rtol=1e-6)
    assert found.terms_ == ("intercept", "a0", "a1")


def test_a_logistic_marginal_structural_model_is_a_weighted_glm():
    y = (COLUMNS["y"] > 0.5).astype(float)
    found = MarginalStructuralModel(form="total").fit(design(COLUMNS | {"y": y}))
    total = sm.add_constant(COLUMNS["a0"] + COLUMNS["a1"])
    model = sm.GLM(y, total, family=sm.families.Binomial(), freq_weights=found.weights_).fit(tol=1e-14)
    np.testing.assert_allclose(found.coef_, model.params, rtol=1e-6)


def test_iterated_means_are_regressions_one_by_one():
    l0, a0, l1, a1, y = (COLUMNS[name] for name in ("l0", "a0", "l1", "a1", "y"))
    one = np.ones(len(y))
    last = sm.OLS(y, np.column_stack([one, l0, l1, a0, a1])).fit()
    then = last.predict(np.column_stack([one, l0, l1, one, one]))
    first = sm.OLS(then, np.column_stack([one, l0, a0])).fit()
    found = ICE().fit(design(COLUMNS))
    assert found.value_[0] == pytest.approx(first.predict(np.column_stack([one, l0, one])).mean(), rel=1e-9)


def test_truncated_weights_are_cut_at_their_quantiles_and_counted():
    plain, cut = (MarginalStructuralModel(truncate=share).fit(design(COLUMNS)) for share in (0.0, 0.05))
    low, high = np.quantile(plain.weights_, [0.05, 0.95])
    assert cut.weights_.min() == pytest.approx(low, rel=0.02)
    assert cut.weights_.max() == pytest.approx(high, rel=0.05)
    assert cut.weight_diagnostics_.n_truncated == 50
    assert cut.weight_diagnostics_.effective_n > plain.weight_diagnostics_.effective_n
    assert "5.0% cut at either end" in cut.method_

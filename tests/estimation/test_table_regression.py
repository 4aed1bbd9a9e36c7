import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from tests.estimation.table_regression import absorb, table_regression


def sample(seed=0, n=400, n_covariates=2):
    rng = np.random.default_rng(seed)
    covariates = rng.normal(size=(n, n_covariates))
    groups = rng.integers(0, 12, n), rng.integers(0, 7, n)
    effects = rng.normal(size=12)[groups[0]] + rng.normal(size=7)[groups[1]]
    first = rng.normal(size=n) + covariates[:, 0] + effects
    second = (rng.random(n) < 0.4).astype(float)
    outcome = 0.5 * first - 1.5 * second + covariates.sum(axis=1) + effects + rng.normal(size=n) * (1 + first**2) ** 0.5
    return outcome, np.column_stack([first, second]), covariates, groups


def columns(seed=0, absorbed=(), clusters=(), covariates=True):
    outcome, treatments, found, groups = sample(seed)
    found = found if covariates else np.empty((len(outcome), 0))
    named = {f"g{k}": groups[k] for k in clusters}
    return Design(outcome, treatments, found, tuple(groups[k] for k in absorbed), named)


def test_equals_ols_with_robust_errors():
    sm = pytest.importorskip("statsmodels.api")
    design = columns()
    found = table_regression(design, ("a", "b"))
    rows = sm.add_constant(np.column_stack([design.treatments, design.covariates]))
    fit = sm.OLS(design.outcome, rows).fit(cov_type="HC1")
    np.testing.assert_allclose(found.coef, fit.params[1:3], rtol=1e-8)
    np.testing.assert_allclose(found.stderr, fit.bse[1:3], rtol=1e-8)
    np.testing.assert_allclose(found.cov, fit.cov_params()[1:3, 1:3], rtol=1e-8)
    assert found.dof == fit.df_resid


def test_equals_ols_with_clustered_errors():
    sm = pytest.importorskip("statsmodels.api")
    design = columns(clusters=[0])
    found = table_regression(design, ("a", "b"))
    rows = sm.add_constant(np.column_stack([design.treatments, design.covariates]))
    fit = sm.OLS(design.outcome, rows).fit(cov_type="cluster", cov_kwds={"groups": design.clusters["g0"]})
    np.testing.assert_allclose(found.stderr, fit.bse[1:3], rtol=1e-8)
    assert (found.dof, found.n_clusters) == (11, {"g0": 12})


@pytest.mark.parametrize("absorbed", [(0,), (0, 1)], ids=["one", "two"])
@pytest.mark.parametrize("clusters", [(), (0,), (0, 1)], ids=["robust", "by one", "by two"])
def test_absorbed_effects_equal_pyfixest(absorbed, clusters):
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    design = columns(absorbed=absorbed, clusters=clusters)
    _, _, covariates, groups = sample()
    frame = pd.DataFrame({
        "y": design.outcome, "a": design.treatments[:, 0], "b": design.treatments[:, 1], "c": covariates[:, 0],
        "d": covariates[:, 1], "g0": groups[0], "g1": groups[1],
    })  # fmt: skip
    named = "+".join(f"g{k}" for k in clusters)
    vcov = {"CRV1": named} if named else "HC1"
    formula = f"y ~ a + b + c + d | {' + '.join(f'g{k}' for k in absorbed)}"
    fit = pf.feols(formula, data=frame, vcov=vcov, fixef_tol=1e-13)
    found = table_regression(design, ("a", "b"))
    np.testing.assert_allclose(found.coef, fit.coef()[:2], rtol=1e-8)
    np.testing.assert_allclose(found.stderr, fit.se()[:2], rtol=1e-8)


def test_absorbing_equals_dummies():
    _, treatments, _, groups = sample()
    dummies = np.column_stack([codes[:, None] == np.arange(codes.max() + 1) for codes in groups]).astype(float)
    expected = treatments - dummies @ np.linalg.lstsq(dummies, treatments, rcond=None)[0]
    np.testing.assert_allclose(absorb(treatments, groups), expected, atol=1e-9)


def test_constant_and_collinear_covariates_change_nothing():
    design = columns()
    more = np.column_stack([design.covariates, design.covariates @ [2.0, 3.0], np.ones(len(design.outcome))])
    found = table_regression(Design(design.outcome, design.treatments, more, (), {}), ("a", "b"))
    np.testing.assert_allclose(found.coef, table_regression(design, ("a", "b")).coef, rtol=1e-9)


def test_few_clusters_never_give_a_negative_variance():
    """Two crossed columns of two values: the two-way difference is seldom a covariance."""
    negative = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        codes = np.repeat([0, 1], 20), np.tile([0, 1], 20)
        treatments = rng.normal(size=(40, 2))
        design = Design(rng.normal(size=40), treatments, np.empty((40, 0)), (), dict(zip("uv", codes, strict=True)))
        found = table_regression(design, ("a", "b"))
        assert np.linalg.eigvalsh(found.cov)[0] >= -1e-12
        one = [
            table_regression(Design(design.outcome, treatments, np.empty((40, 0)), (), {"u": c}), ("a", "b"))
            for c in codes
        ]
        negative += np.allclose(found.cov, one[0].cov + one[1].cov)
    assert negative > 5


def test_what_does_not_vary_is_refused_by_name():
    design = columns()
    treatments = np.column_stack([design.treatments[:, 0], design.covariates[:, 0] * 2])
    with pytest.raises(EstimationError, match="'price' does not vary once the adjustment set"):
        table_regression(Design(design.outcome, treatments, design.covariates, (), {}), ("display", "price"))


def test_a_constant_treatment_is_refused():
    design = columns()
    with pytest.raises(EstimationError, match="'shown' does not vary"):
        table_regression(Design(design.outcome, np.ones((400, 1)), design.covariates, (), {}), ("shown",))


def test_the_same_treatment_twice_is_refused():
    design = columns()
    twice = design.treatments[:, [0, 0]]
    with pytest.raises(EstimationError, match="'a' and 'b' does not vary"):
        table_regression(Design(design.outcome, twice, design.covariates, (), {}), ("a", "b"))


def test_too_few_rows_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(EstimationError, match="4 rows cannot carry 4 coefficients"):
        table_regression(Design(rng.normal(size=4), rng.normal(size=(4, 1)), rng.normal(size=(4, 2)), (), {}), ("a",))


def test_a_cluster_column_with_one_value_is_refused():
    design = columns()
    alone = Design(design.outcome, design.treatments, design.covariates, (), {"shop": np.zeros(400, dtype=int)})
    with pytest.raises(EstimationError, match="one value"):
        table_regression(alone, ("a", "b"))

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.text_treatment.within_poisson import within_poisson


def rows(seed=0, n_groups=60, size=4):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), size)
    X = np.column_stack([rng.normal(size=len(group)), rng.random(len(group)) < 0.3]).astype(float)
    exposure = rng.integers(500, 4000, len(group)).astype(float)
    mean = exposure * 0.02 * np.exp(0.3 * rng.normal(size=n_groups)[group] + X @ [0.2, -0.4])
    return X, rng.poisson(mean).astype(float), exposure, group


def test_it_is_the_poisson_regression_with_a_dummy_for_each_group():
    import statsmodels.api as sm

    X, count, exposure, group = rows(n_groups=20)
    found = within_poisson(X, count, exposure, group, ("a", "b"))
    dummies = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    model = sm.GLM(count, np.column_stack([X, dummies]), family=sm.families.Poisson(), exposure=exposure)
    peer = model.fit(tol=1e-10)
    np.testing.assert_allclose(found.coef, peer.params[:2], rtol=1e-5)
    np.testing.assert_allclose(found.mean, peer.fittedvalues, rtol=1e-5)


def test_scale_and_order_change_nothing():
    X, count, exposure, group = rows(1)
    found = within_poisson(X, count, exposure, group, ("a", "b"))
    order = np.random.default_rng(0).permutation(len(X))
    again = within_poisson(X[order] * [1e6, 1e-6], count[order], exposure[order] * 7, group[order], ("a", "b"))
    np.testing.assert_allclose(again.coef * [1e6, 1e-6], found.coef, rtol=1e-8)
    np.testing.assert_allclose(again.mean, found.mean[order], rtol=1e-8)


def test_groups_without_clicks_say_nothing():
    X, count, exposure, group = rows(2)
    silent = np.isin(group, [3, 7])
    count[silent] = 0
    found = within_poisson(X, count, exposure, group, ("a", "b"))
    kept = np.unique(group[~silent], return_inverse=True)[1]
    alone = within_poisson(X[~silent], count[~silent], exposure[~silent], kept, ("a", "b"))
    np.testing.assert_allclose(found.coef, alone.coef, rtol=1e-8)
    np.testing.assert_allclose(found.mean[silent], 0)


@pytest.mark.parametrize("kind", ["constant within", "sum", "perfect"])
def test_what_the_data_do_not_say_is_refused_by_name(kind):
    X, count, exposure, group = rows(3)
    if kind == "constant within":
        X[:, 1], message = group, "'b' does not vary within experiments"
    elif kind == "sum":
        X[:, 1], message = 2 * X[:, 0] + group, "a, b are sums of each other"
    else:
        count[X[:, 1] == 1], message = 0, "'b' tells clicks from none"
    with pytest.raises(EstimationError, match=message):
        within_poisson(X, count, exposure, group, ("a", "b"))

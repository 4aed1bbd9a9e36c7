"""Estimators of ours that are handed to scikit-learn: its own checks, and what a stack must do."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.nuisances.gaussian_process import GaussianProcess
from causalrec.estimation.nuisances.stack import StackedClassifier, StackedRegressor

SIMPLE = [Ridge(), DummyRegressor()]
CHANCES = [LogisticRegression(), GaussianNB()]


def expected(estimator):
    if isinstance(estimator, GaussianProcess):
        return {}
    why = "a row that is repeated may fall into two folds, as in every cross-validation of scikit-learn's own"
    return {f"check_sample_weight_equivalence_on_{kind}_data": why for kind in ("dense", "sparse")}


@parametrize_with_checks(
    [StackedRegressor(SIMPLE), StackedClassifier(CHANCES), GaussianProcess(n_steps=5)], expected_failed_checks=expected
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def rows(seed=0, n=120):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, np.sin(2 * X[:, 0]) + X[:, 1] + 0.3 * rng.normal(size=n)


def test_a_stack_is_its_members_by_their_weights():
    X, y = rows()
    members = [Ridge(), KNeighborsRegressor(5)]
    found = StackedRegressor(members).fit(X, y)
    by_hand = sum(w * model.fit(X, y).predict(X) for w, model in zip(found.weights_, members, strict=True))
    assert found.weights_.sum() == pytest.approx(1)
    assert found.weights_.min() > 0.05
    np.testing.assert_allclose(found.predict(X), by_hand, rtol=1e-9)
    assert found.names_ == ("Ridge", "KNeighborsRegressor")


def test_rows_in_another_order_give_the_same_stack():
    X, y = rows()
    order = np.random.default_rng(1).permutation(len(y))
    models = [Ridge(), GradientBoostingRegressor(n_estimators=10, random_state=0)]
    first, again = (StackedRegressor(models).fit(X[at], y[at]) for at in (np.arange(len(y)), order))
    np.testing.assert_allclose(first.weights_, again.weights_, rtol=1e-9)
    np.testing.assert_allclose(first.predict(X), again.predict(X), rtol=1e-9)


def test_a_stack_predicts_new_rows_as_well_as_its_best_member():
    (X, y), (new, known) = rows(0, 300), rows(1, 2_000)
    members = [Ridge(), KNeighborsRegressor(8), DummyRegressor()]
    alone = [((model.fit(X, y).predict(new) - known) ** 2).mean() for model in members]
    assert ((StackedRegressor(members).fit(X, y).predict(new) - known) ** 2).mean() < 1.02 * min(alone)


def test_chances_of_three_classes_are_those_of_the_world():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4_000, 2))
    raw = np.exp(np.column_stack([np.zeros(4_000), X[:, 0], X[:, 1] - 0.5]))
    chance = raw / raw.sum(axis=1, keepdims=True)
    y = np.array(["a", "b", "c"])[(rng.random(4_000)[:, None] > chance.cumsum(axis=1)).sum(axis=1)]
    found = StackedClassifier(CHANCES).fit(X, y)
    assert found.classes_.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(found.predict_proba(X).sum(axis=1), 1)
    assert np.abs(found.predict_proba(X) - chance).mean() < 0.02


def test_a_gaussian_process_follows_a_curve_that_trees_cut_into_steps():
    (X, y), (new, _) = rows(0, 150), rows(1, 1_000)
    truth = np.sin(2 * new[:, 0]) + new[:, 1]
    errors = [
        ((model.fit(X, y).predict(new) - truth) ** 2).mean()
        for model in (GaussianProcess(), GradientBoostingRegressor(random_state=0), Ridge())
    ]
    assert errors[0] < 0.5 * min(errors[1:])


def test_refusals():
    X, y = rows()
    with pytest.raises(DataError, match="n_folds is 1"):
        StackedRegressor(SIMPLE, n_folds=1).fit(X, y)
    with pytest.raises(DataError, match="one class"):
        StackedClassifier(CHANCES).fit(X, np.ones(len(y)))
    with pytest.raises(EstimationError, match="KNeighborsRegressor takes none"):
        StackedRegressor([Ridge(), KNeighborsRegressor()]).fit(X, y, np.linspace(1, 2, len(y)))

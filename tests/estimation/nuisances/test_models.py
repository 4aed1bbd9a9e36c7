import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.nuisances.cross_fitting import cross_fitted
from causalrec.estimation.nuisances.models import nuisances
from causalrec.estimation.nuisances.stacking import convex_weights
from tests.estimation.planted import Line, Logit, planted, refuse_coverage


def test_out_of_fold_predictions_are_those_of_a_loop():
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    rows = planted(0)
    fold = rows.folds(5, 0)
    ours = cross_fitted(LinearRegression(), rows.covariates, rows.outcome, fold).value
    peer = cross_val_predict(LinearRegression(), rows.covariates, rows.outcome, cv=PredefinedSplit(fold))
    np.testing.assert_allclose(ours, peer, rtol=1e-9, atol=1e-10)


def test_no_unit_sees_its_own_outcome():
    rows = planted(0)
    fold, moved = rows.folds(5, 0), rows.outcome.copy()
    moved[7] += 1e6
    first, again = (cross_fitted(LinearRegression(), rows.covariates, y, fold).value for y in (rows.outcome, moved))
    np.testing.assert_array_equal(first[fold == fold[7]], again[fold == fold[7]])
    assert not np.allclose(first, again)


def test_weights_reach_the_last_step_of_a_pipeline():
    rows = planted(0)
    fold, weight = rows.folds(2, 0), np.where(np.arange(rows.n) % 2, 1.0, 1e-9)
    pipeline = make_pipeline(StandardScaler(), LinearRegression())
    weighted = cross_fitted(pipeline, rows.covariates, rows.outcome, fold, weight=weight).value
    odd = cross_fitted(pipeline, rows.covariates, rows.outcome, fold, among=np.arange(rows.n) % 2 == 1).value
    np.testing.assert_allclose(weighted, odd, atol=1e-5)
    with pytest.raises(EstimationError, match="KNeighborsRegressor takes none"):
        cross_fitted(KNeighborsRegressor(), rows.covariates, rows.outcome, fold, weight=weight)


def test_a_class_that_a_fold_lacks_is_refused_with_the_count():
    y = (np.arange(100) == 3).astype(float)
    with pytest.raises(EstimationError, match=r"Without fold 3 all 80 rows have 0 as clicked: there is one class"):
        cross_fitted(LogisticRegression(), np.ones((100, 1)), y, np.arange(100) % 5, what="clicked")


def test_convex_weights_are_the_best_of_a_grid():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    predictions = y[:, None] + rng.normal(size=(200, 3)) * [0.5, 1.0, 3.0] + [0.0, 0.2, 0.0]
    found = convex_weights(predictions, y)
    grid = [np.array([a, b, 1 - a - b]) for a in np.linspace(0, 1, 51) for b in np.linspace(0, 1 - a, 51)]
    assert found.sum() == pytest.approx(1)
    assert ((predictions @ found - y) ** 2).sum() <= min(((predictions @ w - y) ** 2).sum() for w in grid) + 1e-9
    np.testing.assert_allclose(convex_weights(np.column_stack([y, y + 1]), y), [1, 0], atol=1e-9)


def test_a_stack_is_as_good_as_its_best_member():
    rows = planted(0, n=1_000, curve_outcome=True)
    arms = two_arms(rows, "AIPW")
    models = [KNeighborsRegressor(15), Line()]
    errors = [
        np.mean((nuisances(arms, rows.folds(5, 0), model, Logit()).mu1 - rows.outcome)[arms.t == 1] ** 2)
        for model in (*models, models)
    ]
    assert errors[2] <= min(errors[:2])


def test_intervals_cover_with_a_stack():
    def kind():
        return AIPW([Line(), KNeighborsRegressor(30)], Logit(), n_folds=2)

    refuse_coverage(lambda seed: planted(seed, curve_outcome=True), kind, 1.0, 60, max_width=1.0)


def test_models_that_do_not_fit_are_refused():
    rows = planted(0)
    arms, fold = two_arms(rows, "AIPW"), rows.folds(2, 0)
    with pytest.raises(DataError, match="LinearRegression is no classifier"):
        nuisances(arms, fold, None, LinearRegression())
    with pytest.raises(DataError, match="LogisticRegression is a classifier"):
        nuisances(arms, fold, LogisticRegression())
    with pytest.raises(DataError, match="LinearSVC gives no probabilities"):
        nuisances(arms, fold, None, LinearSVC())


def test_the_model_that_was_handed_in_stays_unfitted():
    rows, model = planted(0), LinearRegression()
    AIPW(model, Logit()).fit(rows)
    assert not hasattr(model, "coef_")

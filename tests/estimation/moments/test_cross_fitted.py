"""Columns predicted on other folds, against scikit-learn on expanded rows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from causalrec.data import Design, DesignBlock
from causalrec.errors import EstimationError
from causalrec.estimation.moments.cross_fitted import cross_fitted
from causalrec.estimation.moments.ridge import PENALTIES


def rows(n=600, n_items=90, q=20, seed=0, weighted=False):
    rng = np.random.default_rng(seed)
    items, codes = rng.normal(size=(n_items, q)) + 3, rng.integers(0, n_items, size=n)
    X = rng.normal(size=(n, 2))
    t = items[codes, 0] + X[:, 0] + rng.normal(size=n)
    y = t + items[codes, 1] + rng.normal(size=n)
    weight = rng.uniform(0.5, 2, size=n) if weighted else None
    return Design(y, t[:, None], X, (), {}, weight=weight, blocks=(DesignBlock("title", codes, items),))


def expanded(design):
    return replace(design, covariates=design.matrix(), covariate_names=(), blocks=(), keys=design.row_keys())


@pytest.mark.parametrize("weighted", [False, True])
def test_factorised_is_expanded(weighted):
    design = rows(weighted=weighted)
    columns = np.column_stack([design.treatments, design.outcome**2])
    first, second = (cross_fitted(part, columns, (4, 1)) for part in (design, expanded(design)))
    np.testing.assert_allclose(first.predicted, second.predicted, atol=1e-8)
    np.testing.assert_allclose(first.l2, second.l2)


def test_equals_ridge_of_scikit_learn_with_the_penalty_of_the_smallest_score():
    design = rows()
    found = cross_fitted(design, design.treatments, (3, 0))
    X, t, fold = design.matrix(), design.treatments[:, 0], design.folds(3, 0)
    for k in range(3):
        train, unit = fold != k, X[fold != k].std(axis=0)
        scores = []
        for alpha in PENALTIES * train.sum():
            fit = Ridge(alpha=alpha, solver="cholesky").fit(X[train] / unit, t[train])
            Z = (X[train] - X[train].mean(axis=0)) / unit
            free = 1 + np.trace(np.linalg.solve(Z.T @ Z + alpha * np.eye(Z.shape[1]), Z.T @ Z))
            scores.append(((t[train] - fit.predict(X[train] / unit)) ** 2).sum() / (1 - free / train.sum()) ** 2)
        best = PENALTIES[int(np.argmin(scores))] * train.sum()
        assert found.l2[k, 0] == pytest.approx(best)
        expected = Ridge(alpha=best).fit(X[train] / unit, t[train]).predict(X[fold == k] / unit)
        np.testing.assert_allclose(found.predicted[fold == k, 0], expected, atol=1e-8)


def test_weight_in_one_fold_alone_is_refused():
    design = rows()
    weight = (design.folds(3, 0) == 1).astype(float)
    with pytest.raises(EstimationError, match="No row outside fold 2 has a weight above 0"):
        cross_fitted(replace(design, weight=weight, keys=design.row_keys()), design.treatments, (3, 0))

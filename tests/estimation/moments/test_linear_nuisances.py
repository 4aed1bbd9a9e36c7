"""Ridge and logistic regressions from passes, against scikit-learn on the rows."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from causalrec.data import Design
from causalrec.errors import EstimationError
from causalrec.estimation.moments.cells import OUTCOME, TREATMENT, Cells, Target, cell_moments
from causalrec.estimation.moments.linear_nuisances import fit_targets, predict_targets
from causalrec.estimation.moments.logistic_steps import LogisticSteps
from tests.estimation.planted import planted
from tests.estimation.streams import Stream


def fitted(design, targets, l2=1.0, n_folds=3):
    cells = Cells(n_folds)
    return fit_targets(design, cell_moments(design, cells), cells, targets(cells), l2)


@pytest.mark.parametrize("l2", [1.0, 30.0])
def test_regressions_of_cells_are_those_of_scikit_learn(l2):
    rows = planted(0, 900)
    train = np.array([True, False, True])

    def targets(cells):
        return [Target(OUTCOME, cells.chosen(train, 1)), Target(TREATMENT, cells.chosen(train), True)]

    fold, t, X = rows.folds(3, 0), rows.treatments[:, 0], rows.covariates
    found = predict_targets(rows, fitted(Stream(rows), targets, l2), targets(Cells(3)))
    treated, both = (fold != 1) & (t == 1), fold != 1
    for place, which in enumerate((treated, both)):
        unit = (X - X[which].mean(axis=0)) / X[which].std(axis=0)
        if place == 0:
            expected = Ridge(alpha=l2).fit(unit[which], rows.outcome[which]).predict(unit)
        else:
            model = LogisticRegression(C=1 / l2, tol=1e-12, solver="newton-cholesky", max_iter=100)
            expected = model.fit(unit[which], t[which]).predict_proba(unit)[:, 1]
        np.testing.assert_allclose(found[:, place], expected, atol=1e-9)


def test_large_means_cost_no_digits():
    rows = planted(0, 900)
    shift = np.array([1e6, -1e7, 0.0])
    far = Design(rows.outcome + 1e6, rows.treatments, rows.covariates + shift, (), {}, keys=rows.row_keys())
    near = Design(rows.outcome, rows.treatments, rows.covariates, (), {}, keys=rows.row_keys())

    def targets(cells):
        return [
            Target(OUTCOME, cells.chosen(np.ones(3, bool), 0)),
            Target(TREATMENT, cells.chosen(np.ones(3, bool)), True),
        ]

    first, second = (predict_targets(part, fitted(part, targets), targets(Cells(3))) for part in (near, far))
    np.testing.assert_allclose(second[:, 0] - 1e6, first[:, 0], atol=1e-6)
    np.testing.assert_allclose(second[:, 1], first[:, 1], atol=1e-7)


def test_a_column_that_does_not_vary_in_a_cell_is_left_out():
    rows = planted(0, 900)
    rare = ((rows.treatments[:, 0] == 1) & (np.arange(900) < 30)).astype(float)
    wide = Design(rows.outcome, rows.treatments, np.column_stack([rows.covariates, rare]), (), {})

    def targets(cells):
        return [Target(OUTCOME, cells.chosen(np.ones(3, bool), 0))]

    assert fitted(wide, targets).coef[-1, 0] == 0


def test_steps_are_halved_where_they_do_not_improve():
    """The log likelihood of a far outlier: full Newton steps from 0 would overshoot."""
    x, y = np.array([1.0, 1.0, 1.0, -60.0]), np.array([1.0, 1.0, 0.0, 1.0])
    steps, n_passes = LogisticSteps(1, 0.0), 0
    while not steps.done:
        z = x * steps.tried[0]
        p = 1 / (1 + np.exp(-z))
        steps.take(float(y @ z - np.logaddexp(0, z).sum()), np.array([[x**2 @ (p * (1 - p))]]), np.array([x @ (y - p)]))
        n_passes += 1
    p = 1 / (1 + np.exp(-x * steps.tried[0]))
    assert abs(x @ (y - p)) < 1e-6
    assert n_passes < 40
    with pytest.raises(EstimationError, match="range of numbers"):
        LogisticSteps(1, 0.0).take(float("nan"), np.eye(1), np.ones(1))


def test_chosen_penalties_are_those_of_the_smallest_score():
    from causalrec.estimation.moments.ridge import PENALTIES

    rows = planted(1, 600)
    noise = np.random.default_rng(0).normal(size=(600, 30))
    rows = Design(rows.outcome, rows.treatments, np.column_stack([rows.covariates, noise]), (), {})

    def targets(cells):
        return [
            Target(OUTCOME, cells.chosen(np.ones(3, bool), 1)), Target(TREATMENT, cells.chosen(np.ones(3, bool)), True)
        ]  # fmt: skip

    found = predict_targets(rows, fitted(rows, targets, None), targets(Cells(3)))
    X, t = rows.covariates, rows.treatments[:, 0]
    for place, (which, z) in enumerate(((t == 1, rows.outcome), (t >= 0, t))):
        unit, y, m = (X - X[which].mean(axis=0)) / X[which].std(axis=0), z[which], int(which.sum())
        gram, scores = unit[which].T @ unit[which], []
        for alpha in PENALTIES * m:
            left = y - Ridge(alpha=alpha).fit(unit[which], y).predict(unit[which])
            free = 1 + np.trace(np.linalg.solve(gram + alpha * np.eye(len(gram)), gram))
            scores.append((left @ left) / (1 - free / m) ** 2)
        best = PENALTIES[int(np.argmin(scores))] * m
        if place == 0:
            expected = Ridge(alpha=best).fit(unit[which], y).predict(unit)
        else:
            model = LogisticRegression(C=1 / (best * y.var()), tol=1e-12, solver="newton-cholesky", max_iter=100)
            expected = model.fit(unit, t).predict_proba(unit)[:, 1]
        np.testing.assert_allclose(found[:, place], expected, atol=1e-8)

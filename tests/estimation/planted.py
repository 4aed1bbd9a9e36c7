"""Rows of a binary treatment whose effect is known."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from causalrec.data.design import Design
from causalrec.identification import Estimand

SHOWN = Estimand(("shown",), "clicked", "adjustment", adjustment=("x",))


def expit(x):
    return 1 / (1 + np.exp(-x))


class Line(RegressorMixin, BaseEstimator):
    """Least squares, without the checks that make scikit-learn's slow on few rows."""

    def fit(self, X, y, sample_weight=None):
        root = np.ones(len(y)) if sample_weight is None else np.sqrt(sample_weight)
        rows = np.column_stack([np.ones(len(X)), X]) * root[:, None]
        self.coef_ = np.linalg.lstsq(rows, y * root, rcond=None)[0]
        return self

    def predict(self, X):
        return self.coef_[0] + X @ self.coef_[1:]


class Logit(ClassifierMixin, BaseEstimator):
    """Logistic regression by eight Newton steps."""

    def fit(self, X, y, sample_weight=None):
        self.classes_, rows = np.array([0.0, 1.0]), np.column_stack([np.ones(len(X)), X])
        weight, self.coef_ = np.ones(len(y)) if sample_weight is None else sample_weight, np.zeros(rows.shape[1])
        for _ in range(8):
            chance = expit(rows @ self.coef_)
            hessian = (rows * (weight * chance * (1 - chance))[:, None]).T @ rows
            self.coef_ = self.coef_ + np.linalg.solve(hessian, rows.T @ (weight * (y - chance)))
        return self

    def predict_proba(self, X):
        chance = expit(self.coef_[0] + X @ self.coef_[1:])
        return np.column_stack([1 - chance, chance])


def planted(seed, n=500, *, effect=1.0, slope=0.0, curve_outcome=False, curve_propensity=False, binary=False,
            n_per_cluster=0, weight=None):  # fmt: skip
    """Design, and the truth for the ATE.

    `slope` lets the effect grow with the first covariate, whose mean is 0; curves make linear nuisances
    wrong. With clusters their units share treatment's push and a shock of the outcome.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    clusters, push, shock = {}, 0.0, 0.0
    if n_per_cluster:
        codes = np.arange(n) // n_per_cluster
        clusters = {"user": codes}
        X[:, 0] = rng.normal(size=codes.max() + 1)[codes]
        shock = rng.normal(size=codes.max() + 1)[codes]
    bent = X[:, 0] ** 2 - 1
    eta = 0.6 * X[:, 0] - 0.4 * X[:, 1] + (0.5 * bent if curve_propensity else 0) + push
    t = (rng.random(n) < expit(eta)).astype(float)
    level = X @ np.array([1.0, 0.5, -0.5]) + (bent if curve_outcome else 0)
    if binary:
        chance = expit(0.8 * level - 0.5), expit(0.8 * level - 0.5 + effect)
        y = (rng.random(n) < np.where(t == 1, chance[1], chance[0])).astype(float)
    else:
        y = level + (effect + slope * X[:, 0]) * t + shock + rng.normal(size=n)
    return Design(y, t[:, None], X, (), clusters, ("shown",), ("age", "price", "taste"), weight)


def exact_interval(successes, n, level=0.999):
    """Clopper and Pearson's interval of a share."""
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = beta.ppf(tail, successes, n - successes + 1) if successes else 0.0
    high = beta.ppf(1 - tail, successes + 1, n - successes) if successes < n else 1.0
    return low, high


def refuse_coverage(make, estimator, truth, n_runs, *, max_width=np.inf, spread=0.2, first=0):
    """Coverage at its level, no bias, and errors as wide as the spread of the estimates.

    `make(seed)` gives a design, `estimator()` a new estimator, and `truth` is a number or one of a design.
    """
    runs = []
    for seed in range(first, first + n_runs):
        design = make(seed)
        found = estimator().fit(design).effect(SHOWN)
        runs.append((found.value - (truth(design) if callable(truth) else truth), found.stderr, *found.interval()))
    error, stderr, lower, upper = np.array(runs).T
    half = (upper - lower) / 2
    covered = int((np.abs(error) <= half).sum())
    low, high = exact_interval(covered, n_runs)
    assert low <= 0.95 <= high, f"{covered} of {n_runs} intervals cover"
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(n_runs), f"bias {error.mean():.4f}, spread {error.std():.4f}"
    assert 1 - spread < (ratio := error.std() / np.sqrt((stderr**2).mean())) < 1 + spread, f"spread / error {ratio}"
    assert np.median(upper - lower) < max_width
    return {"bias / SE": error.mean() / error.std(), "coverage": covered / n_runs, "width": np.median(upper - lower)}


def permuted(design, seed=0):
    """The same rows in another order, and that order."""
    order = np.random.default_rng(seed).permutation(design.n)
    return design.rows(order), order


def refuse_contract(estimator, design):
    """What every estimator owes: read-only inputs, any order of rows, any scale, weights that repeat."""
    from dataclasses import replace

    for array in (design.outcome, design.treatments, design.covariates):
        array.setflags(write=False)
    first = estimator().fit(design)
    assert first.influence_.shape == (design.n, 1)
    np.testing.assert_allclose(np.average(first.influence_[:, 0]), 0, atol=1e-8)
    shuffled, order = permuted(design)
    again = estimator().fit(shuffled)
    np.testing.assert_allclose(again.value_, first.value_, rtol=1e-9)
    np.testing.assert_allclose(again.influence_, first.influence_[order], rtol=1e-7, atol=1e-8)
    scaled = estimator().fit(replace(design, outcome=design.outcome * 1024 + 7, keys=design.row_keys()))
    np.testing.assert_allclose(scaled.value_, first.value_ * 1024, rtol=1e-5)
    np.testing.assert_allclose(scaled.stderr_, first.stderr_ * 1024, rtol=1e-5)
    flat = estimator().fit(replace(design, weight=np.full(design.n, 3.0), keys=design.row_keys()))
    np.testing.assert_allclose(flat.value_, first.value_, rtol=1e-9)
    np.testing.assert_allclose(flat.stderr_, first.stderr_, rtol=1e-9)
    assert repr(first.get_params()) == repr(estimator().get_params())

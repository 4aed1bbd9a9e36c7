"""What every mechanism owes: noise that gives the values back, draws like the data, parameters that travel."""

import json

import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, OutputError
from causalrec.structural import (
    Boosting,
    Coding,
    ConditionalTable,
    EmpiricalRoot,
    GaussianRoot,
    LinearGaussian,
    Logistic,
    Neural,
)
from causalrec.structural.mechanisms.categorical_noise import category, posterior_noise, prior_noise
from causalrec.structural.mechanisms.support import support_of

RNG = np.random.default_rng(0)
N = 400
X = RNG.normal(size=(N, 2))
CODES = RNG.integers(0, 3, (N, 1)).astype(float)
NUMBERS = Coding("y", 0, ("a", "b"), (0, 0), (False, False))
NO_PARENTS = np.empty((N, 0))
Y = X @ [1, -1] + RNG.normal(size=N)
BIT = (RNG.random(N) < 1 / (1 + np.exp(-X[:, 0]))).astype(float)
THREE = (X @ np.array([[0, 1, -1], [0, 0, 1]]) + RNG.gumbel(size=(N, 3))).argmax(axis=1).astype(float)
BLOCK = np.column_stack([X[:, 0] + X[:, 1], X[:, 0] ** 2, -X[:, 1]]) + RNG.normal(size=(N, 3)) / 4
TWO, FEW = Coding("y", 2, ("a", "b"), (0, 0), (False, False)), Coding("y", 3, ("a", "b"), (0, 0), (False, False))
MANY = Coding("y", 2, tuple("abcdefg"), (9,) * 7, (False,) * 7)
BY_CODES = Coding("y", 3, ("a",), (3,), (False,))

KINDS = {  # name: (mechanism, parents, values, coding)
    "empirical": (EmpiricalRoot(), NO_PARENTS, Y, Coding()),
    "empirical block": (EmpiricalRoot(), NO_PARENTS, BLOCK, Coding()),
    "empirical category": (EmpiricalRoot(), NO_PARENTS, BIT, Coding("y", 2)),
    "gaussian": (GaussianRoot(), NO_PARENTS, Y, Coding()),
    "linear": (LinearGaussian(), X, Y, NUMBERS),
    "linear by codes": (LinearGaussian(), CODES, Y, Coding("y", 0, ("a",), (3,), (False,))),
    "logistic": (Logistic(), X, BIT, TWO),
    "multinomial": (Logistic(), X, THREE, FEW),
    "multinomial, ordered": (Logistic(coupling="ordered"), X, THREE, FEW),
    "table": (ConditionalTable(), CODES, THREE, BY_CODES),
    "table, ordered": (ConditionalTable(coupling="ordered"), CODES, THREE, BY_CODES),
    "boosting": (Boosting(n_trees=30), X, Y, NUMBERS),
    "neural": (Neural(n_epochs=60), X, BLOCK, NUMBERS),
    "neural, one column": (Neural(n_epochs=60), X, Y, NUMBERS),
}


@pytest.mark.parametrize(("mechanism", "parents", "values", "coding"), KINDS.values(), ids=KINDS)
def test_contract(mechanism, parents, values, coding):
    from copy import deepcopy

    fitted = deepcopy(mechanism).fit(parents, values, coding)
    rng = np.random.default_rng(1)
    noise = fitted.noise(parents, values, rng)
    np.testing.assert_allclose(fitted.value(parents, noise), values, atol=1e-10)
    again = fitted.noise(parents, values, rng)
    assert np.array_equal(noise, again) == fitted.is_exact
    drawn = fitted.draw(parents, np.random.default_rng(2))
    assert drawn.shape == values.shape
    # Pooled over the units, abducted noise is distributed as noise of new units is.
    pooled = np.concatenate([fitted.noise(parents, values, rng) for _ in range(5)])
    new = fitted.prior(20_000, rng)
    assert pooled.shape[1:] == new.shape[1:]
    np.testing.assert_allclose(
        np.quantile(pooled, [0.25, 0.5, 0.75]), np.quantile(new, [0.25, 0.5, 0.75]), atol=0.3
    )  # trees are nearer to rows they saw
    expected = fitted.expectation(parents)
    target = np.eye(coding.n_levels)[values.astype(int)] if coding.n_levels else values
    assert expected.shape == target.shape
    np.testing.assert_allclose(expected.mean(axis=0), target.mean(axis=0), atol=0.1)
    if isinstance(mechanism, Boosting):
        with pytest.raises(OutputError, match="pickle"):
            fitted.state()
        return
    state = fitted.state()
    json.dumps(dict(state.facts))
    back = deepcopy(mechanism).restore(state, coding)
    np.testing.assert_array_equal(back.expectation(parents), expected)
    np.testing.assert_array_equal(back.prior(5, np.random.default_rng(3)), fitted.prior(5, np.random.default_rng(3)))


@pytest.mark.parametrize("coupling", ["gumbel", "ordered"])
def test_posterior_noise_is_prior_noise_given_the_category(coupling):
    """Drawn by rejection instead: the same quartiles of every coordinate, for every category."""
    shares = np.array([0.2, 0.5, 0.3])
    rng = np.random.default_rng(0)
    prior = prior_noise(200_000, 3, coupling, rng)
    fell = category(np.tile(shares, (200_000, 1)), prior, coupling)
    np.testing.assert_allclose(np.bincount(fell.astype(int)) / 200_000, shares, atol=0.005)
    for k in range(3):
        rejected = prior[fell == k]
        drawn = posterior_noise(np.tile(shares, (50_000, 1)), np.full(50_000, k), coupling, rng)
        quartiles = [0.1, 0.25, 0.5, 0.75, 0.9]
        np.testing.assert_allclose(
            np.quantile(drawn, quartiles, axis=0), np.quantile(rejected, quartiles, axis=0), atol=0.03
        )


def test_linear_is_statsmodels():
    import statsmodels.api as sm

    theirs = sm.OLS(Y, sm.add_constant(X)).fit()
    ours = LinearGaussian().fit(X, Y, NUMBERS)
    np.testing.assert_allclose(ours.coef_, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.deviation_**2, theirs.mse_resid, rtol=1e-10)


def test_logistic_is_statsmodels():
    import statsmodels.api as sm

    theirs = sm.Logit(BIT, sm.add_constant(X)).fit(disp=0)
    np.testing.assert_allclose(Logistic().fit(X, BIT, TWO).coef_[1], theirs.params, rtol=1e-6)


def test_a_combination_never_seen_has_the_overall_shares():
    coding = Coding("y", 2, ("a", "b"), (2, 2), (False, False))
    parents, values = np.array([[0.0, 0.0], [0, 1], [1, 0], [1, 0]]), np.array([0.0, 1, 1, 1])
    for rows in (0.0, 1.0):
        table = ConditionalTable(prior_rows=rows).fit(parents, values, coding)
        np.testing.assert_allclose(table.expectation(np.array([[1.0, 1.0]])), [[0.25, 0.75]])


def test_a_network_follows_a_curve_that_a_line_cannot():
    found = Neural().fit(X, BLOCK, NUMBERS).expectation(X)
    explained = 1 - ((BLOCK - found) ** 2).mean(axis=0) / BLOCK.var(axis=0)
    assert (explained > 0.9).all()


REFUSED = {
    "coupling": (lambda: Logistic(coupling="copula").fit(X, BIT, TWO), DataError, "copula"),
    "too few rows": (lambda: LinearGaussian().fit(X[:3], Y[:3], NUMBERS), EstimationError, "3"),
    "block as Gaussian": (lambda: GaussianRoot().fit(NO_PARENTS, BLOCK, Coding()), EstimationError, "one column"),
    "amounts in a table": (lambda: ConditionalTable().fit(X, BIT, TWO), EstimationError, "discrete parents"),
    "cells": (lambda: ConditionalTable().fit(np.zeros((9, 7)), np.zeros(9), MANY), EstimationError, "cells"),
    "negative rows": (lambda: ConditionalTable(prior_rows=-1).fit(CODES, THREE, BY_CODES), EstimationError, "prior"),
    "boosting few": (lambda: Boosting().fit(X[:20], Y[:20], NUMBERS), EstimationError, "50 rows"),
    "boosting a category": (lambda: Boosting().fit(X, BIT, TWO), EstimationError, "amounts"),
    "line of a category": (lambda: LinearGaussian().fit(X, BIT, TWO), EstimationError, "amounts"),
    "line of a block": (lambda: LinearGaussian().fit(X, BLOCK, NUMBERS), EstimationError, "one column"),
    "root with parents": (lambda: EmpiricalRoot().fit(X, Y, NUMBERS), EstimationError, "no parents"),
    "Gaussian with parents": (lambda: GaussianRoot().fit(X, Y, NUMBERS), EstimationError, "no parents"),
    "one fold": (lambda: Boosting(n_folds=1).fit(X, Y, NUMBERS), DataError, "`n_folds` is 1"),
    "no trees": (lambda: Boosting(n_trees=0).fit(X, Y, NUMBERS), DataError, "`n_trees` is 0"),
    "no epochs": (lambda: Neural(n_epochs=0).fit(X, BLOCK, NUMBERS), DataError, "`n_epochs` is 0"),
    "network few": (lambda: Neural().fit(X[:20], BLOCK[:20], NUMBERS), EstimationError, "50 rows"),
    "network of a category": (lambda: Neural().fit(X, BIT, TWO), EstimationError, "amounts"),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refusals(ask, error, words):
    with pytest.raises(error, match=words):
        ask()


def test_support_sees_corners_and_combinations():
    rng = np.random.default_rng(0)
    a = rng.normal(size=500)
    parents = np.column_stack([a, a + rng.normal(size=500) / 10, a > 0])
    support = support_of(parents, Coding("y", 0, ("a", "b", "c"), (0, 0, 2), (False, False, False)))
    assert not support.outside(parents).any()
    asked = np.array([[0.5, 0.5, 1], [1.5, 0.2, 1], [0.5, 0.5, 0], [9, 9, 1]])
    np.testing.assert_array_equal(support.outside(asked), [False, True, True, True])

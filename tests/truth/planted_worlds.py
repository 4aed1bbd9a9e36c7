"""Rows of which the effect is known, and what it is, for the tables of coverage."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from causalrec.data.design import Design
from tests.estimation.planted import expit, planted

SLOPE = 0.7
"""By how much the effect in `personal` grows with the first covariate."""


def plain(seed: int) -> Design:
    return planted(seed)


def clustered(seed: int) -> Design:
    return planted(seed, n=600, n_per_cluster=6)


def curved(seed: int) -> Design:
    return planted(seed, n=1_000, curve_outcome=True, curve_propensity=True)


def jagged(seed: int, n: int = 2_000) -> Design:
    """Outcome and propensity share an interaction that changes its sign, and a kink."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    shape = np.tanh(2 * X[:, 0] * X[:, 1]) + np.abs(X[:, 2]) - np.sqrt(2 / np.pi)
    t = (rng.random(n) < expit(0.8 * shape)).astype(float)
    return Design(t + shape + rng.normal(size=n), t[:, None], X, (), {}, ("shown",), ("age", "price", "taste"))


def personal(seed: int) -> Design:
    """The effect grows with a covariate that is more likely among the treated."""
    return planted(seed, n=800, slope=SLOPE)


def binary(seed: int) -> Design:
    return planted(seed, n=800, binary=True)


@lru_cache
def risk_difference() -> float:
    """Effect on a binary outcome, averaged over the three normal covariates of `planted`."""
    level = np.random.default_rng(0).normal(size=4_000_000) * np.sqrt(1.5)
    return float((expit(0.8 * level + 0.5) - expit(0.8 * level - 0.5)).mean())


@lru_cache
def effect_on_treated() -> float:
    """Effect on the treated of `personal`."""
    x = np.random.default_rng(0).normal(size=(4_000_000, 2))
    e = expit(0.6 * x[:, 0] - 0.4 * x[:, 1])
    return float(1 + SLOPE * (e * x[:, 0]).mean() / e.mean())


@lru_cache
def effect_at_overlap() -> float:
    """Effect where both arms are likely, of `personal`."""
    x = np.random.default_rng(0).normal(size=(4_000_000, 2))
    e = expit(0.6 * x[:, 0] - 0.4 * x[:, 1])
    return float(1 + SLOPE * (e * (1 - e) * x[:, 0]).mean() / (e * (1 - e)).mean())


def amounts(seed: int, n: int = 500) -> Design:
    """A treatment in amounts, errors that grow with it, and ten covariates."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 10))
    t = X[:, :3].sum(axis=1) + rng.normal(size=n)
    y = t + X[:, :5].sum(axis=1) + rng.normal(size=n) * (1 + t**2 / 4) ** 0.5
    return Design(y, t[:, None], X, (), {})


def few_columns(seed: int) -> Design:
    """The same with half of the covariates, those that matter."""
    rows = amounts(seed)
    return Design(rows.outcome, rows.treatments, rows.covariates[:, :5], (), {})


def weighted(seed: int) -> Design:
    """The same with weights that know nothing of the rest."""
    return replace(amounts(seed), weight=np.random.default_rng(seed).gamma(2.0, size=500))


def two_ways(seed: int, n: int = 3_000) -> Design:
    """Users and items, both with effects that the treatment follows, and shocks that their rows share."""
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 60, n), rng.integers(0, 50, n)
    a, b = rng.normal(size=60)[user], rng.normal(size=50)[item]
    t = a + b + rng.normal(size=n)
    y = t + 2 * a - b + rng.normal(size=n)
    return Design(y, t[:, None], rng.normal(size=(n, 1)), (user, item), {"user": user, "item": item})


def instrument(seed: int, n: int = 600, n_instruments: int = 1) -> Design:
    """Instruments of good strength; treatment and outcome share a hidden cause."""
    rng = np.random.default_rng(seed)
    x, hidden, Z = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, n_instruments))
    t = Z.sum(axis=1) / n_instruments**0.5 * 0.6 + 0.5 * x + hidden + rng.normal(size=n)
    y = t + x + 2 * hidden + rng.normal(size=n)
    return Design(y, t[:, None], x[:, None], (), {}, instruments=Z)

"""Small rows of each kind that estimators are made for; the effect in all of them is 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data.design import Design
from causalrec.identification import Estimand
from tests.estimation.planted import expit

N = 360
ADJUSTED = Estimand(("shown",), "clicked", "adjustment", adjustment=("age", "price", "taste"))
MOVED = replace(ADJUSTED, strategy="instrument", instruments=("lottery",))
THROUGH = Estimand(("shown",), "clicked", "frontdoor", mediators=("seen",))
NAMES = {"treatment_names": ("shown",), "covariate_names": ("age", "price", "taste")}


def two_arms(seed: int = 0, n: int = N) -> Design:
    """A binary treatment that three covariates explain."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    t = (rng.random(n) < expit(0.6 * X[:, 0] - 0.4 * X[:, 1])).astype(float)
    y = X @ np.array([1.0, 0.5, -0.5]) + t + rng.normal(size=n)
    return Design(y, t[:, None], X, (), {}, **NAMES)


def amounts(seed: int = 0, n: int = N) -> Design:
    """A treatment in amounts, and errors that grow with it."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    t = X[:, 0] + rng.normal(size=n)
    y = t + X @ np.array([1.0, 0.5, -0.5]) + rng.normal(size=n) * (1 + t**2 / 4) ** 0.5
    return Design(y, t[:, None], X, (), {}, **NAMES)


def moved(seed: int = 0, n: int = N) -> Design:
    """Two instruments; treatment and outcome share a hidden cause."""
    rng = np.random.default_rng(seed)
    X, Z, hidden = rng.normal(size=(n, 3)), rng.normal(size=(n, 2)), rng.normal(size=n)
    t = Z.sum(axis=1) + X[:, 0] + hidden + rng.normal(size=n)
    y = t + X[:, 1] + 2 * hidden + rng.normal(size=n)
    return Design(y, t[:, None], X, (), {}, **NAMES, instruments=Z, instrument_names=("lottery", "draw"))


def grouped(seed: int = 0, n: int = N) -> Design:
    """Effects of 20 users and 12 items, which the treatment follows."""
    rng = np.random.default_rng(seed)
    user, item, X = rng.integers(0, 20, n), rng.integers(0, 12, n), rng.normal(size=(n, 3))
    of_user, of_item = rng.normal(size=20)[user], rng.normal(size=12)[item]
    t = of_user + of_item + X[:, 0] + rng.normal(size=n)
    y = t + 2 * of_user - of_item + X[:, 1] + rng.normal(size=n)
    return Design(y, t[:, None], X, (user, item), {}, **NAMES)


def through(seed: int = 0, n: int = N) -> Design:
    """A mediator carries the effect; treatment and outcome share a hidden cause."""
    rng = np.random.default_rng(seed)
    X, hidden = rng.normal(size=(n, 3)), rng.normal(size=n)
    t = (hidden + 0.5 * X[:, 0] + rng.normal(size=n) > 0).astype(float)
    m = 0.8 * t + 0.5 * X[:, 0] + rng.normal(size=n)
    y = 1.25 * m + hidden + 0.7 * X[:, 0] + rng.normal(size=n)
    return Design(y, t[:, None], X, (), {}, **NAMES, mediators=m[:, None], mediator_names=("seen",))


def cells(seed: int = 0, n: int = N) -> Design:
    """Few values of everything but the outcome's noise."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 2, (n, 3)).astype(float)
    t = (rng.random(n) < 0.3 + 0.2 * X[:, 0] + 0.2 * X[:, 1]).astype(float)
    y = t + X @ np.array([1.0, 0.5, -0.5]) + rng.integers(-1, 2, n)
    return Design(y, t[:, None], X, (), {}, **NAMES)

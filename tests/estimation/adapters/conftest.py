"""Worlds whose average effect is known, for tests of the adapters."""

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.identification import Estimand

ESTIMAND = Estimand(("shown",), "bought", "adjustment", adjustment=("a", "b", "c"))
NAMES = (("shown",), ("a", "b", "c"))


def _planted(seed, n=800, *, clusters=None, amount=False, outcome="number"):
    """A confounded treatment of mean effect 1, or of 0.4 on a log odds or a log rate; with clusters all is shared."""
    rng = np.random.default_rng(seed)
    n_groups = clusters or n
    group = np.repeat(np.arange(n_groups), n // n_groups)
    X = rng.normal(size=(n_groups, 3))[group]
    lots = rng.normal(size=n_groups) if amount else rng.random(n_groups)
    t = X[:, 0] + lots[group] if amount else (lots[group] < 1 / (1 + np.exp(-0.7 * X[:, 0]))).astype(float)
    shared = rng.normal(size=n_groups)[group] if clusters else 0.0
    if outcome == "number":
        y = 2 * X[:, 0] + X[:, 2] + t * (1 + 0.5 * X[:, 1]) + rng.normal(size=n) + shared
    elif outcome == "chance":
        y = (rng.random(n) < 1 / (1 + np.exp(-(0.4 * t + 0.5 * X[:, 0])))).astype(float)
    else:
        y = rng.poisson(np.exp(0.4 * t + 0.3 * X[:, 0])).astype(float)
    return Design(y, t[:, None], X, (), {"user": group} if clusters else {}, *NAMES), X


def _covers_at_95(hits):
    """Whether the exact 99.9% interval of the share holds .95."""
    from scipy.stats import beta

    n, k = len(hits), int(np.sum(hits))
    low = beta.ppf(0.0005, k, n - k + 1)
    return low <= 0.95 <= (beta.ppf(0.9995, k + 1, n - k) if k < n else 1.0)


@pytest.fixture(scope="session")
def planted():
    return _planted


@pytest.fixture(scope="session")
def covers_at_95():
    return _covers_at_95


@pytest.fixture(scope="session")
def estimand():
    return ESTIMAND

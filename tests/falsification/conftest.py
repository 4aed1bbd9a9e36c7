"""Rejection rates by simulation."""

import numpy as np
import pytest
from scipy.stats import binom


class Rates:
    """p-values of a test on seeded samples."""

    def p_values(self, sample, test, n_runs):
        return np.array([test(*sample(np.random.default_rng(seed))).p_value for seed in range(n_runs)])

    def assert_level(self, sample, test, *, n_runs=400, alpha=0.05):
        n_rejected = int((self.p_values(sample, test, n_runs) <= alpha).sum())
        low, high = binom.interval(0.999, n_runs, alpha)
        assert low <= n_rejected <= high, f"{n_rejected} of {n_runs} rejected, expected {low:.0f} to {high:.0f}"

    def power(self, sample, test, *, n_runs=200, alpha=0.05):
        return float((self.p_values(sample, test, n_runs) <= alpha).mean())


@pytest.fixture(scope="session")
def rates():
    return Rates()

"""A flat table and an estimand for the tests of designs."""

import numpy as np

from causalrec.identification import Estimand


def frame(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "shown": rng.integers(0, 2, n), "clicked": rng.normal(size=n), "age": rng.normal(40, 10, n),
        "device": rng.choice(["web", "app", "tv"], n), "user": rng.integers(0, 30, n), "lot": rng.uniform(size=n),
        "via": rng.normal(size=n), "share": rng.uniform(0.5, 2, n),
        "quarter": rng.choice(["q1", "q2", "q3", "q4"], n),
    }  # fmt: skip


def effect(*within, **more):
    return Estimand(("shown",), "clicked", "adjustment", adjustment=within, **more)

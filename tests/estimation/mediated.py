"""Rows whose effect goes through a mediator alone, with a hidden cause of treatment and outcome."""

import numpy as np

from causalrec.data.design import Design
from causalrec.identification import Estimand
from tests.estimation.planted import expit

THROUGH = Estimand(("shown",), "clicked", "frontdoor", mediators=("seen",))
PATH, NEXT, BENT = 0.8, 1.5, 0.7


def mediated(seed, n=500, *, bent=False, continuous=False, covariate=False, per_cluster=1, weight=None):
    """Design in which the effect is PATH * NEXT.

    With `bent` the mediator acts by half as much more in the treated arm, which the front-door formula
    averages over both arms: half of them are treated, so that BENT / 2 adds to NEXT.
    """
    rng = np.random.default_rng(seed)
    code = np.arange(n) // per_cluster
    hidden = rng.normal(size=code.max() + 1)[code]
    x = rng.normal(size=code.max() + 1)[code] if covariate else np.zeros(n)
    t = hidden + 0.5 * x + rng.normal(size=n)
    if not continuous:
        t = (t > 0).astype(float)
    m = PATH * t + 0.5 * x + rng.normal(size=n)
    y = (NEXT + (BENT * t if bent else 0)) * m + hidden + 0.7 * x + rng.normal(size=n)
    clusters = {"user": code} if per_cluster > 1 else {}
    X = x[:, None] if covariate else np.empty((n, 0))
    return Design(y, t[:, None], X, (), clusters, ("shown",), ("age",) if covariate else (), weight,
                  mediators=m[:, None], mediator_names=("seen",))  # fmt: skip


def binary_mediated(seed, n=600):
    """Everything binary; the truth is by the front-door formula."""
    rng = np.random.default_rng(seed)
    hidden = rng.random(n) < 0.5
    t = rng.random(n) < np.where(hidden, 0.7, 0.3)
    m = rng.random(n) < np.where(t, 0.8, 0.3)
    y = rng.random(n) < expit(-1 + 1.2 * m + 1.5 * hidden)
    truth = 0.5 * np.mean([expit(0.2 + h) - expit(-1 + h) for h in (0, 1.5)])
    rows = Design(y.astype(float), t[:, None].astype(float), np.empty((n, 0)), (), {}, ("shown",), (),
                  mediators=m[:, None].astype(float), mediator_names=("seen",))  # fmt: skip
    return rows, truth

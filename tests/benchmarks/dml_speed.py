"""Partially linear double machine learning, ridge nuisances, a million rows x 20 columns, against EconML.

Each library in a process of its own, one thread, arrays made beforehand, one warm call on a small table,
the best of three runs; the same penalty and the same number of folds, each library's own folds.
"""

from __future__ import annotations

import sys

import numpy as np

from tests.benchmarks.peers import report, run, table

TITLE = "Partially linear double machine learning, ridge, five folds, one thread"
SIZES = {"1,000,000 x 20": (1_000_000, 20), "1,000,000 x 384": (1_000_000, 384)}
PENALTY, N_FOLDS = 1.0, 5


def rows() -> list[dict[str, object]]:
    """Seconds, memory, and how far the numbers are from ours."""
    found = []
    for size in SIZES:
        one = table({name: run("tests.benchmarks.dml_speed", f"{name}|{size}") for name in LIBRARIES})
        found += [{"method": row.pop("method"), "table": size, **row} for row in one]
    return found


def sample(n: int, p: int):
    """Outcome, treatment, covariates."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p))
    t = X[:, 0] * 0.5 + rng.normal(size=n)
    return t + X @ rng.normal(size=p) + rng.normal(size=n), t, X


def by_causalrec(y, t, X):
    """Moments by fold, then residuals."""
    from causalrec.data import Design
    from causalrec.estimation.linear.dml import PartiallyLinearDML

    def fit():
        design = Design(y, t[:, None], X, (), {})
        found = PartiallyLinearDML(N_FOLDS, l2=PENALTY, scale=False).fit(design)
        return float(found.value_[0]), float(found.stderr_[0])

    return fit


def by_econml(y, t, X):
    """LinearDML with a constant effect."""
    from econml.dml import LinearDML
    from sklearn.linear_model import Ridge

    def fit():
        model = LinearDML(model_y=Ridge(PENALTY), model_t=Ridge(PENALTY), cv=N_FOLDS, random_state=0)
        model.fit(y, t, W=X)
        return float(model.intercept_), float(model.intercept__inference().stderr)

    return fit


LIBRARIES = {"causalrec": by_causalrec, "EconML": by_econml}

if __name__ == "__main__":
    library, size = sys.argv[1].split("|")
    prepare = LIBRARIES[library]
    report(prepare(*sample(*SIZES[size])), warm=prepare(*sample(2000, 4)))

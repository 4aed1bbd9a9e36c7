"""Least squares with HC1 errors on 100,000 rows x 384 columns, against statsmodels and pyfixest.

Each library in a process of its own, one thread, arrays (for pyfixest a frame) made beforehand, one warm
call on a small table, the best of three runs.
"""

from __future__ import annotations

import sys

import numpy as np

from tests.benchmarks.peers import report, run, table

TITLE = "Least squares, HC1 errors, 100,000 x 384, one thread"
N, P = 100_000, 384


def rows() -> list[dict[str, object]]:
    """Seconds, memory, and how far the numbers are from ours."""
    return table({name: run("tests.benchmarks.linear_speed", name) for name in LIBRARIES})


def sample(n: int = N, p: int = P):
    """Outcome, treatment, covariates; the noise grows with the treatment."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p))
    t = X[:, 0] * 0.5 + rng.normal(size=n)
    return t + X @ rng.normal(size=p) + rng.normal(size=n) * (1 + t**2) ** 0.5, t, X


def by_causalrec(y, t, X):
    """Moments, then a second pass for the error."""
    from causalrec.data import Design
    from causalrec.estimation.linear.ols import OLS

    design = Design(y, t[:, None], X, (), {})

    def fit():
        found = OLS().fit(design)
        return float(found.value_[0]), float(found.stderr_[0])

    return fit


def by_statsmodels(y, t, X):
    """OLS as it comes."""
    import statsmodels.api as sm

    columns = np.column_stack([np.ones(len(y)), t, X])

    def fit():
        found = sm.OLS(y, columns).fit(cov_type="HC1")
        return float(found.params[1]), float(found.bse[1])

    return fit


def by_pyfixest(y, t, X):
    """A formula of all columns; lean, without copies of the data."""
    import pandas as pd
    import pyfixest as pf

    names = [f"x{k}" for k in range(X.shape[1])]
    frame = pd.DataFrame(np.column_stack([y, t, X]), columns=["y", "t", *names])

    def fit():
        found = pf.feols(
            f"y ~ t + {' + '.join(names)}", frame, vcov="HC1", copy_data=False, store_data=False, lean=True
        )
        return float(found.coef()["t"]), float(found.se()["t"])

    return fit


LIBRARIES = {"causalrec": by_causalrec, "pyfixest": by_pyfixest, "statsmodels": by_statsmodels}

if __name__ == "__main__":
    prepare = LIBRARIES[sys.argv[1]]
    report(prepare(*sample()), warm=prepare(*sample(2000, 4)))

"""The display's effect on all 84.6 million units, against EconML and DoubleML on what they can hold.

Each run is a process of its own, so that its peak memory is its own; all take the same threads, one
after the other. The peers know no absorbed effects: they get item and week as indicator columns, on a
random sample of units that doubles until one more would pass the memory or the time limit.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

import numpy as np

TITLE = "The display's effect, all units"
N_THREADS = 2
MEMORY_GB = 12.0
SECONDS = 240
SIZES = (25_000, 50_000, 100_000, 200_000, 400_000, 800_000)


def rows() -> list[dict[str, object]]:
    """One row a method: units held, seconds, peak memory, estimate."""
    found = [_child("ours", 0)]
    for peer in ("econml", "doubleml"):
        best = None
        for size in SIZES:
            row = _child(peer, size)
            if row is None:
                break
            best = row
            if row["peak GB"] * 2 > MEMORY_GB or row["seconds"] * 2.2 > SECONDS:
                break
        if best:
            found.append(best)
    return found


def _child(method: str, size: int) -> dict[str, object] | None:
    env = os.environ | {name: str(N_THREADS) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.effect_of_display", method, str(size)]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def _ours(size: int) -> dict[str, object]:
    import causalrec as cr

    start = time.perf_counter()
    data = cr.datasets.complete_journey(n_threads=N_THREADS)
    estimand = cr.identify(cr.load_graph("promotion"), treatment="display", outcome="purchased")
    effect = cr.estimate(estimand, data)
    seconds = time.perf_counter() - start
    return _row("causalrec, reading and joining included", effect.n, seconds, effect.value, effect.stderr)


def _sample(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Purchase, display, and [mailer, item, week] of a random sample of units."""
    import causalrec as cr
    from causalrec.data import grid

    units = grid(cr.datasets.complete_journey(n_threads=N_THREADS))
    rng = np.random.default_rng(0)
    visit, item = rng.integers(len(units.visit_user), size=size), rng.integers(units.n_items, size=size)
    context, user = units.visit_context[visit], units.visit_user[visit]

    def key(user, context, item):
        return (user * units.n_contexts + context) * units.n_items + item

    bought = np.isin(key(user, context, item), key(units.bought_user, units.bought_context, units.bought_item))
    covariates = np.zeros((size, 1 + units.n_items + int(units.levels["week"].max()) + 1))
    covariates[:, 0] = units.treatment("mailer")[context, item]
    covariates[np.arange(size), 1 + item] = 1
    covariates[np.arange(size), 1 + units.n_items + units.levels["week"][context]] = 1
    return bought.astype(float), units.treatment("display")[context, item], covariates


def _econml(size: int) -> dict[str, object]:
    from econml.dml import LinearDML
    from sklearn.linear_model import Ridge

    outcome, treatment, covariates = _sample(size)
    start = time.perf_counter()
    model = LinearDML(model_y=Ridge(1.0), model_t=Ridge(1.0), cv=2, random_state=0)
    model.fit(outcome, treatment, X=None, W=covariates)
    seconds = time.perf_counter() - start
    found = model.intercept__inference()
    return _row("EconML LinearDML, ridge", size, seconds, float(found.point_estimate), float(found.stderr))


def _doubleml(size: int) -> dict[str, object]:
    import doubleml as dml
    from sklearn.linear_model import Ridge

    outcome, treatment, covariates = _sample(size)
    start = time.perf_counter()
    data = dml.DoubleMLData.from_arrays(covariates, outcome, treatment)
    np.random.seed(0)  # noqa: NPY002 (DoubleML draws its folds from the global generator)
    model = dml.DoubleMLPLR(data, ml_l=Ridge(1.0), ml_m=Ridge(1.0), n_folds=2).fit()
    seconds = time.perf_counter() - start
    return _row("DoubleML PLR, ridge", size, seconds, float(model.coef[0]), float(model.se[0]))


def _row(name: str, n: int, seconds: float, value: float, stderr: float) -> dict[str, object]:
    return {
        "method": name, "units": n, "seconds": seconds, "peak GB": _peak(), "display, per thousand": 1e3 * value,
        "standard error": 1e3 * stderr,
    }  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    method = {"ours": _ours, "econml": _econml, "doubleml": _doubleml}[sys.argv[1]]
    print(json.dumps(method(int(sys.argv[2]))))

"""The whole battery on the display's effect, against estimating that effect once.

Both in one process that has estimated once before, so that nothing is imported or read in either; one thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median

TITLE = "Refuting the display's effect, against estimating it"
N_REPEATS = 5


def rows() -> list[dict[str, object]]:
    """One row a stage: seconds, and how many estimates that is."""
    env = os.environ | {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.refute_speed"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    estimates, batteries = (list(map(float, line.split())) for line in done.stdout.splitlines()[-2:])
    ratio = median(b / e for e, b in zip(estimates, batteries, strict=True))
    return [
        {"stage": "estimate", "seconds": f"{median(estimates):.2f}", "estimates": "1"},
        {"stage": "refute (20 placebos, leads, hidden confounder)", "seconds": f"{median(batteries):.2f}",
         "estimates": f"{ratio:.1f}"},
    ]  # fmt: skip


def _measure() -> None:
    import causalrec as cr

    data = cr.datasets.complete_journey(n_threads=1)
    estimand = cr.identify(cr.load_graph("promotion"), treatment="display", outcome="purchased")
    effect = cr.estimate(estimand, data, n_threads=1)
    estimates, batteries = [], []
    for _ in range(N_REPEATS):
        begun = time.perf_counter()
        effect = cr.estimate(estimand, data, n_threads=1)
        between = time.perf_counter()
        cr.refute(effect, data)
        estimates.append(between - begun)
        batteries.append(time.perf_counter() - between)
    print(*estimates)
    print(*batteries)


if __name__ == "__main__":
    _measure()

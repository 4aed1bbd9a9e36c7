"""The whole battery on the display's effect, against estimating that effect once.

Both in one process that has estimated once before, so that nothing is imported or read in either; on one thread, and
on two.
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
    """One row a number of threads: seconds of both, and how many estimates the battery is."""
    return [_row(n_threads) for n_threads in (1, 2)]


def _row(n_threads: int) -> dict[str, object]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    env = os.environ | {name: str(n_threads) for name in names}
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.refute_speed", str(n_threads)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    estimates, batteries = (list(map(float, line.split())) for line in done.stdout.splitlines()[-2:])
    ratio = median(b / e for e, b in zip(estimates, batteries, strict=True))
    return {
        "threads": n_threads, "estimate, seconds": f"{median(estimates):.2f}",
        "refute, seconds": f"{median(batteries):.2f}", "ratio": f"{ratio:.1f}",
    }  # fmt: skip


def _measure(n_threads: int) -> None:
    import causalrec as cr

    data = cr.datasets.complete_journey(n_threads=n_threads)
    estimand = cr.identify(cr.load_graph("promotion"), treatment="display", outcome="purchased")
    effect = cr.estimate(estimand, data, n_threads=n_threads)
    estimates, batteries = [], []
    for _ in range(N_REPEATS):
        begun = time.perf_counter()
        effect = cr.estimate(estimand, data, n_threads=n_threads)
        between = time.perf_counter()
        cr.refute(effect, data, n_jobs=n_threads)
        estimates.append(between - begun)
        batteries.append(time.perf_counter() - between)
    print(*estimates)
    print(*batteries)


if __name__ == "__main__":
    _measure(int(sys.argv[1]))

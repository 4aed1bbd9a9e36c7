"""One library in a process of its own: seconds, memory above the data, and the numbers it gave."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}


def run(module: str, name: str, *, limit: float = 900.0) -> dict[str, object]:
    """Run `python -m module name` on one thread and read what `report` printed."""
    command = [sys.executable, "-W", "ignore", "-m", module, name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, check=False, env={**os.environ, **ONE_THREAD}
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"> {limit:.0f} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["killed"])[-1][:80]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def report(
    fit: Callable[[], tuple[float, float]], *, n_runs: int = 3, warm: Callable[[], object] | None = None
) -> None:
    """Print the best seconds of some runs, memory above what was there before, value and standard error."""
    if warm:
        warm()
    before, seconds = peak(), []
    for _ in range(n_runs):
        start = time.perf_counter()
        value, stderr = fit()
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 60:
            break
    print(json.dumps({"seconds": min(seconds), "mb": peak() - before, "value": value, "stderr": stderr}))


def peak() -> float:
    """Most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(found: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """One row a library; ratios and differences against the first one."""
    ours, rows = next(iter(found.values())), []
    for name, one in found.items():
        if "failed" in one:
            rows.append({"method": name, "seconds": one["failed"]})
            continue
        rows.append({
            "method": name, "seconds": one["seconds"], "ratio": one["seconds"] / ours["seconds"],
            "MB above the data": round(one["mb"]), "value apart": abs(one["value"] / ours["value"] - 1),
            "standard error apart": abs(one["stderr"] / ours["stderr"] - 1),
        })  # fmt: skip
    return rows

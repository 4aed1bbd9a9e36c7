"""Double machine learning of 10 and of 100 million rows x 20 covariates, from a Parquet file that is larger
than the memory it may take: the time a row must not grow with the file.

Each size in a process of its own, one thread. The file holds single precision: 840 MB and 8.4 GB.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.peers import report, run

TITLE = "Double machine learning from Parquet, 20 covariates, 2 GB, one thread"
SIZES = (10_000_000, 100_000_000)
N_COVARIATES, N_GROUP = 20, 1_000_000
COVARIATES = [f"x{k}" for k in range(N_COVARIATES)]


def rows() -> list[dict[str, object]]:
    """Seconds a million rows at each size, their ratio, and the peak memory of the process."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        for n in SIZES:
            write(path, n)
            one = run("tests.benchmarks.stream_speed", str(path), limit=3600.0)
            if "failed" in one:
                found.append({"rows": n, "seconds": one["failed"]})
                continue
            each = one["seconds"] / n * 1e6
            first = found[0]["seconds a million rows"] if found else each
            found.append({
                "rows": n, "GB of the file": path.stat().st_size / 1e9, "seconds": one["seconds"],
                "seconds a million rows": each, "ratio": each / first, "MB above the imports": round(one["mb"]),
                "value": one["value"], "standard error": one["stderr"],
            })  # fmt: skip
    return found


def write(path: Path, n: int) -> None:
    """A planted effect of 1, in row groups of a million rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, writer = np.random.default_rng(0), None
    for _ in range(n // N_GROUP):
        X = rng.standard_normal((N_GROUP, N_COVARIATES), dtype=np.float32)
        t = X[:, 0] * np.float32(0.5) + rng.standard_normal(N_GROUP, dtype=np.float32)
        y = t + X.sum(axis=1) + rng.standard_normal(N_GROUP, dtype=np.float32)
        part = pa.table({"t": t, "y": y, **dict(zip(COVARIATES, X.T, strict=True))})
        writer = writer or pq.ParquetWriter(path, part.schema, compression="none", use_dictionary=False)
        writer.write_table(part)
    writer.close()


def by_causalrec(path: str):
    """From the file to the effect; the estimator is the one that is chosen for streams."""
    import causalrec as cr

    graph = cr.CausalGraph([("t", "y"), *((x, node) for x in COVARIATES for node in "ty")])
    estimand = cr.identify(graph, "t", "y")

    def fit():
        with tempfile.TemporaryDirectory() as folder:
            data = cr.Dataset.from_parquet(path, memory_limit="800MB", temp_directory=folder)
            found = cr.estimate(estimand, data)
        return found.value, found.stderr

    return fit


if __name__ == "__main__":
    report(by_causalrec(sys.argv[1]), n_runs=1)

"""Two-way absorbed effects on ten million rows in Parquet, 100,000 users and 5,000 items, against pyfixest.

Each library in a process of its own, one thread, reading included; ours may take 500 MB before it streams.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.peers import report, run, table

TITLE = "Two-way absorbed effects, 10 million rows, clustered by user, one thread"
N, N_USERS, N_ITEMS = 10_000_000, 100_000, 5_000


def rows() -> list[dict[str, object]]:
    """Seconds, memory, and how far the numbers are from ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write(path, N)
        found = {name: run("tests.benchmarks.two_way_effects", f"{name}|{path}") for name in LIBRARIES}
    return table(found)


def write(path: Path, n: int) -> None:
    """Rows with effects of users and items that confound."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    user, item = rng.integers(0, N_USERS, n, dtype=np.int32), rng.integers(0, N_ITEMS, n, dtype=np.int32)
    popularity, taste = rng.normal(size=N_ITEMS), rng.normal(size=N_USERS)
    shown = popularity[item] + rng.normal(size=n)
    bought = shown + popularity[item] + taste[user] + rng.normal(size=n)
    pq.write_table(pa.table({"user": user, "item": item, "shown": shown, "bought": bought}), path)


def by_causalrec(path: str):
    """From the file to the effect, effects of users and items absorbed."""
    import causalrec as cr
    from causalrec.data import absorbed

    graph = cr.CausalGraph([("user", "shown"), ("item", "shown"), ("user", "bought"), ("item", "bought"),
                            ("shown", "bought")])  # fmt: skip
    estimand = cr.identify(graph, "shown", "bought")
    columns = {"user": absorbed("user"), "item": absorbed("item")}

    def fit():
        data = cr.Dataset.from_parquet(path, columns=columns, memory_limit="500MB")
        found = cr.estimate(estimand, data, clusters=["user"])
        return found.value, found.stderr

    return fit


def by_pyfixest(path: str):
    """The file as a frame, then the formula."""
    import pandas as pd
    import pyfixest as pf

    def fit():
        frame = pd.read_parquet(path)
        found = pf.feols(
            "bought ~ shown | user + item", frame, vcov={"CRV1": "user"}, copy_data=False, store_data=False
        )
        return float(found.coef()["shown"]), float(found.se()["shown"])

    return fit


LIBRARIES = {"causalrec": by_causalrec, "pyfixest": by_pyfixest}

if __name__ == "__main__":
    library, path = sys.argv[1].split("|")
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.parquet"
        write(small, 20_000)
        warm = LIBRARIES[library](str(small))
        report(LIBRARIES[library](path), n_runs=1, warm=warm)

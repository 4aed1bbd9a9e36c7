"""What 384 columns of 50,000 items' texts cost an effect of ten million interactions: with and without them.

Each in a process of its own, one thread, from Parquet files; the columns stand in the table of the items
as an encoder leaves them, one row an item, and are never expanded.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.peers import report, run

TITLE = "Text behind ten million interactions, one thread"
N, N_ITEMS, N_DIMENSIONS = 10_000_000, 50_000, 384
ROWWISE = [f"x{k}" for k in range(5)]
TEXT = [f"text_{k}" for k in range(N_DIMENSIONS)]


def rows() -> list[dict[str, object]]:
    """Seconds and memory with and without the text, and the effect that each finds; the truth is 1."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        for name in ("without", "with"):
            one = run("tests.benchmarks.text_block_speed", f"{name}|{folder}")
            first = found[0]["seconds"] if found else one["seconds"]
            found.append({
                "method": f"{name} text", "seconds": one["seconds"], "ratio": one["seconds"] / first,
                "MB above the imports": round(one["mb"]), "value": one["value"], "standard error": one["stderr"],
            })  # fmt: skip
    return found


def write(folder: Path) -> None:
    """Interactions whose treatment and outcome follow what the item's text says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    text = rng.standard_normal((N_ITEMS, N_DIMENSIONS), dtype=np.float32) / np.float32(N_DIMENSIONS**0.5)
    says = text @ rng.standard_normal(N_DIMENSIONS, dtype=np.float32)
    item = rng.integers(0, N_ITEMS, N)
    X = rng.standard_normal((N, len(ROWWISE)), dtype=np.float32)
    t = X[:, 0] + says[item] + rng.standard_normal(N, dtype=np.float32)
    y = t + X.sum(axis=1) + 2 * says[item] + rng.standard_normal(N, dtype=np.float32)
    columns = {"item": item, "t": t, "y": y, **dict(zip(ROWWISE, X.T, strict=True))}
    pq.write_table(pa.table(columns), folder / "interactions.parquet")
    pq.write_table(
        pa.table({"item": np.arange(N_ITEMS), **dict(zip(TEXT, text.T, strict=True))}), folder / "items.parquet"
    )


def by_causalrec(name: str, folder: str):
    """From the files to the effect; the same estimator in both."""
    import causalrec as cr
    from causalrec.estimation import PartiallyLinearDML

    covariates = ROWWISE + (TEXT if name == "with" else [])
    graph = cr.CausalGraph([("t", "y"), *((x, node) for x in covariates for node in "ty")])
    estimand = cr.identify(graph, "t", "y")

    def fit():
        data = cr.Dataset.from_parquet(f"{folder}/interactions.parquet", items=f"{folder}/items.parquet")
        found = cr.estimate(estimand, data, estimator=PartiallyLinearDML())
        return found.value, found.stderr

    return fit


if __name__ == "__main__":
    report(by_causalrec(*sys.argv[1].split("|")), n_runs=1)

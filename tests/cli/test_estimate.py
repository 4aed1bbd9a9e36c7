"""`causalrec estimate` on files, and what it says of files that are none."""

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def run(*words, cwd):
    command = [sys.executable, "-c", "from causalrec.cli import main; main()", "estimate", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("estimate")
    rng = np.random.default_rng(0)
    n = 2_000
    season = rng.normal(size=n)
    display = (rng.random(n) < 1 / (1 + np.exp(-season))).astype(int)
    bought = 0.5 * display + season + rng.normal(size=n)
    store = [f"s{number}" for number in rng.integers(0, 60, n)]
    table = pa.table({"season": season, "display": display, "bought": bought, "store": store})
    pq.write_table(table, path / "units.parquet")
    (path / "units.csv").write_bytes(csv_of(table))
    (path / "shop.dag").write_text("dag { season -> {display bought}; display -> bought }")
    return path


def csv_of(table):
    import pyarrow.csv as pc

    sink = pa.BufferOutputStream()
    pc.write_csv(table, sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("name", ["units.parquet", "units.csv"])
def test_an_effect_from_files(folder, name):
    words = ("shop.dag", name, "--treatment", "display", "--outcome", "bought", "--cluster", "store", "--json")
    done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    effect = json.loads(done.stdout)
    assert abs(effect["value"] - 0.5) < 4 * effect["stderr"]
    assert effect["n_clusters"] == {"store": 60}
    assert effect["estimand"]["adjustment"] == ["season"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("shop.dag", "none.parquet"), "none.parquet"),
        (("shop.dag", "shop.dag"), "shop.dag"),
        (("shop.dag", "units.parquet", "--cluster", "stor"), "did you mean 'store'"),
        (("shop.dag", "units.parquet", "--target", "LATE"), "'LATE'"),
    ],
)
def test_mistakes_end_with_a_message(folder, words, message):
    done = run(*words, "--treatment", "display", "--outcome", "bought", cwd=folder)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr

"""`causalrec estimate` on files, and what it says of files that are none."""

import gzip
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import runner, started

ASKED = ("--treatment", "display", "--outcome", "bought")


def run(*words, cwd):
    return started("estimate", *words, cwd=cwd)


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
    (path / "units.tsv").write_bytes(csv_of(table).replace(b",", b"\t"))
    (path / "units.csv.gz").write_bytes(gzip.compress(csv_of(table)))
    of_store = rng.integers(0, 2, 60)[[int(name[1:]) for name in store]]
    pq.write_table(table.set_column(1, "display", pa.array(of_store)), path / "shared.parquet")
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


FORMATS = {  # name: what its words must hold
    "text": "Effect of display on bought: ",
    "json": '"stderr":',
    "markdown": "| effect | estimate | standard error | 95% interval |",
    "latex": r"\toprule",
}


@pytest.fixture
def inside(folder, capsys, monkeypatch):
    return runner("estimate", folder, capsys, monkeypatch)


@pytest.mark.parametrize(("form", "words"), FORMATS.items())
def test_formats_and_the_file_that_is_written_whole(inside, form, words, tmp_path):
    asked = ("shop.dag", "units.csv", *ASKED, "--format", form, "--threads", "1")
    code, printed, _ = inside(*asked)
    assert code == 0
    assert words in printed
    assert inside(*asked, "--output", str(tmp_path / "effect")) == (0, "", "")
    assert (tmp_path / "effect").read_text() == printed
    assert os.listdir(tmp_path) == ["effect"]


@pytest.mark.parametrize("name", ["units.tsv", "units.csv.gz"])
def test_tabs_and_compressed_text_are_read(inside, name):
    code, out, err = inside("shop.dag", name, *ASKED, "--json")
    assert code == 0, err
    assert json.loads(out)["n"] == 2_000


def test_a_treatment_that_stores_share_is_noted_and_not_warned_of(inside):
    code, out, err = inside("shop.dag", "shared.parquet", *ASKED)
    assert (code, err) == (0, "")
    assert "note: 'display' varies in 0 of 60 groups of 'store'" in out


BAD = {  # name: (graph, table, further words, exit code, word of the message)
    "no file": ("shop.dag", "none.parquet", (), 1, "There is no file 'none.parquet'"),
    "no graph": ("none.dag", "units.csv", (), 1, "none.dag"),
    "graph is a table": ("units.csv", "units.csv", (), 1, "units.csv"),
    "a folder without tables": ("shop.dag", "empty", (), 1, "There is no file in empty"),
    "a folder called csv": ("shop.dag", "folder.csv", (), 1, "folder.csv"),
    "table is a graph": ("shop.dag", "shop.dag", (), 1, "cannot be read as Parquet"),
    "half a file": ("shop.dag", "half.parquet", (), 1, "cannot be read as Parquet"),
    "no text": ("shop.dag", "bytes.csv", (), 1, "bytes.csv"),
    "an empty file": ("shop.dag", "nothing.csv", (), 1, "has no column"),
    "no rows": ("shop.dag", "head.csv", (), 1, "has no rows"),
    "no rows in parquet": ("shop.dag", "head.parquet", (), 1, "has no rows"),
    "not its columns": ("shop.dag", "other.csv", (), 1, "has no column 'season'"),
    "a text outcome": ("shop.dag", "words.csv", (), 1, "must be numbers or true/false"),
    "a constant treatment": ("shop.dag", "constant.csv", (), 1, "'display' does not vary"),
    "missing values": ("shop.dag", "holes.csv", (), 1, "Missing values of 2,000 rows: 'season' 5"),
    "infinite values": ("shop.dag", "endless.parquet", (), 1, "Infinite values"),
    "no such cluster": ("shop.dag", "units.csv", ("--cluster", "stor"), 1, "did you mean 'store'"),
    "one cluster": ("shop.dag", "shops.csv", ("--cluster", "one"), 1, "it has one value"),
    "two clusters": ("shop.dag", "shops.csv", ("--cluster", "two"), 1, "2 of 'two' clusters"),
    "the treatment as cluster": ("shop.dag", "units.csv", ("--cluster", "display"), 1, "treatment or the outcome"),
    "no such weight": ("shop.dag", "units.csv", ("--weights", "w"), 1, "'w'"),
    "negative weights": ("shop.dag", "shops.csv", ("--weights", "below"), 1, "negative in 2,000 rows"),
    "weights of text": ("shop.dag", "units.csv", ("--weights", "store"), 1, "a weight must be numbers"),
    "no such target": ("shop.dag", "units.csv", ("--target", "LATE"), 1, "'LATE'"),
    "no such choice": ("shop.dag", "units.csv", ("--missing", "zero"), 1, "'zero'"),
    "no threads": ("shop.dag", "units.csv", ("--threads", "0"), 1, "n_threads is 0"),
    "threads of text": ("shop.dag", "units.csv", ("--threads", "two"), 2, "integer"),
    "no such format": ("shop.dag", "units.csv", ("--format", "pdf"), 2, "pdf"),
    "no such folder": ("shop.dag", "units.csv", ("--output", "none/effect.json"), 1, "Cannot write"),
    "a folder as output": ("shop.dag", "units.csv", ("--output", "empty"), 1, "Cannot write"),
    "itself as outcome": ("shop.dag", "units.csv", ("--outcome", "display"), 1, "display"),
    "no such node": ("shop.dag", "units.csv", ("--outcome", "boght"), 1, "did you mean 'bought'"),
    "not identified": ("hidden.dag", "units.csv", (), 3, "display"),
    "a group for each row": ("shop.dag", "shops.csv", ("--cluster", "row", "--cluster", "two"), 1, "2 of 'two'"),
}


@pytest.mark.parametrize(("graph", "table", "more", "code", "message"), BAD.values(), ids=BAD)
@pytest.mark.usefixtures("bad")
def test_bad_input_ends_with_a_message_and_its_exit_code(inside, graph, table, more, code, message):
    found, out, err = inside(graph, table, *ASKED, *more)
    assert found == code, err
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert out == ""


@pytest.fixture(scope="module")
def bad(folder):
    """Files that are wrong in one way each."""
    table = pq.read_table(folder / "units.parquet")
    n = table.num_rows
    (folder / "empty").mkdir()
    (folder / "folder.csv").mkdir()
    (folder / "half.parquet").write_bytes((folder / "units.parquet").read_bytes()[:5_000])
    (folder / "bytes.csv").write_bytes(bytes(range(256)) * 20)
    (folder / "nothing.csv").write_bytes(b"")
    (folder / "head.csv").write_text("season,display,bought,store\n")
    pq.write_table(table.slice(0, 0), folder / "head.parquet")
    (folder / "hidden.dag").write_text("dag { season [latent]; season -> {display bought}; display -> bought }")
    holes = np.where(np.arange(n) < 5, None, table["season"].to_numpy())
    endless = np.where(np.arange(n) < 5, np.inf, table["season"].to_numpy())
    pq.write_table(replaced(table, season=endless), folder / "endless.parquet")
    changed = {
        "other": table.drop_columns(["season"]),
        "words": replaced(table, bought=["good", "bad"] * (n // 2)),
        "constant": replaced(table, display=[1] * n),
        "holes": replaced(table, season=pa.array(holes.tolist(), pa.float64())),
        "shops": replaced(table, one=["a"] * n, two=["a", "b"] * (n // 2), below=[-1.0] * n, row=range(n)),
    }
    for name, part in changed.items():
        (folder / f"{name}.csv").write_bytes(csv_of(part))
    return folder


def replaced(table, **columns):
    whole = {name: table[name] for name in table.column_names}
    return pa.table(whole | {name: pa.array(values) if not isinstance(values, pa.Array) else values
                             for name, values in columns.items()})  # fmt: skip


def test_a_killed_run_leaves_no_half_written_file(folder, tmp_path):
    """Killed while the file is being written: what was there before stays whole."""
    (tmp_path / "effect.txt").write_text("before")
    code = """
import os, pathlib, signal, sys
whole = pathlib.Path.write_text
def half(self, text, **keywords):
    whole(self, text[: len(text) // 2], **keywords)
    os.kill(os.getpid(), signal.SIGKILL)
pathlib.Path.write_text = half
from causalrec.cli import main
main()
"""
    words = ("estimate", "shop.dag", "units.csv", *ASKED, "--output", str(tmp_path / "effect.txt"))
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode == -9
    assert (tmp_path / "effect.txt").read_text() == "before"

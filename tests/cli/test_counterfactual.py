"""`causalrec counterfactual` on files, and what it says of files that are none."""

import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from tests.cli.running import runner
from tests.structural.worlds import TOTAL, linear_shop

ASKED = ("--do", "display=1", "--outcome", "sales", "--refits", "10")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("counterfactual")
    table = pa.table(linear_shop(0, 300) | {"store": [f"s{k % 3}" for k in range(300)], "user": np.arange(300) // 3})
    pq.write_table(table, path / "units.parquet")
    pc.write_csv(table, path / "units.csv")
    pq.write_table(table.drop_columns(["visits"]), path / "less.parquet")
    pq.write_table(table.set_column(3, "sales", pa.array([None, *range(299)])), path / "holes.parquet")
    edges = "season -> {display sales}; display -> {visits sales}; visits -> sales"
    (path / "shop.dag").write_text(f"dag {{ {edges} }}")
    (path / "hidden.dag").write_text(f"dag {{ {edges}; u [latent]; u -> {{display sales}} }}")
    (path / "twins.dag").write_text(f"dag {{ {edges}; season <-> sales }}")
    return path


@pytest.fixture
def inside(folder, capsys, monkeypatch):
    return runner("counterfactual", folder, capsys, monkeypatch)


@pytest.mark.parametrize("name", ["units.parquet", "units.csv"])
def test_all_units(inside, name):
    code, out, err = inside("shop.dag", name, *ASKED, "--json")
    assert code == 0, err
    told, table = json.loads(out), linear_shop(0, 300)
    assert told["n"] == 300
    truth = TOTAL * (1 - table["display"])
    change = np.array([row["value"] - row["factual"] for row in told["units"]])
    assert np.abs(change - truth).max() < 0.15 * np.abs(truth).max()


def test_one_unit_and_where(inside):
    code, out, err = inside("shop.dag", "units.parquet", *ASKED, "--unit", "7", "--json")
    assert code == 0, err
    one = json.loads(out)["units"]
    assert len(one) == 1
    assert one[0]["factual"] == pytest.approx(linear_shop(0, 300)["sales"][7])
    code, out, _ = inside("shop.dag", "units.parquet", *ASKED, "--where", "store=s1", "--cluster", "user")
    assert code == 0
    assert "100 units under do(display = 1)" in out
    assert "mean change of sales over 100 units" in out


def test_the_file_is_written_whole(inside, tmp_path):
    code, printed, _ = inside("shop.dag", "units.parquet", *ASKED, "--unit", "0")
    assert code == 0
    assert inside("shop.dag", "units.parquet", *ASKED, "--unit", "0", "--output", str(tmp_path / "x")) == (0, "", "")
    assert (tmp_path / "x").read_text() == printed
    assert os.listdir(tmp_path) == ["x"]


BAD = {  # name: (graph, table, further words, exit code, word of the message)
    "no file": ("shop.dag", "none.parquet", (), 1, "There is no file 'none.parquet'"),
    "no graph": ("none.dag", "units.parquet", (), 1, "none.dag"),
    "table is a graph": ("shop.dag", "shop.dag", (), 1, "cannot be read as Parquet"),
    "latent": ("hidden.dag", "units.parquet", (), 1, "Projected away they leave display <-> sales"),
    "shared cause": ("twins.dag", "units.parquet", (), 3, "share a hidden cause"),
    "no column": ("shop.dag", "less.parquet", (), 1, "has no column 'visits'"),
    "missing values": ("shop.dag", "holes.parquet", (), 1, "'sales' 1"),
    "nothing set": ("shop.dag", "units.parquet", ("--do", "display"), 1, "write NAME=VALUE"),
    "set twice": ("shop.dag", "units.parquet", ("--do", "display=2"), 1, "twice"),
    "no such node": ("shop.dag", "units.parquet", ("--do", "shown=1"), 1, "no node 'shown'"),
    "text": ("shop.dag", "units.parquet", ("--do", "visits=many"), 1, "holds text"),
    "no such row": ("shop.dag", "units.parquet", ("--unit", "300"), 1, "counted from 0 to 299"),
    "no such column": ("shop.dag", "units.parquet", ("--where", "shop=s1"), 1, "'shop'"),
    "no such value": ("shop.dag", "units.parquet", ("--where", "store=s9"), 1, "No row of 'units' has store = s9"),
    "no such outcome": ("shop.dag", "units.parquet", ("--outcome", "sale"), 1, "did you mean 'sales'"),
    "not an effect": ("shop.dag", "units.parquet", ("--outcome", "season"), 1, "no effect of 'display'"),
    "few draws": ("shop.dag", "units.parquet", ("--draws", "2"), 1, "`n_draws` is 2"),
    "refits below 0": ("shop.dag", "units.parquet", ("--refits", "-1"), 1, "`n_refits` is -1"),
    "no such cluster": ("shop.dag", "units.parquet", ("--cluster", "usr"), 1, "did you mean 'user'"),
    "no such folder": ("shop.dag", "units.parquet", ("--output", "none/x"), 1, "Cannot write"),
    "a row of text": ("shop.dag", "units.parquet", ("--unit", "first"), 2, "integer"),
}


@pytest.mark.parametrize(("graph", "table", "more", "code", "message"), BAD.values(), ids=BAD)
def test_bad_input_ends_with_a_message_and_its_exit_code(inside, graph, table, more, code, message):
    found, out, err = inside(graph, table, *ASKED, *more)
    assert found == code, err
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert out == ""

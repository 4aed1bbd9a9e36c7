"""`causalrec refute` on files."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import started

ASKED = ("shop.dag", "units.parquet", "--treatment", "display", "--outcome", "bought")


def run(*words, cwd):
    return started("refute", *words, cwd=cwd)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("refute")
    rng = np.random.default_rng(0)
    season = rng.normal(size=600)
    display = (rng.random(600) < 1 / (1 + np.exp(-season))).astype(int)
    bought = 0.5 * display + season + rng.normal(size=600)
    pq.write_table(pa.table({"season": season, "display": display, "bought": bought}), path / "units.parquet")
    (path / "shop.dag").write_text("dag { season -> {display bought}; display -> bought }")
    return path


def test_the_effect_and_its_attacks_are_printed(folder):
    done = run(*ASKED, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Effect of display on bought")
    assert "\nVerdict: " in done.stdout
    assert done.stderr == ""


def test_json_holds_both_and_a_file_is_written_whole(folder):
    assert run(*ASKED, "--json", "--output", "doubt.json", cwd=folder).returncode == 0
    saved = json.loads((folder / "doubt.json").read_text())
    assert saved["effect"]["n"] == 600
    assert {one["verdict"] for one in saved["refutations"]} <= {"passed", "failed", "not applicable"}
    assert run(*ASKED, "--json", cwd=folder).stdout == (folder / "doubt.json").read_text()


def test_a_budget_of_nothing_leaves_all_attacks_out(folder):
    done = run(*ASKED, "--budget", "0", "--json", cwd=folder)
    saved = json.loads(done.stdout)
    assert saved["left_out"]
    assert all("were left" in reason for reason in saved["left_out"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attack", "placbo"), "There is no attack 'placbo'"),
        (("--draws", "3"), "n_draws is 3"),
        (("--jobs", "0"), "n_jobs is 0"),
        (("--budget", "-1"), "0 or more"),
        (("--cluster", "shop"), "shop"),
    ],
)
def test_what_cannot_be_done_ends_in_a_message(folder, words, said):
    done = run(*ASKED, *words, cwd=folder)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr

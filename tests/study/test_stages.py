import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from causalrec.errors import OutputError
from causalrec.study.stages import Stage, package_digest, run_stages


@dataclass(frozen=True)
class Settings:
    seed: int = 0
    name: str = "shop"


class Chain:
    """Two stages that count how often they run; the second reads the first."""

    def __init__(self):
        self.ran = []
        self.stages = [Stage("first", self.first), Stage("second", self.second)]

    def first(self, study, folder):
        self.ran.append("first")
        (folder / "data.txt").write_text(f"seed {study.settings.seed}")
        return {"seed": study.settings.seed, "name": study.settings.name}

    def second(self, study, folder):
        self.ran.append("second")
        return {"read": (study.folder("first") / "data.txt").read_text(), "twice": 2 * study.result("first")["seed"]}


@pytest.fixture
def chain():
    return Chain()


def names(cache):
    return sorted(entry.name.rsplit("-", 1)[0] for entry in cache.iterdir())


def test_stages_see_what_those_before_them_left(chain, tmp_path):
    study = run_stages(chain.stages, Settings(seed=4), tmp_path / "deep" / "cache")
    assert study.result("second") == {"read": "seed 4", "twice": 8}
    assert study.finished["first"].seconds >= 0
    assert study.finished["first"].peak_mb > 1


def test_a_second_run_reads_what_the_first_left(chain, tmp_path):
    heard = []
    one = run_stages(chain.stages, Settings(), tmp_path)
    other = run_stages(chain.stages, Settings(), tmp_path, announce=lambda name, finished, cached: heard.append(cached))
    assert chain.ran == ["first", "second"]
    assert heard == [True, True]
    assert one.finished == other.finished


def test_changed_settings_run_again_and_leave_no_old_folders(chain, tmp_path):
    run_stages(chain.stages, Settings(seed=1), tmp_path)
    study = run_stages(chain.stages, Settings(seed=2), tmp_path)
    assert chain.ran == ["first", "second"] * 2
    assert study.result("second")["twice"] == 4
    assert names(tmp_path) == ["first", "second"]


def test_a_new_stage_before_it_makes_a_stage_run_again(chain, tmp_path):
    run_stages(chain.stages, Settings(), tmp_path)
    more = [chain.stages[0], Stage("between", lambda study, folder: {}), chain.stages[1]]
    run_stages(more, Settings(), tmp_path)
    assert chain.ran == ["first", "second", "second"]


def test_changed_code_runs_again(chain, tmp_path, monkeypatch):
    run_stages(chain.stages, Settings(), tmp_path)
    monkeypatch.setattr("causalrec.study.stages.package_digest", lambda: "other code")
    run_stages(chain.stages, Settings(), tmp_path)
    assert chain.ran == ["first", "second"] * 2


def test_the_digest_follows_the_source_alone():
    assert package_digest() == package_digest()
    assert len(package_digest()) == 64


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["an error", "an interruption"])
def test_a_stage_that_fails_leaves_no_folder_and_what_was_done_is_kept(chain, tmp_path, error):
    def fail(study, folder):
        (folder / "half.txt").write_text("half")
        raise error

    with pytest.raises(type(error)):
        run_stages([chain.stages[0], Stage("second", fail)], Settings(), tmp_path)
    assert names(tmp_path) == ["first"]
    run_stages(chain.stages, Settings(), tmp_path)
    assert chain.ran == ["first", "second"]  # the first was not run again


KILLED = """
import os, sys
from dataclasses import dataclass
from pathlib import Path
from causalrec.study.stages import Stage, run_stages

@dataclass(frozen=True)
class Settings:
    seed: int = 0

def first(study, folder):
    print("first")
    return {"done": True}

def second(study, folder):
    (folder / "half.txt").write_text("half")
    if sys.argv[2] == "die":
        os._exit(9)
    print("second", (folder / "half.txt").exists())
    return {}

run_stages([Stage("first", first), Stage("second", second)], Settings(), Path(sys.argv[1]))
"""


def test_a_killed_run_resumes_at_the_stage_that_was_killed(tmp_path):
    def run(how):
        command = [sys.executable, "-c", KILLED, str(tmp_path), how]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    killed = run("die")
    assert killed.returncode == 9
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["first"]
    assert run("live").stdout.split() == ["second", "True"]
    assert names(tmp_path) == ["first", "second"]


def test_a_folder_without_a_result_is_not_taken_for_finished(chain, tmp_path):
    study = run_stages(chain.stages, Settings(), tmp_path)
    (study.folder("second") / "result.json").unlink()
    run_stages(chain.stages, Settings(), tmp_path)
    assert chain.ran == ["first", "second", "second"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_has_not_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        run_stages([Stage("first", lambda study, folder: {"effect": value})], Settings(), tmp_path)
    assert names(tmp_path) == []


def test_results_are_the_numbers_that_were_written(chain, tmp_path):
    study = run_stages(chain.stages, Settings(name="Größe"), tmp_path)
    saved = json.loads((study.folder("first") / "result.json").read_text("utf-8"))
    assert saved["result"] == {"seed": 0, "name": "Größe"}


def test_working_surrounds_the_stages_that_run_alone(chain, tmp_path):
    heard = []

    @contextmanager
    def working(name):
        heard.append(name)
        yield
        heard.append(f"{name} done")

    run_stages(chain.stages, Settings(), tmp_path, working=working)
    run_stages(chain.stages, Settings(), tmp_path, working=working)
    assert heard == ["first", "first done", "second", "second done"]


def test_files_beside_the_stages_are_left_alone(chain, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    run_stages(chain.stages, Settings(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_in_the_caches_place_is_refused(chain, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError, match=r"Stage 'first' cannot write below '.*cache'"):
        run_stages(chain.stages, Settings(), tmp_path / "cache")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_is_refused(chain, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        run_stages(chain.stages, Settings(), tmp_path)

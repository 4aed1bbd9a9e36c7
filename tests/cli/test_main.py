"""Exit codes and messages of the command line."""

import json
import subprocess
import sys

import pytest

COMMAND = (sys.executable, "-c", "from causalrec.cli import main; main()")


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)


def test_version_and_help():
    assert run("--version").stdout.startswith("causalrec ")
    assert "demo" in run("--help").stdout


def test_identify_prints_the_adjustment_set():
    done = run("identify", "promotion", "--treatment", "display", "--outcome", "purchased", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["adjustment"] == ["item_store_availability", "item_week_demand", "mailer"]


def test_what_the_graph_does_not_give_is_exit_3():
    done = run("identify", "promotion", "--treatment", "mailer", "--outcome", "purchased")
    assert done.returncode == 3
    assert "mailer -> visit <- household_taste -> purchased" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("identify", "promotion", "--treatment", "dsplay", "--outcome", "purchased"), 1, "display"),
        (("identify", "promotoin", "--treatment", "display", "--outcome", "purchased"), 1, "promotion"),
        (("identify", "promotion", "--treatment", "display"), 2, "outcome"),
        (("demo", "--bogus"), 2, "bogus"),
        (("sing",), 2, "sing"),
    ],
)
def test_mistakes_end_with_a_message_and_no_traceback(words, code, said):
    done = run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr

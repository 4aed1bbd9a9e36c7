"""constraints.txt pins what pyproject.toml asks for, and holds nothing of one machine."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)")
LINES = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_each_line_is_one_exact_public_version():
    assert [line for line in LINES if not PIN.fullmatch(line)] == []


def test_each_dependency_is_pinned():
    asked = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", one)[0]) for one in asked}
    assert names - {normal(line.split("==")[0]) for line in LINES} == set()

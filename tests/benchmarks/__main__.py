"""Run every benchmark and write its table into docs/benchmarks.md, between the table's two marks."""

from __future__ import annotations

import importlib
import platform
import re
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
NAMES = ("effect_of_display", "absorbed_effects")


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    for name in names or NAMES:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        text = table(module.rows())
        print(f"\n{module.TITLE} ({platform.machine()}, Python {platform.python_version()})\n\n{text}")
        write(name, text)


def table(rows: list[dict[str, object]]) -> str:
    """Rows as a markdown table; a missing value is an empty cell."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + "|".join("---" if n == "method" else "---:" for n in names) + "|"]
    return "\n".join(lines + ["| " + " | ".join(shown(row.get(name, "")) for name in names) + " |" for row in rows])


def shown(value: object) -> str:
    """A number as people read it."""
    if isinstance(value, float):
        return f"{value:.2g}" if abs(value) < 0.01 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write(name: str, text: str) -> None:
    """Put a table between its marks."""
    page = PAGE.read_text("utf-8")
    marks = f"<!-- {name} -->", f"<!-- end {name} -->"
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    if not re.search(pattern, page, re.DOTALL):
        raise SystemExit(f"docs/benchmarks.md lacks the marks {marks[0]} and {marks[1]}.")
    PAGE.write_text(re.sub(pattern, lambda _: f"{marks[0]}\n\n{text}\n\n{marks[1]}", page, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

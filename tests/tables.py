"""Tables of figures, written into a page of the documentation between two marks."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


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


def write(page: str, name: str, text: str) -> None:
    """Put a table between its marks."""
    path = DOCS / page
    content = path.read_text("utf-8")
    marks = f"<!-- {name} -->", f"<!-- end {name} -->"
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    if not re.search(pattern, content, re.DOTALL):
        raise SystemExit(f"docs/{page} lacks the marks {marks[0]} and {marks[1]}.")
    path.write_text(re.sub(pattern, lambda _: f"{marks[0]}\n\n{text}\n\n{marks[1]}", content, flags=re.DOTALL), "utf-8")

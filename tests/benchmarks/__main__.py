"""Run every benchmark and write its table into docs/benchmarks.md, between the table's two marks."""

from __future__ import annotations

import importlib
import platform
import sys

from tests.tables import table, write

NAMES = (
    "effect_of_display", "absorbed_effects", "identify_speed", "read_graph_speed", "linear_speed", "dml_speed",
    "two_way_effects", "promotion_cells", "stream_speed", "text_block_speed", "refute_speed",
    "encode_speed",
)  # fmt: skip


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    for name in names or NAMES:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        text = table(module.rows())
        print(f"\n{module.TITLE} ({platform.machine()}, Python {platform.python_version()})\n\n{text}")
        write("benchmarks.md", name, text)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Text that confounds: how much of the bias each way of adjusting removes, over real texts with a planted effect."""

from __future__ import annotations

from pathlib import Path

from tests.datasets import absent
from tests.estimation.planted import exact_interval
from tests.estimation.text_worlds import AG_NEWS_FILES, NUISANCES, WORLDS, columns

TITLE = "Text as a confounder: 7,600 news items, effect 1"
N_DRAWS = 400
CELLS = tuple(
    (kind, name)
    for kind in WORLDS
    for name, (of, _) in NUISANCES.items()
    if kind != "topic model" or of in ("both", "crossed")
)
N_RUNS = len(CELLS)
CACHE = str(Path(__file__).parents[2] / ".truth" / "vectors")
REMOVED, LEVEL = 0.97, 0.95


def run(seed: int) -> dict:
    """One world and one way to adjust, over all draws of the treatment and the outcome."""
    kind, name = CELLS[seed]
    if reason := absent(*AG_NEWS_FILES):
        return {"problem": f"data: {reason}"}
    of, runs = NUISANCES[name]
    found = runs(kind, columns(of, CACHE), range(N_DRAWS))
    return {"row": found.row(kind, name), "removed": found.removed, "held": found.held}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a world and way to adjust; "reaches" where 97% of the bias goes and .95 is in the exact interval."""
    table: list[dict[str, object]] = []
    for (kind, name), one in zip(CELLS, results, strict=True):
        if "problem" in one:
            table.append({"world": kind, "columns": name, "note": one["problem"]})
            continue
        low, high = exact_interval(one["held"], N_DRAWS)
        reaches = one["removed"] >= REMOVED and low <= LEVEL <= high
        said = "" if one["row"]["said to be a proxy"] == "nan" else one["row"]["said to be a proxy"]
        table.append({**one["row"], "said to be a proxy": said, "reaches": "yes" if reaches else "no"})
    return table

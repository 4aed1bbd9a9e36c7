"""Hold the methods against known truths and write the tables of docs/truth.md.

A module here has ``TITLE``, ``N_RUNS``, ``run(seed) -> dict`` and ``rows(results) -> list of dict``. Runs are
seeded and independent; finished ones are kept in .truth/ with a fingerprint of the code, so that an
interrupted table goes on where it stopped and one of changed code starts again.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.tables import table, write

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".truth"
NAMES = (
    "graph_definitions", "identified_effects", "hedges", "graph_peers", "coverage", "lalonde", "nhefs", "card",
    "thornton", "cai", "ihdp", "upworthy", "scores_after_test", "refuters", "refuter_levels", "neural_mechanisms",
    "hidden_confounders", "lalonde_doubt", "text_confounder", "display_lags", "product_words", "rotation",
    "few_labels", "headlines", "text_modifier", "next_items", "r8",
)  # fmt: skip
N_PROCESSES = 2


def main(names: list[str]) -> None:
    """Run the named tables, or all; end with an error when one of them shows a failure."""
    failed = []
    for name in names or NAMES:
        module = importlib.import_module(f"tests.truth.{name}")
        rows = module.rows(results(name, module.N_RUNS))
        print(f"\n{module.TITLE}\n\n{table(rows)}", flush=True)
        write("truth.md", name, table(rows))
        failed += [name] if any(row.get("disagree") for row in rows) else []
    if failed:
        raise SystemExit(f"Something in {', '.join(failed)} is not as it must be.")


def results(name: str, n_runs: int) -> list[dict]:
    """Result of each run, in the order of their seeds; those that are kept are not run again."""
    path = KEPT / f"{name}.{fingerprint()}.jsonl"
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.glob(f"{name}.*.jsonl"):
        if old != path:
            old.unlink()
    done = {line["seed"]: line for line in map(json.loads, whole_lines(path))}
    missing = [(name, seed) for seed in range(n_runs) if seed not in done]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(N_PROCESSES, mp_context=spawn) as pool, path.open("a") as file:
        for found in pool.map(one, missing, chunksize=max(1, min(10, len(missing) // (4 * N_PROCESSES)))):
            done[found["seed"]] = found
            file.write(json.dumps(found) + "\n")
            file.flush()
    return [done[seed] for seed in range(n_runs)]


def one(task: tuple[str, int]) -> dict:
    """One seeded run."""
    name, seed = task
    return {"seed": seed, **importlib.import_module(f"tests.truth.{name}").run(seed)}


def whole_lines(path: Path) -> list[str]:
    """Lines that were written whole: a kill can leave a broken last one."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
        path.write_text("".join(lines))
    return lines


def fingerprint() -> str:
    """Hash of all code that a result depends on."""
    files = sorted([*(ROOT / "causalrec").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]

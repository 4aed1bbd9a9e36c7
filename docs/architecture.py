"""Draw docs/_static/architecture.svg from the imports in the code."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import grimp
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).parent.parent
LEFT, WIDTH, HEIGHT = 0.0, 2.6, 0.62


def layers() -> list[str]:
    """Packages from the lowest layer up, as the contract in pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    listed = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = [part.strip(" ()") for layer in reversed(listed) for part in layer.split("|")]
    return [name for name in names if (ROOT / "causalrec" / name).is_dir() or (ROOT / f"causalrec/{name}.py").is_file()]


def imports(names: list[str]) -> Counter[tuple[str, str]]:
    """Number of modules of one layer that import from another."""
    graph = grimp.build_graph("causalrec", exclude_type_checking_imports=True)
    found: Counter[tuple[str, str]] = Counter()
    for module in sorted(graph.modules):
        own = module.split(".")[1] if "." in module else ""
        used = {target.split(".")[1] for target in graph.find_modules_directly_imported_by(module) if "." in target}
        found.update((own, other) for other in used if own in names and other in names and own != other)
    return found


def main() -> None:
    """Draw the picture."""
    names = layers()
    skip = {"errors", "files", "threads", "progress"}  # everything may use these; their arrows would hide the rest
    arrows = {pair: count for pair, count in imports(names).items() if pair[1] not in skip}
    figure = Figure(figsize=(6.4, 0.5 * len(names)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    place = {name: at for at, name in enumerate(names)}
    for name, at in place.items():
        axes.add_patch(FancyBboxPatch((LEFT, at), WIDTH, HEIGHT, boxstyle="round,pad=0.02", fc="#e8f0fa", ec="#2b5c8a"))
        axes.text(LEFT + WIDTH / 2, at + HEIGHT / 2, name, ha="center", va="center", fontsize=11, color="#12314f")
    for (upper, lower), count in sorted(arrows.items()):
        span = place[upper] - place[lower]
        axes.add_patch(FancyArrowPatch(
            (LEFT + WIDTH + 0.04, place[upper] + HEIGHT / 2), (LEFT + WIDTH + 0.04, place[lower] + HEIGHT / 2),
            connectionstyle=f"arc3,rad={-0.55 if span > 1 else -0.9}", arrowstyle="-|>", mutation_scale=9,
            lw=0.6 + 0.25 * min(count, 8), color="#2b5c8a", alpha=0.55,
        ))  # fmt: skip
    axes.set_xlim(-0.2, WIDTH + 2.2)
    axes.set_ylim(-0.4, len(names))
    axes.text(WIDTH + 0.5, 0.2, "an arrow: imports from\n(thicker: by more files)", fontsize=9, color="#444444")
    target = ROOT / "docs" / "_static" / "architecture.svg"
    target.parent.mkdir(exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()

"""Draw docs/_static/architecture.svg from the imports in the code."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import grimp
from matplotlib import color_sequences, rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "_static" / "architecture.svg"
BELOW_ALL = ("errors", "files", "progress", "threads")
WIDTH, HEIGHT = 2.6, 0.62


def layers() -> list[str]:
    """Packages from the lowest layer up, as the contract in pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    listed = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = [part.strip(" ()") for layer in reversed(listed) for part in layer.split("|")]
    return [name for name in names if (ROOT / "causalrec" / name).is_dir() or (ROOT / f"causalrec/{name}.py").is_file()]


def imports(names: list[str]) -> Counter[tuple[str, str]]:
    """Number of modules of one layer that import from another."""
    graph = grimp.build_graph("causalrec", exclude_type_checking_imports=True, cache_dir=None)
    found: Counter[tuple[str, str]] = Counter()
    for module in sorted(graph.modules):
        own = module.split(".")[1] if "." in module else ""
        used = {target.split(".")[1] for target in graph.find_modules_directly_imported_by(module) if "." in target}
        found.update((own, other) for other in used if own in names and other in names and own != other)
    return found


def draw(names: list[str], arrows: Counter[tuple[str, str]]) -> Figure:
    """Boxes from the lowest layer up, an arrow from who imports to what is imported."""
    figure = Figure(figsize=(7.2, 0.5 * len(names)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for at, name in enumerate(names):
        colour = color_sequences["tab10"][at % 10]
        axes.add_patch(FancyBboxPatch((0, at), WIDTH, HEIGHT, boxstyle="round,pad=0.02", fc="white", ec=colour, lw=2))
        axes.text(WIDTH / 2, at + HEIGHT / 2, name, ha="center", va="center", fontsize=11, color="#222222")
    for (upper, lower), count in sorted(arrows.items()):
        top, bottom = names.index(upper), names.index(lower)
        ends = [(WIDTH + 0.04, top + 0.2 * HEIGHT), (WIDTH + 0.04, bottom + 0.8 * HEIGHT)]
        axes.add_patch(FancyArrowPatch(
            *ends, connectionstyle=f"arc3,rad={-0.9 if top - bottom == 1 else -0.6}", arrowstyle="-|>",
            mutation_scale=9, lw=0.7 + 0.25 * min(count, 8), color=color_sequences["tab10"][top % 10], alpha=0.8,
        ))  # fmt: skip
    note = "An arrow: imports from, in the importer's colour,\nthicker for more files. All may import\n"
    axes.text(WIDTH + 0.5, 0.2, note + f"{', '.join(BELOW_ALL)}:\nnot drawn.", fontsize=9, color="#444444")
    axes.set_xlim(-0.2, WIDTH + 3.4)
    axes.set_ylim(-0.4, len(names))
    return figure


def main() -> None:
    """Draw the picture; the same code gives the same bytes."""
    names = layers()
    arrows = Counter({pair: count for pair, count in imports(names).items() if pair[1] not in BELOW_ALL})
    TARGET.parent.mkdir(exist_ok=True)
    with rc_context({"svg.hashsalt": "causalrec", "svg.fonttype": "none"}):
        draw(names, arrows).savefig(TARGET, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()

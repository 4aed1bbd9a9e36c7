"""`Drawing`: the picture of a graph, to be shown in a notebook, saved, or handed to matplotlib."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.errors import OutputError
from causalrec.files import replace_atomically
from causalrec.graph.drawing.compose import composed, layout_of
from causalrec.graph.drawing.figure import figure_of
from causalrec.graph.drawing.marks import marks_of
from causalrec.graph.drawing.scene import Scene
from causalrec.graph.drawing.svg import svg_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from causalrec.graph.causal_graph import CausalGraph
    from causalrec.graph.partial_graph import PartialGraph

__all__ = ["Drawing", "draw", "repr_html"]

_MOST_IN_NOTEBOOK = 150  # nodes

Names = str | Iterable[str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Picture of a graph; notebooks show it by themselves.

    Attributes
    ----------
    svg : str
        The picture as an ``<svg>`` element: text stays text, nothing in it runs or is fetched.
    width, height : float
        In pixels.
    """

    svg: str = field(repr=False)
    width: float
    height: float
    _scene: Scene = field(repr=False)

    def figure(self) -> Figure:
        """The same picture as a matplotlib Figure, apart from pyplot."""
        return figure_of(self._scene)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture; the ending of `path` decides: .svg, .png or .pdf.

        Raises
        ------
        OutputError : another ending, or the file cannot be written.
        """
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in {"svg", "png", "pdf"}:
            raise OutputError(f"Cannot write {str(path)!r}: a drawing is saved as .svg, .png or .pdf.")
        if kind == "svg":
            return replace_atomically(path, lambda part: part.write_text(self.svg, encoding="utf-8"))
        return replace_atomically(path, lambda part: self._export(part, kind))

    def _export(self, path: Path, kind: str) -> None:
        metadata = {"Software": None} if kind == "png" else dict.fromkeys(("Creator", "Producer", "CreationDate"))
        with warnings.catch_warnings():
            # A letter that the font lacks is an empty box in the picture, and no reason to warn.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            self.figure().savefig(path, format=kind, facecolor="white", metadata=metadata)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x:auto">{self.svg}</div>'


def draw(
    graph: CausalGraph | PartialGraph,
    *,
    estimand: Any = None,
    treatment: Names | None = None,
    outcome: Names | None = None,
    adjustment: Names | None = None,
    paths: Iterable[Sequence[str]] | None = None,
    direction: str = "TB",
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> Drawing:
    """Picture of a graph in layers, causes first.

    Roles have a colour and a form, latent nodes are dashed, the adjustment set is ringed, causal
    paths from treatment to outcome are thick and blue, biasing paths red and hollow.

    Parameters
    ----------
    graph : CausalGraph or PartialGraph
    estimand : Estimand, optional
        What was identified: treatment, outcome, adjustment set, mediators and instruments.
    treatment, outcome : str or iterable of str, optional
        Default: those of the estimand, else the nodes that have the role.
    adjustment : str or iterable of str, optional
        Nodes to ring. Default: those of the estimand.
    paths : iterable of paths, optional
        Biasing paths, each its nodes in a row. Default: one path between treatment and outcome
        that is not causal and that the adjustment leaves open, if there is one.
    direction : {"TB", "LR"}
        Top to bottom, or left to right.
    positions : mapping of str to (float, float), optional
        A place for every node, x to the right and y down, in any unit.

    Raises
    ------
    UnknownNodeError : a name that the graph does not have.
    GraphError : a path along no edge, a node without a position, an unknown direction.

    References
    ----------
    Sugiyama, Tagawa, Toda (1981), IEEE Trans. Syst. Man Cybern. 11(2).

    Examples
    --------
    >>> from causalrec.graph import load_graph
    >>> drawing = draw(load_graph("promotion"), adjustment=["item_week_demand"])
    >>> drawing.svg[:4], "not measured" in drawing.svg
    ('<svg', True)
    """
    marks = marks_of(graph, estimand=estimand, treatment=treatment, outcome=outcome, adjustment=adjustment, paths=paths)
    scene = composed(graph, marks, layout_of(graph, marks, direction, positions))
    return Drawing(svg_text(scene), scene.width, scene.height, scene)


def repr_html(graph: CausalGraph | PartialGraph) -> str:
    """What a notebook shows of a graph: its picture, or one line where it is too large to look at."""
    if len(graph.nodes) > _MOST_IN_NOTEBOOK:
        return f"<code>{escape(repr(graph))}</code>"
    return draw(graph)._repr_html_()

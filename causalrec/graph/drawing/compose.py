"""From a graph to a scene: sizes, layout, marks, legend, words for who cannot see it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from causalrec.errors import GraphError
from causalrec.graph.adjacency import Adjacency, topological
from causalrec.graph.drawing.edges import edge_shapes
from causalrec.graph.drawing.given import checked_positions, positioned
from causalrec.graph.drawing.labels import printable
from causalrec.graph.drawing.layout import Layout, Pair, layered
from causalrec.graph.drawing.legend import ENTRIES, legend
from causalrec.graph.drawing.marks import Edge, Marks
from causalrec.graph.drawing.nodes import node_group, node_size
from causalrec.graph.drawing.scene import Group, Scene, Shape, Text
from causalrec.graph.drawing.style import FAINT, PAPER

__all__ = ["composed", "layout_of"]

_MARGIN, _LEAST_LEGEND = 18.0, 460.0
_MOST_SAID = 60  # edges that the description lists


def layout_of(graph: Any, marks: Marks, direction: str, positions: Mapping[str, tuple[float, float]] | None) -> Layout:
    """Layout of the graph's nodes and edges, by their numbers in ``graph.nodes`` and the pairs of `numbered`."""
    if direction not in {"TB", "LR"}:
        raise GraphError(f"`direction` is 'TB' (top to bottom) or 'LR' (left to right), got {direction!r}.")
    flow, ties = _numbered(graph)
    below, above = Counter(pair[0] for pair in flow), Counter(pair[1] for pair in flow)
    n_ports = [0 if positions is not None else max(below[k], above[k]) for k in range(len(graph.nodes))]
    sizes = [
        node_size(name, marks.roles[name], *((n, 0) if direction == "TB" else (0, n)))
        for name, n in zip(graph.nodes, n_ports, strict=True)
    ]
    if positions is not None:
        return positioned(sizes, checked_positions(positions, graph.nodes), flow, ties)
    return layered(sizes, flow, ties, sideways=direction == "LR")


def _numbered(graph: Any) -> tuple[list[Pair], list[Pair]]:
    # Undirected edges flow too, along an order that fits the directed ones: so there is no cycle.
    index = {name: number for number, name in enumerate(graph.nodes)}
    flow = [(index[cause], index[effect]) for cause, effect in graph.edges]
    ties = [(index[one], index[other]) for one, other in getattr(graph, "bidirected", ())]
    undirected = [(index[one], index[other]) for one, other in getattr(graph, "undirected", ())]
    if undirected:
        rank = _ranks(len(index), flow)
        flow += [pair if rank[pair[0]] < rank[pair[1]] else pair[::-1] for pair in undirected]
    return flow, ties


def _ranks(n_nodes: int, edges: list[Pair]) -> list[int]:
    order, _ = topological(Adjacency.from_pairs(n_nodes, edges, ()))
    rank = [0] * n_nodes
    for place, node in enumerate(order):
        rank[node] = place
    return rank


def composed(graph: Any, marks: Marks, layout: Layout) -> Scene:
    """The scene: edges below, those that stand out above them, nodes on top, the legend underneath."""
    edges = sorted(_edges(graph, marks, layout), key=lambda edge: edge[0])
    parts = [group for _, group in edges]
    parts += [node_group(name, marks.roles[name], box) for name, box in zip(graph.nodes, layout.boxes, strict=True)]
    found = _found(graph, marks)
    rows, wide, tall = legend(found, max(layout.width, _LEAST_LEGEND), 0.0)
    width = max(layout.width, wide, 1.0)
    shift = (width - layout.width) / 2
    parts = [_moved(group, _MARGIN + shift, _MARGIN) for group in parts]
    if rows:
        below = layout.height + 2 * _MARGIN
        parts.append(Group("", (Shape((("M", (_MARGIN, below)), ("L", (_MARGIN + width, below))), "", FAINT, 1.0),)))
        parts += [_moved(group, _MARGIN, below + 9) for group in rows]
    full = (width + 2 * _MARGIN, layout.height + 2 * _MARGIN + (tall + 9 + _MARGIN / 2 if rows else 0.0))
    return Scene(*full, _title(marks), _description(graph, marks), (_paper(*full), *parts))


def _edges(graph: Any, marks: Marks, layout: Layout) -> list[tuple[int, Group]]:
    index = {name: number for number, name in enumerate(graph.nodes)}
    found: list[tuple[int, Group]] = []
    for kind, pairs in (("->", graph.edges), ("<->", getattr(graph, "bidirected", ())),
                        ("--", getattr(graph, "undirected", ()))):  # fmt: skip
        curves = layout.bidirected if kind == "<->" else layout.directed
        for one, other in pairs:
            pair = index[one], index[other]
            curve = curves[pair] if pair in curves else curves[pair[::-1]]
            rank, emphasis = _emphasis(marks, (one, other, kind))
            shapes = edge_shapes(curve, kind, emphasis)
            found.append((rank, Group(f"{printable(one, 80)} {kind} {printable(other, 80)}", shapes)))
    return found


def _emphasis(marks: Marks, edge: Edge) -> tuple[int, str]:
    if edge in marks.biasing:
        return 2, "biasing"
    return (1, "causal") if edge in marks.causal else (0, "")


def _found(graph: Any, marks: Marks) -> frozenset[str]:
    found = {role for roles in marks.roles.values() for role in roles if role in ENTRIES}
    found |= {"<->"} if getattr(graph, "bidirected", ()) else set()
    found |= {"--"} if getattr(graph, "undirected", ()) else set()
    found |= {"causal"} if marks.causal else set()
    found |= {"biasing"} if marks.biasing else set()
    return frozenset(found)


def _moved(group: Group, dx: float, dy: float) -> Group:
    return Group(group.title, tuple(_moved_item(item, dx, dy) for item in group.items))


def _moved_item(item: Shape | Text, dx: float, dy: float) -> Shape | Text:
    if isinstance(item, Text):
        return Text(item.text, item.x + dx, item.y + dy, item.size, item.colour, item.anchor, item.bold, item.italic)
    steps = tuple(
        (code, tuple(value + (dy if at % 2 else dx) for at, value in enumerate(values)))
        for code, values in item.outline
    )
    return Shape(steps, item.fill, item.stroke, item.width, item.dash)


def _paper(width: float, height: float) -> Group:
    corners: list[tuple[float, float]] = [(0, 0), (width, 0), (width, height), (0, height)]
    outline = (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
    return Group("", (Shape(outline, fill=PAPER),))


def _title(marks: Marks) -> str:
    treatment, outcome = (_listed(marks.nodes_with(role)) for role in ("treatment", "outcome"))
    return f"Causal graph: effect of {treatment} on {outcome}" if treatment and outcome else "Causal graph"


def _description(graph: Any, marks: Marks) -> str:
    parts = [f"{words}: {nodes}." for role, words in ENTRIES.items() if (nodes := _listed(marks.nodes_with(role)))]
    said = [f"{printable(one, 60)} -> {printable(other, 60)}" for one, other in graph.edges[:_MOST_SAID]]
    for kind, pairs in (("<->", getattr(graph, "bidirected", ())), ("--", getattr(graph, "undirected", ()))):
        said += [f"{printable(one, 60)} {kind} {printable(other, 60)}" for one, other in pairs[:_MOST_SAID]]
    more = f", and {len(graph.edges) - _MOST_SAID} more" if len(graph.edges) > _MOST_SAID else ""
    parts.append(f"{len(graph.nodes)} nodes; edges: {', '.join(said) or 'none'}{more}.")
    return " ".join(parts)


def _listed(names: tuple[str, ...]) -> str:
    shown = [printable(name, 60) for name in names[:12]]
    return ", ".join(shown) + (f" and {len(names) - 12} more" if len(names) > 12 else "")

"""The legend: only what occurs in the picture."""

from collections.abc import Collection

import numpy as np

from causalrec.graph.drawing.edges import edge_shapes
from causalrec.graph.drawing.labels import text_width
from causalrec.graph.drawing.nodes import swatch
from causalrec.graph.drawing.scene import Group, Shape, Text
from causalrec.graph.drawing.style import INK

__all__ = ["ENTRIES", "legend"]

_SIZE, _ROW, _SPACE, _ICON = 11.5, 23.0, 22.0, 35.0

ENTRIES = {
    "treatment": "treatment",
    "outcome": "outcome",
    "mediator": "mediator",
    "instrument": "instrument",
    "adjusted": "adjusted for",
    "selected": "selected: in every row",
    "latent": "not measured",
    "block": "block of columns",
    "absorbed": "absorbed group effect",
    "sensitive": "sensitive attribute",
    "domain": "differs between domains",
    "causal": "causal path",
    "biasing": "open biasing path",
    "<->": "unmeasured common cause",
    "--": "direction not known",
}
"""Words of the legend, in its order: roles of nodes, then kinds of edges."""


def legend(found: Collection[str], width: float, top: float) -> tuple[list[Group], float, float]:
    """Entries in columns below `top`, no wider than `width` where two columns fit; and the size that they take."""
    shown = [key for key in ENTRIES if key in found]
    if not shown:
        return [], 0.0, 0.0
    column = _ICON + max(text_width(ENTRIES[key], _SIZE) for key in shown) + _SPACE
    most = max(2, int((width + _SPACE) // column))
    n_rows = -(-len(shown) // most)
    n_columns = -(-len(shown) // n_rows)
    groups = []
    for place, key in enumerate(shown):
        x, y = place // n_rows * column, top + (place % n_rows + 0.5) * _ROW
        text = Text(ENTRIES[key], x + _ICON, y + 0.35 * _SIZE, _SIZE, INK, anchor="start")
        groups.append(Group("", (*_icon(key, x, y), text)))
    return groups, n_columns * column - _SPACE, n_rows * _ROW


def _icon(key: str, x: float, y: float) -> tuple[Shape, ...]:
    if key not in {"causal", "biasing", "<->", "--"}:
        return swatch(frozenset({key}), x, y)
    line = np.array([[x, y], [x + 9, y], [x + 18, y], [x + 27, y]])
    return edge_shapes(line, key if key in {"<->", "--"} else "->", key if key in {"causal", "biasing"} else "")[1:]

"""Figures as bytes and text, the same from run to run."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_png_bytes", "figure_svg"]


def figure_svg(figure: Figure) -> str:
    """The figure as an `<svg>` element without an XML header; text stays text.

    Size in points and a viewBox are set, so that a page may scale it.
    """
    buffer = io.StringIO()
    with _settings({"svg.fonttype": "none", "svg.hashsalt": "causalrec"}):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def figure_png_bytes(figure: Figure, *, dpi: int = 150) -> bytes:
    """The figure as a PNG on white."""
    buffer = io.BytesIO()
    with _settings({}):
        figure.savefig(buffer, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _settings(values: dict[str, str]) -> Iterator[None]:
    """Settings of one export; a name that the font cannot write is boxes in a PNG, and no reason to warn."""
    import matplotlib

    with matplotlib.rc_context(values), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield

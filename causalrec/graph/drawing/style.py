"""The look of a graph: ink, paper and the colours of the charts, and a form for each role beside its colour."""

from dataclasses import dataclass, replace

__all__ = ["ACCENT", "ALARM", "FAINT", "FONTS", "INK", "LINE", "LOOKS", "MUTED", "PAPER", "RING", "Look", "look_of"]

# As in causalrec.charts: Okabe and Ito's colours, told apart with every kind of colour vision.
INK, MUTED, FAINT, PAPER = "#1f2933", "#6b7480", "#d5dae0", "#ffffff"
ACCENT, ALARM, RING = "#0072b2", "#d55e00", "#009e73"
LINE = "#8a949f"
FONTS = "DejaVu Sans, Verdana, Geneva, sans-serif"


@dataclass(frozen=True, slots=True)
class Look:
    """How a node is drawn.

    Attributes
    ----------
    fill, stroke, ink : str
        Colours of the box, its border and its name.
    width : float
        Of the border, in pixels.
    corner : {"round", "square", "capsule", "cut", "fold"}
    dashed, bold, italic, stacked, barred : bool
    """

    fill: str = PAPER
    stroke: str = MUTED
    ink: str = INK
    width: float = 1.2
    corner: str = "round"
    dashed: bool = False
    bold: bool = False
    italic: bool = False
    stacked: bool = False
    barred: bool = False


# The first role that a node has gives its colours, the next one its form; "absorbed", "block" and "latent" come on top.
LOOKS = {
    "treatment": Look(fill=ACCENT, stroke=ACCENT, ink=PAPER, bold=True),
    "outcome": Look(fill=INK, stroke=INK, ink=PAPER, bold=True),
    "selected": Look(fill="#e9ecef", stroke=INK, width=2.2, corner="square"),
    "instrument": Look(fill="#fdf1d6", stroke="#b87a00", width=1.5, corner="cut"),
    "mediator": Look(fill="#e1f1fb", stroke=ACCENT, width=1.5, corner="capsule"),
    "sensitive": Look(fill="#f8e9f2", stroke="#a8557f", width=1.5, corner="fold"),
    "domain": Look(fill="#e9ecef", stroke=MUTED, width=1.2, corner="square"),
}


def look_of(roles: frozenset[str]) -> Look:
    """Look of a node with these roles, "latent" among them.

    >>> look_of(frozenset({"latent"})).dashed
    True
    """
    first, *others = [LOOKS[role] for role in LOOKS if role in roles] or [Look()]
    look = replace(first, corner=next((other.corner for other in others if other.corner != "round"), first.corner))
    if "latent" in roles:
        ink, stroke = (look.ink, look.stroke) if look.ink == PAPER else (MUTED, LINE)
        look = replace(look, dashed=True, italic=True, ink=ink, stroke=INK if ink == PAPER else stroke, width=1.5)
    return replace(look, stacked="block" in roles, barred="absorbed" in roles)

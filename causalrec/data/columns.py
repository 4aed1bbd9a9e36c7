"""How a node of a graph is realised in tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["AbsorbedColumn", "Column", "NodeColumn", "TextColumn", "absorbed", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """A node that one column holds, numbers or categories."""

    name: str


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A block node: the embedding of one text column of the items.

    Attributes
    ----------
    name : str
        Column of the item table, or of a flat table.
    model : str or an encoder
        Folder of a sentence encoder, or "minilm"; or an object of your own whose `encode(texts)` gives
        one row a text.
    cache : str or None
        Folder where embeddings are kept between runs.
    """

    name: str
    model: str | Any = "minilm"
    cache: str | None = None


@dataclass(frozen=True, slots=True)
class AbsorbedColumn:
    """A node that no column measures, held fixed by effects of groups.

    Attributes
    ----------
    by_item : tuple of str
        Context columns whose levels have an effect of their own for every item.
    common : tuple of str
        Context columns whose levels have one effect shared by all items.
    coarse : tuple of str
        What to hold fixed for each item instead, where `by_item` leaves a treatment nothing to vary
        by; the levels of `by_item` then have common effects.
    """

    by_item: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    coarse: tuple[str, ...] = ()

    def coarser(self) -> AbsorbedColumn:
        """The same node held fixed by its coarse groups."""
        return AbsorbedColumn(self.coarse, (*self.common, *self.by_item)) if self.coarse else self


NodeColumn = Column | TextColumn | AbsorbedColumn


def text(name: str, *, model: str | Any = "minilm", cache: str | None = None) -> TextColumn:
    """A text column, entering as the block of its embedding; each distinct text is encoded once.

    >>> text("description")
    TextColumn(name='description', model='minilm', cache=None)
    """
    return TextColumn(name, model, cache)


def absorbed(*by_item: str, common: tuple[str, ...] = (), coarse: tuple[str, ...] = ()) -> AbsorbedColumn:
    """Effects absorbed for each item and level of each named column, and common ones.

    >>> absorbed("week", coarse=("month",)).coarser()
    AbsorbedColumn(by_item=('month',), common=('week',), coarse=())
    """
    return AbsorbedColumn(tuple(by_item), tuple(common), tuple(coarse))

"""A statement of conditional independence."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Independence"]


@dataclass(frozen=True, slots=True)
class Independence:
    """`x` is independent of `y` given `given`.

    Attributes
    ----------
    x, y : tuple of str
        Neither is empty.
    given : tuple of str

    Examples
    --------
    >>> print(Independence(("price",), ("season",), ("demand",)))
    price ⊥ season | demand
    """

    x: tuple[str, ...]
    y: tuple[str, ...]
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        given = f" | {', '.join(self.given)}" if self.given else ""
        return f"{', '.join(self.x)} ⊥ {', '.join(self.y)}{given}"

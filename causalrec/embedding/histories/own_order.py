"""Histories in an order that does not depend on the caller's, and what is held out of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.embedding.histories.reading import Items, catalogue, coded, told_histories
from causalrec.errors import EstimationError

__all__ = ["OwnOrder", "own_order"]

_LEAST = 2  # items: one to look at and one to guess


@dataclass(frozen=True, slots=True, eq=False)
class OwnOrder:
    """What is learned from.

    Attributes
    ----------
    items : list of int or str
        Ascending.
    codes : list of int64 arrays
        Histories of two items or more, as positions in `items`; ordered by what they hold.
    learning, validation : int64 arrays
        Positions in `codes`, ascending.
    n_rows, n_short : int
        Histories that were given, and those of them that have less than two items.
    """

    items: Items
    codes: list[np.ndarray]
    learning: np.ndarray
    validation: np.ndarray
    n_rows: int
    n_short: int

    def facts(self) -> dict[str, Any]:
        """For a run's record; JSON values."""
        return {
            "n_histories": self.n_rows, "n_short": self.n_short, "n_validation": len(self.validation),
            "n_items": len(self.items), "n_events": sum(map(len, self.codes)), "digest": self.digest(),
        }  # fmt: skip

    def digest(self) -> str:
        """Hash of items and histories; 16 hexadecimal digits."""
        content = hashlib.sha256(json.dumps(self.items).encode())
        for codes in self.codes:
            content.update(np.int64(len(codes)).tobytes() + codes.tobytes())
        return content.hexdigest()[:16]


def own_order(histories: Sequence[Sequence[Any] | None], validation_share: float, random_state: int) -> OwnOrder:
    """The histories of two items or more, a share of them held out, at least two where it is above 0.

    Raises
    ------
    DataError : entries that are no histories.
    EstimationError : too few of them, or one item only.

    Examples
    --------
    >>> found = own_order([["tea", "jam"], ["jam"], ["salt", "tea", "jam"]], 0, 0)
    >>> found.items, [codes.tolist() for codes in found.codes], found.n_short
    (['jam', 'salt', 'tea'], [[1, 2, 0], [2, 0]], 1)
    """
    told = told_histories(histories)
    items = catalogue(told)
    usable = [codes for codes in coded(told, items) if len(codes) >= _LEAST]
    usable.sort(key=lambda codes: codes.astype(">i8").tobytes())
    n_held = max(2, round(validation_share * len(usable))) if validation_share else 0
    if len(items) < 2 or len(usable) - n_held < 2:
        raise EstimationError(
            f"{len(usable):,} of {len(told):,} histories have two items or more, of {len(items):,} distinct items: "
            f"there must be at least two to learn from{f', {n_held} to hold out' if n_held else ''}, and two items. "
            f"Add histories{', or set validation_share=0' if n_held else ''}."
        )
    shuffled = np.random.default_rng(random_state).permutation(len(usable))
    return OwnOrder(
        items, usable, np.sort(shuffled[n_held:]), np.sort(shuffled[:n_held]), len(told), len(told) - len(usable)
    )

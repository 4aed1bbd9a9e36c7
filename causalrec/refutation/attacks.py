"""The attacks on an effect of a flat table, the most telling first."""

from __future__ import annotations

from causalrec.refutation.attack import Attack

__all__ = ["ATTACKS"]

ATTACKS: tuple[Attack, ...] = ()
"""In the order in which a battery that must end in time makes them."""

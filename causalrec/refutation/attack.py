"""A kind of attack: what it asks, what it can see, what it needs, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import Refutation

__all__ = ["Attack"]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack that a battery may make.

    Attributes
    ----------
    name : str
    sees : str
        The violation that it can see.
    run : callable
        From what is attacked to what came of it. What it cannot do it says as "not applicable".
    n_fits : callable
        About how many times it estimates the effect again.
    """

    name: str
    sees: str
    run: Callable[[Attacked], Refutation]
    n_fits: Callable[[Attacked], float]

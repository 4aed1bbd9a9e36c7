"""A kind of attack: what it asks, what it can see, what it needs, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import Refutation

__all__ = ["Attack"]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack that a battery may make.

    Attributes
    ----------
    asked : Asked
        Its name, its question, and the violation that it can see.
    run : callable
        From what is attacked to what came of it. What it cannot do it says as "not applicable".
    n_fits : callable
        About how many times it estimates the effect again.
    """

    asked: Asked
    run: Callable[[Attacked], Refutation]
    n_fits: Callable[[Attacked], float]

    @property
    def name(self) -> str:
        """Name of the attack."""
        return self.asked.name

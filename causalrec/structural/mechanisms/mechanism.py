"""`Mechanism`: how one node follows from its parents and a noise of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from causalrec.structural.mechanisms.coding import Coding

__all__ = ["Mechanism", "State"]


@dataclass(frozen=True, slots=True)
class State:
    """What a fitted mechanism learned: facts for JSON, arrays for safetensors.

    Attributes
    ----------
    facts : mapping of str to anything that JSON takes
    arrays : mapping of str to array
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


class Mechanism(Protocol):
    """A node as a function of its parents and of noise that is independent of them.

    Arrays: `parents` float64 (n, p), `values` float64 (n,), or (n, d) for a block; codes of categories are
    whole floats. `noise` is (n,) or (n, k), as the mechanism likes it.

    Attributes
    ----------
    name : str
        Kind of mechanism, in words.
    is_exact : bool
        Whether `noise` is one value: abduction pins it down. Otherwise it draws from what the values leave open.
    coding_ : Coding
        Learned by `fit`.
    """

    name: ClassVar[str]
    is_exact: ClassVar[bool]
    coding_: Coding

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Learn from rows.

        Raises
        ------
        EstimationError : these rows do not determine it.
        """
        ...

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Mean given the parents, (n,) or (n, d); of a category its probabilities, (n, n_levels)."""
        ...

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Noise of `n` new units."""
        ...

    def noise(self, parents: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Noise that gives these values: abduction. `value(parents, noise(parents, values))` is `values`."""
        ...

    def value(self, parents: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Values that parents and noise give."""
        ...

    def draw(self, parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Values of new units with these parents."""
        return self.value(parents, self.prior(len(parents), rng))

    def state(self) -> State:
        """What `restore` needs.

        Raises
        ------
        OutputError : this kind of mechanism cannot be written without pickle.
        """
        ...

    def restore(self, state: State, coding: Coding) -> Self:
        """The mechanism as it was when `state` was taken."""
        ...

"""`Categorical`: what mechanisms of categories share, which is all but the probabilities."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.mechanisms.categorical_noise import COUPLINGS, category, posterior_noise, prior_noise
from causalrec.structural.mechanisms.mechanism import Mechanism

__all__ = ["Categorical"]


class Categorical(Mechanism):
    """A mechanism of categories: a class that inherits gives their probabilities in `expectation`.

    Parameters
    ----------
    coupling : {"gumbel", "ordered"}
        What a unit's noise is; see `categorical_noise`. It changes counterfactuals, and nothing else.
    """

    is_exact: ClassVar[bool] = False
    coupling: str

    def prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Uniform (n,) or Gumbel (n, n_levels)."""
        return prior_noise(n, self.coding_.n_levels, self.coupling, rng)

    def noise(self, parents: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A draw from the noises that give these categories."""
        return posterior_noise(self.expectation(parents), values.astype(np.int64), self.coupling, rng)

    def value(self, parents: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Codes of the categories; float64, shape (n,)."""
        return category(self.expectation(parents), noise, self.coupling)

    def _check(self) -> None:
        if self.coupling not in COUPLINGS:
            raise DataError(f"`coupling` is {self.coupling!r}; it is one of {', '.join(COUPLINGS)}.")

"""`UnitEffects`: one effect a unit, each with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.errors import ShapeError

__all__ = ["UnitEffects"]


@dataclass(frozen=True, slots=True, eq=False)
class UnitEffects:
    """Effect of a treatment, one value a unit.

    Attributes
    ----------
    value : float64, shape (n_units,)
        E[Y(1) - Y(0) | X = x_i], in `unit`; for a treatment of amounts, the effect of one more.
    stderr : float64, shape (n_units,)
        Standard error of `value`, in `unit`.
    unit : str
        Unit of the outcome.
    method : str
        How value and error were found, in words.

    Raises
    ------
    ShapeError : `value` and `stderr` are not vectors of one length.

    Examples
    --------
    >>> found = UnitEffects(np.array([1.0, 0.5]), np.array([0.1, 0.2]))
    >>> len(found), found.interval()[0].round(2).tolist()
    (2, [0.8, 0.11])
    """

    value: np.ndarray
    stderr: np.ndarray
    unit: str = "outcome"
    method: str = ""

    def __post_init__(self) -> None:
        if self.value.ndim != 1 or self.value.shape != self.stderr.shape:
            raise ShapeError(
                f"`value` {self.value.shape} and `stderr` {self.stderr.shape} must be vectors of one length."
            )

    def __len__(self) -> int:
        return len(self.value)

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each unit by the normal distribution; each float64, shape (n_units,)."""
        from scipy.stats import norm

        half = float(norm.ppf(0.5 + level / 2)) * self.stderr
        return self.value - half, self.value + half

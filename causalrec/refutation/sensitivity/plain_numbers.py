"""Whether arguments are numbers at all, before they are compared."""

from __future__ import annotations

import numpy as np

__all__ = ["are_numbers"]


def are_numbers(*values: object) -> bool:
    """Whether each is one number, finite or not.

    >>> are_numbers(0.5, np.float32(2)), are_numbers(0.5, "2"), are_numbers(None)
    (True, False, False)
    """
    return all(isinstance(value, int | float | np.number) for value in values)

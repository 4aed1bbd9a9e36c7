"""The level of an interval."""

from __future__ import annotations

import numpy as np

from causalrec.errors import DataError

__all__ = ["refuse_level"]


def refuse_level(level: float) -> None:
    """Refuse a confidence level that is none, such as 95.

    >>> refuse_level(0.9)
    """
    if not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise DataError(f"`level` is {level!r}; it is a share between 0 and 1, such as 0.95.")

"""An order of the rows that follows what they hold, not where they stand."""

from __future__ import annotations

import numpy as np

from causalrec.data.design import Design

__all__ = ["row_order"]


def row_order(design: Design) -> np.ndarray:
    """Positions of the rows by what they hold; int64, shape (n,).

    Rows that agree in all but outcome and weight are told apart by those, so that a learner or a bootstrap which
    goes by position gives the same for the same rows in another order.

    Examples
    --------
    >>> rows = Design(np.array([3.0, 1.0, 2.0]), np.ones((3, 1)), np.ones((3, 1)), (), {})
    >>> rows.outcome[row_order(rows)].tolist()
    [1.0, 2.0, 3.0]
    """
    return np.lexsort((*design.tie_breakers()[::-1], design.row_keys()))

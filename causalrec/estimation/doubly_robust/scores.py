"""Efficient scores of average effects, not centred."""

from __future__ import annotations

import numpy as np

__all__ = ["ate_score", "att_score"]


def ate_score(y: np.ndarray, t: np.ndarray, mu0: np.ndarray, mu1: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Efficient influence value of E[Y(1) - Y(0)] for each row; all arguments and the result are (n,)."""
    return mu1 - mu0 + t * (y - mu1) / e - (1 - t) * (y - mu0) / (1 - e)


def att_score(y: np.ndarray, t: np.ndarray, mu0: np.ndarray, e: np.ndarray) -> np.ndarray:
    """The same for the treated, times their share; all arguments and the result are (n,)."""
    return (t - e * (1 - t) / (1 - e)) * (y - mu0)

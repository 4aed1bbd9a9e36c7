"""Heywood cases: estimates that no population has."""

from __future__ import annotations

import numpy as np

from causalrec.structural.linear_sem.ram import Structure, matrices

__all__ = ["improper"]


def improper(shape: Structure, theta: np.ndarray) -> tuple[str, ...]:
    """Negative variances, and covariances of residuals or exogenous variables beyond what variances allow; in words."""
    S = matrices(shape, theta).S
    variance = np.diag(S)
    found = [f"the variance of {name!r} is {v:.4g}" for name, v in zip(shape.names, variance, strict=True) if v < 0]
    for i, j in zip(*np.nonzero(np.tril(S, -1)), strict=True):
        if min(variance[i], variance[j]) > 0 and (r := S[i, j] / np.sqrt(variance[i] * variance[j])) ** 2 > 1:
            found.append(f"the correlation of {shape.names[j]!r} and {shape.names[i]!r} is {r:.4g}")
    if not found and np.linalg.eigvalsh(S)[0] < -1e-8 * np.abs(S).max():
        found.append("the (residual) covariances together are no covariance matrix")
    return tuple(found)

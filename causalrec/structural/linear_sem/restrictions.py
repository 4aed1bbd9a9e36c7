"""Linear equality constraints as a smaller set of free numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import GraphError, nearest
from causalrec.structural.linear_sem.expressions import parse_expression
from causalrec.structural.linear_sem.syntax import Relation

__all__ = ["Restriction", "restriction"]


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """theta = origin + basis @ phi.

    Attributes
    ----------
    origin : float64, shape (n_parameters,)
    basis : float64, shape (n_parameters, n_free)
        Orthonormal columns.
    """

    origin: np.ndarray
    basis: np.ndarray

    @property
    def n_free(self) -> int:
        """Parameters less independent constraints."""
        return self.basis.shape[1]

    def nearest(self, theta: np.ndarray) -> np.ndarray:
        """The closest values that keep the constraints."""
        return self.origin + self.basis @ (self.basis.T @ (theta - self.origin))

    def covariance(self, information: np.ndarray) -> np.ndarray:
        """Inverse of an information matrix on what is free, shape (n_parameters, n_parameters)."""
        inner = self.basis.T @ information @ self.basis
        scale = 1 / np.sqrt(np.abs(np.diag(inner)))
        found = np.linalg.inv(inner * np.outer(scale, scale)) * np.outer(scale, scale)
        return self.basis @ found @ self.basis.T


def restriction(parameters: Sequence[str], labels: Sequence[str], constraints: Sequence[Relation]) -> Restriction:
    """What constraints on labels leave free.

    Raises
    ------
    GraphError : a constraint that is not linear, names no label, or contradicts another.
    """
    q = len(parameters)
    if not constraints:
        return Restriction(np.zeros(q), np.eye(q))
    rows = [_row(relation, parameters, labels) for relation in constraints]
    slopes, values = np.array([slope for slope, _ in rows]), np.array([value for _, value in rows])
    left, sizes, right = np.linalg.svd(slopes, full_matrices=True)
    rank = int((sizes > 1e-10 * max(sizes.max(initial=0), 1e-300)).sum())
    origin = right[:rank].T @ ((left[:, :rank].T @ values) / sizes[:rank])
    if not np.allclose(slopes @ origin, values, rtol=1e-8, atol=1e-10):
        raise GraphError(f"The constraints contradict each other: {'; '.join(map(_text, constraints))}.")
    return Restriction(origin, right[rank:].T)


def _row(relation: Relation, parameters: Sequence[str], labels: Sequence[str]) -> tuple[np.ndarray, float]:
    """Slope and right-hand side of `left - right == 0`."""
    found = parse_expression(f"({relation.left}) - ({relation.right})")
    if unknown := [name for name in found.names if name not in labels]:
        raise GraphError(f"Constraint {_text(relation)!r} has no label {nearest(unknown, labels)}.")
    zero, one = dict.fromkeys(found.names, 0.5), dict.fromkeys(found.names, 1.75)
    slope, again = found.gradient(zero), found.gradient(one)
    value = sum(slope[name] * zero[name] for name in found.names) - found.value(zero)
    is_linear = found.names and all(abs(slope[name] - again[name]) <= 1e-9 for name in found.names)
    if not is_linear or not np.isfinite(value) or not np.isreal(value):
        raise GraphError(
            f"Constraint {_text(relation)!r} is not linear in labels, with finite numbers; only linear constraints are "
            f"supported."
        )
    return np.array([slope.get(name, 0.0) for name in parameters]), float(np.real(value))


def _text(relation: Relation) -> str:
    return f"{relation.left} == {relation.right}"

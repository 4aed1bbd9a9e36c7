"""Leaves of a small tree as rules that a person can read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.estimation.doubly_robust.leaf_bounds import Bounds, leaf_bounds

__all__ = ["Region", "regions"]

MAX_DEPTH = 3
EXPECTED = 10.0
"""Units of the rarer arm that a leaf would hold by chance; with so many, none at all is no accident."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One leaf.

    Attributes
    ----------
    rule : str
        Such as "earnings 1974 > 12,000 and married".
    within : bool, shape (n,)
    """

    rule: str
    within: np.ndarray


def regions(X: np.ndarray, names: tuple[str, ...], t: np.ndarray) -> list[Region]:
    """Regions of the covariates that tell the arms apart most, by a tree of depth 3.

    Parameters
    ----------
    X : float64, shape (n, p)
    names : tuple of str, length p
    t : float64, shape (n,)
        0 or 1.

    Examples
    --------
    >>> age = np.arange(200.0)
    >>> [region.rule for region in regions(age[:, None], ("age",), (age < 100) * 1.0)]
    ['age <= 99.5', 'age > 99.5']
    """
    from sklearn.tree import DecisionTreeClassifier

    rare = max(float(min(t.mean(), 1 - t.mean())), 1e-12)
    leaf = min(int(np.ceil(EXPECTED / rare)), max(2, len(t) // 4))
    fitted = DecisionTreeClassifier(
        max_depth=MAX_DEPTH, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    ).fit(X, t)
    places = fitted.apply(X)
    flags = [set(np.unique(column)) <= {0.0, 1.0} for column in X.T]
    return [Region(_words(bounds, names, flags), places == node) for node, bounds in leaf_bounds(fitted.tree_).items()]


def _words(bounds: Bounds, names: tuple[str, ...], flags: list[bool]) -> str:
    return " and ".join(_condition(names[at], flags[at], *cuts) for at, cuts in bounds.items()) or "all units"


def _condition(name: str, is_flag: bool, low: float, high: float) -> str:
    if is_flag:
        return name if low > 0 else f"not {name}"
    if not np.isfinite(low):
        return f"{name} <= {high:,.4g}" if abs(high) < 1e4 else f"{name} <= {high:,.0f}"
    ends = [f"{end:,.4g}" if abs(end) < 1e4 else f"{end:,.0f}" for end in (low, high)]
    return f"{name} > {ends[0]}" if not np.isfinite(high) else f"{ends[0]} < {name} <= {ends[1]}"

"""Who has no counterpart in the other arm, as a rule that people can read."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.doubly_robust.leaf_bounds import Bounds, leaf_bounds
from causalrec.estimation.doubly_robust.two_arms import TwoArms

__all__ = ["MARGIN", "MAX_CLIPPED", "refuse_no_overlap", "where_overlap_fails"]

MAX_CLIPPED = 0.2
"""Share of units with a propensity next to 0 or 1 above which an average over all of them is refused."""

MARGIN = 0.01
"""Propensity that counts as next to 0, or 1 less it, where an estimator does not clip."""

MAX_DEPTH, MIN_LEAF, MIN_SHARE = 3, 0.02, 0.5


def where_overlap_fails(X: np.ndarray, names: tuple[str, ...], fails: np.ndarray, *, n_rules: int = 3) -> list[str]:
    """Rules over the covariates for the units whose overlap fails; the largest groups first.

    A tree of depth 3 over the covariates; its leaves in which most units fail are the rules.

    Parameters
    ----------
    X : float64, shape (n, p)
    names : tuple of str, length p
    fails : bool, shape (n,)
    n_rules : int

    Returns
    -------
    list of str

    Examples
    --------
    >>> age = np.arange(100.0)[:, None]
    >>> where_overlap_fails(age, ("age",), age[:, 0] > 79)
    ['age > 79.5 (20 units, 100% of them without overlap)']
    """
    if not X.shape[1] or not fails.any():
        return []
    from sklearn.tree import DecisionTreeClassifier

    leaf = max(2, int(MIN_LEAF * len(X)))
    tree = DecisionTreeClassifier(max_depth=MAX_DEPTH, min_samples_leaf=leaf, random_state=0).fit(X, fails)
    leaves = tree.apply(X)
    found = [(leaves == node, _words(bounds, names)) for node, bounds in sorted(leaf_bounds(tree.tree_).items())]
    found = [(at, rule) for at, rule in found if fails[at].mean() >= MIN_SHARE]
    found.sort(key=lambda part: -int(fails[part[0]].sum()))
    return [
        f"{rule} ({at.sum():,} units, {fails[at].mean():.0%} of them without overlap)" for at, rule in found[:n_rules]
    ]


def refuse_no_overlap(
    arms: TwoArms, raw: np.ndarray, clip: float = MARGIN, target: str = "ATE", max_share: float = MAX_CLIPPED
) -> None:
    """Refuse an average over units of whom too many have nobody to be compared with.

    For the ATE those are units with a propensity outside [clip, 1 - clip]. The treated alone need untreated
    units like them: for the ATT those are treated units above 1 - clip. The ATO leaves such units out by itself.

    Raises
    ------
    EstimationError : with the share of such units and the rule that finds them.
    """
    if target == "ATO":
        return
    asked = np.ones(arms.n, dtype=bool) if target == "ATE" else arms.t == 1
    fails = asked & ((raw > 1 - clip) | ((raw < clip) & (target == "ATE")))
    share = float(arms.weight @ fails / (arms.weight @ asked))
    if share <= max_share:
        return
    rules = where_overlap_fails(arms.X[asked], arms.names, fails[asked])
    whom = f" Overlap fails for {'; '.join(rules)}." if rules else ""
    who = f"{arms.n:,} units" if target == "ATE" else f"{asked.sum():,} treated units"
    chance = f"below {clip:g} or above {1 - clip:g}" if target == "ATE" else f"above {1 - clip:g}"
    other = 'target="ATT" or "ATO"' if target == "ATE" else "the ATO"
    raise EstimationError(
        f"{share:.0%} of {who} have a chance of {arms.treatment!r} {chance} "
        f"and nobody to be compared with, so the data carry no {target}.{whom} Ask for {other}."
    )


def _words(bounds: Bounds, names: tuple[str, ...]) -> str:
    return " and ".join(_interval(names[at], *cuts) for at, cuts in bounds.items()) or "all units"


def _interval(name: str, low: float, high: float) -> str:
    if not np.isfinite(low):
        return f"{name} <= {high:,.4g}"
    return f"{name} > {low:,.4g}" if not np.isfinite(high) else f"{low:,.4g} < {name} <= {high:,.4g}"

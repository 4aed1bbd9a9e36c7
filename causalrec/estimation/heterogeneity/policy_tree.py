"""The best shallow tree of rules for whom to treat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.errors import EstimationError, NotFittedError, ShapeError
from causalrec.estimation.heterogeneity.tree_search import Rule, search
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["PolicyTree", "PolicyValue", "policy_value"]


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """Gain of a rule per unit, estimated on units that it was not learned from.

    Attributes
    ----------
    value, stderr : float
        Against treating nobody, costs deducted, in the outcome's unit.
    over_all, over_all_stderr : float
        Against treating everybody.
    share_treated : float
        In [0, 1].
    n : int
    """

    value: float
    stderr: float
    over_all: float
    over_all_stderr: float
    share_treated: float
    n: int

    def __str__(self) -> str:
        return (
            f"{self.value:+.4f} ± {self.stderr:.4f} a unit over treating nobody, {self.over_all:+.4f} ± "
            f"{self.over_all_stderr:.4f} over treating everybody; treats {self.share_treated:.0%} of {self.n:,} units"
        )


class PolicyTree:
    """Rules of depth 1 or 2 that treat where the doubly robust scores gain most.

    The search is exact over the cuts that it looks at: all of a column with at most `n_cuts` distinct cuts,
    else as many quantiles of it.

    Parameters
    ----------
    depth : int, 1 or 2
    cost : float
        What a treatment costs, in the outcome's unit.
    n_cuts : int
        Cuts of a column at most.
    min_units : int
        Fewest units of a leaf.

    Attributes
    ----------
    rule_ : Rule
    names_ : tuple of str

    References
    ----------
    Athey, Wager (2021), Econometrica 89(1). Zhou, Athey, Wager (2023), Operations Research 71(1).

    Examples
    --------
    >>> X = np.arange(8.0)[:, None]
    >>> print(PolicyTree(depth=1).fit(X, np.where(X[:, 0] > 3, 1.0, -1.0), names=("visits",)))
    visits <= 3.5: leave
    visits > 3.5: treat
    """

    def __init__(self, depth: int = 2, *, cost: float = 0.0, n_cuts: int = 100, min_units: int = 1):
        self.depth = depth
        self.cost = cost
        self.n_cuts = n_cuts
        self.min_units = min_units

    def fit(
        self, V: np.ndarray, score: np.ndarray, *, weight: np.ndarray | None = None, names: Sequence[str] = ()
    ) -> PolicyTree:  # fmt: skip
        """Learn rules.

        Parameters
        ----------
        V : float64, shape (n, q)
            What the rules may look at.
        score : float64, shape (n,)
            Doubly robust score of each unit's effect.
        weight : float64, shape (n,), optional
        names : sequence of str, optional

        Raises
        ------
        EstimationError : another depth than 1 or 2, no units, or values that are not finite.
        ShapeError : arrays that do not fit each other.
        """
        if self.depth not in (1, 2):
            raise EstimationError(f"Policy trees are searched exactly for depth 1 or 2, not {self.depth}.")
        if V.ndim != 2 or score.shape != (len(V),) or (names and len(names) != V.shape[1]):
            raise ShapeError(f"`V` {V.shape}, `score` {score.shape} and {len(names)} names do not fit each other.")
        if not len(V) or not (np.isfinite(V).all() and np.isfinite(score).all()):
            raise EstimationError("A policy tree needs units, all of them with finite columns and scores.")
        gain = (score - self.cost) * (1.0 if weight is None else weight)
        self.rule_: Rule = search(V, gain, self.depth, self.n_cuts, self.min_units)
        self.names_ = tuple(names) or tuple(f"column {k}" for k in range(V.shape[1]))
        return self

    def treat(self, V: np.ndarray) -> np.ndarray:
        """Whom the rules treat; bool, shape (n,)."""
        if not hasattr(self, "rule_"):
            raise NotFittedError("This PolicyTree is not fitted yet: call fit(V, score) first.")
        return self.rule_.treat(V)

    def __str__(self) -> str:
        if not hasattr(self, "rule_"):
            return f"PolicyTree(depth={self.depth}), not fitted"
        return "\n".join(self.rule_.lines(self.names_))


def policy_value(
    tree: PolicyTree, V: np.ndarray, score: np.ndarray, fold: np.ndarray, *, weight: np.ndarray | None = None,
    clusters: Mapping[str, np.ndarray] | None = None,
) -> PolicyValue:  # fmt: skip
    """Value of the rules that a tree of the same parameters learns, each fold judged by the rules of earlier folds.

    Judged in turn, every fold by all others, the folds would depend on each other and the error be too small;
    the first fold is therefore learned from only. The value is that of the rules of these folds, on average.

    Parameters
    ----------
    tree : PolicyTree
        Its parameters are taken; it is not fitted.
    V, score, weight
        As in `PolicyTree.fit`.
    fold : int64, shape (n,)
        Two folds or more, clusters whole within them; those of `held_out` make the scores honest too.
    clusters : mapping of str to int64, shape (n,), optional

    Raises
    ------
    EstimationError : one fold.
    """
    folds = np.unique(fold)
    if len(folds) < 2:
        raise EstimationError("Rules are judged on other folds than they are learned from; give two folds or more.")
    treated, judged = np.zeros(len(score), dtype=bool), fold > folds[0]
    for k in folds[1:]:
        train, test = fold < k, fold == k
        own = PolicyTree(tree.depth, cost=tree.cost, n_cuts=tree.n_cuts, min_units=tree.min_units)
        own.fit(V[train], score[train], weight=None if weight is None else weight[train])
        treated[test] = own.treat(V[test])
    treated, net = treated[judged], score[judged] - tree.cost
    w = np.ones(len(net)) if weight is None else weight[judged] / weight[judged].mean()
    gains = np.column_stack([treated * net, (treated - 1.0) * net])
    value = np.average(gains, axis=0, weights=w)
    codes = {name: np.unique(found[judged], return_inverse=True)[1] for name, found in (clusters or {}).items()}
    cov, _ = influence_covariance(w[:, None] * (gains - value), codes, 1)
    stderr = np.sqrt(np.diag(cov))
    share = float(np.average(treated, weights=w))
    return PolicyValue(float(value[0]), float(stderr[0]), float(value[1]), float(stderr[1]), share, len(net))

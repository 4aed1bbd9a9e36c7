"""Permutation baseline: does the graph fit better than the same graph with its names shuffled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from causalrec.falsification.implications import is_implied
from causalrec.falsification.tester import Tester
from causalrec.graph import CausalGraph
from causalrec.graph.independence import Independence
from causalrec.identification.deadline import Deadline

__all__ = ["PermutationBaseline", "permutation_baseline"]


@dataclass(frozen=True, slots=True)
class PermutationBaseline:
    """How a graph compares with its node permutations.

    Attributes
    ----------
    n_permutations : int
        Those that were run; 0 where there was no time or nothing to test.
    violations, n_statements : int, or None
        Statements of the graph that fail at the level, each for itself, of so many; None where none was run.
    as_good : float
        Share of permutations with as few violations: small when the data speak for the graph.
    equivalent : float
        Share of permutations that imply what the graph implies: small when the graph says something of its own.
    alpha : float
    """

    n_permutations: int
    violations: int | None
    n_statements: int
    as_good: float
    equivalent: float
    alpha: float

    @property
    def falsifiable(self) -> bool | None:
        """Whether the graph says so much that shuffled ones differ from it; None where nothing was run."""
        return None if not self.n_permutations else bool(self.equivalent < self.alpha)

    @property
    def falsified(self) -> bool | None:
        """Whether the graph could have beaten shuffled ones and does not; None where nothing was run."""
        return None if not self.n_permutations else bool(self.falsifiable and self.as_good > self.alpha)

    def __str__(self) -> str:
        if not self.n_permutations:
            return "No node permutation was run: the graph was not compared with chance."
        share = f"{self.as_good:.0%} of {self.n_permutations} node permutations violate as few"
        if self.n_permutations * self.alpha < 1:
            return f"{share}: too few permutations to tell at level {self.alpha:g}."
        if not self.falsifiable:
            return (
                f"{share}, but {self.equivalent:.0%} of them say the same as the graph: it cannot be told from chance."
            )
        return f"{share}: the graph {'is no better than chance' if self.falsified else 'beats chance'}."


def permutation_baseline(
    graph: CausalGraph,
    statements: Sequence[Independence],
    nodes: Sequence[str],
    tester: Tester,
    *,
    alpha: float,
    n_permutations: int,
    deadline: Deadline,
    random_state: int,
) -> PermutationBaseline:
    """Compare the violations of `statements` with those of node permutations.

    A permutation moves the names of `nodes`, so its statements are those of the graph with other names. If there
    are no more than `n_permutations` orders, each is taken once.

    References
    ----------
    Eulig, Mastakouri, Blöbaum, Hardt, Janzing (2023), Toward falsifying causal graphs using a permutation-based
    test, arXiv:2305.09565.
    """

    def violations(order: Sequence[str]) -> tuple[int, bool] | None:
        named = dict(zip(nodes, order, strict=True))
        renamed = [_renamed(statement, named) for statement in statements]
        failing = 0
        for statement in renamed:
            if deadline.is_over:
                return None
            failing += tester(statement).p_value <= alpha
        return failing, all(is_implied(graph, statement) for statement in renamed)

    given = violations(nodes) if statements and n_permutations else None
    if given is None:
        return PermutationBaseline(0, None, len(statements), float("nan"), float("nan"), alpha)
    orders = _orders(nodes, n_permutations, random_state)
    found = [outcome for outcome in map(violations, orders) if outcome is not None]
    as_good = np.mean([failing <= given[0] for failing, _ in found]) if found else np.nan
    same = np.mean([implied for _, implied in found]) if found else np.nan
    return PermutationBaseline(len(found), given[0], len(statements), float(as_good), float(same), alpha)


def _renamed(statement: Independence, named: dict[str, str]) -> Independence:
    x, y, given = (
        tuple(named.get(name, name) for name in names) for names in (statement.x, statement.y, statement.given)
    )
    return Independence(x, y, given)


def _orders(nodes: Sequence[str], n_permutations: int, random_state: int) -> Iterator[Sequence[str]]:
    if len(nodes) <= 12 and factorial(len(nodes)) <= n_permutations:
        yield from permutations(nodes)
        return
    rng = np.random.default_rng(random_state)
    for _ in range(n_permutations):
        yield [nodes[k] for k in rng.permutation(len(nodes))]

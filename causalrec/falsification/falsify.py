"""A graph against a table: test what the graph implies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from causalrec.errors import DataError, MissingColumnsError
from causalrec.falsification.correction import corrected
from causalrec.falsification.falsification import Falsification, Implication
from causalrec.falsification.implications import implications, local_statements, with_latent
from causalrec.falsification.permutation import permutation_baseline
from causalrec.falsification.repair import Repair, repair, repaired_graph
from causalrec.falsification.table import Columns, column_names, read_variables, realised
from causalrec.falsification.tester import Test, Tester
from causalrec.graph import CausalGraph
from causalrec.graph.independence import Independence
from causalrec.identification.deadline import Deadline

__all__ = ["falsify"]


def falsify(
    graph: CausalGraph,
    data: Any,
    *,
    alpha: float = 0.05,
    correction: str = "holm",
    missing: str = "refuse",
    columns: Columns | None = None,
    kinds: Mapping[str, str] | None = None,
    test: Test | None = None,
    n_permutations: int = 20,
    deadline: float | None = None,
    random_state: int = 0,
) -> Falsification:
    """Test the independences that a graph implies between measured nodes.

    Latent nodes are never tested. Nodes with the role "selected" that the table lacks, or in which it does not
    vary, are always given: every row has them.

    Parameters
    ----------
    graph : CausalGraph
    data : mapping of str to array, dataframe, Arrow table or flat Dataset
        One row a unit; rows are taken as independent of each other. A matrix, or a column of lists, is a block.
    alpha : float
        Level, of all tests together under "holm" and "bonferroni".
    correction : {"holm", "bonferroni", "benjamini-hochberg", "none"}
    missing : {"refuse", "latent"}
        What a node that the table lacks is.
    columns : mapping of str to str or sequence of str, optional
        Columns of a node where they do not have its name; several make a block.
    kinds : mapping of str to {"continuous", "discrete", "block"}, optional
        In place of what the values suggest.
    test : callable, optional
        Test of two `Variable` and a tuple of those given that returns an `IndependenceTest`; default
        `independence_test`.
    n_permutations : int
        Node permutations of the baseline; 0 for none.
    deadline : float, optional
        Seconds after which the rest is left out, and listed.
    random_state : int

    Raises
    ------
    MissingColumnsError : the table lacks nodes of the graph; all of them, with the nearest names.
    DataError : values are missing, or an option is not one of those above.

    References
    ----------
    Eulig, Mastakouri, Blöbaum, Hardt, Janzing (2023), arXiv:2305.09565: the permutation baseline.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> season = rng.normal(size=500)
    >>> display = season + rng.normal(size=500)
    >>> purchased = display + season + rng.normal(size=500)
    >>> graph = CausalGraph([("season", "display"), ("display", "purchased")])
    >>> result = falsify(graph, {"season": season, "display": display, "purchased": purchased})
    >>> print(result.sentence)
    0 of 1 implications hold; this one does not: purchased ⊥ season | display; an edge between season and purchased
    would repair it.
    """
    _check(alpha, missing, n_permutations)
    ends = Deadline(deadline, "the tests")
    graph, variables, conditioned = _bound(graph, data, missing, columns, kinds)
    tester = Tester(variables, test, random_state)
    statements = list(implications(graph, conditioned))
    tested, left_out = _tested(statements, tester, ends)
    table = _table(tested, tester, alpha, correction)
    failing = [implication.statement for implication in table if implication.holds is False]
    proposal = _proposal(graph, failing, conditioned, tester, alpha, correction, ends) if failing else None
    baseline = permutation_baseline(
        graph,
        local_statements(graph, conditioned),
        [node for node in variables if node not in conditioned],
        tester,
        alpha=alpha,
        n_permutations=n_permutations,
        deadline=ends,
        random_state=random_state,
    )
    return Falsification(table, left_out, proposal, baseline, alpha, correction)


def _check(alpha: float, missing: str, n_permutations: int) -> None:
    if not 0 < alpha < 0.8:
        raise DataError(f"`alpha` is {alpha}; a level lies above 0 and below the power of 0.8.")
    if missing not in ("refuse", "latent"):
        raise DataError(f"`missing` is {missing!r}; it is 'refuse' or 'latent'.")
    if n_permutations < 0:
        raise DataError(f"`n_permutations` is {n_permutations}; give 0 or more.")


def _bound(graph: CausalGraph, data: Any, missing: str, columns: Columns | None, kinds: Mapping[str, str] | None):
    """The graph as the table measures it, the variables, and the nodes that every row has."""
    observed = [node for node in graph.nodes if node not in graph.latent]
    of_node = realised(data, observed, columns)
    known = column_names(data)
    selected = [node for node in graph.nodes_with("selected") if node not in graph.latent]
    absent = [node for node in observed if node not in (columns or {}) and not set(of_node[node]) <= set(known)]
    always = [node for node in selected if node in absent]
    hidden = [node for node in absent if node not in always]
    named = dict.fromkeys(name for node in columns or {} for name in of_node[node])
    refused = [name for name in (*named, *(hidden if missing == "refuse" else ())) if name not in known]
    if refused:
        raise MissingColumnsError(refused, "data", known)
    graph = with_latent(graph, hidden)
    wanted = {node: names for node, names in of_node.items() if node not in absent}
    variables = read_variables(data, wanted, kinds)
    always += [node for node in selected if node in variables and not np.ptp(variables[node].values, axis=0).any()]
    return graph, variables, tuple(always)


def _tested(
    statements: Sequence[Independence], tester: Tester, deadline: Deadline
) -> tuple[tuple[Independence, ...], tuple[Independence, ...]]:
    for position, statement in enumerate(statements):
        if deadline.is_over:
            return tuple(statements[:position]), tuple(statements[position:])
        tester(statement)
    return tuple(statements), ()


def _table(
    statements: Sequence[Independence], tester: Tester, alpha: float, correction: str
) -> tuple[Implication, ...]:
    tests = [tester(statement) for statement in statements]
    p_values = np.array([test.p_value for test in tests if test.is_testable])
    in_turn = iter(corrected(p_values, correction))
    level = alpha if correction == "none" else alpha / max(len(p_values), 1)
    rows = []
    for statement, test in zip(statements, tests, strict=True):
        if not test.is_testable:
            rows.append(Implication(statement, test, 1.0, None, float("nan")))
            continue
        p_corrected = float(next(in_turn))
        rows.append(
            Implication(statement, test, p_corrected, p_corrected > alpha, test.smallest_dependence(alpha=level))
        )
    return tuple(rows)


def _proposal(
    graph: CausalGraph,
    failing: Sequence[Independence],
    conditioned: tuple[str, ...],
    tester: Tester,
    alpha: float,
    correction: str,
    deadline: Deadline,
) -> Repair:
    """Edges that would repair what fails, and what fails of that graph in its turn, until nothing does."""
    proposal, left = Repair((), ()), list(failing)
    while left:
        more = repair(repaired_graph(graph, proposal), left, deadline)
        repaired = tuple(s for s in failing if s in proposal.repaired or s in more.repaired)
        proposal = Repair((*proposal.edges, *more.edges), repaired)
        repaired_now = repaired_graph(graph, proposal)
        statements = list(implications(repaired_now, conditioned))
        _, left_out = _tested(statements, tester, deadline)
        if left_out:
            return proposal
        table = _table(statements, tester, alpha, correction)
        left = [row.statement for row in table if row.holds is False]
        proposal = replace(proposal, failing=tuple(left))
        if not more.edges:
            break
    return proposal

"""A graph from data, for those without one: PC-stable with background knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from causalrec.errors import DataError
from causalrec.falsification.discovery import Discovery
from causalrec.falsification.knowledge import Knowledge, Pair
from causalrec.falsification.orientation import oriented
from causalrec.falsification.skeleton import PValue, skeleton
from causalrec.falsification.table import Columns, column_names, read_variables, realised
from causalrec.falsification.tester import Test, Tester
from causalrec.falsification.variable import Variable
from causalrec.graph.independence import Independence
from causalrec.identification.deadline import Deadline

__all__ = ["discover", "pc"]


def discover(
    data: Any,
    *,
    nodes: Iterable[str] | None = None,
    method: str = "pc",
    alpha: float = 0.01,
    tiers: Iterable[Iterable[str]] | None = None,
    forbidden: Iterable[Pair] = (),
    required: Iterable[Pair] = (),
    columns: Columns | None = None,
    kinds: Mapping[str, str] | None = None,
    test: Test | None = None,
    max_given: int | None = None,
    deadline: float | None = None,
    random_state: int = 0,
) -> Discovery:
    """Partially directed graph that the independences in a table speak for.

    Discovery proposes and a person decides: it assumes that no common cause is unmeasured and no rows were
    selected, and that each dependence is strong enough to be seen.

    Parameters
    ----------
    data : mapping of str to array, dataframe, Arrow table or flat Dataset
        One row a unit; rows are taken as independent of each other. A matrix, or a column of lists, is a block.
    nodes : iterable of str, optional
        Which to look at; default those of `columns` and all columns of the table that they do not use.
    method : {"pc"}
    alpha : float
        Level of each test; a larger one keeps more edges.
    tiers : iterable of iterable of str, optional
        Nodes by time, the earliest first: nothing causes what came before.
    forbidden, required : iterable of (str, str)
        Edges that are not there, and edges that are, cause first.
    columns, kinds, test : as in `falsify`
    max_given : int, optional
        Largest set that is tried to separate two nodes.
    deadline : float, optional
        Seconds after which the search stops; pairs not tested to the end stay adjacent and are listed.
    random_state : int

    Raises
    ------
    MissingColumnsError : the table lacks `nodes`.
    DataError : values are missing, or an option is not one of those above.
    GraphError : the knowledge contradicts itself.

    References
    ----------
    Colombo, Maathuis (2014), Order-independent constraint-based causal structure learning, JMLR 15, 3741-3782.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> season, promotion = rng.normal(size=(2, 500))
    >>> sold = season + promotion + rng.normal(size=500)
    >>> found = discover({"season": season, "promotion": promotion, "sold": sold})
    >>> found.graph.edges
    (('season', 'sold'), ('promotion', 'sold'))
    """
    if method != "pc":
        raise DataError(f"There is no method {method!r}; 'pc' is the one.")
    ends = Deadline(deadline, "the tests")
    chosen = _chosen(data, nodes, columns)
    variables = read_variables(data, realised(data, chosen, columns), kinds)
    _refuse_untestable(variables)
    tester = Tester(variables, test, random_state)
    n_untestable = 0

    def p_value(x: str, y: str, given: tuple[str, ...]) -> float:
        nonlocal n_untestable
        outcome = tester(Independence((x,), (y,), given))
        n_untestable += not outcome.is_testable
        return outcome.p_value if outcome.is_testable else float("nan")

    knowledge = Knowledge.of(chosen, tiers, forbidden, required)
    found = _pc(chosen, p_value, alpha, knowledge, max_given, ends)
    return replace(found, n_tests=tester.n_tests, n_untestable=n_untestable)


def _refuse_untestable(variables: Mapping[str, Variable]) -> None:
    # No test says anything of such a column, so each edge at it would stay and point somewhere.
    n = len(next(iter(variables.values()))) if variables else 0
    constant = [name for name, one in variables.items() if n == 0 or (one.values == one.values[0]).all()]
    ids = [name for name, one in variables.items() if one.kind == "discrete" and 2 * (one.n_levels or 0) > n > 2]
    for names, what in ((constant, "has no two different values"), (ids, "has a value of its own in most rows")):
        if names:
            raise DataError(
                f"{' and '.join(map(repr, names))} {what}: nothing can be tested against it, and discovery would only "
                f"guess. Leave it out of `nodes`."
            )


def pc(
    nodes: Sequence[str],
    p_value: PValue,
    *,
    alpha: float = 0.01,
    tiers: Iterable[Iterable[str]] | None = None,
    forbidden: Iterable[Pair] = (),
    required: Iterable[Pair] = (),
    max_given: int | None = None,
    deadline: float | None = None,
) -> Discovery:
    """PC-stable on any test: `p_value(x, y, given)` gives p, or NaN where it cannot tell.

    Parameters
    ----------
    nodes : sequence of str
    p_value : callable
        A test on data, or an oracle that returns 0 or 1.
    alpha, tiers, forbidden, required, max_given, deadline : as in `discover`

    Raises
    ------
    GraphError : the knowledge contradicts itself.

    Examples
    --------
    >>> from causalrec.graph import CausalGraph
    >>> truth = CausalGraph([("season", "sold"), ("promotion", "sold")])
    >>> pc(truth.nodes, lambda x, y, given: float(truth.is_separated(x, y, given))).graph.edges
    (('season', 'sold'), ('promotion', 'sold'))
    """
    knowledge = Knowledge.of(nodes, tiers, forbidden, required)
    n_tests = 0

    def counted(x: str, y: str, given: tuple[str, ...]) -> float:
        nonlocal n_tests
        n_tests += 1
        return p_value(x, y, given)

    return replace(_pc(nodes, counted, alpha, knowledge, max_given, Deadline(deadline, "the tests")), n_tests=n_tests)


def _pc(
    nodes: Sequence[str], p_value: PValue, alpha: float, knowledge: Knowledge, max_given: int | None, deadline: Deadline
) -> Discovery:
    if not 0 < alpha < 1:
        raise DataError(f"`alpha` is {alpha}; a level lies between 0 and 1.")
    if max_given is not None and max_given < 0:
        raise DataError(f"`max_given` is {max_given}; give 0 or more, or None.")
    found = skeleton(nodes, p_value, alpha=alpha, knowledge=knowledge, max_given=max_given, deadline=deadline)
    graph, conflicts = oriented(nodes, found, knowledge)
    return Discovery(graph, found.removed, conflicts, found.left_out, "PC", alpha)


def _chosen(data: Any, nodes: Iterable[str] | None, columns: Columns | None) -> tuple[str, ...]:
    if nodes is not None:
        return tuple(dict.fromkeys((nodes,) if isinstance(nodes, str) else nodes))
    used = {name for names in (columns or {}).values() for name in ((names,) if isinstance(names, str) else names)}
    return (
        *(columns or {}),
        *(name for name in column_names(data) if name not in used and name not in (columns or {})),
    )

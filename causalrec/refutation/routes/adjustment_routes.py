"""Other adjustment sets that a graph allows: minimal ones, and larger ones that are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from causalrec.data.bindings import names_of
from causalrec.errors import NotIdentifiableError, UndecidedError
from causalrec.identification import adjustment_sets, is_adjustment_set
from causalrec.refutation.attacked import Attacked

__all__ = ["OtherSets", "is_measured", "other_adjustment_sets"]

MAX_MINIMAL, N_SUPERSETS, MAX_LISTED = 6, 3, 200
SEARCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class OtherSets:
    """Sets beside the effect's own.

    Attributes
    ----------
    sets : tuple of tuple of str
    n_left_out : int
        Further minimal sets that are there and not among them.
    all_listed : bool
        Whether the search ended, so that `n_left_out` is the whole number.
    """

    sets: tuple[tuple[str, ...], ...]
    n_left_out: int
    all_listed: bool


def other_adjustment_sets(attacked: Attacked) -> OtherSets:
    """Minimal sets first, then larger ones drawn among those that stay valid; the effect's own is left out."""
    estimand, graph = attacked.estimand, attacked.graph
    asked = graph, estimand.treatment, estimand.outcome
    hidden = [node for node in graph.nodes if node not in graph.latent and not is_measured(attacked, node)]  # type: ignore[union-attr]
    own, kept = frozenset(estimand.adjustment), frozenset(estimand.selected)
    found, all_listed = [], True
    try:
        listed = adjustment_sets(*asked, include=kept, exclude=hidden, deadline=SEARCH_SECONDS)  # type: ignore[arg-type]
        found = [one - kept for one in islice(listed, MAX_LISTED)]
        all_listed = len(found) < MAX_LISTED
    except UndecidedError:
        all_listed = False
    except NotIdentifiableError:
        return OtherSets((), 0, True)
    minimal = sorted({one for one in found if one != own}, key=lambda one: (len(one), sorted(one)))
    used = minimal[:MAX_MINIMAL]
    larger = _supersets(attacked, [*used, own] if used else [own], frozenset(hidden))
    listed_sets = tuple(tuple(sorted(one)) for one in (*used, *larger))
    return OtherSets(listed_sets, len(minimal) - len(used), all_listed)


def _supersets(attacked: Attacked, known: list[frozenset[str]], hidden: frozenset[str]) -> list[frozenset[str]]:
    """Larger valid sets, each from one that is known and some nodes beside it."""
    estimand, graph = attacked.estimand, attacked.graph
    rng = np.random.default_rng(attacked.random_state)
    ends = {*estimand.treatment, estimand.outcome, *estimand.selected}
    pool = [node for node in graph.nodes if node not in ends | hidden | graph.latent]  # type: ignore[union-attr]
    seen, drawn = set(known), list[frozenset[str]]()
    for _ in range(8 * N_SUPERSETS):
        if len(drawn) == N_SUPERSETS or not pool:
            break
        start = known[int(rng.integers(len(known)))]
        larger = start | {node for node in pool if rng.random() < 0.5}
        if larger not in seen and _valid(attacked, larger):
            drawn.append(larger)
        seen.add(larger)
    return drawn


def _valid(attacked: Attacked, chosen: frozenset[str]) -> bool:
    estimand = attacked.estimand
    return bool(
        is_adjustment_set(attacked.graph, estimand.treatment, estimand.outcome, chosen | set(estimand.selected))  # type: ignore[arg-type]
    )


def is_measured(attacked: Attacked, node: str) -> bool:
    """Whether the tables hold the columns of a node."""
    known = {name for table in attacked.data.tables.values() for name in table.column_names}
    return known.issuperset(names_of(attacked.data.column(node)))

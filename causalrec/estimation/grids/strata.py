"""Treated and untreated visits and purchases, counted within strata of item, context and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causalrec.data import Grid
from causalrec.data.ids import crossed
from causalrec.errors import EstimationError

__all__ = ["HISTORY_EDGES", "PairCounts", "Strata", "count_strata"]

HISTORY_EDGES = (1, 2, 4, 8)  # purchases before the period: none, 1, 2-3, 4-7, 8 and more


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Strata that hold a purchase and both kinds of visits.

    Attributes
    ----------
    item, history : int64, shape (n_strata,)
    block : int64, shape (n_strata,)
        The group of contexts (a store in four weeks) that the stratum lies in.
    visits_treated, visits_untreated, bought_treated, bought : float64, shape (n_strata,)
    """

    item: np.ndarray
    history: np.ndarray
    block: np.ndarray
    visits_treated: np.ndarray
    visits_untreated: np.ndarray
    bought_treated: np.ndarray
    bought: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """Totals of each user and item over the whole log.

    Attributes
    ----------
    bought : float64, shape (n_users, n_items)
    visits_treated : float64, shape (n_users, n_items)
        Visits in which the item was treated.
    visits : float64, shape (n_users,)
    history : int64, shape (n_users, n_items)
        Group of the purchases so far, by `HISTORY_EDGES`.
    """

    bought: np.ndarray
    visits_treated: np.ndarray
    visits: np.ndarray
    history: np.ndarray


def count_strata(
    units: Grid, treated: np.ndarray, held: np.ndarray, period: np.ndarray, groups: Sequence[np.ndarray], *,
    by_history: bool = True,
) -> tuple[Strata, PairCounts]:  # fmt: skip
    """Count one stratum for each item, group of contexts, held covariate and purchase history.

    History is what the user bought in *earlier* periods, so that no outcome decides its own stratum.
    The first period has no history and only builds it.

    Parameters
    ----------
    units : Grid
    treated : bool, shape (n_contexts, n_items)
    held : int64, shape (n_contexts, n_items)
        Joint code of the other treatments in the adjustment set; each value is a stratum of its own.
    period : int64, shape (n_contexts,)
    groups : sequence of int64 arrays, each (n_contexts,)
        Contexts are compared within these groups and `period`.
    by_history : bool
        Without it all pairs are one history, and the first period counts too.

    Raises
    ------
    EstimationError : no stratum has a purchase and both kinds of visits.
    """
    block, first = crossed(period, *groups)
    order = np.argsort(period[first], kind="stable")
    visits_of, bought_of = _rows_by(block[units.visit_context]), _rows_by(block[units.bought_context])
    edges = np.array(HISTORY_EDGES if by_history else ())
    counts = np.zeros((len(units.users), units.n_items))
    found = []
    for now in np.unique(period):
        blocks = order[period[first[order]] == now]
        if now > period.min() or not by_history:
            history = np.digitize(counts, edges) if len(edges) else np.zeros(counts.shape, dtype=np.int64)
            found += [_count_block(units, treated, held, history, visits_of(at), bought_of(at), at) for at in blocks]
        rows = np.concatenate([bought_of(at) for at in blocks])
        np.add.at(counts, (units.bought_user[rows], units.bought_item[rows]), 1)
    strata = Strata(*(np.concatenate([part[k] for part in found]) if found else np.empty(0) for k in range(7)))
    if not len(strata.item):
        raise EstimationError(
            "No stratum has a purchase and both treated and untreated visits; compare coarser groups."
        )
    return strata, _pair_counts(units, treated, counts, edges)


def _count_block(units, treated, held, history, visits, bought, block):
    """Strata of one group of contexts in one period: the only place where its units are looked at."""
    n_items, n_held, n_history = units.n_items, int(held.max()) + 1, int(history.max()) + 1
    shape = (n_held * n_history, 2, n_items)
    item = np.arange(n_items)

    def tally(user, context, items):
        group = held[context, items] * n_history + history[user, items]
        code = (group * 2 + treated[context, items]) * n_items + items
        return np.bincount(code.ravel(), minlength=np.prod(shape)).reshape(shape).astype(float)

    at = units.visit_user[visits][:, None], units.visit_context[visits][:, None]
    n = tally(*at, item[None, :])
    k = tally(units.bought_user[bought], units.bought_context[bought], units.bought_item[bought])
    group, which = np.nonzero((n[:, 0] > 0) & (n[:, 1] > 0) & (k.sum(axis=1) > 0))
    cell = group, slice(None), which
    n, k = n[cell], k[cell]
    return which, group % n_history, np.full(len(which), block), n[:, 1], n[:, 0], k[:, 1], k.sum(axis=1)


def _pair_counts(units: Grid, treated: np.ndarray, counts: np.ndarray, edges: np.ndarray) -> PairCounts:
    import scipy.sparse as sp

    ones = np.ones(len(units.visit_user))
    visits = sp.csr_array((ones, (units.visit_user, units.visit_context)), shape=(len(units.users), units.n_contexts))
    return PairCounts(
        bought=counts,
        visits_treated=visits @ treated.astype(float),
        visits=np.bincount(units.visit_user, minlength=len(units.users)).astype(float),
        history=np.digitize(counts, edges) if len(edges) else np.zeros(counts.shape, dtype=np.int64),
    )


def _rows_by(codes: np.ndarray):
    """A function that gives the rows of one code."""
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(int(codes.max(initial=-1)) + 2))
    return lambda code: order[bounds[code] : bounds[code + 1]] if code + 1 < len(bounds) else order[:0]

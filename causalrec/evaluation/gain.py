"""What treating the top of a ranking would gain, from a log in which treatments came and went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.data import Dataset, Ranking
from causalrec.data.ids import codes_of
from causalrec.errors import DataError, EstimationError
from causalrec.evaluation.bootstrap import pigeonhole_weights
from causalrec.evaluation.comparison import Gain, GainComparison
from causalrec.evaluation.counts import TreatmentCounts, treatment_counts

__all__ = ["compare_gain", "uplift_gain"]

EXACT = 2**22  # whole numbers whose sums over a draw stay exact in single precision


def uplift_gain(
    ranking: Ranking, data: Dataset, treatments: Sequence[str] = ("display", "mailer"), k: int | None = 10,
    candidates: Sequence[str] | None = None, *, n_draws: int = 1000, random_state: int = 0,
) -> Gain:  # fmt: skip
    """Purchases gained per thousand units by treating the top k; see `compare_gain`, also for the errors."""
    found = compare_gain(
        {"ranking": ranking}, data, treatments, k, candidates, n_draws=n_draws, random_state=random_state
    )
    return found.gain("ranking")


def compare_gain(
    rankings: Mapping[str, Ranking], data: Dataset, treatments: Sequence[str] = ("display", "mailer"),
    k: int | Sequence[int | None] | None = 10, candidates: Sequence[str] | None = None, *,
    n_draws: int = 1000, random_state: int = 0,
) -> GainComparison:  # fmt: skip
    """Purchases gained per thousand units by treating each ranking's top k, and paired differences.

    A unit is a visit and one of the visitor's top k items. The gain compares an item's treated units
    with its untreated ones and averages over the items with the weight n1 n0 / (n1 + n0): it is the
    coefficient of the treatment in a regression of the purchase with an effect for each item. An item
    is compared with itself only, so that selling anyway is worth nothing.

    Intervals hold the rankings fixed and err on the wide side: in simulated logs of 120 users and 40
    items, 95% intervals of a difference held the truth in 99% of the worlds, and those that resample
    users alone in 79%.

    Parameters
    ----------
    rankings : mapping of str to Ranking
        The first is the one in question. For some user each must hold k candidates or more.
    data : Dataset
        A log of visits that the rankings have not seen.
    treatments : sequence of str
        An item counts as treated where any of them is on.
    k : int, None, or a sequence of them
        Length of the lists, counted in candidates. None takes whole lists, which may differ in length:
        a budget spends more on some users than on others.
    candidates : sequence of str, optional
        Items that may be listed; default: those treated in 5% to 95% of the units.
    n_draws : int
        Draws of the pigeonhole bootstrap, the same for all rankings.
    random_state : int

    Raises
    ------
    DataError : a user or item that the log does not know, a pair that is ranked twice, or a ranking that is too short.
    EstimationError : no listed item was treated in some units and not in others.

    References
    ----------
    Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), 386-411.
    """
    ks = tuple(k) if isinstance(k, Sequence) else (k,)
    longest = max((length for length in ks if length is not None), default=1)
    counts = treatment_counts(data, treatments)
    allowed = counts.candidates() if candidates is None else _known_items(candidates, counts)
    places = {name: _places(name, ranking, counts, allowed, longest) for name, ranking in rankings.items()}
    return _compare(_only(counts, allowed), {n: p[:, allowed] for n, p in places.items()}, ks, n_draws, random_state)


def _compare(
    counts: np.ndarray, places: Mapping[str, np.ndarray], ks: tuple[int | None, ...], n_draws: int, random_state: int
) -> GainComparison:
    """Gains from counts of shape (4, n_users, n_items) and the place of each item in each user's list, 0 if none."""
    present = counts[:2].sum((0, 2)) > 0
    counts = counts[:, present]
    users, items = pigeonhole_weights(counts.shape[1], counts.shape[2], n_draws, random_state)
    users, shape = users.astype(counts.dtype), (len(places), len(ks))
    value, n_units, n_listed = np.empty(shape), np.empty(shape, dtype=np.int64), np.empty(shape)
    draws, by_user = np.empty((n_draws, *shape)), np.empty((n_draws, *shape))
    for i, (name, place) in enumerate(places.items()):
        for j, k in enumerate(ks):
            listed = (place[present] > 0) & (place[present] <= (k or place.max()))
            used = np.flatnonzero(listed.any(0))
            top = counts[:, :, used] * listed[:, used]
            total = top.sum(1, dtype=float)
            n_listed[i, j] = listed.sum(1).mean()
            value[i, j], n_units[i, j] = _gain(total, np.ones(len(used))), int(total[:2].sum())
            if not np.isfinite(value[i, j]):
                raise EstimationError(_no_contrast(name, k))
            drawn = np.stack([_drawn(users, part) for part in top])
            draws[:, i, j], by_user[:, i, j] = _gain(drawn, items[:, used]), _gain(drawn, np.ones(len(used)))
    n_users, n_items = counts.shape[1:]
    return GainComparison(tuple(places), ks, value, draws, by_user, n_units, n_listed, n_users, n_items)


def _drawn(users: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Totals of each item in each draw of users; float64, shape (n_draws, n_items)."""
    import scipy.sparse as sp

    sparse = np.count_nonzero(part) < 0.05 * part.size  # below that share of cells sparse products are faster
    return ((sp.csr_array(part.T) @ users.T).T if sparse else users @ part).astype(float)


def _gain(totals: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Treated less untreated within item, per thousand; totals (4, ..., n_items), NaN where nothing can be compared."""
    n1, n0, y1, y0 = totals
    overlap = weights * n1 * n0 / np.maximum(n1 + n0, 1)
    difference = y1 / np.maximum(n1, 1) - y0 / np.maximum(n0, 1)
    total = overlap.sum(-1)
    with np.errstate(invalid="ignore"):
        return 1000 * (overlap * difference).sum(-1) / total


def _only(counts: TreatmentCounts, allowed: np.ndarray) -> np.ndarray:
    """The four counts of the allowed items, shape (4, n_users, n_allowed); single precision where that is exact."""
    parts = (counts.treated, counts.untreated, counts.bought_treated, counts.bought_untreated)
    found = np.stack([part[:, allowed] for part in parts])
    return found.astype(np.float32) if found.sum(1).max(initial=0) < EXACT else found


def _known_items(candidates: Sequence[str], counts: TreatmentCounts) -> np.ndarray:
    allowed = np.zeros(len(counts.items), dtype=bool)
    allowed[_codes(np.asarray(candidates), counts.items, "items")] = True
    return allowed


def _places(name: str, ranking: Ranking, counts: TreatmentCounts, allowed: np.ndarray, k: int) -> np.ndarray:
    """Place of each candidate in each user's list, counted from 1 among candidates; int64, (n_users, n_items)."""
    user, item = _codes(ranking.user, counts.users, "users"), _codes(ranking.item, counts.items, "items")
    order = np.lexsort((item, ranking.rank, user))
    order = order[allowed[item[order]]]
    user, item = user[order], item[order]
    first = np.searchsorted(user, user)
    place = np.arange(len(user)) - first + 1
    if place.max(initial=0) < k:
        raise DataError(
            f"Ranking {name!r} lists at most {place.max(initial=0)} of the {int(allowed.sum())} candidates for a user, "
            f"which is less than k = {k}. Make it longer, or pass k=None to take whole lists."
        )
    found = np.zeros((len(counts.users), len(counts.items)), dtype=np.int64)
    found[user, item] = place
    if np.count_nonzero(found) != len(user):
        raise DataError(f"Ranking {name!r} lists an item twice for one user.")
    return found


def _codes(values: np.ndarray, ids: np.ndarray, what: str) -> np.ndarray:
    import pyarrow as pa

    return codes_of(pa.chunked_array([pa.array(values)]), pa.array(ids), what)


def _no_contrast(name: str, k: int | None) -> str:
    where = f"top {k}" if k else "lists"
    return (
        f"No item in the {where} of {name!r} was treated in some units and not in others, so that treating it "
        f"cannot be compared with leaving it. Take a larger k, or a longer part of the log."
    )

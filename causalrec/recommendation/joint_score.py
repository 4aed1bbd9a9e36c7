"""From what users bought to their log odds of buying each item: the joint model's formula."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

__all__ = ["HistoryTerms", "JointScore", "UserHistory", "history_terms", "shifts"]

RECENT_STRENGTH = 4.0  # visits that the long run weighs in the recent rate
LARGEST_RATE = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class UserHistory:
    """Counts of some users.

    Attributes
    ----------
    bought, lately : float64, shape (n_users, n_items)
        Visits in which the user bought the item, in all and in the last part of the history.
    visits, visits_lately : float64, shape (n_users,)
    """

    bought: np.ndarray
    lately: np.ndarray
    visits: np.ndarray
    visits_lately: np.ndarray

    def of(self, user: np.ndarray) -> UserHistory:
        """The rows of some users."""
        return UserHistory(*(getattr(self, field.name)[user] for field in fields(self)))

    def without(self, item: int) -> UserHistory:
        """The same visits, had nobody bought this item."""
        kept = (np.arange(self.bought.shape[1]) != item).astype(float)
        return UserHistory(self.bought * kept, self.lately * kept, self.visits, self.visits_lately)


@dataclass(frozen=True, slots=True, eq=False)
class HistoryTerms:
    """What the score is made of, float64, shape (n_users, n_items) each.

    Attributes
    ----------
    own : log odds of the user's smoothed rate, less those of everybody's
    recent : log of the recent rate over the long-run rate
    gate : weight of the prior in the pair's rate, in (0, 1]; 1 where the item was never bought
    weight : of each item of the history; rows have length below 1
    """

    own: np.ndarray
    recent: np.ndarray
    gate: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class JointScore:
    """The fitted formula.

    s(u, i) = popularity_i + slope_0 own_ui + slope_1 recent_ui + gate_ui sum over j != i of weight_uj <q_j, p_i>

    What others bought tells the prior of a pair's rate; its own purchases then outweigh it, just as the
    weight of a gamma prior falls with the count: gate = a r / (count + a r).

    Attributes
    ----------
    rate : float64, shape (n_items,)
        Purchases a visit of everybody.
    strength : float64, shape ()
        `a`: how many visits the prior of a pair's rate weighs.
    popularity : float64, shape (n_items,)
    slopes : float64, shape (2,)
    taste : float64, shape (n_items, n_factors)
        q: what having bought an item says.
    vectors : float64, shape (n_items, n_factors)
        p: for whom an item is.
    """

    rate: np.ndarray
    strength: np.ndarray
    popularity: np.ndarray
    slopes: np.ndarray
    taste: np.ndarray
    vectors: np.ndarray

    def terms(self, history: UserHistory) -> HistoryTerms:
        """The terms of these users."""
        return history_terms(history, self.rate, float(self.strength))

    def log_odds(self, history: UserHistory) -> np.ndarray:
        """Log odds of a purchase in a visit; float64, shape (n_users, n_items)."""
        terms = self.terms(history)
        itself = terms.weight * (self.taste * self.vectors).sum(axis=1)
        others = (terms.weight @ self.taste) @ self.vectors.T - itself
        return self.popularity + self.slopes[0] * terms.own + self.slopes[1] * terms.recent + terms.gate * others


def history_terms(history: UserHistory, rate: np.ndarray, strength: float) -> HistoryTerms:
    """Terms of the score from counts; `rate` and `strength` as in `JointScore`."""
    from scipy.special import logit

    prior, visits = strength * rate, history.visits[:, None]
    smoothed = np.minimum((history.bought + prior) / (visits + strength), LARGEST_RATE)
    recent = (history.lately + RECENT_STRENGTH * smoothed) / (history.visits_lately[:, None] + RECENT_STRENGTH)
    weight = np.log1p(history.bought / prior)
    return HistoryTerms(
        own=logit(smoothed) - logit(rate),
        recent=np.log(recent / smoothed),
        gate=prior / (history.bought + prior),
        weight=weight / np.sqrt(1 + (weight**2).sum(axis=1, keepdims=True)),
    )


def shifts(log_odds: np.ndarray, bought: np.ndarray, visits: np.ndarray, n_steps: int = 10) -> np.ndarray:
    """What to add to each item's log odds so that purchases come out as they were; a standard normal prior.

    Parameters
    ----------
    log_odds, bought : float64, shape (n_users, n_items)
    visits : float64, shape (n_users,)

    Returns
    -------
    shift : float64, shape (n_items,)
    """
    from scipy.special import expit

    shift, total = np.zeros(log_odds.shape[1]), bought.sum(axis=0)
    for _ in range(n_steps):
        share = expit(log_odds + shift)
        gradient = total - visits @ share - shift
        step = gradient / (visits @ (share * (1 - share)) + 1)
        shift = shift + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return shift

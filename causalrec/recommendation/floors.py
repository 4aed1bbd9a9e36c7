"""What any other recommender has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.data import Dataset, EffectScores, Predictions, Ranking
from causalrec.estimation.grids.rates import smoothed_rates
from causalrec.recommendation.contract import predict_pairs, rank_rows, require_fitted

__all__ = ["PopularityRecommender", "PurchaseRateRecommender"]


class PopularityRecommender:
    """The same list for everybody: items by the share of all visits in which they were bought.

    Attributes
    ----------
    users_, items_ : str, shape (n_users,), (n_items,)
    rate_ : float64, shape (n_items,)
        Purchases a visit.

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> log = Dataset.from_frames({"user": ["a", "a", "b"], "item": ["milk", "rye", "milk"]})
    >>> PopularityRecommender().fit(log).recommend(["b"], k=1).of("b")
    ['milk']
    """

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> PopularityRecommender:
        """Count; effects are of no use here."""
        history = dataset.histories()
        self.users_, self.items_, self._counts = history.users, history.items, history.counts
        self.rate_ = np.asarray(history.counts.sum(axis=0)).ravel() / history.n_visits.sum()
        return self

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items; see `Recommender`. The score is the item's purchases a visit."""
        require_fitted(self)
        return rank_rows(self._rows, self.users_, self.items_, users, k, candidates, self._seen(exclude_seen))

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Predictions:
        """Purchases a visit of each pair's item."""
        require_fitted(self)
        return predict_pairs(self._rows, self.users_, self.items_, users, items)

    def _rows(self, user: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.rate_, (len(user), len(self.rate_)))

    def _seen(self, exclude: bool):
        return (lambda user: self._counts[user].toarray() > 0) if exclude else None


class PurchaseRateRecommender:
    """How often the user bought the item, smoothed toward how often everybody does: plain relevance.

    The rate of a pair is (count + a r) / (visits + a), r the item's own rate: the posterior mean under a
    gamma prior that weighs as much as `a` visits. `a` maximises the likelihood of all counts, which are
    then negative binomial; it is learned, not chosen.

    Attributes
    ----------
    users_, items_ : str, shape (n_users,), (n_items,)
    strength_ : float
        `a`, in visits.
    rate_ : float64, shape (n_items,)
        `r`, purchases a visit of everybody.
    n_visits_ : float64, shape (n_users,)

    Examples
    --------
    >>> from causalrec.data import Dataset
    >>> log = Dataset.from_frames({"user": ["a", "a", "b"], "item": ["milk", "rye", "milk"]})
    >>> PurchaseRateRecommender().fit(log).recommend(["b"], k=2).of("b")
    ['milk', 'rye']
    """

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> PurchaseRateRecommender:
        """Count, and learn how far to trust a pair's own count; effects are of no use here."""
        history = dataset.histories()
        self.users_, self.items_, self.counts_ = history.users, history.items, history.counts
        self.n_visits_ = history.n_visits
        self.strength_ = smoothed_rates(history.counts.toarray(), history.n_visits[:, None])[2]
        self.rate_ = np.asarray(history.counts.sum(axis=0)).ravel() / history.n_visits.sum()
        return self

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items; see `Recommender`. The score is the smoothed rate."""
        require_fitted(self)
        seen = (lambda user: self.counts_[user].toarray() > 0) if exclude_seen else None
        return rank_rows(self._rows, self.users_, self.items_, users, k, candidates, seen)

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Predictions:
        """Smoothed rate of each pair: expected purchases in one visit."""
        require_fitted(self)
        return predict_pairs(self._rows, self.users_, self.items_, users, items)

    def predictive_stderr(self, users: Sequence[str], items: Sequence[str], n_visits: float = 1.0) -> np.ndarray:
        """Standard deviation of the purchases a visit that `n_visits` further visits will show.

        The posterior variance of the rate and the Poisson variance of the purchases themselves; with
        many visits the first is what remains.

        Returns
        -------
        stderr : float64, shape (n_pairs,), purchases a visit
        """
        rate = self.predict(users, items)

        def weight(user: np.ndarray) -> np.ndarray:
            return np.broadcast_to((self.n_visits_[user] + self.strength_)[:, None], (len(user), len(self.items_)))

        seen = predict_pairs(weight, self.users_, self.items_, users, items).score
        return np.sqrt(rate.score / seen + rate.score / n_visits)

    def _rows(self, user: np.ndarray) -> np.ndarray:
        prior = self.strength_ * self.rate_
        return (self.counts_[user].toarray() + prior) / (self.n_visits_[user] + self.strength_)[:, None]

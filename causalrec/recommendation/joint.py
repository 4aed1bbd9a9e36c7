"""Ids, attributes and text in one model of who buys what, with and without a treatment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from causalrec.data import Dataset, EffectScores, Predictions, Ranking
from causalrec.embedding import Encoder
from causalrec.errors import DataError
from causalrec.estimation.rates import smoothed_rates
from causalrec.recommendation.contract import predict_pairs, rank_rows, require_fitted
from causalrec.recommendation.item_facts import item_facts
from causalrec.recommendation.joint_score import JointScore, UserHistory, history_terms, shifts
from causalrec.recommendation.joint_training import fit_factors, fit_slopes
from causalrec.recommendation.model_folder import read_model, write_model
from causalrec.recommendation.pair_effects import PairEffects, pair_effects
from causalrec.recommendation.periods import Period, periods, whole_history
from causalrec.threads import limit_threads

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["BY", "JointRecommender"]

By = Literal["relevance", "uplift", "value"]
BY: tuple[By, ...] = ("relevance", "uplift", "value")


class JointRecommender:
    """Who buys what on the next visits: own purchases, and a factor model of ids, attributes and text.

    The log odds of a purchase in a visit are those of the pair's own smoothed rate, a term for what the
    user bought lately, and a sum over the other items of the history, each a product of item vectors:
    an item's own part, one for each attribute, and a linear map of its text. So an item that nobody
    bought yet has a vector too. `JointScore` has the formula. Trained forward in time: a history is to
    tell what followed it. Items have a free effect in each period that is learned from, so that a season
    or a promotion is not taken for taste.

    With effect scores, relevance is purchases *without* the treatment: each purchase counts with the
    chance that it would have happened anyway, base / (base + effect * propensity). Subtracting the
    expected gain instead, floored at 0, would keep most of the bias, since most counts are 0.
    Uplift is relevance times the pair's relative effect, value / base.

    Users times items are held as a matrix: meant for up to some ten million pairs.

    Parameters
    ----------
    n_factors : int
    text : str or None
        Text column of the items; None for none.
    attributes : sequence of str
        Columns of the items. A flat table has no items: then ids alone are used.
    n_epochs : int
        Most iterations; a held-out tenth of the users stops them earlier.
    l2 : float
        Penalty of every factor.
    random_state : int
    n_threads : int, optional
        Default: all cores.
    encoder : str or Encoder
        Of the text.
    objective : {"relevance", "uplift"}
        What `recommend` ranks by unless told.
    time : str
        Column of whole numbers that orders the log.

    Attributes
    ----------
    users_, items_ : str, shape (n_users,), (n_items,)
    score_ : JointScore
    effects_ : PairEffects or None
    losses_ : tuple of float
        Loss of the held-out users along the way.
    """

    def __init__(
        self, n_factors: int = 32, *, text: str | None = "description",
        attributes: Sequence[str] = ("department", "category", "brand"), n_epochs: int = 60, l2: float = 10.0,
        random_state: int = 0, n_threads: int | None = None, encoder: str | Encoder = "minilm",
        objective: Literal["relevance", "uplift"] = "relevance", time: str = "week",
    ):  # fmt: skip
        self.n_factors = n_factors
        self.text = text
        self.attributes = attributes
        self.n_epochs = n_epochs
        self.l2 = l2
        self.random_state = random_state
        self.n_threads = n_threads
        self.encoder = encoder
        self.objective = objective
        self.time = time

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> JointRecommender:
        """Learn from a log; with `scores`, free of the treatment and able to rank by uplift.

        Raises
        ------
        DataError : nothing was bought, scores of other users or items, an objective that needs scores.
        MissingColumnsError : the items lack an attribute or the text.
        """
        import torch  # noqa: F401  (loaded before its threads are limited)

        if self.objective not in BY[:2] or (self.objective == "uplift" and scores is None):
            raise DataError(
                f"objective is {self.objective!r}; it is 'relevance', or 'uplift' with scores given to fit."
            )
        known = dataset.histories()
        self.users_, self.items_ = known.users, known.items
        facts = item_facts(dataset, len(known.items), self.attributes, self.text, self.encoder)
        with limit_threads(self.n_threads):
            history, follows = whole_history(dataset, self.time), periods(dataset, self.time, self.random_state)
            self.effects_ = None
            if scores is not None:
                self.effects_ = pair_effects(scores, history, known.users, known.items)
                history, follows = _untreated(history, self.effects_), [_untreated_period(p, self.effects_) for p in follows]
            self.score_, self.losses_ = self._fit_score(history, follows, facts)
        self._keep(history)
        return self

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, by: By | None = None, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items of each user.

        Parameters
        ----------
        users : sequence of str, optional
            Default: all.
        k : int
        by : {"relevance", "uplift", "value"}, optional
            Chance of a purchase in a visit; what the treatment adds to it, by this model's own relevance;
            the effect scores as they were given. Default: `objective`.
        exclude_seen : bool
        candidates : sequence of str, optional
            Items that may be ranked.

        Raises
        ------
        DataError : unknown users or items, k below 1, or uplift without scores.
        """
        rows = self._rows_by(by)
        seen = (lambda user: self.bought_[user].toarray() > 0) if exclude_seen else None
        return rank_rows(rows, self.users_, self.items_, users, k, candidates, seen)

    def predict(self, users: Sequence[str], items: Sequence[str], *, by: By | None = None) -> Predictions:
        """Score of each pair, as in `recommend`: a probability, or a difference of two."""
        return predict_pairs(self._rows_by(by), self.users_, self.items_, users, items)

    def history_of(self, user: np.ndarray) -> UserHistory:
        """What the users of these codes bought; with effect scores, what they would have bought anyway."""
        require_fitted(self)
        return UserHistory(
            self.bought_[user].toarray(), self.lately_[user].toarray(), self.visits_[user], self.visits_lately_[user]
        )

    def save(self, folder: str | Path) -> Path:
        """Write the model as safetensors and JSON, ids included; a model in that folder is replaced.

        An encoder that is no name is left out: it is of use in `fit` only.
        """
        require_fitted(self)
        arrays = {f"score.{name}": getattr(self.score_, name) for name in JointScore.__slots__}
        arrays |= {"visits": self.visits_, "visits_lately": self.visits_lately_}
        for name, counts in (("bought", self.bought_), ("lately", self.lately_)):
            arrays |= {f"{name}.data": counts.data, f"{name}.item": counts.indices, f"{name}.start": counts.indptr}
        if self.effects_ is not None:
            arrays |= {f"effects.{name}": getattr(self.effects_, name) for name in PairEffects.__slots__}
        return write_model(self, folder, arrays, {"losses": list(self.losses_)})

    @classmethod
    def load(cls, folder: str | Path) -> JointRecommender:
        """Read what `save` wrote.

        Raises
        ------
        MissingDataError : no such model in the folder.
        """
        import scipy.sparse as sp

        model, arrays, facts = read_model(cls, folder)
        shape = len(model.users_), len(model.items_)

        def counts(name: str) -> sp.csr_array:
            return sp.csr_array(tuple(arrays[f"{name}.{part}"] for part in ("data", "item", "start")), shape=shape)

        model.score_ = JointScore(*(arrays[f"score.{name}"] for name in JointScore.__slots__))
        model.bought_, model.lately_ = counts("bought"), counts("lately")
        model.visits_, model.visits_lately_ = arrays["visits"], arrays["visits_lately"]
        has_effects = "effects.value" in arrays
        model.effects_ = PairEffects(*(arrays[f"effects.{n}"] for n in PairEffects.__slots__)) if has_effects else None
        model.losses_ = tuple(facts["losses"])
        return model

    def _fit_score(self, history: UserHistory, follows: list[Period], facts) -> tuple[JointScore, tuple[float, ...]]:
        rate, strength = _rates(history)
        rates = [_rates(period.history)[0] for period in follows]
        terms = [history_terms(p.history, r, strength) for p, r in zip(follows, rates, strict=True)]
        slopes = fit_slopes(terms, follows, rates)
        factors = fit_factors(
            terms, follows, rates, slopes, facts, n_factors=self.n_factors, l2=self.l2, n_epochs=self.n_epochs,
            random_state=self.random_state,
        )  # fmt: skip
        from scipy.special import logit

        start = JointScore(rate, np.array(strength), logit(rate), factors.slopes, factors.taste, factors.vectors)
        shift = shifts(start.log_odds(history), history.bought, history.visits)
        parts = {name: getattr(start, name) for name in JointScore.__slots__}
        return JointScore(**(parts | {"popularity": start.popularity + shift})), factors.losses

    def _keep(self, history: UserHistory) -> None:
        import scipy.sparse as sp

        self.bought_, self.lately_ = sp.csr_array(history.bought), sp.csr_array(history.lately)
        self.visits_, self.visits_lately_ = history.visits, history.visits_lately

    def _rows_by(self, by: By | None):
        from scipy.special import expit

        require_fitted(self)
        by = self.objective if by is None else by
        if by not in BY:
            raise DataError(f"by is {by!r}; it is one of {', '.join(map(repr, BY))}.")
        if by != "relevance" and self.effects_ is None:
            raise DataError(f"Ranking by {by} needs effects: fit(dataset, scores) with scores from `score`.")
        if by == "value":
            return lambda user: self.effects_.value[user]

        def relevance(user: np.ndarray) -> np.ndarray:
            return expit(self.score_.log_odds(self.history_of(user)))

        return relevance if by == "relevance" else lambda user: relevance(user) * self.effects_.relative[user]


def _rates(history: UserHistory) -> tuple[np.ndarray, float]:
    """Each item's rate, above 0, and the strength of the prior of a pair's."""
    strength = smoothed_rates(history.bought, history.visits[:, None])[2]
    return (history.bought.sum(axis=0) + 0.5) / (history.visits.sum() + 1), strength


def _untreated(history: UserHistory, effects: PairEffects) -> UserHistory:
    return UserHistory(
        history.bought * effects.anyway, history.lately * effects.anyway, history.visits, history.visits_lately
    )


def _untreated_period(period: Period, effects: PairEffects) -> Period:
    return Period(_untreated(period.history, effects), period.bought * effects.anyway, period.visits)

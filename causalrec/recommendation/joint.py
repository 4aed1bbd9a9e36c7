"""A recommender of history, ids, attributes and text together, that consumes effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from causalrec.data import Dataset, EffectScores, Histories, Predictions, Ranking
from causalrec.errors import DataError
from causalrec.estimation import smoothed_rates
from causalrec.recommendation.contract import predict_pairs, rank_rows, require_fitted
from causalrec.recommendation.features import item_features
from causalrec.recommendation.joint_network import JointWeights, history_length, learn
from causalrec.recommendation.model_folder import read_model, write_model
from causalrec.threads import limit_threads

__all__ = ["JointRecommender", "Past"]

OWN = ("bought it before", "bought it lately")
TARGET_SHARE = 0.2  # of the log's time: what the model learns to foresee
RECENT_SHARE = 0.3  # of the history's time: what counts as lately
MIN_LIFT = 1e-6  # a pair that promotion does not help keeps a rank, at the bottom


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What the model sees of the users.

    Attributes
    ----------
    history : float64, shape (n_users, n_items)
        Weight of each item in the user's history.
    own : float64, shape (2, n_users, n_items)
        Log of the pair's smoothed rate over the item's: of all time, and of late.
    base : float64, shape (n_items,)
        Log of the item's rate, purchases a visit.
    absent : float64, shape (2, n_users)
        What `own` is for an item that the user never bought.
    length : float64, shape (n_users,)
        What `history` was divided by.
    """

    history: np.ndarray
    own: np.ndarray
    base: np.ndarray
    absent: np.ndarray
    length: np.ndarray


class JointRecommender:
    """Log purchase rate as a sum: the item, the pair's own purchases, and every other item bought.

    log rate(u, i) = item rate + bias_i + w1 (own rate, over the item's) + w2 (own recent rate, over the
    item's) + sum over history j of h_uj q_j' p_i. Vectors are an id's own plus a linear map of the
    item's attributes and text, so items that few have bought borrow from what they are. The model
    learns forward in time: history from the first 80% of the log's weeks, purchases of the rest.

    With effects, each purchase counts with the chance that it would have happened without treatment,
    base / (base + propensity * effect): relevance is then that of an item without it. And it can rank by
    uplift: relevance times (lift - 1), the lift as in the effects.

    Parameters
    ----------
    n_factors, n_epochs : int
        Learning stops early, when a tenth of the users held out is foreseen no better.
    learning_rate, l2 : float
    text : str or None
        Text column of the items.
    attributes : sequence of str
        Categorical columns of the items.
    random_state : int
    n_threads : int, optional

    Attributes
    ----------
    weights_ : JointWeights
    past_ : Past
        Of the whole log that it was fitted on.
    relative_ : float64, shape (n_users, n_items), or None
        lift - 1 of each pair, from the effects.
    """

    def __init__(
        self, *, n_factors: int = 32, n_epochs: int = 300, learning_rate: float = 0.003, l2: float = 0.01,
        text: str | None = "description", attributes: Sequence[str] = ("department", "category", "brand"),
        random_state: int = 0, n_threads: int | None = None,
    ):  # fmt: skip
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.l2 = l2
        self.text = text
        self.attributes = attributes
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> JointRecommender:
        """Learn from a log of visits, and from effects if there are any.

        Raises
        ------
        DataError : a flat table, or fewer than five weeks.
        """
        whole = dataset.histories()
        self.users_, self.items_ = whole.users, whole.items
        first, last, cut = _times(dataset)
        earlier, later = dataset.window(first, cut - 1), dataset.window(cut, last)
        target, anyway = later.histories(), np.ones(whole.counts.shape)
        self.relative_ = None
        if scores is not None:
            self.relative_, anyway = _effects(scores, whole)
        past = _past(earlier, anyway)
        rng = np.random.default_rng(self.random_state)
        with limit_threads(self.n_threads):
            self.weights_, self.n_epochs_ = learn(
                past.history, past.own, past.base, target.counts.toarray() * anyway, target.n_visits,
                item_features(dataset, self.text, self.attributes), n_factors=self.n_factors, n_epochs=self.n_epochs,
                learning_rate=self.learning_rate, l2=self.l2, random_state=self.random_state,
                validation=rng.random(len(self.users_)) < 0.1,
            )  # fmt: skip
        self.past_ = _past(dataset, anyway)
        return self

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None, by: Literal["relevance", "uplift"] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items of each user, by relevance, or by uplift where the model was given effects.

        Parameters
        ----------
        users, k, exclude_seen, candidates
            See `Recommender`.
        by : "relevance" or "uplift", optional
            Purchases a visit, or what treating adds to them. Default: uplift where there are effects.

        Raises
        ------
        DataError : uplift without effects; users or items that the model has not seen.
        """
        require_fitted(self)
        rows = self._rates if self._by(by) == "relevance" else self._uplift
        seen = (lambda user: self.past_.history[user] > 0) if exclude_seen else None
        return rank_rows(rows, self.users_, self.items_, users, k, candidates, seen)

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Predictions:
        """Expected purchases of each pair in one visit, without treatment where there are effects."""
        require_fitted(self)
        return predict_pairs(self._rates, self.users_, self.items_, users, items)

    def log_rate(self, rows: np.ndarray) -> np.ndarray:
        """Log of the expected purchases a visit, shape (n_rows, n_items)."""
        past, weights = self.past_, self.weights_
        own = np.tensordot(weights.own, past.own[:, rows], 1)
        return past.base + weights.bias + own + past.history[rows] @ weights.interactions()

    def log_relative(self, rows: np.ndarray) -> np.ndarray:
        """Log of (lift - 1), shape (n_rows, n_items): what promotion adds to one purchase without it."""
        if self.relative_ is None:
            raise DataError("This model was fitted without effects: fit(data, scores) lets it rank by uplift.")
        return np.log(np.maximum(self.relative_[rows], MIN_LIFT))

    def _rates(self, rows: np.ndarray) -> np.ndarray:
        return np.exp(self.log_rate(rows))

    def _uplift(self, rows: np.ndarray) -> np.ndarray:
        return np.exp(self.log_rate(rows) + self.log_relative(rows))

    def _by(self, by: str | None) -> str:
        if by is None:
            return "relevance" if self.relative_ is None else "uplift"
        if by not in ("relevance", "uplift"):
            raise DataError(f"by is {by!r}; a ranking is by 'relevance' or by 'uplift'.")
        return by

    def save(self, folder: str | Path) -> Path:
        """Write the model as safetensors and JSON, ids included; a model in that folder is replaced."""
        require_fitted(self)
        arrays = {f"weights.{name}": value for name, value in asdict(self.weights_).items()}
        arrays |= {f"past.{name}": value for name, value in asdict(self.past_).items()}
        if self.relative_ is not None:
            arrays["relative"] = self.relative_
        return write_model(self, folder, arrays, {"n_epochs_": self.n_epochs_})

    @classmethod
    def load(cls, folder: str | Path) -> JointRecommender:
        """Read what `save` wrote.

        Raises
        ------
        MissingDataError : no such model in the folder.
        """
        model, arrays, facts = read_model(cls, folder)
        model.weights_ = JointWeights(*(arrays[f"weights.{name}"] for name in ("own", "bias", "history", "target")))
        model.past_ = Past(*(arrays[f"past.{name}"] for name in ARRAYS))
        model.relative_, model.n_epochs_ = arrays.get("relative"), facts["n_epochs_"]
        return model


ARRAYS = ("history", "own", "base", "absent", "length")


def _times(data: Dataset) -> tuple[int, int, int]:
    """First and last week, and the first one to foresee."""
    import pyarrow.compute as pc

    if not data.is_grid or "week" not in data.tables["visits"].column_names:
        raise DataError("The joint model learns forward in time: it needs a log of visits with a column `week`.")
    ends = pc.min_max(data.tables["visits"]["week"]).as_py()
    first, last = ends["min"], ends["max"]
    if last - first < 4:
        raise DataError(
            f"The joint model learns forward in time; {last - first + 1} weeks are too few, give five or more."
        )
    return first, last, last + 1 - max(1, round(TARGET_SHARE * (last - first + 1)))


def _past(data: Dataset, anyway: np.ndarray) -> Past:
    """What a log says of its users, all of it and its latest part; each purchase counts as `anyway`."""
    first, last = _ends(data)
    recent = data.window(last + 1 - max(1, round(RECENT_SHARE * (last - first + 1))), last)
    whole, late = data.histories(), recent.histories()
    counts = whole.counts.toarray() * anyway
    own, absent = _own(counts, whole.n_visits)
    lately, absent_lately = _own(late.counts.toarray() * anyway, late.n_visits)
    length = history_length(counts)
    return Past(
        history=np.log1p(counts) / length[:, None],
        own=np.stack([own, lately]),
        base=np.log(_item_rate(counts, whole.n_visits)),
        absent=np.stack([absent, absent_lately]),
        length=length,
    )


def _own(counts: np.ndarray, n_visits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log of each pair's smoothed rate over the item's rate; and what it is for a pair without purchases."""
    rate, _, strength = smoothed_rates(counts, n_visits[:, None])
    floor, absent = _item_rate(counts, n_visits), strength / (strength + n_visits)
    # An item that nobody bought in the period has no own rates: every pair is at the floor.
    return np.log(np.maximum(rate / floor, absent[:, None])), np.log(absent)


def _item_rate(counts: np.ndarray, n_visits: np.ndarray) -> np.ndarray:
    """Purchases a visit, half a purchase where there is none."""
    return np.maximum(counts.sum(axis=0), 0.5) / n_visits.sum()


def _ends(data: Dataset) -> tuple[int, int]:
    first, last, _ = _times(data)
    return first, last


def _effects(scores: EffectScores, history: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Lift - 1 of each pair, and the chance that a purchase would have happened without treatment.

    A pair's purchases a visit are base + propensity * value.
    """
    if scores.base is None:
        raise DataError("The effects have no column `base`, the outcome without treatment; score(...) gives it.")
    value, propensity, base = (scores.dense(n, history.users, history.items) for n in ("value", "propensity", "base"))
    if np.isnan(value).any():
        raise DataError(
            f"The effects lack {int(np.isnan(value).sum()):,} of {value.size:,} pairs of users and items of the data."
        )
    base, brought = np.maximum(base, 1e-12), np.maximum(value * propensity, 0)
    return value / base, base / (base + brought)

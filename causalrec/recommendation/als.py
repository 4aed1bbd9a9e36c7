"""Matrix factorisation by alternating least squares."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from causalrec.data import Dataset, EffectScores, Predictions, Ranking
from causalrec.recommendation.contract import predict_pairs, rank_rows, require_fitted
from causalrec.recommendation.model_folder import read_model, write_model
from causalrec.threads import limit_threads

__all__ = ["ALSRecommender", "user_factors"]

BLOCK = 512  # users solved at a time


class ALSRecommender:
    """Implicit-feedback matrix factorisation (Hu, Koren, Volinsky 2008, ICDM), by the package implicit.

    A purchase counts with confidence 1 + alpha times its count. The users' factors are solved exactly,
    in double precision, given the items': then explanations of a score are exact too.

    Parameters
    ----------
    n_factors : int
    alpha : float
    l2 : float
    n_epochs : int
        Rounds of alternation.
    random_state : int
    n_threads : int, optional
        Default: all cores.

    Attributes
    ----------
    users_, items_ : str, shape (n_users,), (n_items,)
    item_factors_ : float64, shape (n_items, n_factors)
    user_factors_ : float64, shape (n_users, n_factors)
    confidence_ : scipy.sparse.csr_array, shape (n_users, n_items)
        1 + alpha * count where there is a purchase.
    """

    def __init__(
        self, n_factors: int = 64, *, alpha: float = 2.0, l2: float = 10.0, n_epochs: int = 15, random_state: int = 0,
        n_threads: int | None = None,
    ):  # fmt: skip
        self.n_factors = n_factors
        self.alpha = alpha
        self.l2 = l2
        self.n_epochs = n_epochs
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, dataset: Dataset, scores: EffectScores | None = None) -> ALSRecommender:
        """Factorise; effects are of no use here."""
        history = dataset.histories()
        confidence = history.counts.copy()
        confidence.data = 1 + self.alpha * confidence.data
        self.users_, self.items_, self.confidence_ = history.users, history.items, confidence
        with limit_threads(1):  # of BLAS: implicit has threads of its own, and the two would fight
            self.item_factors_ = self._item_factors(confidence)
            self.user_factors_ = user_factors(self.item_factors_, confidence, self.l2)
        return self

    def recommend(
        self, users: Sequence[str] | None = None, k: int = 10, *, exclude_seen: bool = False,
        candidates: Sequence[str] | None = None,
    ) -> Ranking:  # fmt: skip
        """The best k items; see `Recommender`. The score is the product of the factors, without a unit."""
        require_fitted(self)
        seen = (lambda user: self.confidence_[user].toarray() > 0) if exclude_seen else None
        return rank_rows(self._rows, self.users_, self.items_, users, k, candidates, seen)

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Predictions:
        """Product of the factors of each pair: about 1 for what the user buys, 0 for what not."""
        require_fitted(self)
        return predict_pairs(self._rows, self.users_, self.items_, users, items)

    def save(self, folder: str | Path) -> Path:
        """Write the model as safetensors and JSON, ids included; a model in that folder is replaced."""
        require_fitted(self)
        confidence = self.confidence_
        arrays = {
            "item_factors": self.item_factors_, "user_factors": self.user_factors_, "confidence": confidence.data,
            "confidence_item": confidence.indices, "confidence_start": confidence.indptr,
        }  # fmt: skip
        return write_model(self, folder, arrays)

    @classmethod
    def load(cls, folder: str | Path) -> ALSRecommender:
        """Read what `save` wrote.

        Raises
        ------
        MissingDataError : no such model in the folder.
        """
        import scipy.sparse as sp

        model, arrays, _ = read_model(cls, folder)
        model.item_factors_, model.user_factors_ = arrays["item_factors"], arrays["user_factors"]
        parts = arrays["confidence"], arrays["confidence_item"], arrays["confidence_start"]
        model.confidence_ = sp.csr_array(parts, shape=(len(model.users_), len(model.items_)))
        return model

    def _rows(self, user: np.ndarray) -> np.ndarray:
        return self.user_factors_[user] @ self.item_factors_.T

    def _item_factors(self, confidence) -> np.ndarray:
        import scipy.sparse as sp
        from implicit.cpu.als import AlternatingLeastSquares

        from causalrec.threads import thread_count

        model = AlternatingLeastSquares(
            factors=self.n_factors, regularization=self.l2, alpha=1.0, iterations=self.n_epochs,
            num_threads=thread_count(self.n_threads), random_state=self.random_state,
        )  # fmt: skip
        model.fit(sp.csr_matrix(confidence, dtype=np.float32), show_progress=False)
        return np.asarray(model.item_factors, dtype=float)


def user_factors(item_factors: np.ndarray, confidence, l2: float) -> np.ndarray:
    """Best factors of each user, the items' held fixed: (Y'Y + l2 I + sum (c - 1) y y')^-1 sum c y.

    Parameters
    ----------
    item_factors : float64, shape (n_items, n_factors)
    confidence : scipy.sparse.csr_array, shape (n_users, n_items)
        0 where there is no purchase.
    l2 : float

    Returns
    -------
    factors : float64, shape (n_users, n_factors)
    """
    shared = item_factors.T @ item_factors + l2 * np.eye(item_factors.shape[1])
    found = np.zeros((confidence.shape[0], item_factors.shape[1]))
    for user in range(len(found)):
        row = slice(confidence.indptr[user], confidence.indptr[user + 1])
        y, c = item_factors[confidence.indices[row]], confidence.data[row]
        found[user] = np.linalg.solve(shared + (y * (c - 1)[:, None]).T @ y, c @ y)
    return found

"""How well texts foretell the treatment, each predicted from other texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Foretold", "foretold"]

N_FOLDS = 5
STRENGTH = 10.0  # inverse penalty: a phrase that decides must be able to


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """Cross-fitted predictions of who is treated.

    Attributes
    ----------
    share : float64, shape (n_texts,)
        Predicted share treated of each text, from other texts, as if half of all units were treated.
    auc : float
        Chance that a treated unit has a larger prediction than an untreated one; .5 is no better than chance.
    """

    share: np.ndarray
    auc: float

    def beyond(self, margin: float, n_units: np.ndarray) -> float:
        """Share of the units whose prediction is next to 0 or 1."""
        far = (self.share < margin) | (self.share > 1 - margin)
        return float(n_units[far].sum() / n_units.sum())


def foretold(has: csr_matrix, n_treated: np.ndarray, n_untreated: np.ndarray, fold_of: np.ndarray) -> Foretold:
    """Logistic regression of the treatment on phrases, fitted to the other folds.

    Parameters
    ----------
    has : sparse, shape (n_texts, n_phrases)
    n_treated, n_untreated : float64, shape (n_texts,)
        Units of each text.
    fold_of : int64, shape (n_texts,)
    """
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    share = np.full(len(n_treated), 0.5)
    for k in np.unique(fold_of):
        train, test = np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)
        arms = n_untreated[train], n_treated[train]
        # As many of each kind, so that a share of one half is no news whatever the base.
        weight = np.concatenate([arm * (len(train) / arm.sum()) for arm in arms if arm.sum() > 0])
        if has.shape[1] == 0 or min(arm.sum() for arm in arms) == 0:
            continue
        rows = vstack([has[train], has[train]]).tocsr()
        used = weight > 0
        model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(
            rows[used], np.repeat([0.0, 1.0], len(train))[used], sample_weight=weight[used]
        )
        share[test] = model.predict_proba(has[test])[:, 1]
    auc = roc_auc_score(
        np.repeat([1, 0], len(share)), np.tile(share, 2), sample_weight=np.concatenate([n_treated, n_untreated])
    )
    return Foretold(share, float(auc))

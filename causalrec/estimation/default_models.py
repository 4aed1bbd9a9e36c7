"""Learners of nuisances where nobody chose any."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["N_LARGE", "default_model"]

N_LARGE = 5_000
"""Rows from which gradient boosting stands beside ridge and logistic regression."""


def default_model(n: int, binary: bool, random_state: int = 0) -> Any:
    """Ridge or logistic regression, and from 5,000 rows on gradient boosting stacked with it.

    >>> [type(model).__name__ for model in default_model(100_000, True)]
    ['HistGradientBoostingClassifier', 'Pipeline']
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = LogisticRegression(C=10.0, max_iter=1_000) if binary else RidgeCV(alphas=np.logspace(-3, 3, 13))
    linear = make_pipeline(StandardScaler(), last)
    if n < N_LARGE:
        return linear
    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    # Stopped early on rows set aside: an overfitted propensity runs to 0 and 1.
    boosting = kind(
        learning_rate=0.1, max_iter=200, max_leaf_nodes=8, min_samples_leaf=50, l2_regularization=5.0,
        early_stopping=True, n_iter_no_change=15, validation_fraction=0.15, random_state=random_state,
    )  # fmt: skip
    return boosting, linear

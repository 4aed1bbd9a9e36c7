"""Learners of nuisances where nobody chose any."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["default_model"]


def default_model(binary: bool) -> Any:
    """Ridge or logistic regression.

    Nothing more flexible by default: gradient boosting stacked with these left a bias of more than two standard
    errors where outcome and propensity are curved, at 5,000 rows. Who takes a flexible learner chooses it.

    >>> [name for name, _ in default_model(True).steps]
    ['standardscaler', 'logisticregression']
    """
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = LogisticRegression(C=10.0, max_iter=1_000) if binary else RidgeCV(alphas=np.logspace(-3, 3, 13))
    return make_pipeline(StandardScaler(), last)

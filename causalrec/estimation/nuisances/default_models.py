"""Learners of nuisances where nobody chose any."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "N_FLEXIBLE", "N_GROUP", "default_model", "default_models", "is_flexible", "outcome_models", "why_default",
]  # fmt: skip

N_FLEXIBLE = 10_000
"""Rows from which on curves and interactions are looked for."""

N_GROUP = 50
"""Rows of each arm, and of each value of a binary outcome in it, that this takes."""

N_LARGE = 10_000  # rows above which boosting is of histograms
N_GAUSSIAN = 1_000  # rows above which a Gaussian process takes too long

MAX_SPLINES, MAX_PRODUCTS = 50, 20  # covariates above which these would have too many columns


def default_models(binary: bool, p: int, *, flexible: bool) -> list[Any]:
    """What is stacked: lines, and where there is enough to learn from splines, splines with products, and boosting.

    Splines and products carry what is smooth with little bias, boosting what has jumps. Boosting alone, or beside
    lines alone, left a bias of one to three standard errors at 2,000 rows where outcome and propensity are curved. The
    stack has none there, but its spread is a tenth wider than its error says; at 10,000 rows its intervals hold.

    Parameters
    ----------
    binary : bool
        Classifiers, for what is 0 or 1.
    p : int
        Covariates.
    flexible : bool
        As `is_flexible` says.

    Examples
    --------
    >>> len(default_models(True, 3, flexible=False)), len(default_models(True, 3, flexible=True))
    (1, 4)
    """
    models = [default_model(binary)]
    if flexible:
        models += [splines(binary)] * (p <= MAX_SPLINES) + [splines(binary, products=True)] * (1 < p <= MAX_PRODUCTS)
        models += [boosting(binary)]
    return models


def is_flexible(t: np.ndarray, y: np.ndarray, p: int, *, binary: bool) -> bool:
    """Whether rows and covariates are enough for curves: in all, and of each arm (and outcome, where it is binary).

    Parameters
    ----------
    t, y : float64, shape (n,)
    p : int
    binary : bool
        Whether the outcome is 0 or 1.
    """
    if len(y) < N_FLEXIBLE or not p:
        return False
    groups = [t == level for level in np.unique(t)]
    groups = [group & (y == value) for group in groups for value in (0, 1)] if binary else groups
    return min(int(group.sum()) for group in groups) >= N_GROUP


def why_default(flexible: bool) -> str:
    """The choice and its reason, in words."""
    enough = f"there are {N_FLEXIBLE:,} rows or more, {N_GROUP} of each kind"
    if flexible:
        return f"nuisances stacked of lines, splines and boosting, as {enough}"
    return f"linear nuisances, as there are fewer than {N_FLEXIBLE:,} rows, or than {N_GROUP} of a kind"


def outcome_models(n: int, p: int, *, weighted: bool = False) -> list[Any]:
    """What learners of effects by unit stack: they need the shape of the outcome, not its mean alone.

    Lines, splines, trees, and for few rows a Gaussian process, which follows smooth curves of many
    covariates that trees cut into steps.

    Parameters
    ----------
    n, p : int
        Rows and covariates.
    weighted : bool
        Leaves out what takes no weights.

    Examples
    --------
    >>> len(outcome_models(500, 3)), len(outcome_models(50_000, 3))
    (4, 3)
    """
    from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor

    from causalrec.estimation.nuisances.gaussian_process import GaussianProcess

    models = [default_model(False), *([splines(False)] if 0 < p <= MAX_SPLINES else [])]
    if n > N_LARGE:
        return [*models, HistGradientBoostingRegressor(early_stopping=False, random_state=0)]
    smooth = [GaussianProcess()] if n <= N_GAUSSIAN and not weighted else []
    return [*models, GradientBoostingRegressor(random_state=0), *smooth]


def default_model(binary: bool) -> Any:
    """Ridge or logistic regression.

    >>> [name for name, _ in default_model(True).steps]
    ['standardscaler', 'logisticregression']
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), _last(binary, 10.0))


def splines(binary: bool, *, products: bool = False) -> Any:
    """Cubic splines of each covariate, and products of two covariates where they are asked for."""
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler

    first: Any = SplineTransformer(6, knots="quantile", extrapolation="linear")
    if products:
        first = make_union(first, PolynomialFeatures(2, interaction_only=True, include_bias=False))
    return make_pipeline(StandardScaler(), first, StandardScaler(), _last(binary, 1.0))


def boosting(binary: bool) -> Any:
    """Gradient boosting of small trees; a part that is held back says when to stop."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return kind(
        learning_rate=0.05, max_iter=200, max_leaf_nodes=8, early_stopping=True, validation_fraction=0.15,
        random_state=0,
    )  # fmt: skip


def _last(binary: bool, C: float) -> Any:
    from sklearn.linear_model import LogisticRegression, RidgeCV

    return LogisticRegression(C=C, max_iter=1_000) if binary else RidgeCV(alphas=np.logspace(-3, 3, 13))

"""Simulated rows of which the effect is known, and the estimators that are held against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.identification import identify
from tests.estimation.mediated import BENT, NEXT, PATH, binary_mediated, mediated
from tests.estimation.planted import Line, Logit, expit, planted
from tests.estimation.test_plug_in import GRAPHS, model_of, sample, truth_of
from tests.truth.estimators import named

__all__ = ["CASES", "Case"]

Truth = Callable[[Any], float]


@dataclass(frozen=True, slots=True)
class Case:
    """One estimator on one kind of rows.

    Attributes
    ----------
    make : callable
        Seed -> rows.
    fit : callable
        Rows -> fitted estimator.
    truth : float or callable of the rows
    heavy : bool
        400 runs in the place of 1,000.
    """

    make: Callable[[int], Any]
    fit: Callable[[Any], Any]
    truth: float | Truth = 1.0
    heavy: bool = False


def by(name: str, *args: Any, **params: Any) -> Callable[[Any], Any]:
    """Fit an estimator of that name to a design."""
    return lambda rows: named(name, *args, **params).fit(rows)


def plain(seed: int) -> Design:
    return planted(seed)


def clustered(seed: int) -> Design:
    return planted(seed, n=600, n_per_cluster=6)


def curved(seed: int) -> Design:
    return planted(seed, n=1_000, curve_outcome=True, curve_propensity=True)


def personal(seed: int) -> Design:
    """The effect grows with a covariate that is more likely among the treated."""
    return planted(seed, n=800, slope=0.7)


def binary(seed: int) -> Design:
    return planted(seed, n=800, binary=True)


@lru_cache
def risk_difference() -> float:
    """Effect on a binary outcome, averaged over the three normal covariates of `planted`."""
    level = np.random.default_rng(0).normal(size=4_000_000) * np.sqrt(1.5)
    return float((expit(0.8 * level + 0.5) - expit(0.8 * level - 0.5)).mean())


@lru_cache
def effect_on_treated() -> float:
    """Effect on the treated of `personal`."""
    x = np.random.default_rng(0).normal(size=(4_000_000, 2))
    e = expit(0.6 * x[:, 0] - 0.4 * x[:, 1])
    return float(1 + 0.7 * (e * x[:, 0]).mean() / e.mean())


@lru_cache
def effect_at_overlap() -> float:
    """Effect where both arms are likely, of `personal`."""
    x = np.random.default_rng(0).normal(size=(4_000_000, 2))
    e = expit(0.6 * x[:, 0] - 0.4 * x[:, 1])
    return float(1 + 0.7 * (e * (1 - e) * x[:, 0]).mean() / (e * (1 - e)).mean())


def amounts(seed: int, n: int = 500) -> Design:
    """A treatment in amounts, errors that grow with it, and ten covariates."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 10))
    t = X[:, :3].sum(axis=1) + rng.normal(size=n)
    y = t + X[:, :5].sum(axis=1) + rng.normal(size=n) * (1 + t**2 / 4) ** 0.5
    return Design(y, t[:, None], X, (), {})


def weighted(seed: int) -> Design:
    """The same with weights that know nothing of the rest."""
    return replace(amounts(seed), weight=np.random.default_rng(seed).gamma(2.0, size=500))


def two_ways(seed: int, n: int = 3_000) -> Design:
    """Users and items, both with effects that the treatment follows, and shocks that their rows share."""
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 60, n), rng.integers(0, 50, n)
    a, b = rng.normal(size=60)[user], rng.normal(size=50)[item]
    t = a + b + rng.normal(size=n)
    y = t + 2 * a - b + rng.normal(size=n)
    return Design(y, t[:, None], rng.normal(size=(n, 1)), (user, item), {"user": user, "item": item})


def instrument(seed: int, n: int = 600, n_instruments: int = 1) -> Design:
    """Instruments of good strength; treatment and outcome share a hidden cause."""
    rng = np.random.default_rng(seed)
    x, hidden, Z = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, n_instruments))
    t = Z.sum(axis=1) / n_instruments**0.5 * 0.6 + 0.5 * x + hidden + rng.normal(size=n)
    y = t + x + 2 * hidden + rng.normal(size=n)
    return Design(y, t[:, None], x[:, None], (), {}, instruments=Z)


def shares(strategy: str, n: int = 500) -> Case:
    """The plug-in on a random discrete model."""
    estimand, model = identify(GRAPHS[strategy], "x", "y"), model_of(strategy)
    return Case(
        lambda seed: sample(model, n, np.random.default_rng(seed)),
        lambda rows: named("PlugIn").fit_columns(rows, estimand), float(truth_of(model)),
    )  # fmt: skip


def linear() -> dict[str, Any]:
    """Plain linear and logistic nuisances."""
    return {"outcome_model": Line(), "propensity_model": Logit()}


def squares() -> dict[str, Any]:
    """Nuisances that are linear in the covariates, their squares and products."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    wider = PolynomialFeatures(2, include_bias=False)
    return {"outcome_model": make_pipeline(wider, Line()), "propensity_model": make_pipeline(wider, Logit())}


def boosting() -> dict[str, Any]:
    """Gradient boosting of few and small trees, for curves that linear nuisances miss."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    given: dict[str, Any] = {"max_iter": 60, "max_leaf_nodes": 8, "early_stopping": False, "random_state": 0}
    return {
        "outcome_model": HistGradientBoostingRegressor(**given),
        "propensity_model": HistGradientBoostingClassifier(learning_rate=0.05, **given),
    }


ATT = {"target": "ATT"}
CASES: dict[str, Case] = {
    "OLS": Case(amounts, by("OLS")),
    "OLS, weights": Case(weighted, by("OLS")),
    "OLS, clusters": Case(clustered, by("OLS")),
    "OLS, HC3": Case(lambda seed: amounts(seed, 100), by("OLS", "HC3")),
    "absorbed regression, clusters two ways": Case(two_ways, by("AbsorbedRegression")),
    "partially linear DML": Case(amounts, by("PartiallyLinearDML")),
    "partially linear DML, clusters": Case(clustered, by("PartiallyLinearDML")),
    "interactive DML": Case(personal, by("InteractiveDML")),
    "interactive DML, ATT": Case(personal, by("InteractiveDML", **ATT), lambda rows: effect_on_treated()),
    "interactive DML, logistic": Case(binary, by("InteractiveDML", "logistic"), lambda rows: risk_difference()),
    "two-stage least squares": Case(instrument, by("TwoStageLeastSquares")),
    "two-stage least squares, 3 instruments": Case(lambda s: instrument(s, 600, 3), by("TwoStageLeastSquares")),
    "LIML, 3 instruments": Case(lambda s: instrument(s, 600, 3), by("LIML")),
    "IPW": Case(personal, by("IPW")),
    "IPW, ATT": Case(personal, by("IPW", **ATT), lambda rows: effect_on_treated()),
    "overlap weights": Case(personal, by("IPW", target="ATO"), lambda rows: effect_at_overlap()),
    "IPW, clusters": Case(clustered, by("IPW")),
    "CBPS": Case(personal, by("CBPS")),
    "entropy balancing": Case(personal, by("EntropyBalancing")),
    "entropy balancing, ATT": Case(personal, by("EntropyBalancing", **ATT), lambda rows: effect_on_treated()),
    "entropy balancing, squares too": Case(curved, by("EntropyBalancing", 2)),
    "AIPW": Case(personal, by("AIPW", **linear())),
    "AIPW, ATT": Case(personal, by("AIPW", **linear(), **ATT), lambda rows: effect_on_treated()),
    "AIPW, clusters": Case(clustered, by("AIPW", **linear())),
    "AIPW, default nuisances": Case(binary, by("AIPW"), lambda rows: risk_difference(), heavy=True),
    "AIPW, curved, nuisances of the right form": Case(curved, by("AIPW", **squares())),
    "AIPW, curved, 60 small trees": Case(
        lambda seed: planted(seed, n=2_000, curve_outcome=True, curve_propensity=True),
        by("AIPW", **boosting()),
        heavy=True,
    ),
    "TMLE": Case(personal, by("TMLE", **linear())),
    "TMLE, ATT": Case(personal, by("TMLE", **linear(), **ATT), lambda rows: effect_on_treated()),
    "TMLE, binary outcome": Case(binary, by("TMLE", **linear()), lambda rows: risk_difference()),
    "TMLE, clusters": Case(clustered, by("TMLE", **linear())),
    "matching, ATT": Case(plain, by("Matching")),
    "matching, ATE, 4 neighbours": Case(plain, by("Matching", 4, target="ATE")),
    "front door, linear": Case(mediated, by("LinearFrontDoor"), PATH * NEXT),
    "front door, linear, clusters": Case(
        lambda seed: mediated(seed, n=600, per_cluster=5), by("LinearFrontDoor"), PATH * NEXT
    ),
    "front door, doubly robust": Case(
        lambda seed: mediated(seed, n=600, bent=True), by("FrontDoor", **linear()), PATH * (NEXT + BENT / 2)
    ),
    "front door, plug-in": Case(lambda s: binary_mediated(s)[0], by("PlugIn"), lambda rows: binary_mediated(0, 9)[1]),
    "plug-in of adjustment": shares("adjustment"),
    "plug-in of the front door": shares("frontdoor"),
    "plug-in of an ID expression": shares("id"),
    "S-learner, average": Case(personal, by("SLearner", **linear())),
    "T-learner, average": Case(personal, by("TLearner", **linear())),
    "X-learner, average": Case(personal, by("XLearner", **linear())),
    "R-learner, average": Case(personal, by("RLearner", **linear())),
    "DR-learner, average": Case(personal, by("DRLearner", **linear())),
}

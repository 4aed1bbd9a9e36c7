"""Simulated rows of which the effect is known, and the estimators that are held against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.identification import identify
from tests.estimation.doses.test_dose_response import curve, discounts
from tests.estimation.doubly_robust.test_levels import EFFECTS as LEVEL_EFFECTS
from tests.estimation.doubly_robust.test_levels import levels
from tests.estimation.event_study import staggered
from tests.estimation.formulas.test_plug_in import GRAPHS, model_of, sample, truth_of
from tests.estimation.groups.test_conditional_effects import EFFECTS as SEGMENT_EFFECTS
from tests.estimation.groups.test_conditional_effects import rows as segments
from tests.estimation.mediated import BENT, NEXT, PATH, binary_mediated, mediated
from tests.estimation.planted import Line, Logit, planted
from tests.truth.estimators import named
from tests.truth.planted_intervals import (
    amounts_by_cluster,
    at_dose,
    by_econml,
    dowhy_lines,
    effect_of_unit,
    event,
    of_group,
    of_level,
    of_ratio,
    ratio,
    streamed,
    weak,
    weak_interval,
    wild,
    within,
)  # fmt: skip
from tests.truth.planted_worlds import (
    SLOPE,
    amounts,
    binary,
    clustered,
    curved,
    effect_at_overlap,
    effect_on_treated,
    few_columns,
    instrument,
    jagged,
    personal,
    plain,
    risk_difference,
    two_ways,
    weighted,
)  # fmt: skip

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
        Rows -> fitted estimator, or an interval.
    truth : float or callable of the rows
    heavy : bool
        400 runs in the place of 1,000.
    claimed : bool
        Whether the intervals should hold; a row that should not shows what a choice costs.
    """

    make: Callable[[int], Any]
    fit: Callable[[Any], Any]
    truth: float | Truth = 1.0
    heavy: bool = False
    claimed: bool = True


def by(name: str, *args: Any, **params: Any) -> Callable[[Any], Any]:
    """Fit an estimator of that name to a design."""
    return lambda rows: named(name, *args, **params).fit(rows)


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


def stacked() -> dict[str, Any]:
    """The stack that is the default for many rows."""
    from causalrec.estimation.nuisances.default_models import default_models

    return {
        "outcome_model": default_models(False, 3, flexible=True),
        "propensity_model": default_models(True, 3, flexible=True),
    }


def bent(n: int) -> Callable[[int], Any]:
    """Outcome and propensity are quadratic."""
    return lambda seed: planted(seed, n=n, curve_outcome=True, curve_propensity=True)


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
    "AIPW, curved, 60 small trees": Case(bent(2_000), by("AIPW", **boosting()), heavy=True, claimed=False),
    "AIPW, curved, stack, 2,000 rows": Case(bent(2_000), by("AIPW", **stacked()), heavy=True, claimed=False),
    "AIPW, curved, stack, 10,000 rows": Case(bent(10_000), by("AIPW"), heavy=True),
    "AIPW, jagged, stack, 2,000 rows": Case(jagged, by("AIPW", **stacked()), heavy=True, claimed=False),
    "AIPW of three levels, the second": Case(levels, of_level(1), float(LEVEL_EFFECTS[1])),
    "AIPW of three levels, the third": Case(levels, of_level(2), float(LEVEL_EFFECTS[2])),
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
    "DR-learner, one unit": Case(personal, effect_of_unit("DRLearner", **linear()), 1 + SLOPE),
    "R-learner, one unit": Case(personal, effect_of_unit("RLearner", **linear()), 1 + SLOPE),
    "groups by predicted effect, the last fifth": Case(personal, of_group(-1, **linear()), 0.0),
    "groups by predicted effect, last less first": Case(personal, of_group(None, **linear()), 0.0),
    "OLS, from a file in batches": Case(few_columns, streamed("OLS")),
    "partially linear DML, from a file in batches": Case(few_columns, streamed("PartiallyLinearDML")),
    "wild cluster bootstrap, 8 clusters": Case(lambda seed: amounts_by_cluster(seed, 8), wild),
    "wild cluster bootstrap, 15 clusters": Case(lambda seed: amounts_by_cluster(seed, 15), wild),
    "Anderson-Rubin, weak instruments": Case(weak, weak_interval),
    "risk ratio (logarithm), AIPW": Case(
        binary, of_ratio("risk_ratio", "AIPW", **linear()), lambda rows: ratio("risk_ratio")
    ),
    "odds ratio (logarithm), AIPW": Case(
        binary, of_ratio("odds_ratio", "AIPW", **linear()), lambda rows: ratio("odds_ratio")
    ),
    "within groups, the smallest": Case(segments, within("vip"), float(SEGMENT_EFFECTS[2])),
    "within groups, least squares, all at once": Case(segments, within("", simultaneous=True), 0.0),
    "mean at a dose in the middle": Case(lambda s: discounts(s, 2_000), at_dose(0.0), 0.0, heavy=True),
    "mean at a dose near the end": Case(lambda s: discounts(s, 2_000), at_dose(1.0), float(curve(1.0)), heavy=True),
    "difference in differences": Case(lambda s: staggered.design(staggered.panel(s)), event(None), staggered.truth()),
    "difference in differences, two periods after": Case(
        lambda s: staggered.design(staggered.panel(s)), event(2), staggered.truth(2)
    ),
    "GLM of statsmodels, logit": Case(binary, by("GLMEstimator", "logit"), lambda rows: risk_difference()),
    "GLM of statsmodels, Gaussian, interactions": Case(personal, by("GLMEstimator", "gaussian", interactions=True)),
    "EconML LinearDML": Case(personal, by_econml("LinearDML")),
    "EconML LinearDRLearner": Case(personal, by_econml("LinearDRLearner")),
    "EconML CausalForestDML, average": Case(
        personal, by_econml("CausalForestDML", n_estimators=48, min_samples_leaf=10, n_jobs=1), heavy=True
    ),
    "DoWhy linear regression, bootstrap": Case(plain, dowhy_lines, heavy=True),
}

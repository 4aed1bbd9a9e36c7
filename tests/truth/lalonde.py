"""A training programme: each estimator with controls of a survey, against the experiment's answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from causalrec.errors import CausalrecError
from causalrec.identification import Estimand
from tests.datasets import LALONDE_FILES, absent, lalonde
from tests.truth.estimators import estimated, named

TITLE = "LaLonde: effect on the trained, in dollars of 1978, from the controls of the CPS"
EXPERIMENT = 1_794.34, 671.0
ESTIMAND = Estimand(("training",), "earnings", "adjustment", adjustment=("covariates",))


def linear() -> tuple[Any, Any]:
    """Nuisances that are linear in the covariates."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    logistic = LogisticRegression(C=10.0, max_iter=1_000)
    return make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13))), make_pipeline(StandardScaler(), logistic)


# What the row is called, the estimator, its arguments.
ESTIMATORS: tuple[tuple[str, str, Any], ...] = (
    ("difference of means, nothing adjusted for", "OLS", None),
    ("OLS", "OLS", {}),
    ("partially linear DML", "PartiallyLinearDML", {}),
    ("interactive DML, linear", "InteractiveDML", {"target": "ATT"}),
    ("IPW", "IPW", {"target": "ATT"}),
    ("overlap weights", "IPW", {"target": "ATO"}),
    ("entropy balancing", "EntropyBalancing", {"target": "ATT"}),
    ("entropy balancing, squares too", "EntropyBalancing", {"moments": 2, "target": "ATT"}),
    ("AIPW, linear nuisances", "AIPW", {"target": "ATT", "linear": True}),
    ("TMLE, linear nuisances", "TMLE", {"target": "ATT", "linear": True}),
    ("matching, 1 neighbour", "Matching", {"target": "ATT"}),
    ("matching, 4 neighbours", "Matching", {"n_matches": 4, "target": "ATT"}),
    ("IPW, of all", "IPW", {}),
    ("CBPS, of all", "CBPS", {}),
    ("AIPW, of all", "AIPW", {}),
    ("TMLE, of all", "TMLE", {}),
    ("OLS, with the experiment's controls", "OLS", "nsw"),
)
N_RUNS = len(ESTIMATORS)


def run(seed: int) -> dict:
    """One estimator."""
    name, kind, given = ESTIMATORS[seed]
    if reason := absent(*LALONDE_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    rows = lalonde("nsw" if given == "nsw" else "cps")
    if given is None:
        rows = replace(rows, covariates=np.empty((rows.n, 0)), covariate_names=())
    params = dict(given) if isinstance(given, dict) else {}
    if params.pop("linear", False):
        params |= dict(zip(("outcome_model", "propensity_model"), linear(), strict=True))
    try:
        found = named(kind, **params).fit(rows)
        return {"name": name, **estimated(found, ESTIMAND), **balance(rows, found)}
    except CausalrecError as refused:
        return {"name": name, "problem": f"refused: {refused}"}


def balance(rows, found) -> dict[str, float]:
    """Largest difference of the weighted survey's means from the trained, and from the experiment's controls.

    Both in standard deviations of the experiment's rows.
    """
    weights = getattr(found, "weights_", None)
    if weights is None:
        return {}
    experiment, t = lalonde("nsw"), rows.treatments[:, 0]
    drawn = experiment.covariates[experiment.treatments[:, 0] == 0]
    on = np.average(rows.covariates[t == 1], axis=0, weights=weights[t == 1])
    off = np.average(rows.covariates[t == 0], axis=0, weights=weights[t == 0])
    spread = experiment.covariates.std(axis=0)
    trained = experiment.covariates[experiment.treatments[:, 0] == 1]
    return {
        "drawn": float(np.abs((trained.mean(axis=0) - drawn.mean(axis=0)) / spread).max()),
        "trained": float(np.abs((on - off) / spread).max()),
        "controls": float(np.abs((drawn.mean(axis=0) - off) / spread).max()),
    }


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator."""
    truth, error = EXPERIMENT
    drawn = next((one["drawn"] for one in results if "drawn" in one), "")
    table: list[dict[str, object]] = [
        {"method": "the experiment", "of whom": "ATT", "effect": round(truth), "standard error": round(error),
         "from": round(truth - 1.96 * error), "to": round(truth + 1.96 * error), "imbalance to the trained": drawn,
         "imbalance to the experiment's controls": 0.0}
    ]  # fmt: skip
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        table.append({
            "method": one["name"], "of whom": one["target"], "effect": round(one["value"]),
            "standard error": round(one["stderr"]), "from": round(one["lower"]), "to": round(one["upper"]),
            "imbalance to the trained": one.get("trained", ""),
            "imbalance to the experiment's controls": one.get("controls", ""),
            "note": "" if one["lower"] <= truth <= one["upper"] else "interval without 1,794",
        })  # fmt: skip
    return table

"""Weight gained by quitting smoking, against the figures of a textbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from causalrec.errors import CausalrecError
from causalrec.identification import Estimand
from tests.datasets import NHEFS_FILES, absent, nhefs
from tests.truth.estimators import estimated, named
from tests.truth.lalonde import linear

TITLE = "NHEFS: kilograms gained by quitting smoking"
ESTIMAND = Estimand(("qsmk",), "gain", "adjustment", adjustment=("covariates",))
PUBLISHED = {"difference of means, nothing adjusted for": "2.5", "IPW": "3.4 (2.4 to 4.5)"}
BOUNDS = 2.4, 4.5
ESTIMATORS: tuple[tuple[str, str, Any], ...] = (
    ("difference of means, nothing adjusted for", "OLS", None),
    ("OLS", "OLS", {}),
    ("partially linear DML", "PartiallyLinearDML", {}),
    ("interactive DML, linear", "InteractiveDML", {}),
    ("IPW", "IPW", {}),
    ("IPW, ATT", "IPW", {"target": "ATT"}),
    ("overlap weights", "IPW", {"target": "ATO"}),
    ("CBPS", "CBPS", {}),
    ("entropy balancing", "EntropyBalancing", {}),
    ("AIPW, linear nuisances", "AIPW", {"linear": True}),
    ("TMLE, linear nuisances", "TMLE", {"linear": True}),
    ("matching, 1 neighbour", "Matching", {"target": "ATE"}),
    ("matching, 4 neighbours", "Matching", {"n_matches": 4, "target": "ATE"}),
)
N_RUNS = len(ESTIMATORS)


def run(seed: int) -> dict:
    """One estimator."""
    name, kind, given = ESTIMATORS[seed]
    if reason := absent(*NHEFS_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    rows, params = nhefs(), dict(given or {})
    if given is None:
        rows = replace(rows, covariates=np.empty((rows.n, 0)), covariate_names=())
    if params.pop("linear", False):
        params |= dict(zip(("outcome_model", "propensity_model"), linear(), strict=True))
    try:
        return {"name": name, **estimated(named(kind, **params).fit(rows), ESTIMAND)}
    except CausalrecError as refused:
        return {"name": name, "problem": f"refused: {refused}"}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where an adjusted estimate is outside the published interval."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        adjusted = "nothing" not in one["name"]
        table.append({
            "method": one["name"], "of whom": one["target"], "effect": one["value"], "standard error": one["stderr"],
            "from": one["lower"], "to": one["upper"], "published": PUBLISHED.get(one["name"], ""),
            "disagree": int(adjusted and not BOUNDS[0] <= one["value"] <= BOUNDS[1]),
        })  # fmt: skip
    return table

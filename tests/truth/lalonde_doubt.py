"""What the whole battery says of LaLonde's programme, with covariates cut away and with all of them."""

from __future__ import annotations

import pandas as pd

from causalrec.data import Dataset
from causalrec.estimation import IPW, OLS, estimate_effect
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.refutation import refute_effect
from tests.datasets import LALONDE_COVARIATES, LALONDE_FILES, absent, place

TITLE = "LaLonde's programme under attack: 185 trained, 15,992 controls of the CPS"
NAMES = ("age", "education", "black", "hispanic", "married", "no degree", "earnings 1974", "earnings 1975")
GRAPH = CausalGraph([(c, end) for c in NAMES for end in ("trained", "earnings")] + [("trained", "earnings")])
REQUESTS = (
    ("ATT, age and education alone", ("age", "education"), IPW(target="ATT"), "ATT"),
    ("ATT, all covariates", NAMES, IPW(target="ATT"), "ATT"),
    ("ATE, all covariates", NAMES, OLS(), "ATE"),
)
N_RUNS = len(REQUESTS)
FLAGGED = {"ATT, age and education alone": 2, "ATE, all covariates": 2}
"""Attacks that must fail, at least."""


def men() -> Dataset:
    """The trained of the experiment and the controls of the CPS."""
    trained, controls = (pd.read_stata(place() / file) for file in LALONDE_FILES)
    both = pd.concat([trained[trained.treat == 1], controls]).reset_index(drop=True)
    renamed = both.rename(columns={**dict(zip(LALONDE_COVARIATES, NAMES, strict=True)), "treat": "trained"})
    named = renamed.rename(columns={"re78": "earnings"})
    return Dataset.from_frames(named[["trained", "earnings", *NAMES]].astype(float))


def run(seed: int) -> dict:
    """One request and its battery."""
    name, adjustment, estimator, target = REQUESTS[seed]
    if reason := absent(*LALONDE_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    data, estimand = men(), Estimand(("trained",), "earnings", "adjustment", adjustment=adjustment)
    effect = estimate_effect(estimand, data, estimator=estimator, target=target)
    battery = refute_effect(effect, data, graph=GRAPH, n_draws=50)
    by_verdict = {way: [one.name for one in battery if one.verdict == way] for way in ("failed", "passed")}
    said = next((one.reason for one in battery if one.verdict == "failed"), "")
    return {"name": name, "value": effect.value, "stderr": effect.stderr, "said": said, **by_verdict}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a request; "disagree" where fewer attacks fail than must."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"request": one["name"], "note": one["problem"]})
            continue
        table.append({
            "request": one["name"], "effect": f"{one['value']:,.0f} ± {one['stderr']:,.0f}",
            "failed": ", ".join(one["failed"]) or "none", "passed": ", ".join(one["passed"]),
            "disagree": int(len(one["failed"]) < FLAGGED.get(one["name"], 0)),
        })  # fmt: skip
    return table

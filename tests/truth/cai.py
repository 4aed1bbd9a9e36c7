"""Neighbours' take-up of an insurance on one's own, moved by a default that was drawn by lot."""

from __future__ import annotations

import pandas as pd

from causalrec.data import Dataset
from causalrec.data.design import Design, design
from causalrec.identification import Estimand
from tests.datasets import absent, place
from tests.truth.estimators import estimated, named

TITLE = "Cai, de Janvry, Sadoulet: take-up in earlier sessions of the village on take-up, errors by village"
FILES = ("causal_misc/Cai_2015.csv",)
COVARIATES = (
    "male", "age", "agpop", "ricearea_2010", "literacy", "intensive", "risk_averse", "disaster_prob", "village",
)  # fmt: skip
ESTIMATORS = (
    # name, estimator, instrument, clusters (the published table clusters by natural village, `address`)
    ("two-stage least squares, natural villages", "TwoStageLeastSquares", True, "address"),
    ("two-stage least squares, administrative villages", "TwoStageLeastSquares", True, "village"),
    ("least squares, natural villages", "OLS", False, "address"),
)
N_RUNS = len(ESTIMATORS)
# Huntington-Klein (2021), The Effect, chapter 19, with the specification of the paper's own two-stage table: household
# covariates and the intensive session, administrative villages held fixed, errors clustered by natural village.
PUBLISHED, PUBLISHED_ERROR, FIRST_STAGE, TOLERANCE = 0.791, 0.273, 0.118, 5e-4


def estimand(instrument: bool) -> Estimand:
    """Take-up in earlier sessions on take-up."""
    instruments, strategy = (("default",), "instrument") if instrument else ((), "adjustment")
    return Estimand(("pre_takeup_rate",), "takeup_survey", strategy, adjustment=COVARIATES, instruments=instruments)


def cai(instrument: bool = True, clusters: str = "address") -> Design:
    """Households of the second round, 1,378 with all covariates; the default of the first round was drawn by lot."""
    rows = pd.read_csv(place() / FILES[0]).dropna().reset_index(drop=True)
    found = design(estimand(instrument), Dataset.from_frames(rows), clusters=(clusters,))
    assert isinstance(found, Design)
    return found


def run(seed: int) -> dict:
    """One estimator."""
    name, kind, instrument, clusters = ESTIMATORS[seed]
    if reason := absent(*FILES):
        return {"name": name, "problem": f"data: {reason}"}
    fitted = named(kind).fit(cai(instrument, clusters))
    found = {"name": name, "instrument": instrument, **estimated(fitted, estimand(instrument))}
    if instrument:
        robust = fitted.anderson_rubin()
        found |= {"f": float(fitted.first_stage_f_[0]), "robust": str(robust)}
    return found


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where an instrumented one is further than .0005 from the published .791."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        row = {"method": one["name"], "effect": f"{one['value']:.3f}", "standard error": f"{one['stderr']:.3f}",
               "from": f"{one['lower']:.3f}", "to": f"{one['upper']:.3f}",
               "first-stage F": f"{one['f']:.1f}" if one["instrument"] else "",
               "Anderson-Rubin": one.get("robust", ""), "published": PUBLISHED if one["instrument"] else "",
               "disagree": int(one["instrument"] and abs(one["value"] - PUBLISHED) > TOLERANCE)}  # fmt: skip
        table.append(row)
    return table

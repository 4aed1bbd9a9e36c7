"""Negative words in headlines: within an experiment and picture, against a published estimate.

The published study counts words by LIWC, a dictionary that is sold. The lexicon here is free and another
choice of words: VADER (Hutto, Gilbert 2014, ICWSM; MIT licence, package vaderSentiment). Where the package is
not installed the rows say so.
"""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.identification import Estimand
from tests.datasets import UPWORTHY_FILES, absent, upworthy
from tests.truth.estimators import estimated, named

TITLE = "Upworthy: relative change of the click rate for one more negative word in a headline of average length"
PUBLISHED = 2.3  # per cent, Robertson et al. (2023), Nature Human Behaviour
ESTIMAND = Estimand(("negative",), "click rate", "adjustment", adjustment=("experiment", "positive", "length"))
LEXICONS = {
    "VADER": ("vaderSentiment", "vader_lexicon.txt"),
}
WAYS = ("linear", "Poisson")
CASES = tuple((lexicon, way) for lexicon in LEXICONS for way in WAYS)
N_RUNS = len(CASES)
WORD = re.compile(r"[a-z']+")


def run(seed: int) -> dict:
    """One lexicon and model."""
    lexicon, way = CASES[seed]
    name = f"{lexicon}, {way}"
    if reason := absent(*UPWORTHY_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    valence = read(*LEXICONS[lexicon])
    if not valence:
        return {"name": name, "problem": f"lexicon missing: pip install {LEXICONS[lexicon][0]}"}
    rows = counted(valence)
    found = linear(rows) if way == "linear" else poisson(rows)
    kept = {
        "headlines": len(rows),
        "experiments": int(rows.experiment.nunique()),
        "readers": int(rows.impressions.sum()),
    }
    return {"name": name, **kept, "negative": float((rows.negative > 0).mean()), **found}


def read(package: str, file: str) -> dict[str, float]:
    """Valence of each word, below 0 for negative ones; nothing where the package is not installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return {}
    lines = (Path(spec.submodule_search_locations[0]) / file).read_text("utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line.strip()]
    return {part[0]: float(part[1]) for part in parts}


def counted(valence: dict[str, float]) -> Any:
    """Headlines with the share of negative and positive words, times the average length, and their length."""
    rows = upworthy()
    words = [WORD.findall(text.lower()) for text in rows.headline]
    length = np.array([max(len(found), 1) for found in words])
    for name, sign in (("negative", -1), ("positive", 1)):
        number = np.array([sum(sign * valence.get(word, 0) > 0 for word in found) for found in words])
        rows[name] = number / length * length.mean()
    return rows.assign(length=length.astype(float))


def linear(rows: Any) -> dict[str, float]:
    """Click rate over that of its experiment and picture, by least squares weighted by readers."""
    sums = rows.groupby("group")[["clicks", "impressions"]].transform("sum")
    rate = (rows.clicks / rows.impressions) / (sums.clicks / sums.impressions)
    keep = (sums.clicks > 0).to_numpy()
    rows, rate = rows[keep], rate[keep]
    groups, experiments = (np.unique(rows[name], return_inverse=True)[1] for name in ("group", "experiment"))
    design = Design(
        100 * rate.to_numpy(), rows[["negative"]].to_numpy(float), rows[["positive", "length"]].to_numpy(float),
        (groups,), {"experiment": experiments},
        ("negative",), ("positive", "length"), weight=rows.impressions.to_numpy(float),
    )  # fmt: skip
    return estimated(named("AbsorbedRegression").fit(design), ESTIMAND)


def poisson(rows: Any) -> dict[str, float]:
    """Poisson regression of pyfixest with effects of experiment and picture: the same question to another program."""
    import pyfixest

    kept = rows.assign(rate=rows.clicks / rows.impressions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest uses what pandas will drop
        fit = pyfixest.fepois(
            "rate ~ negative + positive + length | group", kept, weights="impressions", vcov={"CRV1": "experiment"}
        )
    line = fit.tidy().loc["negative"]
    per_cent = [100 * np.expm1(float(line[name])) for name in ("Estimate", "2.5%", "97.5%")]
    stderr = 100 * np.exp(float(line["Estimate"])) * float(line["Std. Error"])
    return {"value": per_cent[0], "stderr": stderr, "lower": per_cent[1], "upper": per_cent[2]}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a lexicon and model, in per cent."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        table.append({
            "method": one["name"], "headlines": one["headlines"], "experiments": one["experiments"],
            "readers": one["readers"], "with negative words": f"{one['negative']:.0%}", "effect, %": one["value"],
            "standard error": one["stderr"], "from": one["lower"], "to": one["upper"], "published, %": PUBLISHED,
            "disagree": int(not one["lower"] <= PUBLISHED <= one["upper"]),
        })  # fmt: skip
    return table

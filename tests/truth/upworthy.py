"""What headlines have and how often they are clicked on: within an experiment and picture, all codes at once.

The published study of negative words counts them by LIWC, a dictionary that is sold. The lexicon here is free and
another choice of words: VADER (Hutto, Gilbert 2014, ICWSM; MIT licence, package vaderSentiment). Where the package is
not installed the rows say so.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tests.datasets import UPWORTHY_FILES, absent, upworthy

TITLE = "Upworthy: relative change of the click rate for headlines that have one more of a code, in per cent"
PUBLISHED = 2.3  # per cent for a negative word, Robertson et al. (2023), Nature Human Behaviour
NEGATIVE, POSITIVE = "negative words", "positive words"
ALL = ("words", "question", "exclamation", "number", "first person", "second person", NEGATIVE, POSITIVE)
MOODS = ("words", NEGATIVE, POSITIVE)
CASES = (("within experiments", MOODS), ("pyfixest", MOODS), ("within experiments, all codes", ALL))
N_RUNS = len(CASES)


def run(seed: int) -> dict:
    """One way, and the codes that it takes."""
    from causalrec.errors import MissingExtraError
    from causalrec.estimation.text_treatment import vader_lexicon

    way, names = CASES[seed]
    if reason := absent(*UPWORTHY_FILES):
        return {"name": way, "problem": f"data: {reason}"}
    try:
        rows, codes = coded(vader_lexicon(), names)
    except MissingExtraError as error:
        return {"name": way, "problem": str(error)}
    kept = {
        "headlines": len(rows), "experiments": int(rows.experiment.nunique()), "readers": int(rows.impressions.sum()),
    }  # fmt: skip
    effects = poisson(rows, codes) if way == "pyfixest" else within(rows, codes)
    return {"name": way, **kept, "effects": effects}


def coded(lexicon: Any, names: tuple[str, ...]) -> tuple[Any, Any]:
    """Headlines and their codes; counts of words are those of a headline of average length."""
    from causalrec.estimation.text_treatment import text_codes

    rows = upworthy()
    texts = list(rows.headline)
    average = float(text_codes(texts).only("words").values.mean())
    return rows, text_codes(texts, lexicon=lexicon, average_length=average).only(*names)


def within(rows: Any, codes: Any) -> list[dict[str, Any]]:
    """All codes in one table."""
    from causalrec.estimation.text_treatment import code_effects

    found = code_effects(codes, rows.clicks, rows.impressions, rows.experiment, within=rows.group)
    wanted = ("code", "relative", "relative_stderr", "lower", "upper", "absolute", "absolute_stderr", "share",
              "p_value", "p_holm", "p_step_down", "lower_simultaneous", "upper_simultaneous")  # fmt: skip
    return [{name: one[name] for name in wanted} for one in found.to_dict()["effects"]]


def poisson(rows: Any, codes: Any) -> list[dict[str, Any]]:
    """Poisson regression of pyfixest with effects of experiment and picture: the same question to another program."""
    import pyfixest

    columns = codes.to_frame()
    columns.columns = [name.replace(" ", "_") for name in columns]
    kept = columns.assign(rate=rows.clicks / rows.impressions, **rows[["impressions", "experiment", "group"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest uses what pandas will drop
        terms = " + ".join(columns)
        fit = pyfixest.fepois(f"rate ~ {terms} | group", kept, weights="impressions", vcov={"CRV1": "experiment"})
    line = fit.tidy().loc[NEGATIVE.replace(" ", "_")]
    value, lower, upper = (100 * np.expm1(float(line[name])) for name in ("Estimate", "2.5%", "97.5%"))
    stderr = 100 * np.exp(float(line["Estimate"])) * float(line["Std. Error"])
    return [{"code": NEGATIVE, "relative": value, "relative_stderr": stderr, "lower": lower, "upper": upper}]


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a code of the way with all of them, and one of negative words for each other way.

    "disagree" where the published effect of a negative word is outside the interval.
    """
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        chosen = one["effects"] if "all codes" in one["name"] else [e for e in one["effects"] if e["code"] == NEGATIVE]
        table += [_row(one, effect) for effect in chosen]
    return table


def _row(one: dict, effect: dict[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {
        "method": one["name"], "code": effect["code"] + (" (VADER)" if effect["code"] in (NEGATIVE, POSITIVE) else ""),
        "headlines": one["headlines"], "experiments": one["experiments"], "readers": one["readers"],
        "effect, %": f"{effect['relative']:+.2f}", "standard error": f"{effect['relative_stderr']:.2f}",
        "from": f"{effect['lower']:+.2f}", "to": f"{effect['upper']:+.2f}",
    }  # fmt: skip
    if "p_holm" in effect:
        row |= {
            "per 1,000": f"{effect['absolute']:+.3f} ({effect['absolute_stderr']:.3f})",
            "p": f"{effect['p_value']:.2g}", "Holm": f"{effect['p_holm']:.2g}", "max-t": f"{effect['p_step_down']:.2g}",
        }  # fmt: skip
    if effect["code"] == NEGATIVE:
        row |= {"published, %": PUBLISHED, "disagree": int(not effect["lower"] <= PUBLISHED <= effect["upper"])}
    return row

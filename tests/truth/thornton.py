"""A payment, drawn by lot, for coming to learn the result of a test."""

from __future__ import annotations

from causalrec.identification import Estimand
from tests.datasets import THORNTON_FILES, absent, thornton
from tests.truth.estimators import estimated, named

TITLE = "Thornton: share of people who come, errors clustered by village"
ESTIMAND = Estimand(("any",), "got", "adjustment", adjustment=("age", "distvct", "hiv2004"))
ESTIMATORS = (
    ("OLS", "OLS", {}), ("partially linear DML", "PartiallyLinearDML", {}),
    ("interactive DML, logistic", "InteractiveDML", {"outcome": "logistic"}), ("IPW", "IPW", {}), ("CBPS", "CBPS", {}),
    ("entropy balancing", "EntropyBalancing", {}), ("AIPW", "AIPW", {}), ("TMLE", "TMLE", {}),
)  # fmt: skip
N_RUNS = len(ESTIMATORS)
PUBLISHED, TOLERANCE = 0.45, 0.01


def run(seed: int) -> dict:
    """One estimator."""
    name, kind, params = ESTIMATORS[seed]
    if reason := absent(*THORNTON_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    return {"name": name, **estimated(named(kind, **params).fit(thornton()), ESTIMAND)}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where it is further than .01 from the published .45."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        table.append({
            "method": one["name"], "effect": f"{one['value']:.3f}", "standard error": f"{one['stderr']:.3f}",
            "from": f"{one['lower']:.3f}", "to": f"{one['upper']:.3f}", "published": PUBLISHED,
            "disagree": int(abs(one["value"] - PUBLISHED) > TOLERANCE),
        })  # fmt: skip
    return table

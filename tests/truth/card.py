"""The return to a year of schooling, by least squares and with a college nearby as instrument."""

from __future__ import annotations

from causalrec.identification import Estimand
from tests.datasets import CARD_FILES, absent, card
from tests.truth.estimators import estimated, named

TITLE = "Card: log wage for a year of schooling"
ESTIMAND = Estimand(("educ",), "lwage", "instrument", instruments=("nearc4",))
# What the row is called, the estimator, whether it takes the instrument, the published figure.
ESTIMATORS = (
    ("OLS", "OLS", False, 0.071), ("partially linear DML", "PartiallyLinearDML", False, 0.071),
    ("two-stage least squares", "TwoStageLeastSquares", True, 0.124), ("LIML", "LIML", True, 0.124),
    ("Anderson–Rubin", "TwoStageLeastSquares", True, None),
)  # fmt: skip
N_RUNS = len(ESTIMATORS)
TOLERANCE = 5e-4


def run(seed: int) -> dict:
    """One estimator."""
    name, kind, instrument, published = ESTIMATORS[seed]
    if reason := absent(*CARD_FILES):
        return {"name": name, "problem": f"data: {reason}"}
    found = named(kind).fit(card(instrument))
    if published is None:
        return {"name": name, "problem": f"interval {found.anderson_rubin()}"}
    return {"name": name, **estimated(found, ESTIMAND), "published": published}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where OLS or 2SLS differs from the published figure in its third digit."""
    table: list[dict[str, object]] = []
    for one in results:
        if "problem" in one:
            table.append({"method": one["name"], "note": one["problem"]})
            continue
        off = abs(one["value"] - one["published"]) > TOLERANCE
        table.append({
            "method": one["name"], "effect": f"{one['value']:.4f}", "standard error": f"{one['stderr']:.4f}",
            "from": f"{one['lower']:.4f}", "to": f"{one['upper']:.4f}", "published": f"{one['published']:.3f}",
            "disagree": int(off and "DML" not in one["name"]),
        })  # fmt: skip
    return table

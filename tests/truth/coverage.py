"""How often the 95% intervals of each estimator hold the planted effect."""

from __future__ import annotations

import numpy as np

from causalrec.errors import CausalrecError
from tests.estimation.planted import SHOWN, exact_interval
from tests.truth.estimators import Missing, estimated
from tests.truth.planted_effects import CASES

TITLE = "Share of 95% intervals that hold the planted effect"
N_RUNS = 1_000
N_HEAVY = 400


def run(seed: int) -> dict:
    """Error, standard error and interval of each estimator on the rows of one seed."""
    found: dict[str, list[float] | str] = {}
    for name, case in CASES.items():
        if case.heavy and seed >= N_HEAVY:
            continue
        try:
            rows = case.make(seed)
            one = estimated(case.fit(rows), SHOWN)
            truth = case.truth(rows) if callable(case.truth) else case.truth
            found[name] = [one["value"] - truth, one["stderr"], one["lower"] - truth, one["upper"] - truth]
        except Missing:
            found[name] = "missing"
        except CausalrecError as refused:
            found[name] = f"refused: {str(refused)[:120]}"
    return {"found": found}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where .95 is outside the exact 99.9% interval of the share that holds it.

    A refusal is no interval that holds the effect: it counts as one that does not.
    """
    table: list[dict[str, object]] = []
    for name in results[0]["found"]:
        every = [one["found"][name] for one in results if name in one["found"]]
        good = np.array([one for one in every if not isinstance(one, str)])
        if not len(good):
            table.append({"method": name, "note": every[0], "disagree": int(every[0] != "missing")})
            continue
        error, stderr, lower, upper = good.T
        covered = int(((lower <= 0) & (upper >= 0)).sum())
        low, high = exact_interval(covered, len(every))
        table.append({
            "method": name, "runs": len(every), "cover": f"{covered / len(every):.3f}",
            "99.9% interval": f"{low:.3f} to {high:.3f}", "bias / error": float(error.mean() / error.std()),
            "spread / error": float(error.std() / np.sqrt((stderr**2).mean())),
            "width": float(np.median(upper - lower)),
            "refused": len(every) - len(good), "disagree": int(not low <= 0.95 <= high),
        })  # fmt: skip
    return table

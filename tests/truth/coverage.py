"""How often the 95% intervals of each estimator hold the planted effect."""

from __future__ import annotations

import numpy as np

from causalrec.errors import CausalrecError
from tests.estimation.planted import SHOWN, exact_interval
from tests.truth.intervals import Interval, of_effect
from tests.truth.planted_effects import CASES, Case

TITLE = "Share of 95% intervals that hold the planted effect"
N_RUNS = 1_000
N_HEAVY = 400


def run(seed: int) -> dict:
    """Error, standard error, width and whether the truth is held, of each estimator on the rows of one seed."""
    found: dict[str, dict | str] = {}
    for name, case in CASES.items():
        if case.heavy and seed >= N_HEAVY:
            continue
        found[name] = one(case, seed)
    return {"found": found}


def one(case: Case, seed: int) -> dict | str:
    """One interval against the truth, or why there is none."""
    try:
        rows = case.make(seed)
        fitted = case.fit(rows)
    except CausalrecError as refused:
        return f"refused: {str(refused)[:120]}"
    interval = fitted if isinstance(fitted, Interval) else of_effect(fitted, SHOWN)
    return interval.against(case.truth(rows) if callable(case.truth) else case.truth)


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an estimator; "disagree" where .95 is outside the exact 99.9% interval of the share that holds it.

    A refusal is no interval that holds the effect: it counts as one that does not.
    """
    return [row(name, [one["found"][name] for one in results if name in one["found"]]) for name in CASES]


def row(name: str, every: list[dict | str]) -> dict[str, object]:
    """The row of one method."""
    good = [one for one in every if not isinstance(one, str)]
    if not good:
        return {"method": name, "note": every[0], "disagree": 1}
    held = sum(one["held"] for one in good)
    low, high = exact_interval(held, len(every))
    claimed = CASES[name].claimed
    return {
        "method": name, "runs": len(every), "cover": f"{held / len(every):.3f}",
        "99.9% interval": f"{low:.3f} to {high:.3f}", **_spread(good), **_widths([one["width"] for one in good]),
        "refused": len(every) - len(good), "disagree": int(claimed and not low <= 0.95 <= high),
        "note": "" if claimed else "shown, not claimed",
    }  # fmt: skip


def _spread(good: list[dict]) -> dict[str, object]:
    """Bias and spread of the estimates, where there are estimates and errors."""
    error, stderr = (np.array([one[key] for one in good], dtype=float) for key in ("error", "stderr"))
    if not np.isfinite(error).all():
        return {"bias / error": "", "spread / error": ""}
    known = np.isfinite(stderr).all()
    return {
        "bias / error": float(error.mean() / error.std()),
        "spread / error": float(error.std() / np.sqrt((stderr**2).mean())) if known else "",
    }


def _widths(widths: list[float]) -> dict[str, object]:
    """The median width, infinite ones counted in, and how many are infinite."""
    endless = sum(not np.isfinite(width) for width in widths)
    median = float(np.median(widths))
    return {"width": median if np.isfinite(median) else "infinite", "infinite": endless or ""}

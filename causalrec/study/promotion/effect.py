"""Stages 2 and 3: the graph's answer, and the effect by each adjustment side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from causalrec.data.blocks import item_block
from causalrec.errors import EstimationError, NotIdentifiableError
from causalrec.estimation import Absorbed, EffectEstimate, Regression, estimate_effect, grid_regression
from causalrec.graph import CausalGraph, read_dagitty
from causalrec.identification import Estimand, identify
from causalrec.study.promotion.data import load, units
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["adjustments", "display_effect", "display_estimand", "graph_answer", "promotion_estimand"]

BOTH = ("display", "mailer")


def graph_answer(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """What the graph says of the display, of the mailer, and of both."""
    display = display_estimand(study)
    (folder / "graph.dag").write_text(study.settings.graph_text, "utf-8")
    return {
        "display": display.to_dict(),
        "mailer_refused": _refusal(study),
        "promotion": promotion_estimand(study).to_dict(),
        "assumed": "a mailer brings no household to the store (the edge mailer -> visit is left out)",
    }


def display_estimand(study: Study[Settings]) -> Estimand:
    """The headline: the display's effect among visits."""
    return identify(_graph(study), "display", "purchased")


def promotion_estimand(study: Study[Settings]) -> Estimand:
    """Display and mailer together, on the assumption that a mailer brings nobody to the store."""
    graph = _graph(study)
    return identify(graph.without_edges([("mailer", "visit")]), BOTH, "purchased")


def display_effect(study: Study[Settings], *, clusters: tuple[str, ...] = ()) -> EffectEstimate:
    """The headline."""
    return estimate_effect(display_estimand(study), load(study), clusters=clusters)


def adjustments(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """The effect as the graph has it, and what other adjustments would have said."""
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
    effect, by_category = display_effect(study), display_effect(study, clusters=("category",))
    return {
        "effect": effect.to_dict()
        | {"stderr_by_category": by_category.stderr, "interval_by_category": by_category.interval()},
        "promotion": estimate_effect(promotion_estimand(study), data).to_dict(),
        "adjustments": rows,
        "price_fixed": _price_fixed(study),
        "discount": _mean_discount(study),
    }


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


def _graph(study: Study[Settings]) -> CausalGraph:
    return read_dagitty(study.settings.graph_text)


def _refusal(study: Study[Settings]) -> str | None:
    """Why the mailer's own effect is refused; None where the graph gives it."""
    try:
        identify(_graph(study), "mailer", "purchased")
    except NotIdentifiableError as error:
        return str(error)
    return None

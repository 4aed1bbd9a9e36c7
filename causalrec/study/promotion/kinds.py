"""Stage 5: for which kinds of products, by department and by what their text says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from causalrec.data.blocks import item_block
from causalrec.estimation import EffectByKind, effects_by_kind, grid_plan, text_effects
from causalrec.estimation.heterogeneity.calibration import SortedEffects
from causalrec.study.promotion.data import load, units
from causalrec.study.promotion.effect import display_estimand
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

__all__ = ["kinds"]

N_EXAMPLES = 5
FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


def kinds(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """Effect of the display by department, and by the fifths that the text predicts."""
    data, cells = load(study), units(study)
    plan = grid_plan(display_estimand(study), data, cells)
    department = effects_by_kind(cells, plan.regressors, plan.absorbed, data.item_column("department"))
    block, seed = item_block(data, "item_text"), study.settings.random_state
    seen = text_effects(cells, plan.regressors, plan.absorbed, block, random_state=seed)
    category = np.unique(data.item_column("category"), return_inverse=True)[1]
    unseen = text_effects(cells, plan.regressors, plan.absorbed, block, fold_of=category, random_state=seed)
    order, names = np.argsort(seen.predicted, kind="stable"), data.item_column("description")
    return {
        "department": _rows(department),
        "n_columns": block.shape[1],
        "text": {"slope": seen.slope, "stderr": seen.slope_stderr, "fifths": _fifths(seen.fifths)},
        "text_new_categories": {"slope": unseen.slope, "stderr": unseen.slope_stderr},
        "largest": _examples(names, seen.predicted, order[::-1]),
        "smallest": _examples(names, seen.predicted, order),
    }


def _rows(found: EffectByKind) -> list[dict[str, object]]:
    columns = (found.kind, found.n_items, found.value, found.stderr, found.base)
    keys = ("kind", "n_items", "value", "stderr", "base")
    return [
        dict(zip(keys, (str(k), int(n), float(v), float(s), float(b)), strict=True))
        for k, n, v, s, b in zip(*columns, strict=True)
    ]


def _fifths(found: SortedEffects) -> list[dict[str, object]]:
    return [
        {"kind": name, "n_items": int(n), "value": float(value), "stderr": float(stderr)}
        for name, n, value, stderr in zip(FIFTHS, found.n, found.value, found.stderr, strict=True)
    ]


def _examples(names: np.ndarray, predicted: np.ndarray, order: np.ndarray) -> list[dict[str, object]]:
    """The first few in order, one of each description."""
    _, first = np.unique(names[order], return_index=True)
    return [{"text": str(names[at]), "value": float(predicted[at])} for at in order[np.sort(first)][:N_EXAMPLES]]

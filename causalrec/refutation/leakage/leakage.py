"""The attack on an effect whose text may give the treatment away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Dataset
from causalrec.data.columns import TextColumn
from causalrec.data.ids import plain
from causalrec.data.side_tables import side_of
from causalrec.errors import EstimationError
from causalrec.estimation import EffectEstimate
from causalrec.estimation.text_modifier.design_texts import row_texts, text_nodes
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.independent_units import units_of
from causalrec.refutation.leakage.text_leakage import TextLeakage, text_leakage
from causalrec.refutation.refutation import LEVEL, NAN, Refutation

__all__ = ["ASKED", "leakage"]

ASKED = Asked(
    "text leakage",
    "Does the text that was adjusted for say who was treated?",
    "text that contains the treatment or was written after it: phrases, or texts, that nearly decide it",
)
N_NAMED = 3


def leakage(attacked: Attacked) -> Refutation:
    """Look for phrases that decide the treatment; where there are some, estimate with the texts without them.

    A test at the level that all attacks have. Ordinary confounding by text, after which both kinds still occur among
    units with any phrase, passes.

    Parameters
    ----------
    attacked : Attacked

    Returns
    -------
    Refutation
        `refuted` is the effect with those phrases cut out of the texts; NaN where nothing was found, or no phrase.
    """
    effect, rows = attacked.effect, attacked.design
    if not (nodes := text_nodes(attacked.data, rows)):
        return ASKED.cannot(effect, "No text was adjusted for.")
    t = rows.treatments[:, 0]
    if not np.isin(t, (0.0, 1.0)).all():
        return ASKED.cannot(effect, f"{attacked.treatment!r} is not 0 or 1: words cannot decide it.")
    texts = ["\n".join(parts) for parts in zip(*(row_texts(attacked.data, rows, n) for n in nodes), strict=True)]
    units = units_of(attacked, rows, np.arange(rows.n))
    found = text_leakage(texts, t, groups=units.codes, level=LEVEL, random_state=attacked.random_state)
    without = _without(attacked, nodes, found) if found.found and found.phrases else None
    value, stderr = (NAN, NAN) if without is None else (without.value, without.stderr)
    return ASKED.tested(
        effect, found.p_value, _reason(found, without, _undated(attacked, nodes)), refuted=value, stderr=stderr,
        details=_details(found),
    )  # fmt: skip


def _reason(found: TextLeakage, without: EffectEstimate | None, undated: str) -> str:
    named = "; ".join(map(str, found.given_away[:N_NAMED]))
    more = len(found.given_away) - N_NAMED
    parts = [f"{named}{f'; and {more} more' if more > 0 else ''}."] if named else []
    parts.append(found.sentence)
    if without is not None:
        parts.append(
            f"With the phrases cut out of the texts the effect is {without.value:+.5g} ± {without.stderr:.5g}."
        )
    return " ".join([*parts, undated]).strip()


def _undated(attacked: Attacked, nodes: tuple[str, ...]) -> str:
    times = attacked.data.times
    if unknown := [node for node in (*nodes, attacked.treatment) if node not in times]:
        return (
            f"Nothing says when {' and '.join(map(repr, unknown))} came about: bind times={{node: column}}, and text "
            f"that was written after the treatment is refused."
        )
    return ""


def _details(found: TextLeakage) -> dict[str, float]:
    said = {
        "AUC of the treatment": found.auc, "AUC without the phrases": found.auc_without,
        "share beyond bounds": found.beyond, "share beyond bounds without the phrases": found.beyond_without,
        "phrases found": float(len(found.phrases)), "tests": float(found.n_tests),
    }  # fmt: skip
    return said | {f"share treated with {one.name}": one.share for one in found.given_away}


def _without(attacked: Attacked, nodes: tuple[str, ...], found: TextLeakage) -> EffectEstimate | None:
    """The effect with the phrases cut out of the texts; None where that cannot be estimated."""
    data = attacked.data
    for node in nodes:
        data = _cut(data, node, found)
    try:
        rows = attacked.recipe.columns(attacked.estimand, data)
        return attacked.estimate(rows)  # type: ignore[arg-type]
    except EstimationError:
        return None


def _cut(data: Dataset, node: str, found: TextLeakage) -> Dataset:
    import pyarrow as pa

    column = data.column(node)
    assert isinstance(column, TextColumn)
    side = (
        "interactions" if column.name in data.tables["interactions"].column_names else str(side_of(data, column.name))
    )
    table = data.tables[side]
    values = plain(table[column.name]).to_pylist()
    cut = {text: found.cut(text) for text in set(values) if text is not None}
    place = table.column_names.index(column.name)
    shorter = pa.array([cut.get(text) for text in values], pa.large_string())
    return replace(data, tables={**data.tables, side: table.set_column(place, column.name, shorter)})

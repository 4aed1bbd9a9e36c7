"""Whether the arms are alike once they are weighted, also in what nobody adjusted for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causalrec.data import Design
from causalrec.errors import CausalrecError, EstimationError
from causalrec.estimation import IPW, BalanceTable, EffectEstimate, EntropyBalancing, Matching, balance_table
from causalrec.estimation.weighting.balance import LARGE_DIFFERENCE
from causalrec.identification import is_adjustment_set
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.overlap.arms import compared
from causalrec.refutation.refutation import LEVEL, NAN, Refutation, Verdict
from causalrec.refutation.routes.adjustment_routes import is_measured
from causalrec.refutation.routes.agreement import agreement
from causalrec.refutation.routes.same_rows import has_same_rows

__all__ = ["ASKED", "covariate_balance"]

ASKED = Asked(
    "balance",
    "Are both arms alike once they are weighted, also in what comes before the treatment and was not adjusted for?",
    "arms that differ in a covariate, adjusted for or not, that the graph says should be alike",
)
MAX_OTHERS = 20
WEIGHTINGS = (IPW, EntropyBalancing, Matching)


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """Columns that were not adjusted for and that the set should have made alike."""

    table: BalanceTable | None = None
    p_value: float = NAN

    @property
    def large(self) -> list[str]:
        """Those that differ by more than chance and by more than .1."""
        return _large(self.table) if self.table is not None and self.p_value < LEVEL else []


def covariate_balance(attacked: Attacked) -> Refutation:
    """Standardised differences after weighting, by the estimator's own weights or by those of the propensity.

    An adjusted covariate fails beyond .1, which is a rule. Others are looked at where the graph says that they
    come before the treatment and are alike given the adjustment set, or that the set is not valid: on each of
    them the treatment can have no effect by the same estimator, which is a test.
    """
    effect = attacked.effect
    try:
        weights = _weights(attacked)
        table = balance_table(attacked.design, weights)
    except EstimationError as error:
        return ASKED.cannot(effect, str(error))
    others = _others(attacked, weights)
    own, foreign = _large(table), others.large
    verdict: Verdict = "failed" if own or foreign else "passed"
    details = {
        f"difference of {name}": float(gap) for name, gap in zip(table.names, table.difference_after, strict=True)
    }
    details |= {"largest before": table.largest[0], "largest after": table.largest[1]}
    if others.table is not None:
        pairs = zip(others.table.names, others.table.difference_after, strict=True)
        details |= {f"difference of {name}, not adjusted for": float(gap) for name, gap in pairs}
    reason = f"{_own_words(table, own)}{_other_words(attacked, others, foreign)}"
    return ASKED.answer(effect, verdict, reason, p_value=others.p_value, details=details)


def _weights(attacked: Attacked) -> Any:
    """The estimator's own weights where it weights; else those of a logistic propensity."""
    estimator = attacked.recipe.fresh()
    if attacked.estimand.strategy == "adjustment" and isinstance(estimator, WEIGHTINGS):
        return estimator.fit(attacked.design)
    if attacked.estimand.strategy == "adjustment" and not attacked.design.matrix_names:
        return None
    return compared(attacked).weights


def _others(attacked: Attacked, weights: Any) -> Others:
    """Effect of the treatment on each column that it cannot move, tested together."""
    if attacked.graph is None:
        return Others()
    nodes = _alike(attacked)[:MAX_OTHERS]
    estimand = replace(attacked.estimand, adjustment=tuple(nodes))
    try:
        rows = attacked.recipe.columns(estimand, attacked.data) if nodes else None
    except CausalrecError:
        return Others()
    if not isinstance(rows, Design) or not has_same_rows(rows, attacked.design) or not rows.matrix().shape[1]:
        return Others()
    found = [one for column in rows.matrix().T if (one := _on(attacked, column)) is not None]
    if not found:
        return Others()
    nothing = replace(
        found[0], value=0.0, influence=np.zeros(rows.n), stderr=float(np.median([o.stderr for o in found]))
    )
    tested = agreement(nothing, found, attacked.design.clusters)
    return Others(balance_table(rows, weights), tested.p_value)


def _on(attacked: Attacked, column: np.ndarray) -> EffectEstimate | None:
    """The same estimator's effect on a column, in its standard deviations; None where it cannot be had."""
    spread = float(column.std())
    if not spread > 0:
        return None
    rows = replace(attacked.design, outcome=(column - column.mean()) / spread, keys=attacked.design.row_keys())
    try:
        found = attacked.estimate(rows)
    except CausalrecError:
        return None
    return found if found.influence is not None else None


def _alike(attacked: Attacked) -> list[str]:
    """Nodes before the treatment that should be alike in both arms given the adjustment set."""
    graph, estimand = attacked.graph, attacked.estimand
    assert graph is not None
    held = (*estimand.adjustment, *estimand.selected)
    valid = bool(is_adjustment_set(graph, estimand.treatment, estimand.outcome, held))
    after = set(graph.descendants(*estimand.treatment)) | {estimand.outcome}
    free = [
        node for node in graph.nodes if node not in after | set(held) | graph.latent and is_measured(attacked, node)
    ]
    return [node for node in free if not valid or graph.is_separated(node, estimand.treatment, held)]


def _large(table: BalanceTable) -> list[str]:
    order = np.argsort(-np.abs(table.difference_after), kind="stable")
    return [
        f"{table.names[at]} ({table.difference_after[at]:+.2f})" for at in order
        if abs(table.difference_after[at]) > LARGE_DIFFERENCE
    ]  # fmt: skip


def _own_words(table: BalanceTable, large: list[str]) -> str:
    if not table.names:
        return "Nothing is adjusted for."
    before, after = table.largest
    beyond = f"; beyond {LARGE_DIFFERENCE}: {', '.join(large[:5])}" if large else ""
    return f"Largest standardised difference {before:.2f} before weighting and {after:.2f} after{beyond}."


def _other_words(attacked: Attacked, others: Others, large: list[str]) -> str:
    if attacked.graph is None:
        return " No graph says which other columns come before the treatment, so none was looked at."
    if others.table is None:
        return ""
    if large:
        return f" Not adjusted for, and not alike: {', '.join(large[:5])}."
    return f" {len(others.table.names)} columns that were not adjusted for are alike."

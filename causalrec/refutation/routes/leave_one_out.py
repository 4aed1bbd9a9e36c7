"""What each covariate does to the effect, and whether the graph says that it should do nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.identification import is_adjustment_set
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import LEVEL, Refutation, Verdict
from causalrec.refutation.routes.agreement import Agreement, agreement
from causalrec.refutation.routes.same_rows import SameRows, same_rows

__all__ = ["ASKED", "leave_one_out"]

ASKED = Asked(
    "leave one covariate out",
    "How far does the effect move when one covariate is left out?",
    "an edge that the graph forgets, where the rest of the set should do without a covariate; else it is a benchmark",
)
MAX_COVARIATES = 30


def leave_one_out(attacked: Attacked) -> Refutation:
    """Leave out each covariate in turn: a category with all its indicators, a block as a whole.

    It is a test where the graph says that the rest of the set is still valid: then nothing may move. Where the
    covariate is needed the effect has to move, and how far is a benchmark for what is not measured.
    """
    estimand = attacked.estimand
    if estimand.strategy not in ("adjustment", "instrument") or not estimand.adjustment:
        return ASKED.cannot(attacked.effect, "Nothing is adjusted for, so nothing can be left out.")
    nodes = estimand.adjustment[:MAX_COVARIATES]
    routes = {node: replace(estimand, adjustment=tuple(n for n in estimand.adjustment if n != node)) for node in nodes}
    rows = same_rows(attacked, routes)
    if not rows.others:
        return ASKED.cannot(
            attacked.effect, f"No effect can be had without a covariate: {next(iter(rows.problems.values()))}"
        )
    moved = agreement(rows.original, list(rows.others.values()), rows.clusters)
    spare = [node for node in rows.others if _is_spare(attacked, routes[node].adjustment)]
    return _judged(attacked, rows, moved, spare)


def _judged(attacked: Attacked, rows: SameRows, moved: Agreement, spare: list[str]) -> Refutation:
    names = list(rows.others)
    most = int(np.argmax(np.abs(moved.differences)))
    without = rows.others[names[most]]
    details = {f"moved without {name}": gap for name, gap in zip(names, moved.differences, strict=True)}
    details |= {f"in errors without {name}": float(z) for name, z in zip(names, moved.in_errors, strict=True)}
    left = len(attacked.estimand.adjustment) - len(names)
    said = (
        f"{names[most]} carries most of the adjustment: without it the effect is {without.value:+.5g}, moved by "
        f"{moved.differences[most]:+.5g} ({abs(moved.in_errors[most]):.1f} errors of the difference)"
        f"{f'; {left} covariates were not left out' if left else ''}."
    )
    if not spare:
        why = "the graph needs each of them" if attacked.graph is not None else "no graph says that it should not"
        return ASKED.cannot(attacked.effect, f"{said} This is a benchmark and no test: {why}.", details)
    tested = agreement(rows.original, [rows.others[name] for name in spare], rows.clusters)
    if not tested.rank:
        return ASKED.cannot(
            attacked.effect, f"{said} Without {', '.join(spare)} the estimate is the same; nothing is tested.", details
        )
    verdict: Verdict = "failed" if tested.p_value < LEVEL else "passed"
    far = rows.others[spare[tested.farthest]]
    moves = "moves" if verdict == "failed" else "does not move"
    reason = f"The graph can do without {' or '.join(spare)}, and leaving one out {moves} the effect. {said}"
    return ASKED.answer(
        attacked.effect, verdict, reason, refuted=far.value, stderr=far.stderr, p_value=tested.p_value,
        details=details | {"rank": float(tested.rank)},
    )  # fmt: skip


def _is_spare(attacked: Attacked, rest: tuple[str, ...]) -> bool:
    estimand, graph = attacked.estimand, attacked.graph
    if graph is None or estimand.strategy != "adjustment":
        return False
    return bool(is_adjustment_set(graph, estimand.treatment, estimand.outcome, (*rest, *estimand.selected)))

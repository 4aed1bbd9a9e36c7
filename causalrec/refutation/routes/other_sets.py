"""Every other valid adjustment set gives the same effect, if the graph is right."""

from __future__ import annotations

from dataclasses import replace

from causalrec.identification import is_adjustment_set
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import LEVEL, Refutation
from causalrec.refutation.routes.adjustment_routes import OtherSets, other_adjustment_sets
from causalrec.refutation.routes.agreement import agreement
from causalrec.refutation.routes.same_rows import SameRows, same_rows

__all__ = ["ASKED", "other_sets"]

ASKED = Asked(
    "other adjustment sets",
    "Does every other adjustment set that the graph allows give the same effect?",
    "a graph that forgets a confounder or an edge, where two of its adjustment sets then give different effects",
)


def other_sets(attacked: Attacked) -> Refutation:
    """Estimate within other valid sets on the same rows, and test that all agree.

    The error of a difference is that of the joint influence values, so that sets which share most of
    their columns are told apart far below the error of either. Effects that differ between units can part the
    sets too where the estimator weights units by the adjusted variance of the treatment, as least squares does.
    """
    estimand, effect = attacked.estimand, attacked.effect
    if attacked.graph is None:
        return ASKED.cannot(effect, "No graph was given, and only a graph says which other sets are valid.")
    if estimand.strategy != "adjustment":
        return ASKED.cannot(effect, f"The effect is identified by {estimand.strategy}, not by an adjustment set.")
    held = (*estimand.adjustment, *estimand.selected)
    own = is_adjustment_set(attacked.graph, estimand.treatment, estimand.outcome, held)
    found = other_adjustment_sets(attacked)
    routes = {", ".join(one) or "nothing": replace(estimand, adjustment=one) for one in found.sets}
    rows = same_rows(attacked, routes)
    fault = "" if own else f"The graph does not allow the effect's own set: {str(own).removeprefix('no: ')}"
    if rows.others:
        return _judged(attacked, rows, found, fault)
    if fault:
        return ASKED.answer(effect, "failed", fault)
    problem = next((f"Within {name}: {why}" for name, why in rows.problems.items()), "")
    return ASKED.cannot(effect, problem or "The graph allows no other set among the columns at hand.")


def _judged(attacked: Attacked, rows: SameRows, found: OtherSets, fault: str) -> Refutation:
    tested = agreement(rows.original, list(rows.others.values()), rows.clusters)
    names, far, effect = list(rows.others), tested.farthest, attacked.effect
    other = rows.others[names[far]]
    said = (
        f"Adjusted for {names[far]} it is {other.value:+.5g}, {abs(tested.in_errors[far]):.1f} errors of the "
        f"difference away ({len(names)} other sets, rank {tested.rank}{_left_out(found, rows)})."
    )
    details = {"Wald statistic": tested.statistic, "rank": float(tested.rank), "sets left out": float(found.n_left_out)}
    details |= {f"within {name}": one.value for name, one in rows.others.items()}
    numbers = {"refuted": other.value, "stderr": other.stderr, "p_value": tested.p_value, "details": details}
    if fault:
        return ASKED.answer(effect, "failed", f"{fault} {said}", **numbers)  # type: ignore[arg-type]
    if not tested.rank:
        return ASKED.cannot(effect, f"All sets give one and the same estimate, so nothing is tested. {said}", details)
    if tested.p_value < LEVEL:
        return ASKED.answer(effect, "failed", f"{said} {_meaning(attacked)}", **numbers)  # type: ignore[arg-type]
    return ASKED.answer(effect, "passed", said, **numbers)  # type: ignore[arg-type]


def _meaning(attacked: Attacked) -> str:
    """Least squares parts sets that are right where effects differ; estimators of the average effect do not."""
    linear = type(attacked.recipe.estimator).__name__ in ("OLS", "PartiallyLinearDML", "AbsorbedRegression")
    also = ", or effects differ between units, whom least squares weights by the set" if linear else ""
    return f"The sets disagree: the graph forgets a cause or an edge{also}."


def _left_out(found: OtherSets, rows: SameRows) -> str:
    more = "" if found.all_listed else "at least "
    left = f"; {more}{found.n_left_out} minimal sets left out" if found.n_left_out or more else ""
    return left + (f"; {len(rows.problems)} could not be estimated" if rows.problems else "")

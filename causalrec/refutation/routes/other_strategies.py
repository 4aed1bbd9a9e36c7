"""A front door, an instrument or an adjustment set beside the strategy that was taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from causalrec.data import Design
from causalrec.errors import CausalrecError, EstimationError, IdentificationError
from causalrec.estimation import InfluenceEstimator, TwoStageLeastSquares
from causalrec.estimation.choice import chosen_estimator
from causalrec.identification import Estimand, conditional_instruments, identify
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.refutation import LEVEL, Refutation, Verdict
from causalrec.refutation.routes.adjustment_routes import is_measured
from causalrec.refutation.routes.agreement import Agreement, agreement
from causalrec.refutation.routes.overidentification import HansenTest, hansen_test
from causalrec.refutation.routes.same_rows import SameRows, same_rows

__all__ = ["ASKED", "other_strategies"]

ASKED = Asked(
    "other strategies",
    "Does a front door, an instrument or an adjustment set that the graph allows too give the same effect?",
    "a hidden confounder, an instrument that reaches the outcome around the treatment, a path past the mediators",
)
MAX_INSTRUMENTS, WEAK, SEARCH_SECONDS = 4, 10.0, 2.0


def other_strategies(attacked: Attacked) -> Refutation:
    """Estimate by every other strategy that the graph allows, on the same rows, and test that all agree.

    An instrument whose first stage has an effective F below 10 is left out. Of several instruments that need
    the same covariates Hansen's J is reported too.
    """
    effect = attacked.effect
    if attacked.graph is None:
        return ASKED.cannot(effect, "No graph was given, and only a graph says which other strategies there are.")
    instruments = _instruments(attacked)
    rows = same_rows(attacked, _routes(attacked, instruments), _choose)
    if not rows.others:
        reasons = "; ".join(f"{name}: {why.rstrip('.')}" for name, why in rows.problems.items())
        return ASKED.cannot(effect, f"No other strategy can be had{f' ({reasons})' if reasons else ''}.")
    tested = agreement(rows.original, list(rows.others.values()), rows.clusters)
    return _judged(attacked, rows, tested, _joint_instruments(attacked, instruments))


def _routes(attacked: Attacked, instruments: list[Estimand]) -> dict[str, Estimand]:
    """Estimands of the other strategies; of instruments one for each."""
    estimand, found = attacked.estimand, dict[str, Estimand]()
    for strategy in ("adjustment", "frontdoor"):
        if strategy != estimand.strategy:
            try:
                found[strategy] = _identified(attacked, strategy)
            except IdentificationError:
                continue
    for given in instruments:
        if given.instruments != estimand.instruments:
            found[f"instrument {given.instruments[0]}"] = given
    return found


def _identified(attacked: Attacked, strategy: str) -> Estimand:
    asked = attacked.estimand
    assert attacked.graph is not None
    return identify(
        attacked.graph, asked.treatment[0], asked.outcome, selected=asked.selected, strategy=strategy,
        deadline=SEARCH_SECONDS,
    )  # fmt: skip


def _instruments(attacked: Attacked) -> list[Estimand]:
    asked = attacked.estimand
    assert attacked.graph is not None
    try:
        found = conditional_instruments(
            attacked.graph, asked.treatment[0], asked.outcome, include=asked.selected, deadline=SEARCH_SECONDS
        )
    except CausalrecError:  # a class of graphs, or no time
        return []
    usable = [one for one in found if all(is_measured(attacked, name) for name in (one.name, *one.given))]
    blank = replace(asked, strategy="instrument", mediators=(), target="LATE, or the linear effect", tried=())
    return [
        replace(blank, adjustment=tuple(n for n in one.given if n not in asked.selected), instruments=(one.name,))
        for one in usable[:MAX_INSTRUMENTS]
    ]


def _choose(estimand: Estimand, rows: Design) -> InfluenceEstimator:
    estimator = chosen_estimator(estimand, rows)[0]
    if isinstance(estimator, TwoStageLeastSquares):
        f = estimator.fit(rows).effective_f_
        if f < WEAK:
            raise EstimationError(f"too weak to hold against: an effective F of {f:.1f}, below {WEAK:g}.")
    return estimator


def _joint_instruments(attacked: Attacked, instruments: list[Estimand]) -> HansenTest | None:
    """Hansen's J of the most instruments that need the same covariates; None where they are not two."""
    groups = defaultdict[tuple[str, ...], list[Estimand]](list)
    for one in instruments:
        groups[one.adjustment].append(one)
    largest = max(groups.values(), key=len, default=[])
    if len(largest) < 2:
        return None
    try:
        joint = replace(largest[0], instruments=tuple(one.instruments[0] for one in largest))
        rows = attacked.recipe.columns(joint, attacked.data)
        return hansen_test(rows) if isinstance(rows, Design) else None
    except CausalrecError:
        return None


def _judged(attacked: Attacked, rows: SameRows, tested: Agreement, joint: HansenTest | None) -> Refutation:
    names, far = list(rows.others), tested.farthest
    other = rows.others[names[far]]
    listed = ", ".join(f"by {name} {one.value:+.5g} ± {one.stderr:.3g}" for name, one in rows.others.items())
    details = {"Wald statistic": tested.statistic, "rank": float(tested.rank)}
    details |= {f"by {name}": one.value for name, one in rows.others.items()}
    if joint is not None:
        details |= {"Hansen J": joint.statistic, "Hansen p-value": joint.p_value}
        listed += f"; Hansen's J of the instruments has p = {joint.p_value:.3f}"
    if not tested.rank:
        return ASKED.cannot(attacked.effect, f"They are one and the same estimate: {listed}.", details)
    verdict: Verdict = "failed" if tested.p_value < LEVEL else "passed"
    said = f"The effect {'disagrees' if verdict == 'failed' else 'agrees'} with what is found {listed}."
    return ASKED.answer(
        attacked.effect, verdict, f"{said}{_meaning(attacked, names, verdict)}", refuted=other.value,
        stderr=other.stderr, p_value=tested.p_value, details=details,
    )  # fmt: skip


def _meaning(attacked: Attacked, names: list[str], verdict: Verdict) -> str:
    with_instrument = attacked.estimand.instruments or any(name.startswith("instrument") for name in names)
    if verdict == "passed" or not with_instrument:
        return "" if verdict == "passed" else " One of the strategies rests on an edge that the graph has wrong."
    return (
        " Either a strategy rests on an edge that the graph has wrong, or effects differ: an instrument gives the "
        "effect on those whom it moves (LATE), not that on all."
    )

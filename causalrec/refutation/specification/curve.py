"""The specification curve: estimators, adjustment sets and trims, all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation import (
    IPW,
    OLS,
    EffectEstimate,
    EntropyBalancing,
    InfluenceEstimator,
    InteractiveDML,
    PartiallyLinearDML,
)
from causalrec.estimation.choice import as_estimator
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.attacked import MIN_DRAWS, Attacked
from causalrec.refutation.overlap.arms import target_of
from causalrec.refutation.refutation import NAN
from causalrec.refutation.routes.adjustment_routes import other_adjustment_sets
from causalrec.refutation.specification.joint_null import JointNull, joint_null
from causalrec.refutation.specification.specification_curve import Specification, SpecificationCurve

if TYPE_CHECKING:
    from causalrec.graph import CausalGraph

__all__ = ["TRIMS", "curve_of", "specification_curve"]

TRIMS = (0.0, 0.05)
MAX_SETS = 4
Estimators = Mapping[str, Any] | Sequence[Any]


def specification_curve(
    effect: EffectEstimate, data: Dataset, *, graph: CausalGraph | None = None, estimators: Estimators | None = None,
    trims: Sequence[float] = TRIMS, n_draws: int = 2000, random_state: int = 0,
) -> SpecificationCurve:  # fmt: skip
    """The effect by every estimator within every adjustment set that the graph allows, with every trim.

    Trimming is by a propensity that is logistic in the set at hand, and for treatments of 0 and 1 alone. The
    units that it leaves are taken as given, and effects that differ between units differ between trims too.

    Parameters
    ----------
    effect : EffectEstimate
        Identified by adjustment.
    data : Dataset
        What it was estimated on.
    graph : CausalGraph, optional
        Without one the effect's own set is the only one.
    estimators : mapping of str to estimator, or sequence of estimators; optional
        The effect's own, and those of the same target that are fast, where none are given.
    trims : sequence of float in [0, 0.5)
    n_draws : int, at least 20
        Curves drawn under the null.
    random_state : int

    Raises
    ------
    DataError : an effect that does not know its estimator, is not by adjustment, or is of other data; a trim outside
        [0, 0.5), or too few draws.
    EstimationError : no specification could be estimated.

    References
    ----------
    Simonsohn, Simmons, Nelson (2020), Nature Human Behaviour 4.
    """
    if not isinstance(effect, EffectEstimate) or data.is_grid:
        raise DataError("A specification curve needs an effect that `estimate` made from a flat table.")
    attacked = Attacked.of(effect, data, graph=graph, n_draws=n_draws, random_state=random_state)
    return curve_of(attacked, estimators, trims, n_draws)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One specification with the influence of each unit, 0 for those it left out; None where it has none."""

    row: Specification
    influence: np.ndarray | None


def curve_of(
    attacked: Attacked, estimators: Estimators | None = None, trims: Sequence[float] = TRIMS, n_draws: int = 2000
) -> SpecificationCurve:
    """The same for an effect under attack."""
    _refuse(attacked, trims, n_draws)
    chosen = _own(attacked) | (_usual(attacked) if estimators is None else _named(estimators))
    found, left_out = list[Found](), dict[str, str]()
    for adjustment, rows in _designs(attacked, left_out):
        for trim in _trims(rows, trims):
            for name, estimator in chosen.items():
                try:
                    found.append(_estimated(attacked, name, estimator, adjustment, rows, float(trim)))
                except CausalrecError as error:
                    blank = Specification(name, adjustment, trim, NAN, NAN, NAN, NAN, 0)
                    left_out[blank.name] = str(error)
    if not found:
        raise EstimationError(f"No specification could be estimated: {next(iter(left_out.values()), 'none asked for')}")
    tested = [one for one in found if one.influence is not None]
    null = _tested(attacked, tested, n_draws)
    ordered = sorted((one.row for one in found), key=lambda row: row.value)
    return SpecificationCurve(
        tuple(ordered), attacked.effect.value, null.median, null.significant, null.average, null.disagreement,
        len(tested) if null.median == null.median else 0, left_out, attacked.effect.unit,
    )  # fmt: skip


def _refuse(attacked: Attacked, trims: Sequence[float], n_draws: int) -> None:
    if attacked.estimand.strategy != "adjustment":
        raise DataError(f"A specification curve is of an adjusted effect, not of one by {attacked.estimand.strategy}.")
    if not len(trims) or not all(0 <= trim < 0.5 for trim in trims):
        raise DataError(f"`trims` is {trims!r}; give shares of at least 0 and below 0.5, such as {TRIMS}.")
    if n_draws < MIN_DRAWS:
        raise DataError(f"`n_draws` is {n_draws}; at least {MIN_DRAWS} are needed.")


def _own(attacked: Attacked) -> dict[str, Any]:
    estimator = attacked.recipe.fresh()
    return {type(estimator).__name__: estimator}


def _usual(attacked: Attacked) -> dict[str, InfluenceEstimator]:
    """Fast estimators of the effect's target; weights that balance, as inverse propensities run away on few rows."""
    target = target_of(attacked)
    if not np.isin(attacked.design.treatments, (0.0, 1.0)).all():
        return _named((OLS(), PartiallyLinearDML()))
    if target == "ATE":
        return _named((OLS(), EntropyBalancing(), InteractiveDML()))
    if target == "ATO":
        return _named((OLS(), IPW(target="ATO")))
    return _named((EntropyBalancing(target="ATT"), InteractiveDML(target="ATT")))


def _named(estimators: Estimators) -> dict[str, Any]:
    if isinstance(estimators, Mapping):
        return {name: as_estimator(one) for name, one in estimators.items()}
    made = [as_estimator(one) for one in estimators]
    short = [type(one).__name__ for one in made]
    return {repr(one) if short.count(name) > 1 else name: one for name, one in zip(short, made, strict=True)}


def _designs(attacked: Attacked, left_out: dict[str, str]) -> Iterator[tuple[tuple[str, ...], Design]]:
    """The effect's own set, then others that the graph allows, on the same rows and in the same folds."""
    yield attacked.estimand.adjustment, attacked.design
    sets = other_adjustment_sets(attacked).sets[:MAX_SETS] if attacked.graph is not None else ()
    keys = attacked.design.row_keys()
    for adjustment in sets:
        try:
            rows = attacked.recipe.columns(replace(attacked.estimand, adjustment=adjustment), attacked.data)
        except CausalrecError as error:
            left_out[f"within {', '.join(adjustment) or 'nothing'}"] = str(error)
            continue
        if not isinstance(rows, Design) or rows.n != attacked.design.n:
            left_out[f"within {', '.join(adjustment) or 'nothing'}"] = "missing values leave it other rows."
            continue
        yield adjustment, replace(rows, keys=keys)


def _trims(rows: Design, trims: Sequence[float]) -> Sequence[float]:
    binary = rows.treatments.shape[1] == 1 and np.isin(rows.treatments, (0.0, 1.0)).all()
    return trims if binary and rows.matrix_names else (0.0,)


def _estimated(
    attacked: Attacked, name: str, estimator: Any, adjustment: tuple[str, ...], rows: Design, trim: float
) -> Found:
    kept = _kept(rows, trim)
    used = rows if kept.all() else replace(rows.rows(kept), keys=rows.row_keys()[kept])
    fresh = type(estimator)(**estimator.get_params(deep=False))
    found = fresh.fit(used).effect(replace(attacked.estimand, adjustment=adjustment), unit=attacked.recipe.unit)
    lower, upper = found.interval()
    row = Specification(name, adjustment, trim, found.value, found.stderr, lower, upper, found.n)
    if found.influence is None:
        return Found(row, None)
    influence = np.zeros(rows.n)
    influence[kept] = found.influence * (rows.n / used.n)
    return Found(row, influence)


def _kept(rows: Design, trim: float) -> np.ndarray:
    if not trim:
        return np.ones(rows.n, dtype=bool)
    e = logistic_propensity(two_arms(rows, "Trimming")).e
    return (e >= trim) & (e <= 1 - trim)


def _tested(attacked: Attacked, found: list[Found], n_draws: int) -> JointNull:
    """p-values of the curve; NaN where the original itself has no influence values."""
    original = attacked.effect
    if original.influence is None or not found:
        return JointNull(NAN, NAN, NAN, NAN)
    # The effect's own specification comes first, and is held against the others.
    values = np.array([original.value, *(one.row.value for one in found[1:])])
    others = [one.influence for one in found[1:] if one.influence is not None]
    influence = np.column_stack([original.influence, *others])
    rng = np.random.default_rng(attacked.random_state)
    return joint_null(values, influence, attacked.design.clusters, n_draws, rng)

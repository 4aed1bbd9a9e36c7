"""The specification curve: estimators, adjustment sets and trims, all together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data import Dataset, Design
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation import EffectEstimate
from causalrec.estimation.doubly_robust.two_arms import two_arms
from causalrec.estimation.weighting.propensity import logistic_propensity
from causalrec.refutation.attacked import MIN_DRAWS, Attacked
from causalrec.refutation.counts import refuse_counts
from causalrec.refutation.refutation import NAN
from causalrec.refutation.routes.adjustment_routes import other_adjustment_sets
from causalrec.refutation.routes.same_rows import has_same_rows
from causalrec.refutation.specification.estimators import Estimators, estimators_of
from causalrec.refutation.specification.joint_null import JointNull, joint_null
from causalrec.refutation.specification.specification_curve import Specification, SpecificationCurve

if TYPE_CHECKING:
    from causalrec.graph import CausalGraph

__all__ = ["TRIMS", "curve_of", "specification_curve"]

TRIMS = (0.0, 0.05)
MAX_SETS = 4


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
    GraphError : `graph` is no graph.
    EstimationError : no specification could be estimated.

    References
    ----------
    Simonsohn, Simmons, Nelson (2020), Nature Human Behaviour 4.
    """
    if not isinstance(effect, EffectEstimate) or not isinstance(data, Dataset) or data.is_grid:
        raise DataError("A specification curve needs an effect that `estimate` made from a flat table.")
    refuse_counts({"n_draws": (n_draws, MIN_DRAWS), "random_state": (random_state, 0)})
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
    _refuse(attacked, trims)
    chosen = estimators_of(attacked, estimators)
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
    own = next(iter(chosen)), attacked.estimand.adjustment, 0.0
    null = _tested(attacked, [one for one in tested if one.row.choices != own], n_draws)
    ordered = sorted((one.row for one in found), key=lambda row: row.value)
    return SpecificationCurve(
        tuple(ordered), attacked.effect.value, null.median, null.significant, null.average, null.disagreement,
        len(tested) if null.median == null.median else 0, left_out, attacked.effect.unit,
    )  # fmt: skip


def _refuse(attacked: Attacked, trims: Sequence[float]) -> None:
    if attacked.estimand.strategy != "adjustment":
        raise DataError(f"A specification curve is of an adjusted effect, not of one by {attacked.estimand.strategy}.")
    if not isinstance(trims, Sequence | np.ndarray) or not len(trims) or not all(_is_trim(trim) for trim in trims):
        raise DataError(f"`trims` is {trims!r}; give shares of at least 0 and below 0.5, such as {TRIMS}.")


def _is_trim(trim: object) -> bool:
    return isinstance(trim, int | float | np.floating) and bool(0 <= trim < 0.5)


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
        if not isinstance(rows, Design) or not has_same_rows(rows, attacked.design):
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


def _tested(attacked: Attacked, others: list[Found], n_draws: int) -> JointNull:
    """p-values of the curve, the original held against the others; NaN where it has no influence values itself."""
    original = attacked.effect
    if original.influence is None:
        return JointNull(NAN, NAN, NAN, NAN)
    values = np.array([original.value, *(one.row.value for one in others)])
    influence = np.column_stack([original.influence, *(one.influence for one in others if one.influence is not None)])
    rng = np.random.default_rng(attacked.random_state)
    return joint_null(values, influence, attacked.design.clusters, n_draws, rng)

"""The same effect by other estimands, estimated on the rows and in the folds of the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from causalrec.data import Design
from causalrec.errors import CausalrecError
from causalrec.estimation import EffectEstimate, InfluenceEstimator
from causalrec.identification import Estimand
from causalrec.refutation.attacked import Attacked

__all__ = ["SameRows", "has_same_rows", "same_rows"]

Choice = Callable[[Estimand, Design], InfluenceEstimator]


@dataclass(frozen=True, slots=True, eq=False)
class SameRows:
    """Estimates that can be held against each other.

    Attributes
    ----------
    original : EffectEstimate
        The attacked effect, on the rows that all routes have.
    others : mapping of str to EffectEstimate
    clusters : mapping of str to int64 array
        Of those rows.
    problems : mapping of str to str
        Routes that could not be estimated, and why.
    """

    original: EffectEstimate
    others: Mapping[str, EffectEstimate]
    clusters: Mapping[str, np.ndarray]
    problems: Mapping[str, str]


def same_rows(attacked: Attacked, routes: Mapping[str, Estimand], choose: Choice | None = None) -> SameRows:
    """Each route's estimate on the rows that all of them have.

    Cross-fitting follows the folds of the original, so that two estimates differ by what they adjust for and
    not by how their folds fell.

    Parameters
    ----------
    attacked : Attacked
    routes : mapping of str to Estimand
    choose : callable, optional
        Estimator of an estimand and its design; that of the original where it is left out.
    """
    designs, problems = _designs(attacked, routes)
    common = _common([attacked.design, *designs.values()])
    own = _cut(attacked.design, common)
    keys = own.row_keys()
    original = attacked.effect
    if own.n != attacked.design.n or original.influence is None:
        original = attacked.estimate(replace(own, keys=keys))
    others = {}
    for name, rows in designs.items():
        try:
            others[name] = _estimate(attacked, routes[name], replace(_cut(rows, common), keys=keys), choose)
        except CausalrecError as error:
            problems[name] = str(error)
    return SameRows(original, others, own.clusters, problems)


def _designs(attacked: Attacked, routes: Mapping[str, Estimand]) -> tuple[dict[str, Design], dict[str, str]]:
    found, problems = {}, {}
    for name, estimand in routes.items():
        try:
            rows = attacked.recipe.columns(estimand, attacked.data)
        except CausalrecError as error:
            problems[name] = str(error)
            continue
        assert isinstance(rows, Design)  # a table that fits in memory gives nothing else
        found[name] = rows
    return found, problems


def _estimate(attacked: Attacked, estimand: Estimand, rows: Design, choose: Choice | None) -> EffectEstimate:
    if choose is None:
        return attacked.estimate(rows, estimand)
    return choose(estimand, rows).fit(rows).effect(estimand, unit=attacked.recipe.unit)


def has_same_rows(one: Design, other: Design) -> bool:
    """Whether two designs hold the same rows of one table, so that what is known of each unit stands side by side."""
    return np.array_equal(_places(one), _places(other))


def _places(rows: Design) -> np.ndarray:
    """Row of the table that each unit comes from."""
    return np.arange(rows.n) if rows.order is None else rows.order


def _common(designs: list[Design]) -> np.ndarray:
    shared = _places(designs[0])
    for rows in designs[1:]:
        shared = np.intersect1d(shared, _places(rows), assume_unique=True)
    return shared


def _cut(rows: Design, places: np.ndarray) -> Design:
    kept = np.isin(_places(rows), places)
    return rows if kept.all() else rows.rows(kept)

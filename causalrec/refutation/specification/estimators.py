"""The estimators of a specification curve: the effect's own first, then those beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation import IPW, OLS, EntropyBalancing, InfluenceEstimator, InteractiveDML, PartiallyLinearDML
from causalrec.estimation.choice import as_estimator
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.overlap.arms import target_of

__all__ = ["Estimators", "estimators_of"]

Estimators = Mapping[str, Any] | Sequence[Any]


def estimators_of(attacked: Attacked, given: Estimators | None) -> dict[str, Any]:
    """Estimators by name, each once; the effect's own comes first, whatever else has its name.

    Raises
    ------
    DataError : neither a mapping nor a sequence.
    """
    own = attacked.recipe.fresh()
    if given is None:
        return _named([own, *(one for one in _usual(attacked) if type(one) is not type(own))])
    if isinstance(given, Mapping):
        named = {str(name): as_estimator(one) for name, one in given.items()}
        name = type(own).__name__
        clashes = name in named and repr(named[name]) != repr(own)
        return {repr(own) if clashes else name: own} | named
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise DataError(f"`estimators` is {given!r}; give a list of estimators, or a mapping of names to them.")
    return _named([own, *map(as_estimator, given)])


def _named(estimators: Iterable[Any]) -> dict[str, Any]:
    """By their class, or in full where two share one."""
    once = {repr(one): one for one in estimators}
    classes = [type(one).__name__ for one in once.values()]
    return {
        full if classes.count(short) > 1 else short: one
        for short, (full, one) in zip(classes, once.items(), strict=True)
    }


def _usual(attacked: Attacked) -> tuple[InfluenceEstimator, ...]:
    """Fast estimators of the effect's target; weights that balance, as inverse propensities run away on few rows."""
    target = target_of(attacked)
    if not np.isin(attacked.design.treatments, (0.0, 1.0)).all():
        return OLS(), PartiallyLinearDML()
    if target == "ATE":
        return OLS(), EntropyBalancing(), InteractiveDML()
    if target == "ATO":
        return OLS(), IPW(target="ATO")
    return EntropyBalancing(target="ATT"), InteractiveDML(target="ATT")

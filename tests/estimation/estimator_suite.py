"""One suite that every estimator passes: a new one's test is a class with two attributes."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.base import clone

from causalrec.data.design import Design
from causalrec.errors import DataError, NotFittedError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from tests.estimation.estimator_bad_rows import BadRows
from tests.estimation.estimator_invariance import ARRAYS, Invariance
from tests.estimation.estimator_worlds import ADJUSTED, two_arms

__all__ = ["EstimatorSuite"]

OF_UNITS = ("influence", "weights_", "clusters_")
"""What has one number a unit because it is of units."""


class EstimatorSuite(Invariance, BadRows):
    """Inherit it under a name that starts with Test, and say what is tested.

    Attributes
    ----------
    estimator : InfluenceEstimator
        Not fitted, with nuisances that have no penalty, so that repeated rows count as weights.
    default : InfluenceEstimator, optional
        As users have it, for rows that are wrong; `estimator` where it is None.
    world : callable
        Seed -> Design whose effect is 1, with covariates called age, price and taste.
    estimand : Estimand
    exact, scaling, repetition, swapping : float
        How nearly rows in another order, another unit, rows repeated and the other coding give the same.
    weights, clusters, streams : bool
        Whether it takes them; where it does not, it must say so.
    one_kind : bool
        Whether it takes clusters of one kind alone.
    separated : {"refused", "flagged"}
        What it does with arms that a covariate tells apart.
    copies : float
        Share of its error by which a copied covariate may move the estimate.
    """

    estimator: ClassVar[InfluenceEstimator]
    default: ClassVar[InfluenceEstimator | None] = None
    world: ClassVar[Any] = staticmethod(two_arms)
    estimand: ClassVar[Any] = ADJUSTED

    def new(self) -> Any:
        return clone(self.estimator)

    def usual(self) -> Any:
        return clone(self.default or self.estimator)

    def rows(self, seed: int = 0) -> Design:
        return type(self).world(seed)

    def effect(self, seed: int = 0) -> EffectEstimate:
        return self.fitted(self.rows(seed)).effect(self.estimand)

    def test_parameters_are_kept_as_given_cloned_and_printed(self):
        found, given = self.new(), self.estimator.get_params(deep=False)
        assert list(found.get_params(deep=False)) == list(given)
        assert _words(found) == _words(self.estimator)
        assert type(found)(**found.get_params(deep=False)).get_params(deep=False) == found.get_params(deep=False)
        assert found.set_params(**found.get_params(deep=False)) is found
        with pytest.raises(DataError, match="no_such_parameter"):
            found.set_params(no_such_parameter=1)

    def test_fitting_returns_itself_and_keeps_its_parameters(self):
        found = self.new()
        before, words = found.get_params(deep=False), repr(found)
        held = {name: sorted(vars(value)) for name, value in before.items() if hasattr(value, "__dict__")}
        assert found.fit(self.rows()) is found
        assert all(found.get_params(deep=False)[name] is value for name, value in before.items())
        assert repr(found) == words
        assert {name: sorted(vars(before[name])) for name in held} == held  # models that were handed in stay unfitted

    def test_asking_before_fitting_is_refused(self):
        with pytest.raises(NotFittedError):
            self.new().effect(self.estimand)

    def test_read_only_arrays_are_enough_and_stay_as_they_are(self):
        rows = self.rows()
        arrays = [*(getattr(rows, name) for name in ARRAYS), *rows.absorbed]
        before = [array.tobytes() for array in arrays]
        for array in arrays:
            array.setflags(write=False)
        self.fitted(rows)
        assert [array.tobytes() for array in arrays] == before

    def test_a_second_fit_forgets_the_first(self):
        other, rows = self.rows(5).rows(np.arange(300)), self.rows()
        again, fresh = self.new().fit(other).fit(rows), self.fitted(rows)
        assert again.value_.tobytes() == fresh.value_.tobytes()
        assert again.stderr_.tobytes() == fresh.stderr_.tobytes()
        assert again.diagnostics_ == fresh.diagnostics_
        assert sorted(vars(again)) == sorted(vars(fresh))

    def test_no_rows_are_kept_beside_the_influence(self):
        """Predictions and weights of units may be kept; columns of the table may not, in any order."""
        rows = self.rows()
        columns = [np.sort(column) for column in np.column_stack([rows.outcome, rows.treatments, rows.covariates]).T]
        kept = {path: array for path, array in _arrays(vars(self.fitted(rows)), "", set()) if array.size >= rows.n}
        wide = [path for path, array in kept.items() if array.size >= rows.covariates.size]
        assert not [path for path in wide if not any(word in path for word in OF_UNITS)]
        single = {path: np.sort(array.ravel()) for path, array in kept.items() if array.size == rows.n}
        assert not [path for path, array in single.items() if any(np.array_equal(array, one) for one in columns)]

    def test_the_effect_is_recovered(self):
        for seed in range(3):
            effect = self.effect(seed)
            assert 0 < effect.stderr < 0.4
            assert abs(effect.value - 1) < 5 * effect.stderr

    def test_influence_has_mean_zero_and_gives_the_error(self):
        found = self.fitted(self.rows())
        if found.influence_ is None:
            assert found.covariance_ is not None
            return
        influence = found.influence_[:, 0]
        assert influence.shape == (found.n_,)
        assert abs(influence.mean()) < 1e-6 * influence.std()
        alone = influence.std() / np.sqrt(found.n_ - found.n_parameters_)
        assert found.stderr_[0] == pytest.approx(alone, rel=1e-6)

    def test_two_kinds_of_clusters_count(self):
        rows = self.rows()
        codes = {"user": np.arange(rows.n) // 3, "item": np.random.default_rng(2).integers(0, 25, rows.n)}
        both = Design(**{name: getattr(rows, name) for name in _fields(rows)} | {"clusters": codes})
        if not self.clusters:
            return self.refused(both, "cluster")
        if self.one_kind:
            return self.refused(both, "one kind")
        effect = self.fitted(both).effect(self.estimand)
        assert dict(effect.n_clusters) == {"user": rows.n // 3, "item": 25}
        assert 0 < effect.stderr < 0.6
        assert effect.dof == 24

    def test_the_effect_prints_and_is_json(self):
        effect = self.effect()
        assert f"{effect.value:+.4f} ± {effect.stderr:.4f}" in str(effect)
        read = json.loads(json.dumps(effect.to_dict(), allow_nan=False))
        assert read["value"] == effect.value
        assert read["method"] == effect.method
        assert effect.n == self.rows().n


def _words(estimator: Any) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", repr(estimator))


def _fields(rows: Design) -> tuple[str, ...]:
    return (*ARRAYS, "absorbed", "treatment_names", "covariate_names", "instrument_names", "mediator_names")


def _arrays(value: Any, path: str, seen: set[int]) -> list[tuple[str, np.ndarray]]:
    """Arrays that hang on a value, with where they hang."""
    if id(value) in seen or isinstance(value, type | str | bytes | int | float) or callable(value):
        return []
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return [(path, value)]
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        inside = list(enumerate(value))
    else:
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        inside = list(getattr(value, "__dict__", {}).items())
        inside += [(name, getattr(value, name)) for name in slots if hasattr(value, name)]
    return [found for name, part in inside for found in _arrays(part, f"{path}.{name}", seen)]

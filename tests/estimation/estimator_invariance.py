"""What must not change an estimate, or must change it in one known way."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from tests.estimation.streams import Stream

ARRAYS = ("outcome", "treatments", "covariates", "instruments", "mediators")


class Invariance:
    """Checks by fitting twice; `EstimatorSuite` says what the attributes are."""

    exact = 1e-10
    scaling = 1e-8
    repetition = 1e-8
    swapping = 1e-8
    weights = clusters = True
    streams = one_kind = False

    def new(self) -> Any:
        raise NotImplementedError

    def rows(self, seed: int = 0) -> Design:
        raise NotImplementedError

    def fitted(self, rows: Any) -> Any:
        return self.new().fit(rows)

    def same(self, found: Any, expected: Any, tolerance: float, *, times: float = 1.0, error: float = 1.0) -> None:
        """`found` is `times` as much as `expected`, and its error `error` times as much beside."""
        about, loose = tolerance * max(1.0, abs(times)), min(10 * tolerance, max(1e-6, tolerance))
        np.testing.assert_allclose(found.value_, expected.value_ * times, rtol=tolerance, atol=about)
        np.testing.assert_allclose(found.stderr_, expected.stderr_ * abs(times) * error, rtol=loose)

    def refused(self, rows: Design, what: str) -> None:
        with pytest.raises((DataError, EstimationError), match=what):
            self.fitted(rows)

    def test_the_same_seed_gives_the_same_bytes(self):
        first, second = self.fitted(self.rows()), self.fitted(self.rows())
        assert first.value_.tobytes() == second.value_.tobytes()
        assert first.stderr_.tobytes() == second.stderr_.tobytes()

    @pytest.mark.parametrize("tied", [False, True], ids=["distinct", "tied"])
    def test_rows_in_another_order_give_the_same(self, tied):
        rows = self.rows()
        if tied:
            rows = replace(rows, covariates=rows.covariates.round())
        order = np.random.default_rng(1).permutation(rows.n)
        first, second = self.fitted(rows), self.fitted(rows.rows(order))
        self.same(second, first, self.exact)
        if first.influence_ is not None and not tied:
            atol = 1e3 * self.exact * np.abs(first.influence_).max()
            np.testing.assert_allclose(second.influence_, first.influence_[order], atol=atol)

    @pytest.mark.parametrize("layout", ["fortran", "strided", "reversed"])
    def test_the_layout_in_memory_does_not_matter(self, layout):
        rows = self.rows()
        laid = replace(rows, **{name: laid_out(getattr(rows, name), layout) for name in ARRAYS})
        self.same(self.fitted(laid), self.fitted(rows), self.exact)

    def test_another_unit_of_the_outcome_scales_the_effect(self):
        rows = self.rows()
        self.same(self.fitted(replace(rows, outcome=rows.outcome * 3.7)), self.fitted(rows), self.scaling, times=3.7)

    def test_a_shifted_outcome_changes_nothing(self):
        rows = self.rows()
        self.same(self.fitted(replace(rows, outcome=rows.outcome + 7)), self.fitted(rows), self.scaling)

    def test_the_other_coding_of_the_treatment_negates_the_effect(self):
        rows = self.rows()
        binary = np.isin(rows.treatments, (0.0, 1.0)).all()
        swapped = replace(rows, treatments=float(binary) - rows.treatments, keys=rows.row_keys())
        self.same(self.fitted(swapped), self.fitted(rows), self.swapping, times=-1)

    def test_weights_of_one_size_change_nothing(self):
        rows = self.rows()
        if self.weights:
            self.same(self.fitted(replace(rows, weight=np.full(rows.n, 3.0))), self.fitted(rows), 1e-8)
        else:
            self.refused(replace(rows, weight=np.ones(rows.n)), "weights")

    def test_whole_weights_count_as_rows_repeated(self):
        """In clusters of as many rows, whose folds are the same."""
        if not (self.weights and self.clusters):
            pytest.skip("it refuses weights or clusters, as the tests above and below see")
        rows, weight = self.rows(), np.tile([1, 2, 3], self.rows().n // 3)
        rows = replace(rows, clusters={"user": np.arange(rows.n) // 3})
        weighted = self.fitted(replace(rows, weight=weight.astype(float)))
        often = self.fitted(rows.rows(np.repeat(np.arange(rows.n), weight)))
        self.same(often, weighted, self.repetition, error=lost(often) / lost(weighted))

    def test_every_row_twice_has_the_error_of_the_originals(self):
        rows = self.rows()
        if not self.clusters:
            return self.refused(replace(rows, clusters={"user": np.arange(rows.n)}), "cluster")
        single = replace(rows, clusters={"user": np.arange(rows.n)})
        once, twice = self.fitted(single), self.fitted(single.rows(np.repeat(np.arange(rows.n), 2)))
        self.same(twice, once, self.repetition, error=lost(twice) / lost(once))

    def test_clusters_of_one_row_are_none(self):
        """Rows of clusters may fall into other folds: so the error of the same influence is looked at."""
        rows = self.rows()
        if not self.clusters:
            pytest.skip("it refuses clusters, as the test above sees")
        found = self.fitted(replace(rows, clusters={"user": np.arange(rows.n)}))
        if found.influence_ is not None:
            alone = found.influence_.std() / sqrt(rows.n - found.n_parameters_)
            assert found.stderr_[0] == pytest.approx(alone, rel=1e-8)

    def test_rows_that_share_a_cluster_widen_the_error(self):
        """Rows copied thrice say no more than one: without clusters the error is too small by the root of 3."""
        if not self.clusters:
            pytest.skip("it refuses clusters, as a test above sees")
        rows, n = self.rows(), self.rows().n
        thrice = rows.rows(np.repeat(np.arange(n), 3))
        apart, shared = self.fitted(thrice), self.fitted(replace(thrice, clusters={"user": np.arange(3 * n) // 3}))
        assert 1.4 < shared.stderr_[0] / apart.stderr_[0] < 2.1

    def test_a_stream_gives_the_numbers_of_the_table(self):
        rows = self.rows()
        rows = replace(rows, clusters={"user": np.arange(rows.n) // 3}) if self.clusters else rows
        if self.streams:
            self.same(self.fitted(Stream(rows)), self.fitted(rows), 1e-8)
        else:
            self.refused(Stream(rows), "memory|streamed")


def lost(found: Any) -> float:
    """Root of the factor on the covariance for the coefficients that it cost."""
    return sqrt((found.n_ - 1) / (found.n_ - found.n_parameters_))


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers elsewhere in memory."""
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "reversed":
        return array[::-1].copy()[::-1]
    wide = np.zeros((2 * len(array), *(2 * size for size in array.shape[1:])))
    part = tuple(slice(None, None, 2) for _ in array.shape)
    wide[part] = array
    return wide[part]

"""Rows that carry no effect, or hardly one: refused by name, or an estimate that is a number."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.effect import EffectEstimate

REFUSED = (DataError, EstimationError)


class BadRows:
    """Checks on rows that are wrong; `EstimatorSuite` says what the attributes are."""

    estimand: Any
    weights = True
    separated = "refused"
    copies = 1e-6

    def usual(self) -> Any:
        raise NotImplementedError

    def rows(self, seed: int = 0) -> Design:
        raise NotImplementedError

    def tried(self, rows: Design) -> EffectEstimate | str:
        """An effect of finite numbers, or what the refusal says; no warning on the way."""
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            try:
                found: EffectEstimate | str = self.usual().fit(rows).effect(self.estimand)
            except REFUSED as refused:
                found = str(refused)
        assert not heard, f"{len(heard)} warnings: {heard[0].message}"
        if isinstance(found, EffectEstimate):
            numbers = (found.value, found.stderr, *found.interval(), *found.diagnostics.values())
            assert np.isfinite(numbers).all()
            assert found.stderr > 0
        else:
            assert len(found) > 20
        return found

    def refusal(self, rows: Design) -> str:
        found = self.tried(rows)
        assert isinstance(found, str), f"an effect of {found}"
        return found

    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_a_constant_treatment_is_refused(self, value):
        rows = self.rows()
        assert "shown" in self.refusal(replace(rows, treatments=np.full((rows.n, 1), value)))

    @pytest.mark.parametrize("where", ["outcome", "treatments", "covariates"])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
    def test_values_that_are_not_finite_are_refused(self, where, value):
        rows = self.rows()
        spoilt = getattr(rows, where).copy()
        spoilt[7] = value
        self.refusal(replace(rows, **{where: spoilt}))

    @pytest.mark.parametrize("value", [-1.0, np.nan, np.inf], ids=str)
    def test_weights_that_are_none_are_refused(self, value):
        weight = np.ones(self.rows().n)
        weight[3] = value
        self.refusal(replace(self.rows(), weight=weight))

    def test_weights_that_are_all_zero_are_refused(self):
        self.refusal(replace(self.rows(), weight=np.zeros(self.rows().n)))

    def test_an_empty_table_is_refused(self):
        self.refusal(self.rows().rows(np.arange(0)))

    @pytest.mark.parametrize("n", [1, 2, 4, 5, 10])
    def test_a_few_rows_are_refused_or_estimated(self, n):
        found = self.tried(self.rows().rows(np.arange(n)))
        assert isinstance(found, str) or (n >= 5 and found.n == n)

    def test_a_copy_of_a_covariate_is_named_or_changes_nothing(self):
        rows = self.rows()
        doubled = np.column_stack([rows.covariates, rows.covariates[:, 0]])
        names = (*rows.covariate_names, "copy")
        found = self.tried(replace(rows, covariates=doubled, covariate_names=names, keys=rows.row_keys()))
        if isinstance(found, str):
            assert "collinear" in found
        else:
            expected = self.usual().fit(rows)
            assert found.value == pytest.approx(expected.value_[0], abs=self.copies * expected.stderr_[0])
            assert found.stderr == pytest.approx(expected.stderr_[0], rel=max(self.copies, 0.02))

    def test_a_constant_covariate_changes_nothing(self):
        rows = self.rows()
        wider = np.column_stack([rows.covariates, np.full(rows.n, 4.0)])
        names = (*rows.covariate_names, "constant")
        found = self.tried(replace(rows, covariates=wider, covariate_names=names, keys=rows.row_keys()))
        if isinstance(found, str):
            assert "collinear" in found or "constant" in found
        else:
            expected = self.usual().fit(rows)
            assert found.value == pytest.approx(expected.value_[0], abs=self.copies * expected.stderr_[0])

    def test_arms_that_a_covariate_tells_apart(self):
        """Refused where both arms must be likely; a linear model reaches beyond its rows, and says how far."""
        rows = self.rows()
        apart = (rows.covariates[:, :1] > 0).astype(float)
        outcome = rows.outcome - rows.treatments[:, 0] + apart[:, 0]
        found = self.tried(replace(rows, treatments=apart, outcome=outcome))
        if self.separated == "refused":
            assert isinstance(found, str), f"an effect of {found}"
        elif not isinstance(found, str):
            assert abs(found.value - 1) < 5 * found.stderr
            assert min(found.diagnostics.values()) < 0.5

    def test_one_treated_row_is_refused(self):
        """Its outcome is explained exactly, so a robust error would be that of the others alone."""
        rows = self.rows()
        self.refusal(replace(rows, treatments=np.eye(rows.n)[:, :1]))

    def test_two_treated_rows_are_refused_or_flagged(self):
        rows = self.rows()
        found = self.tried(replace(rows, treatments=np.eye(rows.n)[:, :2].sum(axis=1, keepdims=True)))
        if not isinstance(found, str):
            assert max(found.diagnostics.get("largest share of one row", 0), found.stderr) > 0.4

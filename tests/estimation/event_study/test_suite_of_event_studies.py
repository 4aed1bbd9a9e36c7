"""The suite of all estimators, on a panel: what copies or cuts the rows of a unit is refused, or done by unit."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.identification import Estimand
from tests.estimation.estimator_suite import EstimatorSuite

N_UNITS, N_PERIODS = 120, 4


def adopting(seed=0):
    """Units that adopt in period 1, 2 or never; trends follow age, and the effect is 1."""
    rng = np.random.default_rng(seed)
    X, level = rng.normal(size=(N_UNITS, 3)), rng.normal(size=N_UNITS)
    start = np.where(rng.random(N_UNITS) < 1 / (1 + np.exp(0.5 * X[:, 0])), 99, rng.integers(1, 3, N_UNITS))
    unit, week = np.repeat(np.arange(N_UNITS), N_PERIODS), np.tile(np.arange(N_PERIODS), N_UNITS)
    on = (week >= start[unit]).astype(float)
    y = level[unit] + week * X[unit, 0] + on + rng.normal(size=len(unit))
    return Design(
        y, on[:, None], X[unit], (unit, week), {}, ("shown",), ("age", "price", "taste"),
        absorbed_names=("unit", "week"),
    )  # fmt: skip


def of_units(rows, chosen):
    """The rows of some units, each as often as it is named, copies as units of their own."""
    at = (np.asarray(chosen)[:, None] * N_PERIODS + np.arange(N_PERIODS)).ravel()
    made = rows.rows(at)
    return replace(made, absorbed=(np.repeat(np.arange(len(chosen)), N_PERIODS), made.absorbed[1]))


class TestDifferenceInDifferences(EstimatorSuite):
    estimator = DifferenceInDifferences("unit", "week")
    estimand = Estimand(("shown",), "clicked", "adjustment", ("unit", "week", "age", "price", "taste"))
    world = staticmethod(adopting)

    def test_the_other_coding_of_the_treatment_negates_the_effect(self):
        rows = self.rows()
        self.refused(replace(rows, treatments=1 - rows.treatments), "'shown' is switched off again")

    def test_whole_weights_count_as_rows_repeated(self):
        rows, often = self.rows(), np.tile([1, 2, 3], N_UNITS // 3)
        weighted = self.fitted(replace(rows, weight=np.repeat(often, N_PERIODS).astype(float)))
        copied = of_units(rows, np.repeat(np.arange(N_UNITS), often))
        group = {"group": np.repeat(np.repeat(np.arange(N_UNITS), often), N_PERIODS)}
        self.same(self.fitted(replace(copied, clusters=group)), weighted, 1e-8)

    def test_every_row_twice_has_the_error_of_the_originals(self):
        rows = self.rows()
        self.refused(rows.rows(np.repeat(np.arange(rows.n), 2)), "480 pairs of unit and week have more than one row")

    def test_clusters_of_one_row_are_none(self):
        rows = self.rows()
        self.refused(replace(rows, clusters={"row": np.arange(rows.n)}), "120 values of 'unit' lie in several clusters")
        found = self.fitted(replace(rows, clusters={"shop": rows.absorbed[0]}))
        self.same(found, self.fitted(rows), 1e-12)

    def test_rows_that_share_a_cluster_widen_the_error(self):
        thrice = of_units(self.rows(), np.repeat(np.arange(N_UNITS), 3))
        shared = self.fitted(replace(thrice, clusters={"group": thrice.absorbed[0] // 3}))
        assert shared.stderr_[0] / self.fitted(thrice).stderr_[0] == pytest.approx(3**0.5, rel=0.01)

    def test_influence_has_mean_zero_and_gives_the_error(self):
        found = self.fitted(self.rows())
        sums = np.bincount(self.rows().absorbed[0], weights=found.influence_[:, 0]) / found.n_
        assert abs(sums.sum()) < 1e-9
        assert found.stderr_[0] == pytest.approx((sums @ sums * N_UNITS / (N_UNITS - 1)) ** 0.5, rel=1e-9)

    def test_two_kinds_of_clusters_count(self):
        rows = self.rows()
        codes = {"shop": rows.absorbed[0] // 3, "town": (rows.absorbed[0] * 7) % 25}
        effect = self.fitted(replace(rows, clusters=codes)).effect(self.estimand)
        assert dict(effect.n_clusters) == {"shop": 40, "town": 25}
        assert 0 < effect.stderr < 0.6
        assert effect.dof == 24

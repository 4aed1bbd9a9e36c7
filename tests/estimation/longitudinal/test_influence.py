"""Influence values are derivatives by the units' weights, and estimates do not depend on how rows stand."""

import numpy as np
import pytest

from causalrec.estimation.longitudinal import ICE, GFormula, MarginalStructuralModel, SequentialAIPW
from tests.estimation.longitudinal.in_time import binary, design, linear

REGIMES = {"always": 1, "first": (1, 0), "never": 0}
STEP = 1e-4
ESTIMATORS = {
    "ICE": ICE(),
    "ICE, pairs": ICE(n_products=2),
    "AIPW": SequentialAIPW(),
    "AIPW, pairs, clipped": SequentialAIPW(n_products=2, clip=0.1),
    "MSM": MarginalStructuralModel(errors="stacked"),
    "MSM, saturated": MarginalStructuralModel(form="saturated", errors="stacked", n_products=2),
    "MSM, total, unstabilised": MarginalStructuralModel(form="total", errors="stacked", stabilised=False),
}


@pytest.mark.parametrize("world", [linear, binary])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_influence_is_the_derivative_by_weight(name, world):
    columns, n = world(3, 120), 120
    found = ESTIMATORS[name].fit(design(columns), REGIMES)
    influence = found.influence_.copy()
    np.testing.assert_allclose(influence.mean(axis=0), 0, atol=1e-7)
    for unit in (0, 17, 63, 118):
        moved = []
        for step in (STEP, -STEP):
            weight = np.ones(n)
            weight[unit] += step
            moved.append(ESTIMATORS[name].fit(design(columns, weight=weight), REGIMES).value_)
        np.testing.assert_allclose(influence[unit], (moved[0] - moved[1]) / (2 * STEP) * n, rtol=1e-4, atol=1e-4)


ALL = {**ESTIMATORS, "simulated": GFormula(n_draws=200, n_bootstrap=20)}


@pytest.mark.parametrize("name", ALL)
def test_rows_in_another_order_other_units_and_weights_that_repeat(name):
    columns, order = linear(1, 150), np.random.default_rng(0).permutation(150)
    rows = design(columns)
    for array in (rows.outcome, rows.treatments, rows.covariates):
        array.setflags(write=False)
    first = ALL[name].fit(rows)
    value, stderr = first.value_.copy(), first.stderr_
    again = ALL[name].fit(design({key: column[order] for key, column in columns.items()}))
    np.testing.assert_allclose(again.value_, value, rtol=1e-8)
    np.testing.assert_allclose(again.stderr_, stderr, rtol=1e-7)
    scaled = ALL[name].fit(design(columns | {"y": 7 + 1024 * columns["y"]}))
    np.testing.assert_allclose(scaled.value_, 7 + 1024 * value, rtol=1e-7)
    np.testing.assert_allclose(scaled.stderr_, 1024 * stderr, rtol=1e-6)
    flat = ALL[name].fit(design(columns, weight=np.full(150, 3.0)))
    np.testing.assert_allclose(flat.value_, value, rtol=1e-9)
    np.testing.assert_allclose(flat.stderr_, stderr, rtol=1e-8)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_weight_of_two_is_a_unit_twice(name):
    columns = linear(2, 150)
    weight = 1.0 + (np.arange(150) % 3 == 0)
    twice = np.repeat(np.arange(150), weight.astype(int))
    weighted = ALL[name].fit(design(columns, weight=weight)).value_.copy()
    repeated = ALL[name].fit(design({key: column[twice] for key, column in columns.items()})).value_
    np.testing.assert_allclose(weighted, repeated, rtol=1e-8)

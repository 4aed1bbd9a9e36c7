import numpy as np
import pytest

from causalrec.estimation.event_study import DifferenceInDifferences
from causalrec.estimation.event_study.two_way_weights import two_way_weights
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from tests.estimation.event_study.staggered import design, effect, panel


@pytest.mark.parametrize("kept", [1.0, 0.8])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_regression_is_the_weighted_mean_of_effects(kept, weighted):
    """Without noise the coefficient of two-way effects is the sum of weights times effects, gaps or none."""
    columns = panel(2)
    chosen = np.random.default_rng(0).random(480) < kept
    columns = {name: column[chosen] for name, column in columns.items()}
    on = columns["on"] == 1
    gains = effect(columns["cohort"], columns["week"])
    weight = 1.0 + columns["unit"] % 3 if weighted else None
    exact = columns | {"y": columns["unit"] ** 1.5 + columns["week"] ** 2 + on * gains}
    plain = AbsorbedRegression().fit(design(exact, weight=weight))
    weights = two_way_weights(on, columns["unit"], columns["week"], weight)
    assert weights.sum() == pytest.approx(1)
    assert plain.value_[0] == pytest.approx(weights @ gains[on], rel=1e-8)
    assert (weights < -1e-6).any()


def test_one_start_has_no_negative_weights_and_staggered_ones_are_reported():
    columns = panel(shares={2: 0.5, 99: 0.5})
    on = columns["on"] == 1
    np.testing.assert_allclose(two_way_weights(on, columns["unit"], columns["week"]), 1 / on.sum(), rtol=1e-9)
    staggered = panel(shares={1: 0.6, 4: 0.4})
    found = DifferenceInDifferences("unit", "week").fit(design(staggered)).diagnostics_
    assert found["rows that two-way effects weight below 0"] > 50
    assert found["sum of two-way weights below 0"] < -0.1

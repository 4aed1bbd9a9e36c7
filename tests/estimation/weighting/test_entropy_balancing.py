from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.weighting.entropy_balancing import EntropyBalancing, entropy_weights
from tests.estimation.planted import planted, refuse_contract, refuse_coverage

N_RUNS = 200


@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize("worlds", [{}, {"curve_propensity": True}], ids=str)
def test_intervals_cover_where_the_outcome_is_linear(target, worlds):
    def kind():
        return EntropyBalancing(target=target)

    refuse_coverage(lambda seed: planted(seed, **worlds), kind, 1.0, N_RUNS, max_width=0.6)


def test_intervals_cover_where_the_propensity_alone_is_right():
    def kind():
        return EntropyBalancing(target="ATT")

    refuse_coverage(lambda seed: planted(seed, n=1_500, curve_outcome=True), kind, 1.0, N_RUNS, max_width=0.8)


def test_squares_take_care_of_a_curve():
    def kind():
        return EntropyBalancing(2)

    def make(seed):
        return planted(seed, n=800, curve_outcome=True, curve_propensity=True)

    refuse_coverage(make, kind, 1.0, N_RUNS, max_width=0.8)
    assert EntropyBalancing().fit(make(0)).value_[0] > 1.3


def test_intervals_cover_under_clusters():
    refuse_coverage(lambda seed: planted(seed, n=900, n_per_cluster=6), EntropyBalancing, 1.0, N_RUNS)


def test_the_effect_on_the_treated_where_effects_differ():
    rows = planted(0, n=20_000, slope=1.0)
    t, x = rows.treatments[:, 0], rows.covariates[:, 0]
    found = EntropyBalancing(target="ATT").fit(rows)
    assert abs(found.value_[0] - (1 + x[t == 1].mean())) < 4 * found.stderr_[0]


def test_means_agree_exactly():
    rows = planted(0)
    t = rows.treatments[:, 0]
    for target, goal in {"ATT": rows.covariates[t == 1].mean(axis=0), "ATE": rows.covariates.mean(axis=0)}.items():
        weights = EntropyBalancing(target=target).fit(rows).weights_
        for arm in (0, 1):
            mean = np.average(rows.covariates, axis=0, weights=weights * (t == arm))
            np.testing.assert_allclose(mean, goal, atol=1e-8)


def test_weights_solve_the_entropy_problem():
    # The most even weights with these means are the only balanced ones whose logarithm is linear.
    rng = np.random.default_rng(0)
    X, base, goal = rng.normal(size=(30, 2)), rng.uniform(1, 2, 30), np.array([0.3, -0.2])
    found = entropy_weights(X, base, goal)
    np.testing.assert_allclose([*(found @ X), found.sum()], [*goal, 1], atol=1e-9)
    rows = np.column_stack([np.ones(30), X])
    left = np.linalg.lstsq(rows, np.log(found / base), rcond=None)[1]
    assert left == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_the_contract(target):
    refuse_contract(lambda: EntropyBalancing(target=target), planted(0))


def test_weights_are_repetitions():
    rows = planted(2, n=300)
    weight = np.random.default_rng(0).integers(0, 3, rows.n).astype(float)
    repeated = rows.rows(np.repeat(np.arange(rows.n), weight.astype(int)))
    once, often = (EntropyBalancing(target="ATT").fit(each) for each in (replace(rows, weight=weight), repeated))
    np.testing.assert_allclose(once.value_, often.value_, rtol=1e-8)


def test_refusals():
    x = np.linspace(-1, 1, 100)
    t = (x > 0).astype(float)
    rows = Design(x + t, t[:, None], x[:, None], (), {}, ("shown",), ("age",))
    with pytest.raises(EstimationError, match=r"No weights make the 50 untreated .* out of reach is age"):
        EntropyBalancing(target="ATT").fit(rows)
    for given in ({"moments": 3}, {"target": "ATO"}):
        with pytest.raises(DataError, match=next(iter(given))):
            EntropyBalancing(**given).fit(rows)

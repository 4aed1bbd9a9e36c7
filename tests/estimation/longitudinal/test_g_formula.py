"""The simulated g-formula: intervals hold a planted truth, seeds decide all."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.estimation.longitudinal import ICE, GFormula
from tests.estimation.longitudinal.in_time import IF_LOW, JOINT, RULE, binary, design, linear, refuse_coverage

N_RUNS = 40


@pytest.mark.parametrize(
    ("make", "regimes", "truth", "n_products"), [(linear, None, JOINT, 1), (binary, IF_LOW, RULE, 2)]
)
def test_intervals_cover(make, regimes, truth, n_products):
    estimator = GFormula(n_draws=200, n_bootstrap=25, n_products=n_products)
    refuse_coverage(lambda seed: make(seed, 300), estimator, regimes, truth, N_RUNS)


def test_seeds_decide_and_many_draws_are_the_iterated_regressions():
    rows = design(linear(0))
    first, again = (GFormula(n_draws=500, n_bootstrap=20, random_state=1).fit(rows) for _ in range(2))
    np.testing.assert_array_equal(first.value_, again.value_)
    np.testing.assert_array_equal(first.covariance_, again.covariance_)
    assert (GFormula(n_draws=500, n_bootstrap=20, random_state=2).fit(rows).value_ != first.value_).all()
    many = GFormula(n_draws=60_000, n_bootstrap=20).fit(rows)
    np.testing.assert_allclose(many.value_, ICE().fit(rows).value_, atol=0.03)


def test_clusters_are_drawn_whole():
    columns = linear(0, 400, n_per_cluster=8)
    found = GFormula(n_draws=200, n_bootstrap=80).fit(design(columns))
    alone = GFormula(n_draws=200, n_bootstrap=80).fit(design({k: v for k, v in columns.items() if k != "shop"}))
    assert found.n_clusters_ == {"shop": 50}
    assert found.stderr_[0] > 1.1 * alone.stderr_[0]


def test_two_kinds_of_clusters_are_refused():
    rows = design(linear(0, n_per_cluster=4))
    rows.clusters["town"] = rows.clusters["shop"] // 2
    with pytest.raises(DataError, match="clusters of one kind"):
        GFormula().fit(rows)


def test_a_seed_below_zero_is_refused():
    with pytest.raises(DataError, match="random_state is -1"):
        GFormula(random_state=-1).fit(design(linear(0)))

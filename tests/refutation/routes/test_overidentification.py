import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.refutation.routes.overidentification import hansen_test
from tests.estimation.planted import exact_interval

N_RUNS = 200


def instrumented(seed, n=300, *, around=0.0, m=3, clusters=None):
    rng = np.random.default_rng(seed)
    x, u, Z = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, m))
    t = Z.sum(axis=1) * 0.5 + x + u + rng.normal(size=n)
    y = t + x + u + around * Z[:, 0] + rng.normal(size=n) * (1 + 0.5 * np.abs(Z[:, 0]))
    return Design(y, t[:, None], x[:, None], (), clusters or {}, instruments=Z)


def test_j_is_that_of_linearmodels():
    from linearmodels.iv import IVGMM

    rows = instrumented(0, around=0.2)
    exog = np.column_stack([np.ones(rows.n), rows.covariates])
    theirs = IVGMM(rows.outcome, exog, rows.treatments, rows.instruments).fit(iter_limit=2, cov_type="robust")
    ours = hansen_test(rows)
    # Theirs weighs the covariates' own moments too, which are 0 at our solution: the same to first order.
    assert ours.dof == theirs.j_stat.df
    assert ours.statistic == pytest.approx(theirs.j_stat.stat, rel=0.05)
    assert ours.value == pytest.approx(theirs.params["endog"], abs=0.01)


def test_j_has_its_level_and_sees_an_instrument_that_goes_around():
    fired = sum(hansen_test(instrumented(seed)).p_value < 0.05 for seed in range(N_RUNS))
    low, high = exact_interval(fired, N_RUNS)
    assert low <= 0.05 <= high, fired
    assert np.mean([hansen_test(instrumented(seed, around=0.6)).p_value < 0.05 for seed in range(40)]) > 0.8


def test_a_copy_of_an_instrument_adds_no_restriction():
    rows = instrumented(1, m=1)
    with pytest.raises(EstimationError, match="two instruments that are not the same"):
        hansen_test(rows)
    from dataclasses import replace

    twice = replace(rows, instruments=np.column_stack([rows.instruments, 2 * rows.instruments]), instrument_names=())
    with pytest.raises(EstimationError, match="two instruments"):
        hansen_test(twice)

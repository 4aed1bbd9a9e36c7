from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation.frontdoor.linear import LinearFrontDoor
from tests.estimation.mediated import NEXT, PATH, mediated
from tests.estimation.planted import refuse_coverage

N_RUNS = 400


@pytest.mark.parametrize("given", [{}, {"continuous": True}, {"covariate": True}, {"per_cluster": 5}], ids=str)
def test_intervals_cover_and_are_not_conservative(given):
    refuse_coverage(lambda seed: mediated(seed, **given), LinearFrontDoor, PATH * NEXT, N_RUNS, max_width=1.0)


def test_the_product_of_two_regressions_of_statsmodels():
    import statsmodels.api as sm

    rows = mediated(0, covariate=True)
    t, m, x = rows.treatments, rows.mediators, rows.covariates
    first = sm.OLS(m[:, 0], sm.add_constant(np.column_stack([t, x]))).fit()
    second = sm.OLS(rows.outcome, sm.add_constant(np.column_stack([m, t, x]))).fit()
    a, b = first.params[1], second.params[1]
    found = LinearFrontDoor().fit(rows)
    np.testing.assert_allclose(found.value_[0], a * b, rtol=1e-10)
    pull = [(fit.model.exog * fit.resid[:, None]) @ fit.normalized_cov_params[1] for fit in (first, second)]
    stderr = np.sqrt(((b * pull[0] + a * pull[1]) ** 2).sum() * rows.n / (rows.n - found.n_parameters_))
    np.testing.assert_allclose(found.stderr_[0], stderr, rtol=1e-10)


def test_several_treatments_and_mediators():
    rng = np.random.default_rng(0)
    n = 4_000
    hidden, T = rng.normal(size=n), rng.normal(size=(n, 2))
    T = T + hidden[:, None]
    M = T @ np.array([[1.0, 0.0, 0.5], [0.0, 2.0, 0.0]]) + rng.normal(size=(n, 3))
    y = M @ np.array([1.0, -0.5, 2.0]) + 3 * hidden + rng.normal(size=n)
    found = LinearFrontDoor().fit(Design(y, T, np.empty((n, 0)), (), {}, mediators=M))
    assert (np.abs(found.value_ - [2.0, -1.0]) < 4 * found.stderr_).all()
    np.testing.assert_allclose(found.through_.sum(axis=1), found.value_)
    assert (np.abs(found.through_ - [[1, 0, 1], [0, -1, 0]]) < 0.5).all()


def test_refusals():
    rows = mediated(0)
    with pytest.raises(EstimationError, match="needs mediators"):
        LinearFrontDoor().fit(replace(rows, mediators=np.empty((rows.n, 0)), mediator_names=()))
    with pytest.raises(EstimationError, match="'shown' does not vary"):
        LinearFrontDoor().fit(replace(rows, treatments=np.ones((rows.n, 1))))
    with pytest.raises(EstimationError, match=r"'(seen|shown)' does not vary"):
        LinearFrontDoor().fit(replace(rows, mediators=2 * rows.treatments + 1))
    with pytest.raises(EstimationError, match="1 of 500 rows miss a mediator"):
        LinearFrontDoor().fit(replace(rows, mediators=np.where(np.arange(500)[:, None] == 3, np.nan, rows.mediators)))
    with pytest.raises(EstimationError, match="missing or infinite"):
        LinearFrontDoor().fit(replace(rows, outcome=np.where(np.arange(500) == 3, np.inf, rows.outcome)))
    with pytest.raises(EstimationError, match="cannot carry"):
        LinearFrontDoor().fit(rows.rows(slice(0, 3)))

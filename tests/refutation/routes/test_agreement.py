import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import EstimationError
from causalrec.estimation import OLS, Matching
from causalrec.identification import Estimand
from causalrec.refutation.routes.agreement import agreement

ESTIMAND = Estimand(("t",), "y", "adjustment")


def ols(y, t, X):
    return OLS("HC0").fit(Design(y, t[:, None], X, (), {})).effect(ESTIMAND)


def rows(seed, n=300):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    t = 0.5 * a + rng.normal(size=n)
    return rng, a, b, t, t + a + rng.normal(size=n)


def test_the_error_of_a_difference_is_that_of_stacked_equations():
    """Oracle: both regressions as one system of moments, its sandwich by statsmodels' residuals."""
    import statsmodels.api as sm

    _, a, b, t, y = rows(0)
    sets = a[:, None], np.column_stack([a, b])
    found = agreement(ols(y, t, sets[0]), [ols(y, t, sets[1])], {})
    spread = []
    for X in sets:
        Z = np.column_stack([np.ones(len(t)), t, X])
        spread.append((np.linalg.inv(Z.T @ Z) @ (Z * sm.OLS(y, Z).fit().resid[:, None]).T)[1])
    gap = spread[1] - spread[0]
    n = len(gap)
    assert found.stderrs[0] == pytest.approx(np.sqrt(((gap - gap.mean()) ** 2).sum() * n / (n - 1)), rel=1e-6)
    assert found.rank == 1
    assert found.statistic == pytest.approx((found.differences[0] / found.stderrs[0]) ** 2)


def test_copies_of_one_estimate_have_rank_0_and_no_p_value():
    _, a, _, t, y = rows(1)
    one = ols(y, t, a[:, None])
    found = agreement(one, [one, one], {})
    assert (found.rank, found.statistic) == (0, 0.0)
    assert np.isnan(found.p_value)


def test_an_estimate_that_is_there_twice_counts_once():
    _, a, _, t, y = rows(2)
    first, other = ols(y, t, np.empty((len(t), 0))), ols(y, t, a[:, None])
    once, twice = agreement(first, [other], {}), agreement(first, [other, other], {})
    assert once.rank == twice.rank == 1
    assert twice.statistic == pytest.approx(once.statistic)
    assert twice.p_value == pytest.approx(once.p_value)


def test_clusters_that_repeat_each_row_leave_the_difference_its_error():
    _, a, b, t, y = rows(3)
    k = 4
    single = agreement(ols(y, t, a[:, None]), [ols(y, t, b[:, None])], {"id": np.arange(len(y))})
    y, t, a, b, codes = (np.repeat(v, k) for v in (y, t, a, b, np.arange(len(y))))
    found = agreement(ols(y, t, a[:, None]), [ols(y, t, b[:, None])], {"id": codes})
    assert found.stderrs == pytest.approx(single.stderrs, rel=0.01)


def test_an_estimate_without_influence_is_refused():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=100), (np.arange(100) % 2) * 1.0
    design = Design(x + t, t[:, None], x[:, None], (), {})
    with pytest.raises(EstimationError, match="No influence of each unit is known"):
        agreement(OLS().fit(design).effect(ESTIMAND), [Matching().fit(design).effect(ESTIMAND)], {})

"""One row that holds all of a treatment's variation has no residual, so a robust error leaves it out."""

import numpy as np
import pytest

from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.row_share import RowShare, left_over, variation_of


def test_what_is_left_is_the_residual_of_least_squares():
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    X, t, weight = rng.normal(size=(60, 2)), rng.normal(size=60), rng.random(60)
    expected = sm.WLS(t, sm.add_constant(X), weights=weight).fit().resid
    np.testing.assert_allclose(left_over(t, X, weight), expected, atol=1e-10)


def test_shares_add_up_over_batches_whatever_their_size():
    squares = np.random.default_rng(0).random((50, 2))
    whole, parts = RowShare(), RowShare()
    whole.add(squares)
    for start in range(0, 50, 7):
        parts.add(squares[start : start + 7])
    assert parts.diagnostics("ab") == pytest.approx(whole.diagnostics("ab"))
    assert whole.diagnostics("ab")["largest share of one row"] == pytest.approx((squares.max(0) / squares.sum(0)).max())


def test_an_error_that_only_the_others_make_is_refused():
    """A single treated row: the robust error is a tenth of the spread of the estimate, which is that row's noise."""
    rng = np.random.default_rng(0)
    t = np.eye(100)[0]
    found = []
    for _ in range(200):
        y = rng.normal(size=100)
        left, residual = t - 0.01, y - np.where(t == 1, y[0], y[1:].mean())
        found.append((y[0] - y[1:].mean(), np.sqrt((left**2 * residual**2).sum()) / (left**2).sum()))
    estimates, errors = np.array(found).T
    assert estimates.std() > 8 * errors.mean()
    with pytest.raises(EstimationError, match="One of 100 rows holds 99% of what varies in 'shown'"):
        variation_of("shown", t, t - 0.01)

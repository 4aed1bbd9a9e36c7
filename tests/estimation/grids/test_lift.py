import numpy as np
import pytest

from causalrec.estimation import LiftModel
from causalrec.estimation.grids.strata import Strata

HISTORY = np.array([0.6, 0.3, 0.1])


def strata_of(seed=0, *, n_items=60, n_blocks=12, slope=0.4, spread=0.0, rate=0.06, share=None):
    """Binomial purchases with a known log lift: history, plus slope times a covariate, plus the item's own."""
    rng = np.random.default_rng(seed)
    covariate = rng.normal(size=(n_items, 1))
    own = rng.normal(0, spread, n_items) if spread else np.zeros(n_items)
    item, history, block = (a.ravel() for a in np.indices((n_items, len(HISTORY), n_blocks)))
    log_lift = HISTORY[history] + slope * (covariate - covariate.mean())[item, 0] + own[item]
    treated = rng.integers(20, 60, len(item)) if share is None else np.full(len(item), share[0])
    untreated = rng.integers(40, 160, len(item)) if share is None else np.full(len(item), share[1])
    base = rate * np.exp(rng.normal(0, 0.5, len(item)))
    bought_treated = rng.poisson(treated * base * np.exp(log_lift)).astype(float)
    bought = bought_treated + rng.poisson(untreated * base)
    keep = bought > 0
    columns = item, history, block, treated.astype(float), untreated.astype(float), bought_treated, bought
    truth = HISTORY[:, None] + slope * (covariate - covariate.mean()).T + own
    return Strata(*(column[keep] for column in columns)), covariate, truth


def test_recovers_history_and_covariate():
    strata, covariate, _ = strata_of(n_items=150)
    model = LiftModel().fit(strata, [covariate])
    np.testing.assert_allclose(model.history_, HISTORY, atol=0.08)
    assert model.coef_[0] == pytest.approx(0.4, abs=0.05)
    assert model.dispersion_ < 1.2


def test_visits_enter_as_the_offset():
    """No lift: the treated share of purchases is the treated share of visits, whatever that is."""
    for share in ((30, 30), (30, 270), (270, 30)):
        rng = np.random.default_rng(1)
        n = 600
        item, zeros = np.arange(n) % 40, np.zeros(n, dtype=int)
        n1, n0 = np.full(n, float(share[0])), np.full(n, float(share[1]))
        bought = np.full(n, 20.0)
        treated = rng.binomial(20, share[0] / sum(share), n).astype(float)
        model = LiftModel().fit(Strata(item, zeros, np.arange(n), n1, n0, treated, bought), [np.zeros((40, 1))])
        assert abs(model.history_[0]) < 0.06


def test_one_stratum_gives_the_log_rate_ratio():
    """30 of 100 against 20 of 200 is a ratio of 3; one item of many strata, so the prior hardly counts."""
    n = 50
    same = np.zeros(n, dtype=int)
    strata = Strata(same, same, np.arange(n), np.full(n, 100.0), np.full(n, 200.0), np.full(n, 30.0), np.full(n, 50.0))
    lift = LiftModel().fit(strata, [np.zeros((1, 1))]).lift()
    assert lift.log_lift[0, 0] == pytest.approx(np.log(3), abs=1e-3)


def test_noise_is_shrunk_and_signal_is_kept():
    noise, covariate, _ = strata_of(2, slope=0.0, spread=0.0)
    model = LiftModel().fit(noise, [covariate])
    raw = raw_log_lifts(noise)
    assert model.item_.std() < 0.3 * raw.std()
    signal, covariate, truth = strata_of(2, slope=0.0, spread=0.5)
    model = LiftModel().fit(signal, [covariate])
    assert np.corrcoef(model.item_, truth[0])[0, 1] > 0.9
    assert model.item_.std() == pytest.approx(0.5, rel=0.25)
    assert model.prior_variance_[-1] == pytest.approx(0.25, rel=0.4)
    error = (model.lift().log_lift[0] - truth[0]).std()
    assert error < (raw_log_lifts(signal) - truth.mean(axis=0)).std()


def raw_log_lifts(strata):
    """Mantel-Haenszel log rate ratio of each item."""
    visits = strata.visits_treated + strata.visits_untreated
    top = np.bincount(strata.item, strata.bought_treated * strata.visits_untreated / visits)
    low = np.bincount(strata.item, (strata.bought - strata.bought_treated) * strata.visits_treated / visits)
    return np.log(top / low)


def test_errors_cover_at_about_their_rate():
    covered, total = 0, 0
    for seed in range(30):
        strata, covariate, truth = strata_of(seed, n_items=40, n_blocks=6, spread=0.3)
        lift = LiftModel().fit(strata, [covariate]).lift()
        inside = np.abs(lift.log_lift - truth) < 1.96 * np.sqrt(lift.variance)
        covered, total = covered + inside.sum(), total + inside.size
    assert 0.91 < covered / total < 0.98


def test_overdispersion_widens_the_errors():
    strata, covariate, _ = strata_of(4)
    twice = Strata(  # every stratum counted four times over: four times the purchases, no more information
        strata.item, strata.history, strata.block, strata.visits_treated, strata.visits_untreated,
        4 * strata.bought_treated, 4 * strata.bought,
    )  # fmt: skip
    one, other = LiftModel().fit(strata, [covariate]), LiftModel().fit(twice, [covariate])
    assert other.dispersion_ == pytest.approx(4 * one.dispersion_, rel=0.25)
    np.testing.assert_allclose(other.lift().variance.mean(), one.lift().variance.mean(), rtol=0.4)


def test_variance_equals_a_dense_inverse():
    strata, covariate, _ = strata_of(5, n_items=7, n_blocks=4, spread=0.3)
    second = np.random.default_rng(0).normal(size=(7, 2))
    blocks = [covariate, second]
    model = LiftModel(n_rounds=60).fit(strata, blocks)
    lift = model.lift()
    z = np.column_stack([block - block.mean(axis=0) for block in blocks])
    prior = np.repeat(model.prior_variance_, [1, 2, 7])
    # The curvature that `fit` keeps belongs to the last round's priors, which a converged fit hardly moves.
    rows = np.column_stack([np.eye(3)[strata.history], z[strata.item], np.eye(7)[strata.item]])
    eta = (
        np.log(strata.visits_treated / strata.visits_untreated) + rows @ np.r_[model.history_, model.coef_, model.item_]
    )
    share = 1 / (1 + np.exp(-eta))
    weight = strata.bought * share * (1 - share) / model.dispersion_
    hessian = (rows * weight[:, None]).T @ rows + np.diag(np.r_[np.full(3, 1e-6), 1 / prior])
    covariance = np.linalg.inv(hessian)
    for h in range(3):
        for i in range(7):
            direction = np.r_[np.eye(3)[h], z[i], np.eye(7)[i]]
            assert lift.variance[h, i] == pytest.approx(direction @ covariance @ direction, rel=0.02)
            assert lift.log_lift[h, i] == pytest.approx(direction @ np.r_[model.history_, model.coef_, model.item_])


def test_newton_finds_the_maximum_with_its_curvature():
    """Against a dense Hessian at fixed priors, to rounding."""
    from causalrec.estimation.grids.lift import _newton, _posterior_variance

    strata, covariate, _ = strata_of(6, n_items=7, n_blocks=4, spread=0.3)
    z = np.column_stack([covariate - covariate.mean(), np.arange(7) - 3.0])
    coef_variance, item_variance, dispersion = np.array([0.3, 0.1]), 0.2, 1.3
    start = np.zeros(3), np.zeros(2), np.zeros(7)
    (history, coef, item), curvature = _newton(strata, z, start, coef_variance, item_variance, dispersion)
    rows = np.column_stack([np.eye(3)[strata.history], z[strata.item], np.eye(7)[strata.item]])
    theta = np.r_[history, coef, item]
    penalty = np.r_[np.full(3, 1e-6), 1 / coef_variance, np.full(7, 1 / item_variance)]
    share = 1 / (1 + np.exp(-np.log(strata.visits_treated / strata.visits_untreated) - rows @ theta))
    gradient = rows.T @ (strata.bought_treated - strata.bought * share) / dispersion - penalty * theta
    assert np.abs(gradient).max() < 1e-5
    weight = strata.bought * share * (1 - share) / dispersion
    covariance = np.linalg.inv((rows * weight[:, None]).T @ rows + np.diag(penalty))
    found = _posterior_variance(3, z, curvature)
    for h in range(3):
        for i in range(7):
            direction = np.r_[np.eye(3)[h], z[i], np.eye(7)[i]]
            assert found[h, i] == pytest.approx(direction @ covariance @ direction, rel=1e-5)


def test_the_order_of_the_strata_does_not_matter():
    strata, covariate, _ = strata_of(7)
    order = np.random.default_rng(0).permutation(len(strata.item))
    names = "item", "history", "block", "visits_treated", "visits_untreated", "bought_treated", "bought"
    shuffled = Strata(*(getattr(strata, name)[order] for name in names))
    one, other = (LiftModel().fit(part, [covariate]).lift() for part in (strata, shuffled))
    np.testing.assert_allclose(one.log_lift, other.log_lift, rtol=1e-7, atol=1e-9)


def test_blocks_without_information_leave_the_lift_as_it_is():
    strata, covariate, _ = strata_of(8)
    one = LiftModel().fit(strata, [covariate]).lift()
    other = LiftModel().fit(strata, [covariate, np.zeros((60, 3))]).lift()
    np.testing.assert_allclose(one.log_lift, other.log_lift, atol=1e-3)


def test_without_a_maximum_the_error_is_wider_than_the_lift():
    """All purchases are treated: any large lift fits, so nothing may be claimed."""
    n = 30
    same = np.zeros(n, dtype=int)
    strata = Strata(np.arange(n), same, same, np.full(n, 10.0), np.full(n, 10.0), np.full(n, 5.0), np.full(n, 5.0))
    lift = LiftModel().fit(strata, [np.zeros((n, 1))]).lift()
    assert np.isfinite(lift.log_lift).all()
    assert (np.sqrt(lift.variance) > lift.log_lift).all()

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation import OLS
from causalrec.estimation.experiments import CUPED
from tests.estimation.planted import SHOWN, exact_interval

N_RUNS = 400


def experiment(seed, n=300, share=0.5, effect=1.0):
    """The covariate's slope differs between the arms, and the errors' spread too."""
    rng = np.random.default_rng(seed)
    t = rng.permutation((np.arange(n) < share * n).astype(float))
    before = rng.exponential(size=(n, 1)) - 1
    y = effect * t + (1 + t) * before[:, 0] + (1 + t) * rng.normal(size=n)
    return Design(y, t[:, None], before, (), {}, treatment_names=("shown",), covariate_names=("before",))


def test_it_is_the_outcome_less_theta_times_the_covariate():
    """Deng et al. 2013, with theta from within the arms."""
    rows = experiment(0)
    t, x = rows.treatments[:, 0], rows.covariates[:, 0]
    parts = [(x[t == arm] - x[t == arm].mean(), rows.outcome[t == arm]) for arm in (0, 1)]
    theta = sum(a @ y for a, y in parts) / sum(a @ a for a, _ in parts)
    adjusted = rows.outcome - theta * (x - x.mean())
    expected = adjusted[t == 1].mean() - adjusted[t == 0].mean()
    assert CUPED().fit(rows).value_[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_intervals_hold_the_effect(share):
    held, gained = 0, []
    for seed in range(N_RUNS):
        rows = experiment(seed, share=share)
        effect = CUPED().fit(rows).effect(SHOWN)
        low, high = effect.interval()
        held += low <= 1.0 <= high
        if seed < 50:
            plain = OLS("HC2").fit(Design(rows.outcome, rows.treatments, np.empty((rows.n, 0)), (), {}))
            gained.append(effect.stderr / plain.stderr_[0])
    low, high = exact_interval(held, N_RUNS)
    assert low <= 0.95 <= high
    assert np.mean(gained) < 0.9


def test_the_variance_falls_by_what_is_explained():
    rng = np.random.default_rng(0)
    n = 20_000
    t, before = (np.arange(n) % 2).astype(float), rng.normal(size=(n, 1))
    rows = Design(0.1 * t + before[:, 0] + rng.normal(size=n), t[:, None], before, (), {})
    fitted = CUPED().fit(rows)
    plain = OLS().fit(Design(rows.outcome, rows.treatments, np.empty((n, 0)), (), {}))
    assert fitted.explained_ == pytest.approx(0.5, abs=0.01)
    assert (fitted.stderr_[0] / plain.stderr_[0]) ** 2 == pytest.approx(1 - fitted.explained_, rel=0.02)


def test_clusters_and_permuted_rows():
    rows = experiment(1)
    codes = np.arange(rows.n) // 3
    clustered = Design(rows.outcome, rows.treatments, rows.covariates, (), {"user": codes})
    fitted = CUPED().fit(clustered)
    assert fitted.n_clusters_ == {"user": 100}
    order = np.random.default_rng(0).permutation(rows.n)
    again = CUPED().fit(clustered.rows(order))
    assert again.value_[0] == pytest.approx(fitted.value_[0], rel=1e-12)
    assert again.stderr_[0] == pytest.approx(fitted.stderr_[0], rel=1e-12)


def test_a_broken_assignment_is_refused_and_chance_is_not():
    rows = experiment(0, n=4_000)
    assert CUPED(share_treated=0.5).fit(rows).diagnostics_["share treated"] == 0.5
    kept = np.ones(rows.n, dtype=bool)
    kept[np.flatnonzero(rows.treatments[:, 0] == 1)[:300]] = False
    with pytest.raises(EstimationError, match="units of one arm went missing"):
        CUPED(share_treated=0.5).fit(rows.rows(kept))
    assert CUPED().fit(rows.rows(kept)).value_[0] == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("share", [0.0, 1.0, 2.0, -0.1, np.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(DataError, match="a share between 0 and 1"):
        CUPED(share_treated=share).fit(experiment(0))


def test_an_empty_table_is_refused():
    with pytest.raises(EstimationError, match="The table is empty"):
        CUPED().fit(experiment(0).rows(np.zeros(300, dtype=bool)))


def test_a_dose_is_refused():
    rows = experiment(0)
    with pytest.raises(EstimationError, match="values other than 0 and 1"):
        CUPED().fit(Design(rows.outcome, 2.0 * rows.treatments, rows.covariates, (), {}, treatment_names=("shown",)))

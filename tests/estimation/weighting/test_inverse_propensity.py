from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.weighting.inverse_propensity import CBPS, IPW
from causalrec.estimation.weighting.trimming import optimal_trimming
from tests.estimation.planted import SHOWN, expit, planted, refuse_contract, refuse_coverage

N_RUNS = 200
KINDS = {
    "ATE": IPW, "stabilised": lambda: IPW("stabilised"), "ATT": lambda: IPW(target="ATT"),
    "ATO": lambda: IPW(target="ATO"), "trimmed": lambda: IPW(trim=0.15), "optimal": lambda: IPW(trim="optimal"),
    "CBPS": CBPS,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_cover_and_are_not_conservative(kind):
    refuse_coverage(lambda seed: planted(seed, n=800), KINDS[kind], 1.0, N_RUNS, max_width=0.8)


def test_intervals_cover_under_clusters():
    refuse_coverage(lambda seed: planted(seed, n=900, n_per_cluster=6), IPW, 1.0, N_RUNS)


def test_errors_allow_for_the_estimated_propensity():
    rows = planted(0, n=2_000)
    from statsmodels.api import GLM, add_constant
    from statsmodels.genmod.families import Binomial

    t, y = rows.treatments[:, 0], rows.outcome
    e = GLM(t, add_constant(rows.covariates), family=Binomial()).fit().fittedvalues
    on, off = t / e, (1 - t) / (1 - e)
    means = np.array([off @ y / off.sum(), on @ y / on.sum()])
    found = IPW().fit(rows)
    np.testing.assert_allclose(found.arm_means_, means, rtol=1e-8)
    fixed = on / on.mean() * (y - means[1]) - off / off.mean() * (y - means[0])
    assert found.stderr_[0] < 0.9 * fixed.std() / np.sqrt(rows.n)


@pytest.mark.parametrize(("method", "given"), [("psipw", {}), ("psipwatt", {"target": "ATT"})])
def test_equals_statsmodels_treatment_effects(method, given):
    from statsmodels.api import OLS, Logit, add_constant
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    rows = planted(5, n=600)
    t, X = rows.treatments[:, 0], add_constant(rows.covariates)
    peer = TreatmentEffect(OLS(rows.outcome, X), t, results_select=Logit(t, X).fit(disp=0))
    theirs = peer.ipw(effect_group="all") if not given else peer.ipw(effect_group=1)
    ours = IPW(**given).fit(rows)
    np.testing.assert_allclose(ours.value_[0], theirs.effect[0], rtol=1e-6)
    factor = np.sqrt((rows.n - ours.n_parameters_) / rows.n)
    np.testing.assert_allclose(ours.stderr_[0] * factor, theirs.results_gmm.bse[0], rtol=1e-4)


def test_overlap_weights_balance_means_exactly():
    rows = planted(1)
    found = IPW(target="ATO").fit(rows)
    t = rows.treatments[:, 0]
    on, off = (np.average(rows.covariates, axis=0, weights=found.weights_ * (t == arm)) for arm in (1, 0))
    np.testing.assert_allclose(on, off, atol=1e-9)


def test_balancing_propensity_balances_means_exactly():
    rows = planted(1)
    found = CBPS().fit(rows)
    t, w = rows.treatments[:, 0], found.weights_
    on, off = ((w * (t == arm)) @ np.column_stack([np.ones(rows.n), rows.covariates]) for arm in (1, 0))
    np.testing.assert_allclose(on, off, rtol=1e-8)


def test_stabilised_weights_have_mean_one_and_the_same_effect():
    rows = planted(2, n=2_000)
    plain, stable = IPW().fit(rows), IPW("stabilised").fit(rows)
    np.testing.assert_allclose(plain.value_, stable.value_)
    assert stable.weights_.mean() == pytest.approx(1, abs=0.1)


def test_trimming_leaves_units_out_and_says_for_whom():
    rows = planted(3)
    found = IPW(trim=0.3).fit(rows).effect(SHOWN)
    assert found.target == "ATE where the propensity is 0.3 to 0.7"
    assert 0.05 < found.diagnostics["units trimmed"] < 0.5


def test_optimal_trimming_has_the_smallest_variance_bound():
    e = np.random.default_rng(0).beta(0.5, 0.5, 3_000) * 0.998 + 0.001
    cost = 1 / (e * (1 - e))

    def variance(cut):
        kept = (e >= cut) & (e <= 1 - cut)
        return cost[kept].mean() / kept.mean()

    grid = [variance(cut) for cut in np.linspace(0, 0.3, 301)]
    assert variance(optimal_trimming(e)) <= min(grid) * (1 + 1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_contract(kind):
    refuse_contract(KINDS[kind], planted(0))


def test_weights_are_repetitions():
    rows = planted(2, n=300)
    weight = np.random.default_rng(0).integers(0, 3, rows.n).astype(float)
    repeated = rows.rows(np.repeat(np.arange(rows.n), weight.astype(int)))
    once, often = IPW().fit(replace(rows, weight=weight)), IPW().fit(repeated)
    np.testing.assert_allclose(once.value_, often.value_, rtol=1e-8)


def test_columns_that_others_explain_are_left_out():
    rows = planted(0)
    more = np.column_stack([rows.covariates, rows.covariates[:, 0] * 2 + 1, np.full(rows.n, 5.0)])
    found = IPW().fit(replace(rows, covariates=more, covariate_names=("age", "price", "taste", "twice", "five")))
    np.testing.assert_allclose(found.value_, IPW().fit(rows).value_, rtol=1e-8)
    assert "five" in found.left_out_
    assert len(found.left_out_) == 2


@pytest.mark.parametrize("kind", [IPW, CBPS])
def test_separated_arms_are_refused(kind):
    x = np.linspace(-1, 1, 100)
    t = (x > 0).astype(float)
    rows = Design(x + t, t[:, None], x[:, None], (), {}, ("shown",), ("age",))
    with pytest.raises(EstimationError, match="tell the 50 treated and 50 untreated units apart"):
        kind().fit(rows)
    nearly = np.where(np.arange(100) == 40, 1.0, t)
    group = (x > 0.5).astype(float)  # all of a group are treated
    rows = Design(x + t, nearly[:, None], group[:, None], (), {}, ("shown",), ("old",))
    with pytest.raises(EstimationError, match="apart"):
        kind().fit(rows)


def test_refusals():
    rows = planted(0)
    for given in ({"kind": "raw"}, {"target": "LATE"}, {"trim": 0.9}, {"trim": "some"}):
        with pytest.raises(DataError, match=next(iter(given))):
            IPW(**given).fit(rows)
    with pytest.raises(EstimationError, match="No two units"):
        IPW(trim=0.4999).fit(
            replace(
                rows,
                treatments=(expit(rows.covariates[:, :1]) > 0.999).astype(float) + (np.arange(rows.n)[:, None] < 3) > 0,
            )
        )

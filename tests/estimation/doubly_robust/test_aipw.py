from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data.design import Design
from causalrec.data.design_block import DesignBlock
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.aipw import AIPW
from causalrec.estimation.doubly_robust.tmle import TMLE
from tests.estimation.planted import SHOWN, Line, Logit, expit, planted, refuse_contract, refuse_coverage
from tests.estimation.streams import Stream

N_RUNS = 100
LINEAR = (Line(), Logit())


def linear(**given):
    return lambda: AIPW(*LINEAR, n_folds=2, **given)


@pytest.mark.parametrize(
    ("target", "worlds"),
    [
        ("ATE", {}), ("ATT", {}), ("ATO", {}), ("ATE", {"slope": 1.0}), ("ATE", {"curve_outcome": True}),
        ("ATE", {"curve_propensity": True}), ("ATT", {"curve_propensity": True}), ("ATO", {"curve_outcome": True}),
    ],
    ids=str,
)  # fmt: skip
def test_intervals_cover_with_either_nuisance_wrong(target, worlds):
    refuse_coverage(lambda seed: planted(seed, **worlds), linear(target=target), 1.0, N_RUNS, max_width=1.2)


def test_intervals_cover_the_effect_on_the_treated_where_effects_differ():
    # E[x | treated] by a large sample
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500_000, 2))
    chance = expit(0.6 * x[:, 0] - 0.4 * x[:, 1])
    truth = {"ATT": 1 + (chance * x[:, 0]).sum() / chance.sum()}
    share = chance * (1 - chance)
    truth["ATO"] = 1 + (share * x[:, 0]).sum() / share.sum()
    for target, value in truth.items():
        refuse_coverage(lambda seed: planted(seed, slope=1.0), linear(target=target), value, N_RUNS)


def test_intervals_cover_under_clusters():
    def make(seed):
        return planted(seed, n=900, n_per_cluster=6)

    refuse_coverage(make, linear(), 1.0, N_RUNS)
    alone = linear()().fit(replace(make(0), clusters={})).effect(SHOWN)
    assert linear()().fit(make(0)).effect(SHOWN).n_clusters == {"user": 150}
    assert linear()().fit(make(0)).effect(SHOWN).stderr > 0.9 * alone.stderr


def test_a_wrong_pair_of_nuisances_is_biased():
    runs = [linear()().fit(planted(s, curve_outcome=True, curve_propensity=True)).value_[0] for s in range(40)]
    assert np.mean(runs) > 1.2


@pytest.mark.parametrize(("target", "score"), [("ATE", "ATE"), ("ATT", "ATTE")])
@pytest.mark.parametrize("binary", [False, True])
def test_equals_doubleml_on_the_same_folds_and_learners(target, score, binary):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import doubleml as dml

        rows = planted(3, n=800, binary=binary)
        fold = rows.folds(5, 0)
        parts = [[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]]
        data = dml.DoubleMLData.from_arrays(rows.covariates, rows.outcome, rows.treatments[:, 0])
        logistic = LogisticRegression(solver="newton-cholesky", C=1e6)
        outcome = logistic if binary else LinearRegression()
        peer = dml.DoubleMLIRM(data, outcome, logistic, n_folds=5, score=score)
        peer.set_sample_splitting(parts)
        peer.fit()
    ours = AIPW(outcome, logistic, target=target).fit(rows)
    np.testing.assert_allclose(ours.value_, peer.coef, rtol=1e-6)
    np.testing.assert_allclose(ours.stderr_ * np.sqrt((rows.n - 2) / rows.n), peer.se, rtol=1e-6)


def test_the_overlap_effect_is_the_residual_on_residual_slope():
    rows = planted(4, slope=1.0)
    from causalrec.estimation.doubly_robust.two_arms import two_arms
    from causalrec.estimation.nuisances.models import nuisances

    found = nuisances(two_arms(rows, "AIPW"), rows.folds(2, 0), *LINEAR)
    t, y = rows.treatments[:, 0] - found.e, rows.outcome - found.e * found.mu1 - (1 - found.e) * found.mu0
    np.testing.assert_allclose(linear(target="ATO")().fit(rows).value_[0], t @ y / (t @ t), rtol=1e-10)


def test_default_models_are_linear_below_10000_rows_and_say_so():
    found = AIPW(n_folds=2).fit(planted(0, n=1_000)).effect(SHOWN)
    assert found.method == "AIPW, 2 folds; linear nuisances, as there are fewer than 10,000 rows, or than 50 of a kind"
    assert not any("weight of" in name for name in found.diagnostics)


@pytest.mark.parametrize("kind", [AIPW, TMLE])
def test_default_models_of_many_rows_follow_curves_and_say_what_they_stacked(kind):
    rows = planted(0, n=10_000, curve_outcome=True, curve_propensity=True)
    found = kind(n_folds=2).fit(rows).effect(SHOWN)
    assert abs(found.value - 1) < 3 * found.stderr < 0.2
    assert "stacked of lines, splines and boosting, as there are 10,000 rows or more" in found.method
    for what in ("outcome untreated", "outcome treated", "propensity"):
        shares = [share for name, share in found.diagnostics.items() if name.startswith(f"{what}, weight of")]
        assert len(shares) == 4
        assert sum(shares) == pytest.approx(1)
        assert min(shares) >= 0


def test_default_models_stay_linear_where_an_arm_or_an_outcome_is_rare():
    rows = planted(0, n=12_000)
    rare = replace(rows, outcome=(np.arange(12_000) % 300 == 0).astype(float))
    assert "linear nuisances" in AIPW(n_folds=2).fit(rare).method_


def test_default_models_take_constant_rare_and_many_columns_with_weights(monkeypatch):
    monkeypatch.setattr("causalrec.estimation.nuisances.default_models.N_FLEXIBLE", 2_000)  # fewer rows will do here
    n, rng = 3_300, np.random.default_rng(0)
    rows, rare = planted(0, n=n), (np.arange(n) == 7).astype(float)
    few = np.column_stack([rows.covariates, np.ones(n), rare, rng.integers(0, 2, n)])
    many = np.column_stack([few, rng.normal(size=(n, 50))])
    for X, n_models, weight in ((few, 4, rng.integers(0, 3, n).astype(float)), (many, 2, None)):
        design = replace(rows, covariates=X, covariate_names=(), weight=weight)
        found = AIPW(n_folds=2).fit(design)
        assert abs(found.value_[0] - 1) < 4 * found.stderr_[0]
        assert sum("propensity, weight of" in name for name in found.diagnostics_) == n_models


@pytest.mark.parametrize("target", ["ATE", "ATT", "ATO"])
def test_the_contract(target):
    refuse_contract(linear(target=target), planted(0))


def test_rows_in_another_order_give_the_same_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    given = {"max_iter": 10, "max_leaf_nodes": 4, "early_stopping": True, "random_state": 0}
    models = HistGradientBoostingRegressor(**given), HistGradientBoostingClassifier(**given)
    rows = planted(1, n=600)
    order = np.random.default_rng(0).permutation(rows.n)
    first, again = (AIPW(*models, n_folds=2).fit(design).value_[0] for design in (rows, rows.rows(order)))
    assert first == pytest.approx(again, abs=1e-12)


def test_weights_are_repetitions_for_the_value():
    rows = planted(2, n=300)
    weight = np.random.default_rng(0).integers(0, 3, rows.n).astype(float)
    fold = rows.folds(2, 0)
    repeated = rows.rows(np.repeat(np.arange(rows.n), weight.astype(int)))

    class Fixed(Design):
        def folds(self, n_folds=5, random_state=0):
            return self.clusters["fold"]

    def fixed(design, codes):
        return Fixed(design.outcome, design.treatments, design.covariates, (), {"fold": codes}, weight=design.weight)

    once = linear()().fit(fixed(replace(rows, weight=weight), fold))
    often = linear()().fit(fixed(repeated, np.repeat(fold, weight.astype(int))))
    np.testing.assert_allclose(once.value_, often.value_, rtol=1e-6)


def test_refusals():
    rows = planted(0, n=200)
    for wrong, match in [
        (replace(rows, treatments=np.ones((200, 1))), "'shown' is 1 in all 200 rows"),
        (replace(rows, treatments=np.arange(200.0)[:, None] % 3), "has the values 0"),
        (replace(rows, treatments=np.ones((200, 2)), treatment_names=("a", "b")), "takes one treatment"),
        (replace(rows, outcome=np.where(np.arange(200) == 3, np.nan, rows.outcome)), "the outcome 1"),
        (replace(rows, covariates=np.where(rows.covariates > 2, np.inf, rows.covariates)), "infinite"),
        (replace(rows, weight=np.linspace(-1, 1, 200)), "100 of 200 weights are negative"),
        (replace(rows, weight=np.zeros(200)), "All 200 weights are 0"),
        (replace(rows, absorbed=(np.zeros(200, int),)), "groups"),
    ]:
        with pytest.raises(EstimationError, match=match):
            AIPW().fit(wrong)
    for given in ({"target": "ATC"}, {"clip": 0.7}):
        with pytest.raises(DataError, match=next(iter(given))):
            AIPW(**given).fit(rows)


def test_a_stream_is_refused():
    rows = planted(0, n=200)
    with pytest.raises(EstimationError, match="this design is streamed"):
        AIPW().fit(Stream(rows))


def test_blocks_count_as_their_columns():
    rows = planted(0)
    block = DesignBlock("text", np.arange(rows.n), rows.covariates[:, 1:])
    kept = replace(
        rows, covariates=rows.covariates[:, :1], covariate_names=("age",), blocks=(block,), keys=rows.row_keys()
    )
    np.testing.assert_allclose(linear()().fit(kept).value_, linear()().fit(rows).value_, rtol=1e-9)


def test_one_class_in_a_fold_is_refused_with_the_count():
    rows = planted(0, n=100)
    t = (np.arange(100) == 7).astype(float)[:, None]
    with pytest.raises(EstimationError, match=r"[01] rows? left|one class"):
        AIPW().fit(replace(rows, treatments=t))


def test_no_overlap_is_refused_and_says_for_whom():
    rng = np.random.default_rng(0)
    age = rng.normal(size=1000)
    t = (rng.random(1000) < expit(8 * age)).astype(float)
    rows = Design(age + t, t[:, None], age[:, None], (), {}, ("shown",), ("age",))
    with pytest.raises(EstimationError, match=r"Overlap fails for age .* target=.ATT"):
        AIPW(*LINEAR).fit(rows)
    assert AIPW(*LINEAR, target="ATO").fit(rows).value_[0] == pytest.approx(1, abs=0.1)

"""Few clusters: which interval, what it says, and whether it covers."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.linear_model import LinearRegression, LogisticRegression

from causalrec.data import Dataset, Design
from causalrec.errors import EstimationError
from causalrec.estimation import AIPW, OLS, AbsorbedRegression, PartiallyLinearDML, TwoStageLeastSquares
from causalrec.estimation.estimator import estimate_effect
from causalrec.estimation.uncertainty.few_clusters import FEW_CLUSTERS, cluster_notes
from causalrec.estimation.uncertainty.wild_bootstrap import wild_bootstrap
from causalrec.identification import Estimand
from tests.estimation.uncertainty.test_cluster_sums import grouped, instrumented
from tests.estimation.uncertainty.test_wild_bootstrap import sample

N_RUNS = 250
N_AIPW = 150
MODELS = LinearRegression(), LogisticRegression()
ESTIMAND = Estimand(("a",), "y", "adjustment")


def arms(seed, n_clusters, effect=1.0):
    """Arms of single units, outcomes that units of a cluster share."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(n_clusters), 60)
    x = rng.normal(size=len(codes))
    t = (rng.random(len(codes)) < 1 / (1 + np.exp(-0.5 * x))).astype(float)
    own = effect + 0.5 * rng.normal(size=n_clusters)[codes]
    y = own * t + x + rng.normal(size=n_clusters)[codes] + rng.normal(size=len(codes))
    return Design(y, t[:, None], x[:, None], (), {"user": codes}, treatment_names=("a",))


@pytest.mark.parametrize("n_clusters", [8, 15])
def test_least_squares_covers_by_the_bootstrap(n_clusters):
    covered = 0
    for seed in range(N_RUNS):
        effect = OLS().fit(sample(10_000 + seed, n_clusters=n_clusters, effect=0.3)).effect(ESTIMAND)
        covered += effect.bootstrap.p_value(0.3) > 0.05
    assert binom.ppf(0.0005, N_RUNS, 0.95) <= covered <= binom.ppf(0.9995, N_RUNS, 0.95)


@pytest.mark.parametrize("n_clusters", [8, 15])
def test_aipw_covers_by_the_t_distribution(n_clusters):
    covered = 0
    for seed in range(N_AIPW):
        effect = AIPW(*MODELS, n_folds=2).fit(arms(seed, n_clusters)).effect(ESTIMAND)
        lower, upper = effect.interval()
        covered += lower <= 1.0 <= upper
        assert effect.dof == n_clusters - 1
    assert binom.ppf(0.0005, N_AIPW, 0.95) <= covered <= binom.ppf(0.9995, N_AIPW, 0.95)


LINEAR = {
    "least squares": (OLS(), lambda: sample(n_clusters=15, effect=0.3), "15 clusters, Rademacher"),
    "absorbed": (AbsorbedRegression(), grouped, "8 clusters, Webb"),
    "an instrument": (TwoStageLeastSquares(), instrumented, "9 clusters, Webb"),
}


@pytest.mark.parametrize(("estimator", "rows", "words"), LINEAR.values(), ids=LINEAR)
def test_linear_estimators_have_the_bootstrap_and_say_so(estimator, rows, words):
    effect = estimator.fit(rows()).effect(ESTIMAND)
    text = str(effect)
    assert f"note: the interval is from the wild cluster bootstrap, {words} weights" in text
    assert effect.bootstrap.value == pytest.approx(effect.value, rel=1e-6)
    lower, upper = effect.interval()
    assert f"(95% {lower:+.4f} to {upper:+.4f})" in text
    assert effect.interval(0.5)[0] > lower
    assert effect.interval(0.5)[1] < upper
    assert ("fewer than 10 clusters" in text) == ("Webb" in words)


def test_the_interval_is_that_of_the_function():
    rows = sample(n_clusters=15, effect=0.3)
    assert OLS().fit(rows).effect(ESTIMAND).interval() == wild_bootstrap(rows).interval


def test_treatments_that_are_set_together_are_tested_together():
    rng = np.random.default_rng(0)
    rows = sample(n_clusters=15, effect=0.3)
    both = replace(
        rows, treatments=np.column_stack([rows.treatments, rng.normal(size=rows.n)]), treatment_names=("a", "b")
    )
    effect = OLS().fit(both).effect(Estimand(("a", "b"), "y", "adjustment"))
    assert effect.bootstrap.value == pytest.approx(effect.value)
    assert effect.bootstrap.p_value(effect.value) > 0.9


OTHERS = {
    "cross-fitting": (PartiallyLinearDML(), lambda: sample(n_clusters=15), "it is for linear estimators"),
    "two ways": (
        OLS(),
        lambda: replace(sample(), clusters=sample().clusters | {"item": np.arange(160) % 50}),
        "it takes clusters of one kind",
    ),
    "four clusters": (OLS(), lambda: sample(n_clusters=4), "4 clusters are too few for the bootstrap"),
}


@pytest.mark.parametrize(("estimator", "rows", "why"), OTHERS.values(), ids=OTHERS)
def test_others_have_the_t_distribution_and_say_why(estimator, rows, why):
    effect = estimator.fit(rows()).effect(ESTIMAND)
    fewest = min(effect.n_clusters.values())
    assert effect.bootstrap is None
    assert effect.dof == fewest - 1
    assert f"from the t distribution with {fewest - 1} degrees of freedom" in effect.notes[0]
    assert why in effect.notes[0]


def test_what_inherits_may_estimate_something_else():
    class Half(OLS):
        def fit(self, design):
            super().fit(design)
            return self._keep(
                design, value=self.value_ / 2, influence=self.influence_ / 2, n_parameters=4, method="half"
            )  # fmt: skip

    assert Half().fit(sample(n_clusters=15)).effect(ESTIMAND).bootstrap is None


def test_many_clusters_say_nothing():
    effect = OLS().fit(sample(n=2_000, n_clusters=FEW_CLUSTERS)).effect(ESTIMAND)
    assert effect.n_clusters == {"user": FEW_CLUSTERS}
    assert effect.notes == ()
    assert effect.bootstrap is None
    assert cluster_notes({}, 10.0, None, "") == ()


def test_a_treatment_of_few_of_the_clusters_is_flagged():
    rows = sample(n=600, n_clusters=24)
    t = (rows.clusters["user"] < 3).astype(float)
    effect = OLS().fit(replace(rows, treatments=t[:, None])).effect(ESTIMAND)
    assert effect.bootstrap.effective_clusters < 5
    assert re.search(r"lies in about \d\.\d of 24 clusters", str(effect))
    assert "lies in about" not in str(OLS().fit(rows).effect(ESTIMAND))


def test_two_clusters_are_refused_and_three_are_flagged():
    with pytest.raises(EstimationError, match="2 of 'user' clusters, which say nothing"):
        OLS().fit(sample(n_clusters=2)).effect(ESTIMAND)
    assert "fewer than 10 clusters" in str(OLS().fit(sample(n_clusters=3)).effect(ESTIMAND))


def test_below_ten_clusters_least_squares_is_chosen():
    rows = arms(0, 8)
    frame = {"a": rows.treatments[:, 0], "x": rows.covariates[:, 0], "y": rows.outcome, "shop": rows.clusters["user"]}
    estimand = Estimand(("a",), "y", "adjustment", ("x",))
    effect = estimate_effect(estimand, Dataset.from_frames(frame), clusters="shop")
    assert effect.n_clusters == {"shop": 8}
    assert effect.method == "least squares"
    assert "fewer than 10 clusters leave too little to cross-fit" in effect.reason
    assert effect.bootstrap is not None

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation import OLS
from causalrec.estimation.experiments import ExperimentPlan, plan_of
from tests.estimation.planted import SHOWN, exact_interval

N_RUNS = 400


@pytest.mark.parametrize("share", [0.5, 0.2])
@pytest.mark.parametrize("effect", [0.1, 0.4])
def test_power_and_sample_size_are_those_of_statsmodels(share, effect):
    from statsmodels.stats.power import TTestIndPower

    plan = ExperimentPlan(spread=2.0, share_treated=share)
    theirs = TTestIndPower()
    for n in (100, 1_000):
        first = n * share
        expected = theirs.power(effect / 2.0, first, 0.05, ratio=(1 - share) / share)
        assert plan.power(effect, n) == pytest.approx(expected, abs=1e-6)
    first = theirs.solve_power(effect / 2.0, alpha=0.05, power=0.8, ratio=(1 - share) / share)
    assert plan.sample_size(effect) == int(np.ceil(first / share))


def test_the_textbook_number():
    """16 s^2 / d^2 units in each arm: Lehr's rule."""
    assert ExperimentPlan(spread=1.0).sample_size(0.1) / 2 == pytest.approx(16 / 0.1**2, rel=0.02)


def test_the_smallest_effect_is_the_inverse_of_the_size():
    plan = ExperimentPlan(spread=3.0, share_treated=0.3, explained=0.4, cluster_size=20, icc=0.05)
    n = plan.sample_size(0.5, power=0.9)
    assert plan.smallest_effect(n, power=0.9) == pytest.approx(0.5, rel=2e-3)
    assert plan.power(0.5, n) >= 0.9 > plan.power(0.5, n - 1)
    assert plan.power(0.5, n) == plan.power(-0.5, n)


def test_what_makes_an_experiment_larger():
    plain = ExperimentPlan(spread=1.0).sample_size(0.1)
    assert ExperimentPlan(spread=1.0, explained=0.36).sample_size(0.1) == pytest.approx(0.64 * plain, rel=1e-3)
    assert ExperimentPlan(spread=1.0, cluster_size=11, icc=0.1).sample_size(0.1) == pytest.approx(2 * plain, rel=0.02)
    assert ExperimentPlan(spread=1.0, n_comparisons=5).sample_size(0.1) > 1.3 * plain
    uneven = ExperimentPlan(spread=1.0, cluster_size=11, cluster_variation=1.0, icc=0.1)
    assert uneven.design_effect == pytest.approx(1 + 21 * 0.1)


def one_experiment(seed, n, effect, *, n_per_cluster=1):
    """Covariate that explains half; clusters are assigned as a whole and share a tenth of what is left."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) // n_per_cluster
    t = rng.permutation(np.arange(group.max() + 1) % 2)[group].astype(float)
    x = rng.normal(size=n)
    shock = rng.normal(size=group.max() + 1)[group] * np.sqrt(0.1 if n_per_cluster > 1 else 0.0)
    y = effect * t + x + shock + rng.normal(size=n) * np.sqrt(0.9 if n_per_cluster > 1 else 1.0)
    return Design(y, t[:, None], x[:, None], (), {"shop": group} if n_per_cluster > 1 else {})


@pytest.mark.parametrize("n_per_cluster", [1, 10])
def test_an_experiment_of_the_planned_size_sees_the_effect_as_often_as_promised(n_per_cluster):
    plan = plan_of(one_experiment(0, 20_000, 0.3, n_per_cluster=n_per_cluster))
    assert plan.explained == pytest.approx(0.5, abs=0.02)
    assert plan.icc == pytest.approx(0.1 if n_per_cluster > 1 else 0.0, abs=0.02)
    n = plan.sample_size(0.25)
    n += -n % (2 * n_per_cluster)
    seen = 0
    for seed in range(1, N_RUNS + 1):
        fitted = OLS().fit(one_experiment(seed, n, 0.25, n_per_cluster=n_per_cluster))
        seen += abs(fitted.value_[0]) > 1.96 * fitted.stderr_[0]
    low, high = exact_interval(seen, N_RUNS)
    assert low <= 0.8 + 0.02
    assert high >= 0.8 - 0.01


def test_the_plan_does_not_count_what_the_treatment_explains():
    rows = one_experiment(0, 20_000, 5.0)
    assert plan_of(rows).spread == pytest.approx(np.sqrt(2), rel=0.02)
    assert plan_of(Design(rows.outcome, rows.treatments, np.empty((rows.n, 0)), (), {})).explained == pytest.approx(
        0, abs=1e-9
    )


def test_weights_count_as_repeated_rows():
    rows = one_experiment(3, 400, 0.2)
    weight = np.random.default_rng(0).integers(1, 4, rows.n)
    twice = rows.rows(np.repeat(np.arange(rows.n), weight))
    weighted = Design(rows.outcome, rows.treatments, rows.covariates, (), {}, weight=weight.astype(float))
    assert plan_of(weighted).explained == pytest.approx(plan_of(twice).explained, rel=1e-10)
    assert plan_of(weighted).spread == pytest.approx(plan_of(twice).spread, rel=5e-3)


def test_it_prints_what_it_rests_on():
    words = str(ExperimentPlan(spread=1.5, explained=0.25, cluster_size=12, icc=0.02))
    assert "covariates explain 25%" in words
    assert "design effect 1.22" in words


@pytest.mark.parametrize(
    ("name", "value"),
    [("spread", 0), ("spread", np.inf), ("share_treated", 1), ("explained", 1.0), ("cluster_size", 0.5), ("icc", 1.2),
     ("level", 0), ("n_comparisons", 0), ("spread", "large"), ("icc", np.nan), ("cluster_variation", -1),
     ("cluster_variation", np.inf), ("cluster_size", np.inf), ("n_comparisons", np.inf)],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(DataError, match=name):
        ExperimentPlan(**{"spread": 1.0, name: value})


def test_questions_without_an_answer_are_refused():
    plan = ExperimentPlan(spread=1.0)
    with pytest.raises(DataError, match="effect of 0"):
        plan.sample_size(0)
    with pytest.raises(DataError, match="above the level"):
        plan.sample_size(0.1, power=0.04)
    with pytest.raises(DataError, match="two clusters in each arm"):
        plan.smallest_effect(3)
    with pytest.raises(EstimationError, match="needs more than"):
        plan.sample_size(1e-9)
    with pytest.raises(DataError, match="effect"):
        plan.power("large", 100)
    for n in (0, -3, "many"):
        with pytest.raises(DataError, match="`n` is"):
            plan.stderr(n)
    rows = one_experiment(0, 100, 0.0)
    with pytest.raises(DataError, match="one kind of clusters"):
        plan_of(Design(rows.outcome, rows.treatments, rows.covariates, (), {"a": np.arange(100), "b": np.arange(100)}))
    with pytest.raises(EstimationError, match="does not vary"):
        plan_of(Design(np.zeros(100), rows.treatments, rows.covariates, (), {}))


def test_an_estimate_at_the_planned_size_has_the_planned_error():
    plan, rows = ExperimentPlan(spread=np.sqrt(2), explained=0.5), one_experiment(1, 4_000, 0.2)
    assert OLS().fit(rows).effect(SHOWN).stderr == pytest.approx(plan.stderr(4_000), rel=0.05)

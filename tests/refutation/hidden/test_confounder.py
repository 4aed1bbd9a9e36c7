import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.estimation import AIPW, IPW, OLS, InteractiveDML, PartiallyLinearDML, estimate_effect
from causalrec.identification import Estimand
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.hidden.confounder import hidden_confounder
from causalrec.refutation.sensitivity import covariate_groups, omitted_variable, omitted_variable_dml


def attacked(*, effect=2.0, estimator=None, adjusted=("age", "past"), n=800, seed=0, binary=False):
    rng = np.random.default_rng(seed)
    age, past = rng.normal(size=(2, n))
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.7 * age + 0.3 * past)))).astype(float)
    y = effect * t + age + 0.3 * past + rng.normal(size=n)
    y = (y > y.mean()).astype(float) if binary else y
    data = Dataset.from_frames({"age": age, "past": past, "shown": t, "spent": y})
    made = estimate_effect(Estimand(("shown",), "spent", "adjustment", adjusted), data, estimator=estimator)
    return Attacked.of(made, data)


@pytest.mark.parametrize("estimator", [OLS(), PartiallyLinearDML(), InteractiveDML(), AIPW(), IPW()])
def test_a_large_effect_passes_and_a_small_one_fails(estimator):
    strong, weak = (hidden_confounder(attacked(effect=e, estimator=estimator, seed=1)) for e in (3.0, 0.1))
    assert (strong.verdict, weak.verdict) == ("passed", "failed")
    assert strong.lower > 0
    assert weak.lower < 0 < weak.upper
    assert 1 < strong.details["times age"] < strong.details["times past"]
    assert "times as strong as age would remove the effect" in strong.reason
    assert ("partially linear estimate of the same" in strong.reason) == isinstance(estimator, IPW)


def test_figures_are_those_of_the_functions():
    ols = attacked(estimator=OLS())
    found = hidden_confounder(ols)
    own = omitted_variable(ols.design, tuple(covariate_groups(ols.design)))
    assert found.details["robustness value"] == own.robustness_value()
    assert found.lower == pytest.approx(own.benchmark("age").value)
    dml = attacked(estimator=PartiallyLinearDML())
    theirs = omitted_variable_dml(PartiallyLinearDML(), dml.design, ("age", "past"))
    benchmark = next(b for b in theirs.benchmarks if b.name == "age")
    bounds = theirs.bounds(benchmark.r2_treatment, benchmark.r2_outcome)
    found = hidden_confounder(dml)
    assert (found.lower, found.upper) == pytest.approx((bounds.lower, bounds.upper))
    assert found.refuted == pytest.approx(max(bounds.lower, 0.0))


def test_without_covariates_there_is_no_scale():
    found = hidden_confounder(attacked(adjusted=()))
    assert found.verdict == "not applicable"
    assert "No covariate serves as a benchmark" in found.reason
    assert found.details["robustness value"] > 0


def test_an_instrument_has_other_bounds():
    rng = np.random.default_rng(0)
    z, noise = rng.integers(0, 2, 400), rng.normal(size=400)
    t = z + noise + rng.normal(size=400)
    data = Dataset.from_frames({"z": z, "shown": t, "spent": t + noise})
    made = estimate_effect(Estimand(("shown",), "spent", "instrument", instruments=("z",)), data)
    found = hidden_confounder(Attacked.of(made, data))
    assert found.verdict == "not applicable"
    assert "identified by instrument" in found.reason

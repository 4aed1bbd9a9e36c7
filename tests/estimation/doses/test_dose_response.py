import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from causalrec import CausalGraph, Dataset, identify
from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, NotFittedError
from causalrec.estimation import estimate_effect
from causalrec.estimation.doses.density import dose_law, kernel_density
from causalrec.estimation.doses.dose_response import DoseResponse
from causalrec.estimation.doses.lines import kernel
from causalrec.identification import Estimand
from tests.estimation.planted import Line, exact_interval

N_RUNS = 80
DOSES, BANDWIDTH = (-1.0, -0.5, 0.0, 0.5, 1.0), 0.4
SPENT = Estimand(("discount",), "spent", "adjustment", ("age", "taste"))


class Bent(RegressorMixin, BaseEstimator):
    """Least squares on powers of the dose, the covariates and their products with the dose."""

    def fit(self, X, y, sample_weight=None):
        self.line_ = Line().fit(self._columns(X), y, sample_weight)
        return self

    def predict(self, X):
        return self.line_.predict(self._columns(X))

    def _columns(self, X):
        dose = X[:, :1]
        return np.hstack([dose ** np.arange(1, 6), X[:, 1:], dose * X[:, 1:]])


class Flat(RegressorMixin, BaseEstimator):
    """The mean, whatever the covariates."""

    def fit(self, X, y, sample_weight=None):
        self.mean_ = np.average(y, weights=sample_weight)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


def curve(dose):
    return np.sin(1.5 * dose) + 0.3 * dose


def discounts(seed, n=1000, *, n_per_user=1):
    """Design; the dose follows covariates that move the outcome too, and its spread one of them."""
    rng = np.random.default_rng(seed)
    user = np.arange(n) // n_per_user
    X = rng.normal(size=(user[-1] + 1, 2))[user]
    dose = 0.5 * X[:, 0] - 0.3 * X[:, 1] + rng.normal(size=n) * np.exp(0.1 * X[:, 0])
    shock = rng.normal(size=user[-1] + 1)[user] if n_per_user > 1 else 0.0
    y = curve(dose) + X[:, 0] - 0.5 * X[:, 1] + 0.3 * X[:, 0] * dose + shock + rng.normal(size=n)
    clusters = {"user": user} if n_per_user > 1 else {}
    return Design(y, dose[:, None], X, (), clusters, ("discount",), ("age", "taste"))


def smoothed(bandwidth=BANDWIDTH):
    """The curve as the kernel smooths it, in a large sample."""
    dose = discounts(10**6, 400_000).treatments[:, 0]

    def at(amount):
        pull, line = kernel(dose, amount, bandwidth), np.column_stack([np.ones_like(dose), dose - amount])
        return np.linalg.solve((line * pull[:, None]).T @ line, (line * pull[:, None]).T @ curve(dose))[0]

    return np.array([at(amount) for amount in DOSES])


def quick(**given):
    return DoseResponse(
        DOSES, reference=0.0,
        **{"bandwidth": BANDWIDTH, "outcome_model": Bent(), "dose_model": Line(), "n_folds": 2} | given,
    )  # fmt: skip


def refuse_share(count, n_runs, level=0.95):
    low, high = exact_interval(count, n_runs)
    assert low <= level <= high, f"{count} of {n_runs}"


@pytest.mark.parametrize("n_per_user", [1, 8])
def test_intervals_cover_the_smoothed_curve_and_its_differences(n_per_user):
    truth, errors, stderrs = smoothed(), [], []
    gap, other = truth - truth[2], np.arange(5) != 2
    hits = {"value": np.zeros(5), "gap": np.zeros(5), "all values": 0, "all gaps": 0}
    for seed in range(N_RUNS):
        found = quick().fit(discounts(seed, n_per_user=n_per_user)).effect(SPENT)
        for name, aim, intervals in (("value", truth, found.intervals), ("gap", gap, found.difference_intervals)):
            low, high = intervals().T
            hits[name] += (low <= aim) & (aim <= high)
            low, high = intervals(simultaneous=True).T
            hits[f"all {name}s"] += ((low <= aim) & (aim <= high))[other].all()
        errors.append(found.value - truth)
        stderrs.append(found.stderr)
    for count in (*hits["value"], *hits["gap"][other], hits["all gaps"]):
        refuse_share(count, N_RUNS)
    assert hits["all values"] >= exact_interval(int(0.95 * N_RUNS), N_RUNS)[0] * N_RUNS
    errors = np.array(errors)
    assert (np.abs(errors.mean(axis=0)) < 4 * errors.std(axis=0) / np.sqrt(N_RUNS)).all()
    ratio = errors.std(axis=0) / np.sqrt((np.array(stderrs) ** 2).mean(axis=0))
    assert (np.abs(ratio - 1) < 0.25).all(), ratio


@pytest.mark.parametrize("wrong", [{"outcome_model": Flat()}, {"dose_model": Flat()}])
def test_either_model_may_be_wrong_but_not_both(wrong):
    def bias(**given):
        runs = [quick(**given).fit(discounts(seed, 2000)).value_ - smoothed_truth for seed in range(16)]
        return np.mean(runs, axis=0), np.std(runs, axis=0) / 4

    smoothed_truth = smoothed()
    mean, error = bias(**wrong)
    assert (np.abs(mean) < 4 * error + 0.03).all(), mean
    both, _ = bias(outcome_model=Flat(), dose_model=Flat())
    assert np.abs(both).max() > 0.25


def test_with_nothing_to_adjust_for_it_is_the_local_line_of_statsmodels():
    import statsmodels.api as sm

    rows = discounts(0)
    rows = replace(rows, covariates=np.empty((rows.n, 0)), covariate_names=())
    found = quick(outcome_model=Flat()).fit(rows)
    dose, y = rows.treatments[:, 0], rows.outcome
    for at, amount in enumerate(DOSES):
        pull = kernel(dose, amount, BANDWIDTH)
        X = sm.add_constant((dose - amount)[pull > 0])
        oracle = sm.WLS(y[pull > 0], X, weights=pull[pull > 0]).fit(cov_type="HC0")
        assert found.value_[at] == pytest.approx(oracle.params[0], abs=0.02)  # folds have densities of their own
        assert found.stderr_[at] == pytest.approx(oracle.bse[0], rel=0.05)


def test_the_density_is_the_planted_one():
    from scipy.stats import norm

    rows = discounts(1, 20_000)
    X, dose = rows.covariates, rows.treatments[:, 0]
    law, at = dose_law(X, dose, None, Line()), np.linspace(-1, 1, 5)[None, :]
    asked = np.array([[0.0, 0.0], [1.0, -1.0]])
    truth = norm.pdf(at, (asked @ [0.5, -0.3])[:, None], np.exp(0.1 * asked[:, :1]))
    np.testing.assert_allclose(law.density(asked, at), truth, rtol=0.1)
    places, heights = kernel_density(np.random.default_rng(0).exponential(size=4000))
    assert np.trapezoid(heights, places) == pytest.approx(1, abs=1e-6)


def test_permuted_rows_scaled_outcomes_and_equal_weights_change_nothing():
    rows = discounts(2)
    for array in (rows.outcome, rows.treatments, rows.covariates):
        array.setflags(write=False)
    first, order = quick().fit(rows), np.random.default_rng(0).permutation(rows.n)
    again = quick().fit(rows.rows(order))
    np.testing.assert_allclose(again.value_, first.value_, rtol=1e-8)
    np.testing.assert_allclose(again.influence_, first.influence_[order], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(first.influence_.mean(axis=0), 0, atol=1e-10)
    scaled = quick().fit(replace(rows, outcome=rows.outcome * 1024 + 7, keys=rows.row_keys()))
    np.testing.assert_allclose(scaled.stderr_, first.stderr_ * 1024, rtol=1e-6)
    flat = quick().fit(replace(rows, weight=np.full(rows.n, 3.0), keys=rows.row_keys()))
    np.testing.assert_allclose(flat.value_, first.value_, rtol=1e-9)
    assert quick().fit(rows).value_.tolist() == first.value_.tolist()


def test_the_default_is_estimated_from_a_table_and_prints():
    rows = discounts(3, 1500)
    table = {"discount": rows.treatments[:, 0], "spent": rows.outcome, "age": rows.covariates[:, 0],
             "taste": rows.covariates[:, 1]}  # fmt: skip
    graph = CausalGraph([(a, b) for a in ("age", "taste") for b in ("discount", "spent")] + [("discount", "spent")])
    estimand = identify(graph, "discount", "spent")
    found = estimate_effect(estimand, Dataset.from_frames(table), estimator=DoseResponse(5, reference=0))
    assert len(found.doses) == 6
    assert found.difference[found.doses == 0] == 0
    assert (np.abs(found.value - curve(found.doses)) < 5 * found.stderr + 0.05).all()
    printed = str(found)
    assert "Mean spent by dose of discount" in printed
    assert "smoothed over" in printed
    assert "reference" in printed
    assert len(json.loads(json.dumps(found.to_dict()))["doses"]) == 6
    frame = found.to_frame()
    assert (frame["joint_lower"] < frame["lower"]).all()
    assert found.draw(title="Spending rises").axes


def test_refusals():
    rows = discounts(4)
    with pytest.raises(NotFittedError):
        DoseResponse().effect(SPENT)
    with pytest.raises(EstimationError, match="say nothing on 9"):
        quick().set_params(doses=[0, 9]).fit(rows)
    with pytest.raises(EstimationError, match="Too few units have a 'discount'"):
        quick().set_params(doses=[0, float(rows.treatments.max())]).fit(rows)
    gap = rows.rows(np.abs(rows.treatments[:, 0] - 0.5) > 0.45)
    with pytest.raises(EstimationError, match=r"within 0.4 of 0.5"):
        quick().set_params(doses=[-0.5, 0.5]).fit(gap)
    with pytest.raises(EstimationError, match="has 2 values"):
        quick().fit(replace(rows, treatments=(rows.treatments > 0).astype(float)))
    with pytest.raises(EstimationError, match="'discount' is 0 in 50% of the units"):
        quick().fit(replace(rows, treatments=rows.treatments * (np.arange(rows.n) % 2)[:, None]))
    with pytest.raises(EstimationError, match="explain the dose completely"):
        quick().fit(replace(rows, treatments=rows.covariates[:, :1]))
    apart = rows.covariates[:, :1] * 4 + 0.3 * rows.treatments
    with pytest.raises(EstimationError, match=r"could hardly have had|Too few units"):
        quick().fit(replace(rows, treatments=apart))
    for given, said in (({"bandwidth": 0.0}, "bandwidth is 0.0"), ({"doses": "many"}, "doses is 'many'"),
                        ({"doses": [np.nan]}, "doses is"), ({"reference": np.inf}, "reference is inf")):  # fmt: skip
        with pytest.raises(DataError, match=said):
            quick().set_params(**given).fit(rows)
    with pytest.raises(DataError, match="`level` is 95"):
        quick().fit(rows).effect(SPENT).intervals(95)

import json
from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.data.design_block import DesignBlock
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.refutation.sensitivity import OmittedVariable, covariate_groups, omitted_variable
from causalrec.refutation.sensitivity.benchmark import Benchmark
from causalrec.refutation.sensitivity.strength import confounder_strength
from tests.estimation.planted import exact_interval
from tests.estimation.streams import Stream

N_RUNS = 300

# Cinelli and Hazlett (2020), violence in Darfur; the figures of sensemakr 1.0 (PySensemakr) on its own data.
DARFUR = OmittedVariable("directlyharmed", 0.09731581928495525, 0.023256537809811125, 783.0)
FEMALE = {  # times as strong: r2 with treatment and outcome, what is left of value, error and t, and its lower limit
    1: (0.009164286675, 0.124640923036, 0.075220271214, 0.021873327744, 3.438903860247, 0.032282965727),
    2: (0.018328573350, 0.249324064200, 0.052915172384, 0.020350062078, 2.600246239138, 0.012968034831),
    3: (0.027492860025, 0.374050471038, 0.030396023464, 0.018670064817, 1.628062021313, -0.006253282298),
}


def test_darfur_robustness_values():
    assert DARFUR.robustness_value() == pytest.approx(0.13877635389358697, abs=1e-12)
    assert DARFUR.robustness_value(alpha=0.05) == pytest.approx(0.07625796554485585, abs=1e-12)
    assert DARFUR.partial_r2 == pytest.approx(0.021873093341109283, abs=1e-12)
    assert DARFUR.extreme() == pytest.approx(DARFUR.partial_r2, abs=1e-12)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_darfur_adjusted_for_a_confounder_like_being_female(times):
    treatment, outcome, value, stderr, t, lower = FEMALE[times]
    found = DARFUR.adjusted(treatment, outcome)
    assert (found.value, found.stderr, found.t) == pytest.approx((value, stderr, t), abs=1e-8)
    assert found.interval()[0] == pytest.approx(lower, abs=1e-6)


def test_darfur_benchmark_of_a_group():
    own = next(r for r in np.linspace(0.1, 0.12, 20_001) if confounder_strength(1, 0.009081065, r)[1] >= 0.1246409)
    strength = confounder_strength(1, 0.009081065, own)
    female = Benchmark("female", 1, *strength, 0.02169, 4.3, own_treatment=0.009081065, own_outcome=own)
    found = replace(DARFUR, benchmarks=(female,))
    for times, (treatment, outcome, value, *_) in FEMALE.items():
        left = found.benchmark("female", times)
        assert (left.r2_treatment, left.r2_outcome) == pytest.approx((treatment, outcome), abs=2e-5)
        assert left.value == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_confounder_of_the_robustness_value_takes_that_share(share):
    value = DARFUR.robustness_value(share)
    assert DARFUR.adjusted(value, value).value == pytest.approx((1 - share) * DARFUR.value, abs=1e-12)


@pytest.mark.parametrize("size", [0.09731581928495525, 3.0])
def test_a_confounder_of_the_interval_s_robustness_value_is_the_first_to_reach_it(size):
    """Sought over all confounders that explain no more of treatment and outcome, weaker ones included."""
    found = replace(DARFUR, value=size)
    value = found.robustness_value(alpha=0.05)
    lower = [[found.adjusted(x, y).interval()[0] for x in np.linspace(0, value, 80)] for y in np.linspace(0, value, 80)]
    assert np.min(lower) == pytest.approx(0.0, abs=2e-3 * size)


def rows(seed=0, n=400, weight=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    text = rng.normal(size=(20, 4))
    codes = rng.integers(20, size=n)
    kind = rng.integers(3, size=n)
    C = np.column_stack([X, kind == 1, kind == 2]).astype(float)
    t = X @ [0.6, 0.2, 0.0] + text[codes] @ [0.3, 0.0, 0.2, 0.0] + 0.3 * (kind == 1) + rng.normal(size=n)
    y = 0.4 * t + X @ [1.0, 0.3, -0.5] + text[codes] @ [0.5, 0.5, 0.0, 0.0] + 0.5 * (kind == 2) + rng.normal(size=n)
    return Design(
        y, t[:, None], C, (), {}, ("shown",), ("age", "price", "recency", "brand=b", "brand=c"),
        blocks=(DesignBlock("title", codes, text),), weight=rng.uniform(0.5, 2, size=n) if weight else None,
    )  # fmt: skip


@pytest.mark.parametrize("weight", [False, True])
def test_figures_are_those_of_regressions_on_the_rows(weight):
    import statsmodels.api as sm

    design = rows(weight=weight)
    found = omitted_variable(design)
    assert [b.name for b in found.benchmarks] == ["age", "price", "recency", "brand", "title"]
    names, C = design.matrix_names, design.matrix()

    def fit(y, X):
        weights = np.ones(design.n) if design.weight is None else design.weight
        return sm.WLS(y, sm.add_constant(X), weights=weights).fit()

    t = design.treatments[:, 0]
    full = fit(design.outcome, np.column_stack([t, C]))
    assert (found.value, found.stderr) == pytest.approx((full.params[1], full.bse[1]), rel=1e-9)
    assert found.dof == full.df_resid
    for benchmark in found.benchmarks:
        group = covariate_groups(design)[benchmark.name]
        rest = C[:, [name not in group for name in names]]
        less = fit(design.outcome, np.column_stack([t, rest]))
        own = 1 - fit(t, C).ssr / fit(t, rest).ssr, 1 - full.ssr / less.ssr
        assert (benchmark.own_treatment, benchmark.own_outcome) == pytest.approx(own, rel=1e-8)
        assert (benchmark.r2_treatment, benchmark.r2_outcome) == pytest.approx(confounder_strength(1, *own), rel=1e-8)
        assert benchmark.moved == pytest.approx(less.params[1] - full.params[1], rel=1e-7)
        assert benchmark.n_columns == len(group)


def test_a_benchmark_s_multiple_is_the_one_that_removes_the_effect():
    found = omitted_variable(rows(), {"who and what": ["age", "brand"]})
    (one,) = found.benchmarks
    assert one.n_columns == 3
    assert found.benchmark(one.name, one.times).value == pytest.approx(0.0, abs=1e-7)
    assert f"{one.times:.2f} times as strong as who and what would remove the effect" in found.sentence


def test_dropping_columns_that_others_explain_changes_nothing():
    design = rows()
    twice = replace(
        design, covariates=np.column_stack([design.covariates, design.covariates[:, 0], np.ones(design.n)]),
        covariate_names=(*design.covariate_names, "again", "flat"),
    )  # fmt: skip
    first, second = omitted_variable(design), omitted_variable(twice)
    assert second.robustness_value() == pytest.approx(first.robustness_value(), rel=1e-9)
    assert second.dof == first.dof
    assert next(b for b in second.benchmarks if b.name == "again").own_treatment == pytest.approx(0.0, abs=1e-9)


def test_rows_in_another_order_and_another_unit_give_the_same():
    design = rows()
    other = design.rows(np.random.default_rng(0).permutation(design.n))
    scaled = replace(design, outcome=1024 * design.outcome + 5)
    value = omitted_variable(design).robustness_value()
    for changed in (other, scaled):
        assert omitted_variable(changed).robustness_value() == pytest.approx(value)


def residual(v, *on):
    X = np.column_stack(on)
    return v - X @ np.linalg.lstsq(X, v, rcond=None)[0]


def test_adjusting_for_a_hidden_confounder_s_strength_is_adjusting_for_it():
    """Value and error are those of the regression that has it, so its interval covers as that one does."""
    covered = 0
    for seed in range(N_RUNS):
        rng = np.random.default_rng(seed)
        hidden, age = rng.normal(size=(2, 100))
        t = 0.5 * hidden + age + rng.normal(size=100)
        y = 0.3 * t + 0.7 * hidden + age + rng.normal(size=100)
        one = np.ones(100)
        found = omitted_variable(Design(y, t[:, None], age[:, None], (), {}, ("shown",), ("age",)))
        strength = [
            np.corrcoef(residual(v, one, age, *given), residual(hidden, one, age, *given))[0, 1] ** 2
            for v, given in ((t, ()), (y, (t,)))
        ]
        left = found.adjusted(*strength)
        X = np.column_stack([t, one, age, hidden])
        coef, ss = np.linalg.lstsq(X, y, rcond=None)[:2]
        assert left.value == pytest.approx(coef[0], rel=1e-8)
        assert left.stderr == pytest.approx(np.sqrt(ss[0] / 96 * np.linalg.inv(X.T @ X)[0, 0]), rel=1e-8)
        covered += left.interval()[0] <= 0.3 <= left.interval()[1]
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high


def test_a_stream_gives_the_same():
    design = rows(weight=True)
    one, other = omitted_variable(design), omitted_variable(Stream(design))
    assert other.robustness_value() == pytest.approx(one.robustness_value(), rel=1e-9)
    assert [b.times for b in other.benchmarks] == pytest.approx([b.times for b in one.benchmarks], rel=1e-6)


def test_the_contour_is_the_formula_on_a_grid():
    found = omitted_variable(rows())
    contour = found.contour(7, largest=0.6)
    at = found.adjusted(contour.treatment_r2[2], contour.outcome_r2[5])
    assert contour.adjusted[5, 2] == pytest.approx(at.value)
    assert contour.interval_end[5, 2] == pytest.approx(at.interval()[0])
    assert contour.adjusted.shape == (7, 7)
    assert {name for name, *_ in contour.marks} <= {b.name for b in found.benchmarks}


def test_results_are_text_and_plain_numbers():
    found = omitted_variable(rows(), ["title"])
    text = str(found)
    assert "robustness value" in text
    assert "title" in text
    assert json.loads(json.dumps(found.to_dict()))["benchmarks"][0]["n_columns"] == 4
    assert "explains" in omitted_variable(rows(), ()).sentence


def test_bad_input_is_refused():
    design = rows()
    with pytest.raises(MissingColumnsError, match="agee"):
        omitted_variable(design, ["agee"])
    with pytest.raises(DataError, match="no columns"):
        omitted_variable(design, {"none": []})
    with pytest.raises(EstimationError, match="one treatment"):
        omitted_variable(replace(design, treatments=design.covariates[:, :2], treatment_names=("a", "b")))
    with pytest.raises(EstimationError, match="shown"):
        omitted_variable(replace(design, treatments=design.covariates[:, :1]))
    with pytest.raises(DataError, match="between 0 and 1"):
        DARFUR.adjusted(1.0, 0.5)
    with pytest.raises(DataError, match="between 0 and 1"):
        DARFUR.adjusted("much", 0.5)
    for share in (-1.0, np.nan, "all"):
        with pytest.raises(DataError, match="share"):
            DARFUR.robustness_value(share)
    for n_points in (0, 2.5, "many"):
        with pytest.raises(DataError, match="n_points"):
            DARFUR.contour(n_points)
    for largest in (1.0, -1.0, "all"):
        with pytest.raises(DataError, match="largest"):
            DARFUR.contour(largest=largest)
    with pytest.raises(DataError, match="level"):
        DARFUR.contour(alpha="5%")
    for times in ((-1.0,), ("once",), (1.0, -2.0)):
        with pytest.raises(DataError, match="times"):
            omitted_variable(design).benchmark("age", *times)
    with pytest.raises(DataError, match="no benchmark"):
        DARFUR.benchmark("age")
    with pytest.raises(EstimationError, match="standard error"):
        replace(DARFUR, stderr=0.0)

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation import AIPW, OLS, InteractiveDML, PartiallyLinearDML
from causalrec.estimation.linear.dml import batch_residuals
from causalrec.estimation.moments.design_moments import design_moments
from causalrec.refutation.sensitivity import omitted_variable, omitted_variable_dml
from causalrec.refutation.sensitivity import riesz_parts as parts
from causalrec.refutation.sensitivity.covariate_groups import without_columns
from tests.estimation.planted import Line, Logit, exact_interval, planted
from tests.refutation.sensitivity.hidden_worlds import hidden_line

N_RUNS, N_ROWS = 300, 500
CLOSE = 1e-9


def made(target="ATE"):
    return {
        "linear": PartiallyLinearDML(),
        "interactive": InteractiveDML(target=target),
        "AIPW": AIPW(Line(), Logit(), target=target),
    }


def peer(name, estimator, design):
    """DoubleML's model with the nuisances that ours has."""
    doubleml = pytest.importorskip("doubleml")
    from doubleml.utils import DMLDummyClassifier, DMLDummyRegressor

    y, t = design.outcome, design.treatments[:, 0]
    data = doubleml.DoubleMLData.from_arrays(design.covariates, y, t)
    if name == "linear":
        dealt = (estimator.n_folds, estimator.random_state)
        left = batch_residuals(design, estimator.nuisances(design_moments(design, dealt))[0], dealt)
        found = {"ml_m": t - left[:, 0], "ml_l": y - left[:, 1]}
        model = doubleml.DoubleMLPLR(data, DMLDummyRegressor(), DMLDummyRegressor())
    else:
        learned = parts._interactive_nuisances if name == "interactive" else parts._aipw_nuisances
        found = dict(zip(("ml_g0", "ml_g1", "ml_m"), learned(estimator, design), strict=True))
        found["ml_m"] = np.clip(found["ml_m"], 0.01, 0.99)
        score = "ATTE" if estimator.target == "ATT" else "ATE"
        model = doubleml.DoubleMLIRM(data, DMLDummyRegressor(), DMLDummyClassifier(), score=score)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(external_predictions={"d": {key: value[:, None] for key, value in found.items()}})


def asked(model, treatment, outcome, adversity=1.0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.sensitivity_analysis(cf_y=outcome, cf_d=treatment, rho=adversity)
    return model.sensitivity_params


@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize("name", ["linear", "interactive", "AIPW"])
def test_bounds_contour_and_robustness_value_are_those_of_doubleml(name, target):
    design, estimator = planted(3, slope=0.3), made(target)[name]
    found, model = omitted_variable_dml(estimator, design), peer(name, estimator, design)
    for treatment, outcome, adversity in [(0.03, 0.04, 1.0), (0.2, 0.1, 0.6)]:
        theirs = asked(model, treatment, outcome, adversity)
        ours = found.bounds(treatment, outcome, adversity=adversity)
        assert ours.lower == pytest.approx(theirs["theta"]["lower"][0], abs=CLOSE)
        assert ours.upper == pytest.approx(theirs["theta"]["upper"][0], abs=CLOSE)
    value = found.robustness_value()
    assert asked(model, value, value)["theta"]["lower"][0] == pytest.approx(0.0, abs=CLOSE)
    contour = found.contour(4, largest=0.3)
    theirs = [[asked(model, x, y)["theta"]["lower"][0] for x in contour.treatment_r2] for y in contour.outcome_r2]
    np.testing.assert_allclose(contour.adjusted, theirs, atol=CLOSE)


@pytest.mark.parametrize("name", ["linear", "interactive", "AIPW"])
def test_errors_are_those_of_doubleml_but_for_a_sign(name):
    """DoubleML 0.11 divides the score by its derivative, which is negative, and adds that of the bias as it is.

    So it takes the covariance of effect and bias with the other sign, and has the errors of the two ends swapped; which
    is right the simulation below shows. EconML's of arms has it as here.
    """
    design, estimator = planted(3, slope=0.3), made()[name]
    found = omitted_variable_dml(estimator, design).bounds(0.03, 0.04)
    theirs = asked(peer(name, estimator, design), 0.03, 0.04)["se"]
    assert found.stderr_lower == pytest.approx(theirs["upper"][0], abs=CLOSE)
    assert found.stderr_upper == pytest.approx(theirs["lower"][0], abs=CLOSE)


def test_ends_and_limits_of_arms_are_those_of_econml():
    econml = pytest.importorskip("econml.validate.sensitivity_analysis")
    design, estimator = planted(5, slope=0.3), AIPW(Line(), Logit())
    mu0, mu1, e = parts._aipw_nuisances(estimator, design)
    y, t = design.outcome, design.treatments[:, 0]
    chance = np.column_stack([1 - e, e])
    robust = np.column_stack([mu0 + (1 - t) / (1 - e) * (y - mu0), mu1 + t / e * (y - mu1)])
    theirs = [np.squeeze(part) for part in econml.dr_sensitivity_values(y, t[:, None], robust, chance)]
    found = omitted_variable_dml(estimator, design)
    ends, limits = (
        econml.sensitivity_interval(*theirs, 0.1, 0.04, 0.03, 1.0, interval_type=kind) for kind in ("theta", "ci")
    )
    bounds = found.bounds(0.03, 0.04)
    assert (bounds.lower, bounds.upper) == pytest.approx(ends, abs=1e-8)
    assert found.confidence_bounds(0.03, 0.04) == pytest.approx(limits, abs=1e-8)


def test_the_error_of_an_end_is_its_spread():
    """Effect and scale go together here, so a wrong sign of their covariance would show."""
    ends, errors = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        t = rng.normal(size=2_000) ** 2 - 1
        y = t + rng.normal(size=2_000) * (1 + 0.3 * np.abs(t)) + 0.2 * (t**2 - 2)
        found = parts.linear_parts(t, y, np.ones(2_000))
        scale = np.sqrt(found.residual_variance * found.representer_square)
        turn = [1.0, -0.3 * found.representer_square / 2 / scale, -0.3 * found.residual_variance / 2 / scale]
        wrong = [1.0, -turn[1], -turn[2]]
        ends.append(found.value - 0.3 * scale)
        errors.append([np.mean((found.influence @ way) ** 2) / 2_000 for way in (turn, wrong)])
    right, wrong = np.sqrt(np.mean(errors, axis=0))
    assert right == pytest.approx(np.std(ends), rel=0.12)
    assert wrong > 1.15 * np.std(ends)


@pytest.mark.parametrize("name", ["linear", "interactive", "AIPW"])
def test_benchmarks_are_those_of_doubleml(name):
    from doubleml.utils.gain_statistics import gain_statistics

    design, estimator = planted(4, slope=0.3), made()[name]
    (found,) = omitted_variable_dml(estimator, design, ["age"]).benchmarks
    less = without_columns(design, ["age"])
    theirs = gain_statistics(peer(name, estimator, design), peer(name, estimator, less))
    ours = found.r2_outcome, found.r2_treatment, found.adversity, found.moved
    assert ours == pytest.approx([theirs[key][0] for key in ("cf_y", "cf_d", "rho", "delta_theta")], abs=CLOSE)


def test_a_multiple_of_the_benchmark_removes_the_effect():
    found = omitted_variable_dml(PartiallyLinearDML(), planted(4, effect=0.2), {"who": ["age", "price"]})
    (who,) = found.benchmarks
    assert who.n_columns == 2
    left = found.bounds(who.times * who.r2_treatment, min(who.times * who.r2_outcome, 1.0))
    assert left.lower == pytest.approx(0.0, abs=CLOSE)
    assert "as strong as who would remove the effect" in found.sentence


def test_without_a_confounder_it_is_the_estimator_s_own():
    design = planted(6, n_per_cluster=5)
    for estimator in made().values():
        found, own = omitted_variable_dml(estimator, design), type(estimator)(**estimator.get_params(deep=False))
        own.fit(design)
        assert found.value == pytest.approx(own.value_[0], rel=1e-9)
        assert found.stderr == pytest.approx(own.stderr_[0], rel=4e-3)
        assert found.bounds(0.0, 0.3).width == 0
        assert dict(found.n_clusters) == {"user": 100}
        assert not hasattr(estimator, "value_")


def test_the_interval_s_robustness_value_is_where_the_limit_reaches_0():
    found = omitted_variable_dml(InteractiveDML(), planted(3))
    value = found.robustness_value_interval()
    assert found.confidence_bounds(value, value)[0] == pytest.approx(0.0, abs=1e-9)
    assert value < found.robustness_value()
    assert found.robustness_value_interval(null=found.value - 1e-9) == 0.0


def test_it_agrees_with_least_squares_where_both_are_right():
    design = planted(2, n=4000)
    one, other = omitted_variable(design, ()), omitted_variable_dml(PartiallyLinearDML(), design)
    assert other.robustness_value() == pytest.approx(one.robustness_value(), abs=0.01)


def test_bounds_by_the_true_strength_cover_the_truth():
    """At the end of the range, where it is hardest, at the level; and the estimate alone does not."""
    covered, naive = 0, 0
    for seed in range(N_RUNS):
        world = hidden_line(seed, N_ROWS, adversity=1.0)
        found = omitted_variable_dml(PartiallyLinearDML(n_folds=2, l2=0.0), world.design)
        covered += found.bounds(world.r2_treatment, world.r2_outcome).covers(world.truth)
        naive += found.bounds(0.0, 0.0).covers(world.truth)
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high
    assert naive < 0.05 * N_RUNS


def test_rows_in_another_order_give_the_same_and_inputs_stay():
    design = planted(1)
    for array in (design.outcome, design.treatments, design.covariates):
        array.setflags(write=False)
    other = design.rows(np.random.default_rng(0).permutation(design.n))
    for estimator in made("ATT").values():
        first, second = (omitted_variable_dml(estimator, rows, ["age"]) for rows in (design, other))
        assert second.robustness_value() == pytest.approx(first.robustness_value(), rel=1e-7)
        assert second.benchmarks[0].moved == pytest.approx(first.benchmarks[0].moved, rel=1e-6)


def test_results_are_text_and_plain_numbers():
    found = omitted_variable_dml(AIPW(Line(), Logit(), target="ATT"), planted(1), None)
    assert [b.name for b in found.benchmarks] == ["age", "price", "taste"]
    assert json.loads(json.dumps(found.to_dict()))["target"] == "ATT"
    assert "robustness value" in str(found)
    assert "explain at most" in str(found.bounds(0.1, 0.1))


def test_bad_input_is_refused():
    design = planted(1)
    with pytest.raises(EstimationError, match="OLS"):
        omitted_variable_dml(OLS(), design)
    with pytest.raises(EstimationError, match="ATO"):
        omitted_variable_dml(AIPW(Line(), Logit(), target="ATO"), design)
    with pytest.raises(MissingColumnsError, match="agee"):
        omitted_variable_dml(PartiallyLinearDML(), design, ["agee"])
    found = omitted_variable_dml(PartiallyLinearDML(), design)
    with pytest.raises(DataError, match="adversity"):
        found.bounds(0.1, 0.1, adversity=2.0)
    with pytest.raises(DataError, match="between 0 and 1"):
        found.bounds(1.0, 0.1)
    for adversity in (0.0, 2.0, "worst"):
        with pytest.raises(DataError, match="adversity"):
            found.robustness_value(adversity=adversity)
    with pytest.raises(EstimationError, match="together"):
        omitted_variable_dml(
            PartiallyLinearDML(), replace(design, treatments=np.eye(design.n)[:, :2], treatment_names=("a", "b"))
        )


def test_blocks_are_one_benchmark():
    from causalrec.data.design_block import DesignBlock

    rng = np.random.default_rng(0)
    text, codes = rng.normal(size=(15, 3)), rng.integers(15, size=400)
    t = text[codes, 0] + rng.normal(size=400)
    block = DesignBlock("title", codes, text)
    y, age = t + text[codes, 0] + rng.normal(size=400), rng.normal(size=(400, 1))
    design = Design(y, t[:, None], age, (), {}, ("shown",), ("age",), blocks=(block,))
    found = omitted_variable_dml(PartiallyLinearDML(), design, ["title"])
    assert found.benchmarks[0].n_columns == 3
    assert found.benchmarks[0].r2_treatment > 0.2


def test_a_level_below_one_half_takes_more_than_the_robustness_value():
    found = omitted_variable_dml(PartiallyLinearDML(), planted(1))
    strength = found.robustness_value_interval(level=0.3)
    assert strength > found.robustness_value()
    ends = found.confidence_bounds(strength, strength, level=0.3)
    assert ends[0 if found.value > 0 else 1] == pytest.approx(0.0, abs=1e-9)

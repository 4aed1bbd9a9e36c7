import numpy as np
import pytest

from causalrec.refutation.sensitivity.strength import bias, confounder_strength, robustness_value


def partial_r2(y, x, *others):
    """Share of what the others leave of y that x explains."""
    left = np.column_stack(others) if others else np.zeros((len(y), 1))

    def residual(v, on):
        return v - on @ np.linalg.lstsq(on, v, rcond=None)[0]

    y, x = residual(y, left), residual(x, left)
    return float((y @ x) ** 2 / (y @ y) / (x @ x))


# Cinelli and Hazlett (2020), their example of violence in Darfur: estimate .097, error .023, 783 degrees of freedom.


def test_the_robustness_value_of_darfur_is_the_published_one():
    t = 0.0973 / 0.0233
    assert t**2 / (t**2 + 783) == pytest.approx(0.022, abs=5e-4)
    assert robustness_value(0.0219) == pytest.approx(0.139, abs=1e-3)


def test_bounds_for_darfur_are_the_published_ones():
    """One, two and three times as strong as being female: .0092, .0183, .0275 and .1246, .2493, .3741."""
    treatment = 0.00916 / 1.00916
    outcome = next(r for r in np.linspace(0.05, 0.2, 20_001) if confounder_strength(1, treatment, r)[1] >= 0.1246)
    for times, expected in {1: (0.0092, 0.1246), 2: (0.0183, 0.2493), 3: (0.0275, 0.3741)}.items():
        assert confounder_strength(times, treatment, outcome) == pytest.approx(expected, abs=3e-4)
    for times, adjusted in {1: 0.0752, 2: 0.0529, 3: 0.0304}.items():
        left = 0.0973 - bias(*confounder_strength(times, treatment, outcome), 0.0233**2 * 783, 1.0)
        assert left == pytest.approx(adjusted, abs=5e-4)


@pytest.mark.parametrize("partial", [0.001, 0.02, 0.3])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_confounder_of_the_robustness_value_takes_that_share_away(partial, share):
    value = robustness_value(partial, share)
    effect = np.sqrt(partial / (1 - partial))  # with residual sum of squares and treatment's both 1
    assert bias(value, value, 1.0, 1.0) == pytest.approx(share * effect, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_bias_of_a_known_confounder_is_exactly_its_formula(seed):
    rng = np.random.default_rng(seed)
    hidden, observed = rng.normal(size=(2, 400))
    treatment = 0.6 * hidden + observed + rng.normal(size=400)
    outcome = 0.3 * treatment + 0.9 * hidden - observed + rng.normal(size=400)
    one = np.ones(400)
    short = np.column_stack([treatment, observed, one])
    coef = np.linalg.lstsq(short, outcome, rcond=None)[0]
    full = np.linalg.lstsq(np.column_stack([short, hidden]), outcome, rcond=None)[0]
    residual = outcome - short @ coef
    left = treatment - short[:, 1:] @ np.linalg.lstsq(short[:, 1:], treatment, rcond=None)[0]
    strength = partial_r2(treatment, hidden, observed, one), partial_r2(outcome, hidden, treatment, observed, one)
    assert bias(*strength, residual @ residual, left @ left) == pytest.approx(abs(coef[0] - full[0]), rel=1e-8)


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_bound_holds_for_a_confounder_of_known_strength(times, sign):
    """The hidden one is `times` as strong as the observed: its partial R2 are at most the bound's."""
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(np.column_stack([np.ones(500), rng.normal(size=(500, 4))]))[0].T
    one, observed, hidden, noise, error = basis  # orthogonal in the sample
    root = np.sqrt(times)
    treatment = 0.4 * observed + 0.4 * root * hidden + noise
    outcome = treatment + 0.5 * observed + sign * 0.5 * root * hidden + error
    bound = confounder_strength(
        times, partial_r2(treatment, observed, one), partial_r2(outcome, observed, treatment, one)
    )
    ratio = partial_r2(outcome, hidden, treatment, one) / partial_r2(outcome, observed, treatment, one)
    assert partial_r2(treatment, hidden, observed, one) == pytest.approx(bound[0], rel=1e-9)
    if ratio <= times:  # the bound is for one that is at most that strong with the outcome
        assert partial_r2(outcome, hidden, treatment, observed, one) <= bound[1] + 1e-12
    assert 0 < bound[1] <= 1


def test_nothing_is_so_strong():
    assert confounder_strength(1e6, 0.01, 0.01) == (np.inf, np.inf)
    assert confounder_strength(0.0, 0.2, 0.2)[0] == 0

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.refutation.sensitivity import manski_bounds
from tests.estimation.planted import exact_interval

N_RUNS = 300


def counted(n11=30, n10=20, n01=20, n00=30):
    """Outcome and treatment of 0 and 1, as often as said: n_yt."""
    y = np.repeat([1.0, 1.0, 0.0, 0.0], [n11, n10, n01, n00])
    t = np.repeat([1.0, 0.0, 1.0, 0.0], [n11, n10, n01, n00])
    return Design(y, t[:, None], np.empty((len(y), 0)), (), {}, ("shown",))


# Of 100 units half are treated, of those 60% bought, of the others 40%: by hand.
CASES = {
    "nothing": (None, None, (-0.4, 0.6)),
    "it harms nobody": ("increasing", None, (0.0, 0.6)),
    "it helps nobody": ("decreasing", None, (-0.4, 0.0)),
    "the treated would buy more": (None, "positive", (-0.4, 0.2)),
    "the treated would buy less": (None, "negative", (0.2, 0.6)),
    "both": ("increasing", "positive", (0.0, 0.2)),
}


@pytest.mark.parametrize(("response", "selection", "ends"), CASES.values(), ids=CASES)
def test_ends_by_hand(response, selection, ends):
    found = manski_bounds(counted(), response=response, selection=selection)
    assert (found.lower, found.upper) == pytest.approx(ends)


@pytest.mark.parametrize(
    ("response", "selection", "ends"),
    [(None, None, (-0.4, 0.6)), ("increasing", None, (0.0, 0.6)), (None, "positive", (-0.4, 0.2)),
     (None, "negative", (0.2, 0.6)), ("increasing", "positive", (0.0, 0.2))],
)  # fmt: skip
def test_ends_for_the_treated_by_hand(response, selection, ends):
    found = manski_bounds(counted(), target="ATT", response=response, selection=selection)
    assert (found.lower, found.upper) == pytest.approx(ends)


def test_without_assumptions_the_width_is_the_range():
    rng = np.random.default_rng(0)
    t = (rng.random(300) < 0.3).astype(float)
    design = Design(rng.uniform(2, 5, size=300), t[:, None], np.empty((300, 0)), (), {}, ("shown",))
    assert manski_bounds(design, lowest=1.0, highest=6.0).width == pytest.approx(5.0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_errors_are_those_of_the_bootstrap(seed, target):
    rng = np.random.default_rng(seed)
    t = (rng.random(400) < 0.4).astype(float)
    y = (rng.random(400) < 0.3 + 0.3 * t).astype(float)
    design = Design(y, t[:, None], np.empty((400, 0)), (), {}, ("shown",))
    asked = [{}, {"response": "increasing", "selection": "positive"}, {"selection": "negative"}][seed % 3]
    found = manski_bounds(design, target=target, **asked)
    draws = []
    for _ in range(300):
        again = manski_bounds(design.rows(rng.integers(400, size=400)), target=target, **asked)
        draws.append((again.lower, again.upper))
    spread = np.std(draws, axis=0)
    assert (found.stderr_lower, found.stderr_upper) == pytest.approx(tuple(spread), rel=0.2, abs=1e-12)


def test_the_worst_case_is_covered_at_its_level():
    """Every outcome that nobody saw is 1 under treatment and 0 without: the upper end is the truth."""
    covered = 0
    for seed in range(N_RUNS):
        rng = np.random.default_rng(seed)
        t = rng.random(300) < 0.5
        y = np.where(t, rng.random(300) < 0.6, rng.random(300) < 0.4).astype(float)
        design = Design(y, t[:, None].astype(float), np.empty((300, 0)), (), {}, ("shown",))
        covered += manski_bounds(design).covers(0.5 * 0.6 + 0.5 - 0.5 * 0.4)
    low, high = exact_interval(covered, N_RUNS)
    assert low <= 0.95 <= high


def test_data_that_contradict_the_assumptions_are_refused():
    with pytest.raises(EstimationError, match="contradict"):
        manski_bounds(counted(10, 40, 40, 10), response="increasing", selection="positive")


def test_it_says_what_it_assumes():
    text = str(manski_bounds(counted(), response="increasing", selection="positive"))
    assert "lowers nobody's outcome" in text
    assert "higher outcomes on average" in text


def test_bad_input_is_refused():
    design = counted()
    amounts = replace(design, outcome=design.outcome * 7)
    with pytest.raises(DataError, match="lowest and the highest"):
        manski_bounds(amounts)
    with pytest.raises(DataError, match="beyond"):
        manski_bounds(amounts, lowest=0, highest=5)
    with pytest.raises(DataError, match="lowest and the highest"):
        manski_bounds(amounts, lowest="0", highest=9)
    with pytest.raises(DataError, match="response"):
        manski_bounds(design, response="up")
    with pytest.raises(DataError, match="target"):
        manski_bounds(design, target="ATO")


@pytest.mark.parametrize("target", ["ATE", "ATT"])
def test_a_range_may_have_no_end(target):
    design, both = counted(), {"response": "increasing", "selection": "positive"}
    none = manski_bounds(design, lowest=-np.inf, highest=np.inf, target=target)
    assert none.interval() == (-np.inf, np.inf)
    found = manski_bounds(design, lowest=-np.inf, highest=np.inf, target=target, **both)
    known = manski_bounds(design, target=target, **both)
    assert (found.lower, found.upper) == pytest.approx((known.lower, known.upper))
    assert found.interval() == pytest.approx(known.interval())
    open_above = manski_bounds(design, lowest=0, highest=np.inf, target=target)
    assert open_above.lower == -np.inf

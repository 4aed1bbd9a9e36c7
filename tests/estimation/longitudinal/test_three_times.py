"""Three treatments, from a table with a row a unit and period to the effect."""

import numpy as np
import pytest

import causalrec as cr
from causalrec.estimation.longitudinal import (
    ICE,
    GFormula,
    MarginalStructuralModel,
    SequentialAIPW,
    estimate_plan,
    widen,
)
from causalrec.identification import sequential_backdoor
from tests.estimation.planted import expit

N = 4000
STAYS, MOVES, PATH = 0.5, -0.8, 0.7  # of l by l before, by a before, and of y by the last l
TRUTH = 3.0 + PATH * (MOVES + STAYS * MOVES)
EARLY = 1.0 + PATH * STAYS * MOVES  # of the first treatment alone
ESTIMATORS = {
    "ICE": ICE(),
    "AIPW": SequentialAIPW(),
    "simulated": GFormula(n_draws=4000, n_bootstrap=30),
    "MSM": MarginalStructuralModel(),
}


@pytest.fixture(scope="module")
def long():
    """User, day, l, a and y, in no order."""
    rng = np.random.default_rng(0)
    taste, level, shown, columns = rng.normal(size=N), np.zeros(N), np.zeros(N), []
    total = np.zeros(N)
    for _ in range(3):
        level = STAYS * level + 0.5 * taste + MOVES * shown + rng.normal(size=N)
        shown = (rng.random(N) < expit(0.6 * level)).astype(float)
        total += shown
        columns.append((level, shown))
    y = total + PATH * level + taste + rng.normal(size=N)
    rows = {
        "user": np.repeat(np.arange(N), 3),
        "day": np.tile([1, 2, 3], N),
        "l": np.column_stack([level for level, _ in columns]).ravel(),
        "a": np.column_stack([shown for _, shown in columns]).ravel(),
        "y": np.repeat(y, 3),
    }
    order = rng.permutation(3 * N)
    return cr.Dataset.from_frames({name: column[order] for name, column in rows.items()})


@pytest.fixture(scope="module")
def graph():
    edges = [(f"{a}_{t}", f"{b}_{t + 1}") for t in (1, 2) for a, b in (("l", "l"), ("a", "l"))]
    edges += [(f"l_{t}", f"a_{t}") for t in (1, 2, 3)] + [(f"a_{t}", "y") for t in (1, 2, 3)] + [("l_3", "y")]
    return cr.CausalGraph([*edges, *(("taste", node) for node in ("l_1", "l_2", "l_3", "y"))], latent=["taste"])


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_effects_of_three_treatments_are_found(name, long, graph):
    table = widen(long, unit="user", time="day", changing=["l", "a"], baseline=["y"])
    plan = sequential_backdoor(graph, ["a_1", "a_2", "a_3"], "y")
    assert plan.adjustment == (("l_1",), ("l_2",), ("l_3",))
    regimes = {"all": 1, "first": (1, 0, 0), "none": 0}
    found = estimate_plan(plan, table, regimes=regimes, estimator=ESTIMATORS[name], graph=graph)
    for regime, truth in (("all", TRUTH), ("first", EARLY)):
        difference = found.difference(regime, "none")
        assert abs(difference.value - truth) < 4 * difference.stderr
        assert difference.stderr < 0.25

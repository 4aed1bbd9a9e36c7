"""What a test for differences between units does to the intervals of their effects."""

from __future__ import annotations

import numpy as np

from causalrec.data import Design
from causalrec.estimation import LinearDRLearner
from causalrec.estimation.heterogeneity.streamed_calibration import calibrated
from tests.estimation.planted import expit

TITLE = "Intervals of single units' effects, with and without the test that decides what is shown"
N_RUNS = 400
N_UNITS = 500
LEVEL = 0.05
SLOPES = (0.0, 0.1, 0.2, 0.3, 0.5)
AGES = np.array([[1.0], [2.0]])
Z = 1.959963984540054


def run(seed: int) -> dict:
    """For each slope: whether the test rejects, and whether own and average intervals hold each unit's effect."""
    return {"found": {str(slope): one(seed, slope) for slope in SLOPES}}


def one(seed: int, slope: float) -> dict:
    """One table whose effect is 1 + slope x age."""
    rng = np.random.default_rng(seed)
    age = rng.normal(size=N_UNITS)
    t = (rng.random(N_UNITS) < expit(0.5 * age)).astype(float)
    y = age + t * (1 + slope * age) + rng.normal(size=N_UNITS)
    rows = Design(y, t[:, None], age[:, None], (), {}, ("shown",), ("age",))
    learner = LinearDRLearner().fit(rows)
    own, truth = learner.effects(AGES), 1 + slope * AGES[:, 0]
    return {
        "rejects": bool(calibrated(LinearDRLearner(), rows).p_value <= LEVEL),
        "own": (np.abs(own.value - truth) <= Z * own.stderr).tolist(),
        "average": (np.abs(learner.value_[0] - truth) <= Z * learner.stderr_[0]).tolist(),
    }


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a slope; figures are for the unit of age 1 and, in brackets, of age 2."""
    return [row(slope, [one["found"][str(slope)] for one in results]) for slope in SLOPES]


def row(slope: float, found: list[dict]) -> dict[str, object]:
    """Shares of intervals that hold the effect."""
    rejects = np.array([one["rejects"] for one in found])
    own, average = (np.array([one[kind] for one in found]) for kind in ("own", "average"))
    shown = np.where(rejects[:, None], own, average)
    return {
        "slope": slope, "test rejects": f"{rejects.mean():.0%}", "own effects always (`level=1`)": _pair(own),
        "the test decides (`level=0.05`)": _pair(shown), "own effects, where the test rejected": _pair(own[rejects]),
    }  # fmt: skip


def _pair(held: np.ndarray) -> str:
    first, second = held.mean(axis=0) if len(held) else (np.nan, np.nan)
    return f"{first:.2f} ({second:.2f})"

"""Whether the intervals of a structural model with networks hold the truth: its effects, and single units."""

from __future__ import annotations

import numpy as np

from causalrec.graph import CausalGraph
from causalrec.structural import Neural, StructuralModel
from causalrec.structural.mechanisms.neural import SMOOTHED
from tests.estimation.planted import exact_interval

TITLE = "Networks as mechanisms: how often their intervals hold the truth"
N_RUNS = 200
FIRST = 20_000  # seeds below were looked at while the study was made
N, N_REFITS, N_UNITS, N_SAMPLES = 300, 10, 50, 2_000
LEVEL = 0.95
START, TO = -0.5, 1.0
COEF = np.array([1.0, 0.5, -0.5])
GRAPH = CausalGraph([("genre", "text"), ("genre", "line"), ("genre", "curve"), ("text", "line"), ("text", "curve")])
WORDS = {
    "line": "a network for the block, a line from it",
    "curve": "a network for the block, and one for what follows from it",
}


def world(seed: int, n: int = N) -> dict[str, np.ndarray]:
    """A genre bends a block of three columns; two outcomes follow from both, and every noise is kept."""
    rng = np.random.default_rng(seed)
    genre = rng.uniform(-1.5, 1.5, n)
    # Columns of a block share half of their noise.
    noise = 0.5 * (rng.normal(size=(n, 1)) + rng.normal(size=(n, 3)))
    text = block(genre) + noise
    errors = rng.normal(size=(2, n))
    outcomes = {name: mean(genre, text) + error for (name, mean), error in zip(MEANS.items(), errors, strict=True)}
    return {"genre": genre, "text": text, **outcomes}


def block(genre: np.ndarray) -> np.ndarray:
    """Mean of the block."""
    return np.column_stack([np.sin(1.5 * genre), genre**2 / 2, genre])


def line(genre: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Mean of an outcome that is linear in the block."""
    return text @ COEF + 0.5 * genre


def curve(genre: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Mean of an outcome that bends in the block."""
    return np.tanh(text[:, 0]) + 0.5 * text[:, 1] ** 2 - 0.5 * text[:, 2] + 0.5 * genre


MEANS = {"line": line, "curve": curve}


def run(seed: int) -> dict:
    """For each outcome: the effect's error in its own errors, and what the intervals of units hold."""
    seed = FIRST + seed
    table = world(seed)
    model = StructuralModel(GRAPH, {"curve": Neural()}, n_refits=N_REFITS, random_state=seed).fit(table)
    return {name: {**_effect(model, name), **_units(model, name, seed)} for name in MEANS}


def _effect(model: StructuralModel, name: str) -> dict[str, float]:
    found, truth = model.effect("genre", name, start=START, to=TO, n_samples=N_SAMPLES), true_effect(name)
    low, high = found.interval(LEVEL)
    return {"error": found.value - truth, "stderr": found.stderr, "holds": float(low <= truth <= high),
            "said": float(SMOOTHED in str(found))}  # fmt: skip


def _units(model: StructuralModel, name: str, seed: int) -> dict[str, float]:
    """New units of the same world, their genre set to `TO` with the noises that they have."""
    units = world(seed + 500_000, N_UNITS)
    text = units["text"] - block(units["genre"]) + block(np.full(N_UNITS, TO))
    mean = MEANS[name]
    truth = units[name] - mean(units["genre"], units["text"]) + mean(np.full(N_UNITS, TO), text)
    found = model.counterfactual(units, {"genre": TO}, outcome=name, level=LEVEL)
    one, inside = found[name], ~found.extrapolated
    held = (one.lower <= truth) & (truth <= one.upper)
    _, low, high = one.average
    return {
        "mean holds": float(low <= (truth - units[name]).mean() <= high), "inside": float(inside.mean()),
        "units hold": float(held[inside].mean()),
    }  # fmt: skip


def true_effect(name: str) -> float:
    """By the world's own equations, the block's noise integrated out.

    A column's noise has variance 1/2: half of it is shared.
    """
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    ends = [block(np.array([level]))[0] for level in (START, TO)]
    noise = points[:, None] * np.sqrt(0.5)
    # Each outcome is a sum over columns, so that columns can be taken one at a time.
    first, second = (
        weights @ MEANS[name](np.full(len(points), level), end + noise) / weights.sum()
        for level, end in zip((START, TO), ends, strict=True)
    )
    return float(second - first)


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row an outcome; "disagree" where intervals hold less than they say and nothing printed warns of it."""
    return [_row(name, [one[name] for one in results]) for name in MEANS]


def _row(name: str, found: list[dict[str, float]]) -> dict[str, object]:
    error, stderr = (np.array([one[key] for one in found]) for key in ("error", "stderr"))
    holds, mean_holds = (sum(one[key] for one in found) for key in ("holds", "mean holds"))
    said = all(one["said"] for one in found)
    highest = [exact_interval(int(count), len(found))[1] for count in (holds, mean_holds)]
    return {
        "outcome": WORDS[name], "runs": len(found), "true effect": f"{true_effect(name):+.3f}",
        "bias": f"{error.mean():+.3f}", "spread": f"{error.std(ddof=1):.3f}", "error": f"{stderr.mean():.3f}",
        "effect held": f"{holds / len(found):.3f}", "mean change of units held": f"{mean_holds / len(found):.3f}",
        "units held": f"{np.mean([one['units hold'] for one in found]):.3f}",
        "extrapolated": f"{1 - np.mean([one['inside'] for one in found]):.3f}",
        "warned of": "yes" if said else "no", "disagree": int(min(highest) < LEVEL and not said),
    }  # fmt: skip

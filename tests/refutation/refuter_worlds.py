"""Tables in which one thing is wrong, at a stated strength, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from causalrec.data import Dataset
from causalrec.data.design import design
from causalrec.estimation import OLS, InfluenceEstimator
from causalrec.estimation.recipe import Recipe
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.controls.exposure import negative_control_exposure
from causalrec.refutation.controls.outcome import negative_control_outcome
from causalrec.refutation.leads.lead import lead
from causalrec.refutation.placebo.dummy_confounder import dummy_confounder
from causalrec.refutation.placebo.outcome import placebo_outcome
from causalrec.refutation.placebo.treatment import placebo_treatment
from causalrec.refutation.refutation import Refutation
from causalrec.refutation.stability.bootstrap import bootstrap_spread
from causalrec.refutation.stability.shared_groups import shared_groups
from causalrec.refutation.stability.subset import random_subset

N = 400
EFFECT = 1.0


@dataclass(frozen=True)
class RefuterWorld:
    """A table with one thing wrong or nothing, and how its effect is asked for."""

    data: Dataset
    estimand: Estimand
    estimator: InfluenceEstimator
    clusters: tuple[str, ...] = ()
    graph: CausalGraph | None = None


@dataclass(frozen=True)
class Refuter:
    """An attack, a world without its violation and one with it, and the violation in words."""

    attack: Callable[[Attacked], Refutation]
    without: Callable[..., RefuterWorld]
    violated: Callable[..., RefuterWorld]
    words: str


def attacked(world, *, estimator=None, n_draws=99, n_jobs=1, random_state=0) -> Attacked:
    """What a battery hands to an attack."""
    recipe = Recipe(estimator or world.estimator, world.clusters)
    rows = design(world.estimand, world.data, clusters=world.clusters)
    effect = recipe.estimate(world.estimand, rows)
    return Attacked(effect, world.data, rows, recipe, world.graph, n_draws, n_jobs, random_state)


def plain(seed, *, n=N, curve_treatment=0.0, curve_outcome=0.0, unequal=0.0, differs=0.5, n_noise=0,
          covariance="HC1", binary=True):  # fmt: skip
    """Three covariates move treatment and outcome; effects differ with the first, errors are as unequal as asked."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    bent = X[:, 0] ** 2 - 1
    push = 0.5 * X[:, 0] - 0.4 * X[:, 1] + curve_treatment * bent
    t = (rng.random(n) < 1 / (1 + np.exp(-push))).astype(float) if binary else push + rng.normal(size=n)
    spread = np.exp(unequal * np.abs(t - t.mean()) / t.std()) if unequal else 1.0
    y = X @ [1.0, 0.5, -0.5] + curve_outcome * bent + (EFFECT + differs * X[:, 0]) * t + spread * rng.normal(size=n)
    noise = {f"noise{k}": rng.normal(size=n) for k in range(n_noise)}
    columns = {"t": t, "y": y, "age": X[:, 0], "price": X[:, 1], "taste": X[:, 2], **noise}
    estimand = Estimand(("t",), "y", "adjustment", ("age", "price", "taste", *noise))
    return RefuterWorld(Dataset.from_frames(pa.table(columns)), estimand, OLS(covariance))


def lines(seed):
    """The treatment is curved in the covariates, the outcome is not; errors are unequal."""
    return plain(seed, curve_treatment=0.5, unequal=0.3)


def curved(seed):
    """Treatment and outcome are both curved in the first covariate."""
    return plain(seed, curve_treatment=0.5, curve_outcome=0.6, unequal=0.3)


def robust(seed):
    """Errors are unequal, and the reported error allows for it."""
    return plain(seed, unequal=0.5, binary=False, differs=0.0)


def classical(seed):
    """Errors grow with the treatment's distance from its mean, and the reported error takes them as equal."""
    return plain(seed, unequal=0.5, binary=False, differs=0.0, covariance="classical")


def few_covariates(seed):
    """Sixty rows, three covariates."""
    return plain(seed, n=60, differs=0.0)


def many_covariates(seed):
    """Sixty rows, fifty-five covariates."""
    return plain(seed, n=60, n_noise=52, differs=0.0)


def grouped(seed, *, n_groups=60, shock=0.0, clustered=False):
    """Groups of eight rows share the treatment and, where there is a shock, part of the error."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), 8)
    X = rng.normal(size=(len(group), 2))
    t = (rng.random(n_groups) < 0.5).astype(float)[group]
    y = X @ [1.0, 0.5] + EFFECT * t + shock * rng.normal(size=n_groups)[group] + rng.normal(size=len(group))
    columns = {"t": t, "y": y, "age": X[:, 0], "price": X[:, 1], "store": group}
    estimand = Estimand(("t",), "y", "adjustment", ("age", "price"))
    return RefuterWorld(Dataset.from_frames(pa.table(columns)), estimand, OLS(), ("store",) if clustered else ())


def apart(seed):
    """Groups share the treatment, and their errors are independent."""
    return grouped(seed)


def together(seed):
    """Groups of eight share the treatment and a shock of 0.6 of the error's spread, and no cluster covers them."""
    return grouped(seed, shock=0.6)


def panel(seed, *, hidden=0.0, n_units=100, n_weeks=5):
    """Users over weeks with effects of their own on the outcome; a hidden cause of both lasts."""
    rng = np.random.default_rng(seed)
    user, week = np.repeat(np.arange(n_units), n_weeks), np.tile(np.arange(n_weeks), n_units)
    x, lasting, own = rng.normal(size=len(user)), rng.normal(size=n_units)[user], rng.normal(size=n_units)[user]
    t = (rng.random(len(user)) < 1 / (1 + np.exp(-(0.5 * x + hidden * lasting)))).astype(float)
    y = x + EFFECT * t + hidden * lasting + 0.5 * own + rng.normal(size=len(user))
    columns = {"t": t, "y": y, "x": x, "user": user, "week": week}
    data = Dataset.from_frames(pa.table(columns), times={"t": "week"})
    return RefuterWorld(data, Estimand(("t",), "y", "adjustment", ("x",)), OLS(), ("user",))


def panel_hidden(seed):
    """A cause that lasts moves the log odds of treatment by 1 and the outcome by 1."""
    return panel(seed, hidden=1.0)


GRAPH = CausalGraph([
    ("x", "t"), ("x", "y"), ("x", "past"), ("x", "views"), ("push", "t"), ("nudge", "t"), ("t", "y"),
])  # fmt: skip


def controlled(seed, *, hidden=0.0, n=N):
    """Two outcomes that the treatment cannot move, two causes of the treatment alone; a hidden cause of all."""
    rng = np.random.default_rng(seed)
    x, u, push, nudge = rng.normal(size=(4, n))
    odds = 0.5 * x + 0.9 * push + 0.9 * nudge + hidden * u
    t = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    y = x + (EFFECT + 0.5 * x) * t + 2 * hidden * u + (1 + 0.3 * np.abs(x)) * rng.normal(size=n)
    past, views = x + hidden * u + rng.normal(size=n), -x + 0.5 * hidden * u + rng.normal(size=n)
    columns = {"t": t, "y": y, "x": x, "past": past, "views": views, "push": push, "nudge": nudge}
    estimand = Estimand(("t",), "y", "adjustment", ("x",))
    return RefuterWorld(Dataset.from_frames(pa.table(columns)), estimand, OLS(), graph=GRAPH)


def controlled_hidden(seed):
    """A hidden cause moves the log odds of treatment by 1, the controls by 1 and 0.5."""
    return controlled(seed, hidden=1.0)


def controlled_strong(seed):
    """A hidden cause moves the log odds of treatment by 2 and the outcome by 4 of its error's spread."""
    return controlled(seed, hidden=2.0)


REFUTERS: dict[str, Refuter] = {
    "placebo treatment": Refuter(placebo_treatment, apart, together, together.__doc__),
    "placebo outcome": Refuter(placebo_outcome, lines, curved, curved.__doc__),
    "dummy confounder": Refuter(dummy_confounder, few_covariates, many_covariates, many_covariates.__doc__),
    "random subset": Refuter(random_subset, robust, classical, classical.__doc__),
    "bootstrap": Refuter(bootstrap_spread, apart, together, together.__doc__),
    "shared groups": Refuter(shared_groups, apart, together, together.__doc__),
    "lead": Refuter(lead, panel, panel_hidden, panel_hidden.__doc__),
    "negative control outcome": Refuter(negative_control_outcome, controlled, controlled_hidden,
                                        controlled_hidden.__doc__),
    "negative control exposure": Refuter(negative_control_exposure, controlled, controlled_strong,
                                         controlled_strong.__doc__),
}  # fmt: skip
"""Attacks on flat tables; dummy confounder has its level at the edge of its null, far from the world without."""


def rate(attack, world, n_runs, first=0, **given):
    """Share of worlds in which an attack fails the effect; none may be not applicable."""
    found = [attack(attacked(world(seed), **given)).verdict for seed in range(first, first + n_runs)]
    assert "not applicable" not in found
    return found.count("failed") / n_runs

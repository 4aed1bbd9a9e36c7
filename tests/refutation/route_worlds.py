"""Planted worlds for attacks by other routes, overlap and specification: without their violation, and with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from causalrec.data import Dataset
from causalrec.estimation import IPW, OLS, InteractiveDML, estimate_effect
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand
from causalrec.refutation import Attacked, Refutation
from causalrec.refutation.overlap.balance import covariate_balance
from causalrec.refutation.overlap.extrapolation import extrapolation
from causalrec.refutation.overlap.propensity import propensity_overlap
from causalrec.refutation.routes.leave_one_out import leave_one_out
from causalrec.refutation.routes.other_sets import other_sets
from causalrec.refutation.routes.other_strategies import other_strategies
from causalrec.refutation.specification.other_specifications import other_specifications

N = 400
EFFECT = 1.0


def attacked(columns, adjustment, graph=None, *, estimator=None, target="ATE", clusters=(), strategy="adjustment",
             **given: Any) -> Attacked:  # fmt: skip
    """An effect of `t` on `y`, ready to be attacked."""
    data = Dataset.from_frames(columns)
    estimand = Estimand(("t",), "y", strategy, adjustment=tuple(adjustment), **given)
    effect = estimate_effect(estimand, data, estimator=estimator, target=target, clusters=clusters)
    assert effect.recipe is not None
    return Attacked(effect, data, effect.recipe.columns(estimand, data), effect.recipe, graph)


def treated(rng, odds):
    """1 with these log odds, else 0."""
    return (rng.random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(float)


CHAIN = CausalGraph([("a", "t"), ("a", "b"), ("b", "y"), ("t", "y")])


def chain(seed, *, forgotten=0.0, adjustment=("b",), n=N, estimator=None):
    """a moves t, and y through b; with `forgotten` a moves y around b too, which the graph does not know."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b, t = 0.7 * a + rng.normal(size=n), treated(rng, 0.8 * a)
    y = EFFECT * t + b + forgotten * a + rng.normal(size=n)
    columns = {"a": a, "b": b, "t": t, "y": y}
    return attacked(columns, adjustment, CHAIN, estimator=estimator or InteractiveDML())


ENCOURAGED = CausalGraph([("z", "t"), ("w", "t"), ("x", "t"), ("x", "y"), ("t", "y")])


def encouraged(seed, *, around=0.0, hidden=0.0, n=N, **given):
    """Two instruments z and w; with `around` z moves y past t, with `hidden` t and y share an unseen cause."""
    rng = np.random.default_rng(seed)
    x, z, w, u = rng.normal(size=(4, n))
    t = 0.6 * z + 0.6 * w + 0.5 * x + hidden * u + rng.normal(size=n)
    y = EFFECT * t + 0.7 * x + around * z + hidden * u + rng.normal(size=n)
    return attacked({"x": x, "z": z, "w": w, "t": t, "y": y}, ("x",), ENCOURAGED, estimator=OLS(), **given)


MEDIATED = CausalGraph([("x", "t"), ("x", "y"), ("t", "m"), ("m", "y")])


def mediated(seed, *, around=0.0, n=N):
    """The whole effect of t passes through m; with `around` a part of it goes another way."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t = 0.7 * x + rng.normal(size=n)
    m = t + rng.normal(size=n)
    y = EFFECT * m + x + around * t + rng.normal(size=n)
    return attacked({"x": x, "m": m, "t": t, "y": y}, ("x",), MEDIATED, estimator=OLS())


BESIDE = CausalGraph([("x", "t"), ("x", "y"), ("c", "y"), ("t", "y")])


def beside(seed, *, forgotten=0.0, n=N):
    """c moves y alone; with `forgotten` it moves t too, which the graph does not know."""
    rng = np.random.default_rng(seed)
    x, c = rng.normal(size=(2, n))
    t = treated(rng, 0.5 * x + forgotten * c)
    y = EFFECT * t + x + c + rng.normal(size=n)
    return attacked({"x": x, "c": c, "t": t, "y": y}, ("x",), BESIDE, estimator=IPW())


def sorted_arms(seed, *, slope=0.7, n=N, target="ATE", estimator=None):
    """Log odds of treatment that rise with `slope` in x: at 6 hardly anybody has a counterpart."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t = treated(rng, slope * x)
    return attacked({"x": x, "t": t, "y": EFFECT * t + x + rng.normal(size=n)}, ("x",), estimator=estimator or OLS(),
                    target=target)  # fmt: skip


def barred(seed, *, region=False, n=N):
    """Treatment by lot; with `region` nobody who is married and has more than .5 in x can have it."""
    rng = np.random.default_rng(seed)
    x, married = rng.normal(size=n), (rng.random(n) < 0.5).astype(float)
    t = (rng.random(n) < 0.4).astype(float)
    if region:
        t[(x > 0.5) & (married == 1)] = 0.0
    y = EFFECT * t + x + married + rng.normal(size=n)
    return attacked({"x": x, "married": married, "t": t, "y": y}, ("x", "married"), estimator=OLS())


def curved(seed, *, bend=0.0, effect=EFFECT, n=N, estimator=None):
    """x is skewed; with `bend` the outcome follows its square too, and a line in x is wrong."""
    rng = np.random.default_rng(seed)
    x = rng.exponential(size=n)
    t = treated(rng, 0.8 * (x - 1))
    y = effect * t + x + bend * x**2 + rng.normal(size=n)
    return attacked({"x": x, "t": t, "y": y}, ("x",), estimator=estimator or OLS())


World = Callable[[int], Attacked]

# Attack, a world without what it can see and one with it, and the violation in words.
ROUTES: dict[str, tuple[Callable[[Attacked], Refutation], World, World, str]] = {
    "other adjustment sets": (
        other_sets, chain, lambda seed: chain(seed, forgotten=0.6),
        "the graph forgets that a confounder reaches the outcome another way, .6 standard deviations",
    ),
    "leave one covariate out": (
        leave_one_out, lambda seed: chain(seed, adjustment=("a", "b")),
        lambda seed: chain(seed, adjustment=("a", "b"), forgotten=0.6),
        "the same, and the covariate that closes it is taken to be spare",
    ),
    "other strategies: an instrument around the treatment": (
        other_strategies, encouraged, lambda seed: encouraged(seed, around=0.3),
        "an instrument moves the outcome by .3 past the treatment",
    ),
    "other strategies: a hidden confounder": (
        other_strategies, encouraged, lambda seed: encouraged(seed, hidden=0.9),
        "an unseen cause moves treatment and outcome by .9 each",
    ),
    "other strategies: a way past the mediator": (
        other_strategies, mediated, lambda seed: mediated(seed, around=0.3),
        "a third of the effect does not pass through the mediator of the front door",
    ),
    "balance": (
        covariate_balance, beside, lambda seed: beside(seed, forgotten=0.5),
        "a covariate that was not adjusted for moves the treatment's log odds by .5 a standard deviation",
    ),
    "propensity overlap": (
        propensity_overlap, sorted_arms, lambda seed: sorted_arms(seed, slope=6.0),
        "log odds of treatment that rise by 6 a standard deviation of the covariate",
    ),
    "extrapolation": (
        extrapolation, barred, lambda seed: barred(seed, region=True),
        "nobody is treated where two covariates meet, 15% of the units",
    ),
    "specification curve": (
        other_specifications, lambda seed: chain(seed, estimator=OLS()),
        lambda seed: chain(seed, estimator=OLS(), forgotten=0.8),
        "the graph forgets that a confounder reaches the outcome another way, .8 standard deviations",
    ),
}  # fmt: skip

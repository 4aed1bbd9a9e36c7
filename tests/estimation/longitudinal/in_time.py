"""Worlds with confounders that earlier treatments move, whose effects are known."""

import numpy as np

from causalrec.estimation.longitudinal.sequential_design import SequentialDesign
from causalrec.graph import CausalGraph
from tests.estimation.planted import exact_interval, expit

GRAPH = CausalGraph(
    [
        ("taste", "l0"), ("taste", "l1"), ("taste", "y"), ("l0", "a0"), ("l0", "l1"), ("a0", "l1"), ("a0", "a1"),
        ("l1", "a1"), ("a0", "y"), ("a1", "y"), ("l1", "y"),
    ],
    latent=["taste"],
)  # fmt: skip
MOVES, PATH = -1.0, 0.8  # what a0 does to l1, and l1 to y
JOINT = 1.0 + MOVES * PATH + 1.0
CELLS = (  # Hernán, Robins, What If, table 20.1: units, A0, L1, A1, mean of Y
    (2400, 0, 0, 0, 84), (1600, 0, 0, 1, 84), (2400, 0, 1, 0, 52), (9600, 0, 1, 1, 52),
    (4800, 1, 0, 0, 76), (3200, 1, 0, 1, 76), (1600, 1, 1, 0, 44), (6400, 1, 1, 1, 44),
)  # fmt: skip


def linear(seed=0, n=400, *, curved_outcome=False, curved_treatment=False, n_per_cluster=0):
    """Columns of a world in which main terms are right, but for curves; the effect of always against never is JOINT."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=n)
    codes = np.arange(n) // max(n_per_cluster, 1)
    shock = rng.normal(size=n)[codes] * 0.8 if n_per_cluster else 0.0
    lean = rng.normal(size=n)[codes] * 0.8 if n_per_cluster else 0.0
    l0 = 0.6 * taste + lean + rng.normal(size=n)
    a0 = (rng.random(n) < expit(0.7 * l0 + (0.6 * (l0**2 - 1) if curved_treatment else 0))).astype(float)
    l1 = 0.5 * l0 + 0.6 * taste + MOVES * a0 + rng.normal(size=n)
    bent = 0.3 * (l1**2 - 2) if curved_treatment else 0
    a1 = (rng.random(n) < expit(0.7 * l1 + 0.5 * a0 + bent)).astype(float)
    curve = 1.2 * np.cos(2 * l0) if curved_outcome else 0.0
    y = a0 + a1 + PATH * l1 + 1.2 * taste + curve + shock + rng.normal(size=n)
    columns = {"l0": l0, "a0": a0, "l1": l1, "a1": a1, "y": y}
    return columns | {"shop": codes} if n_per_cluster else columns


def design(columns, *, covariates=(("l0",), ("l1",)), weight=None):
    """The columns as a sequential design; clusters are the column `shop`, where there is one."""
    names = [name for at in covariates for name in at]
    treatments = np.column_stack([columns["a0"], columns["a1"]]).astype(float)
    X = np.column_stack([columns[name] for name in names]) if names else np.empty((len(treatments), 0))
    clusters = {"shop": columns["shop"]} if "shop" in columns else {}
    at = np.repeat(np.arange(2), [len(names) for names in covariates])
    return SequentialDesign(
        np.asarray(columns["y"], float), treatments, X.astype(float), (), clusters, ("a0", "a1"), tuple(names),
        weight=weight, at=at,
    )  # fmt: skip


def chances():
    """Chances of l0, a0, l1, a1 and y of a world of zeros and ones, each a function of what came before."""
    return (
        lambda: 0.4,
        lambda l0: expit(-0.4 + 0.9 * l0),
        lambda l0, a0: expit(-0.2 + 0.8 * l0 - 0.9 * a0 + 0.5 * l0 * a0),
        lambda l0, a0, l1: expit(-0.5 + 1.1 * l1 + 0.4 * a0),
        lambda l0, a0, l1, a1: expit(-1 + 0.7 * a0 + 0.6 * a1 + 1.0 * l1 - 1.1 * l1 * a1 + 0.4 * l0),
    )


def binary(seed=0, n=600):
    """Columns of the world of zeros and ones."""
    rng = np.random.default_rng(seed)
    past = []
    for chance in chances():
        past.append((rng.random(n) < chance(*past)).astype(float))
    return dict(zip(("l0", "a0", "l1", "a1", "y"), past, strict=True))


def binary_truth(first, second):
    """Mean outcome when a0 is first(l0) and a1 is second(l0, l1), by adding up all cases."""
    of_l0, _, of_l1, _, of_y = chances()
    total = 0.0
    for l0 in (0, 1):
        a0 = first(l0)
        for l1 in (0, 1):
            share = of_l0() if l0 else 1 - of_l0()
            share *= of_l1(l0, a0) if l1 else 1 - of_l1(l0, a0)
            total += share * of_y(l0, a0, l1, second(l0, l1))
    return total


def textbook():
    """The rows of table 20.1, 32,000 of them."""
    counts = [cell[0] for cell in CELLS]
    columns = zip(*(cell[1:] for cell in CELLS), strict=True)
    return {
        n: np.repeat(column, counts).astype(float) for n, column in zip(("A0", "L1", "A1", "Y"), columns, strict=True)
    }


def runs(make, estimator, regimes, n_runs):
    """Difference of the first and the last regime, its error, and the quantile of its interval, by run."""
    from scipy.stats import t

    found = []
    for seed in range(n_runs):
        fitted = estimator.fit(design(make(seed)), regimes)
        covariance, dof = fitted._covariance()
        contrast = np.zeros(len(fitted.value_))
        contrast[[0, -1]] = 1.0, -1.0
        found.append((contrast @ fitted.value_, (contrast @ covariance @ contrast) ** 0.5, t.ppf(0.975, dof)))
    return np.array(found).T


def refuse_coverage(make, estimator, regimes, truth, n_runs):
    """Coverage at its level, no bias, and errors as wide as the spread of the estimates."""
    value, stderr, quantile = runs(make, estimator, regimes, n_runs)
    covered = int((np.abs(value - truth) <= quantile * stderr).sum())
    low, high = exact_interval(covered, n_runs)
    assert low <= 0.95 <= high, f"{covered} of {n_runs} intervals cover"
    assert abs(value.mean() - truth) < 4 * value.std() / np.sqrt(n_runs)
    assert 0.8 < value.std() / np.sqrt((stderr**2).mean()) < 1.25


IF_LOW = {"if low": (lambda past: 1 - past["l0"], lambda past: 1 - past["l1"]), "never": 0}
RULE = binary_truth(lambda l0: 1 - l0, lambda l0, l1: 1 - l1) - binary_truth(lambda l0: 0, lambda l0, l1: 0)
STATIC = binary_truth(lambda l0: 1, lambda l0, l1: 1) - binary_truth(lambda l0: 0, lambda l0, l1: 0)

import numpy as np
import pytest

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.estimation.formulas.plug_in import PlugIn
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand, identify
from tests.estimation.planted import exact_interval
from tests.identification.discrete_models import DiscreteModel

N_RUNS = 300
GRAPHS = {
    "adjustment": CausalGraph([("z", "x"), ("z", "y"), ("x", "y"), ("w", "z"), ("w", "y")]),
    "frontdoor": CausalGraph([("x", "m"), ("m", "y")], bidirected=[("x", "y")]),
    "id": CausalGraph([("w", "r"), ("r", "x"), ("x", "y")], bidirected=[("w", "x"), ("w", "y")]),
}


SEEDS = {"adjustment": 0, "frontdoor": 0, "id": 7}  # no cell is rare


def model_of(strategy, seed=None):
    return DiscreteModel.random(
        GRAPHS[strategy], np.random.default_rng(SEEDS[strategy] if seed is None else seed), n_levels=(2,)
    )


def truth_of(model):
    return model.effect(["x"], ["y"]).at(y=1).table @ [-1, 1]


def sample(model, n, rng, per_cluster=1):
    """Rows of the measured variables; those of a cluster are copies."""
    joint = model.observed().table
    cell = rng.choice(joint.size, size=n // per_cluster, p=joint.ravel()).repeat(per_cluster)
    return dict(zip(model.measured, np.unravel_index(cell, joint.shape), strict=True))


def runs(strategy, make, n, per_cluster=1, n_runs=N_RUNS):
    model, found = model_of(strategy), []
    estimand = identify(GRAPHS[strategy], "x", "y")
    assert estimand.strategy == strategy
    for seed in range(n_runs):
        rows = sample(model, n, np.random.default_rng(seed), per_cluster)
        clusters = {"user": np.arange(n) // per_cluster} if per_cluster > 1 else {}
        effect = make().fit_columns(rows, estimand, clusters=clusters).effect(estimand)
        found.append((effect.value - truth_of(model), effect.stderr, *effect.interval()))
    return np.array(found).T


@pytest.mark.parametrize(
    ("strategy", "n", "make", "per_cluster"),
    [
        ("adjustment", 300, PlugIn, 1), ("frontdoor", 300, PlugIn, 1), ("id", 500, PlugIn, 1),
        ("adjustment", 600, PlugIn, 3), ("frontdoor", 600, PlugIn, 3),
    ],
)  # fmt: skip
def test_intervals_cover_and_are_not_conservative(strategy, n, make, per_cluster):
    error, stderr, lower, upper = runs(strategy, make, n, per_cluster)
    covered = int((np.abs(error) <= (upper - lower) / 2).sum())
    low, high = exact_interval(covered, len(error))
    assert low <= 0.95 <= high, f"{covered} of {len(error)} intervals cover"
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))
    assert 0.85 < error.std() / np.sqrt((stderr**2).mean()) < 1.15


def test_intervals_of_the_bootstrap_cover():
    error, stderr, lower, upper = runs("frontdoor", lambda: PlugIn("bootstrap", n_draws=50), 300, n_runs=100)
    low, high = exact_interval(int((np.abs(error) <= (upper - lower) / 2).sum()), len(error))
    assert low <= 0.95 <= high
    assert 0.8 < error.std() / np.sqrt((stderr**2).mean()) < 1.25


@pytest.mark.parametrize("strategy", GRAPHS)
def test_many_rows_give_the_truth(strategy):
    for seed in range(5):
        model = model_of(strategy, seed)
        rows = sample(model, 200_000, np.random.default_rng(seed))
        found = PlugIn().fit_columns(rows, identify(GRAPHS[strategy], "x", "y"))
        assert abs(found.value_[0] - truth_of(model)) < 4 * found.stderr_[0] < 0.2
        for level, mean in found.means_.items():
            truth = model.effect(["x"], ["y"]).at(y=1, x=level).table
            assert abs(mean - truth) < 4 * found.mean_stderrs_[level]


def test_influence_of_adjustment_is_the_efficient_one():
    rng = np.random.default_rng(0)
    z, x = rng.integers(0, 4, 500), rng.integers(0, 2, 500)
    y = rng.poisson(1 + z * x).astype(float)
    found = PlugIn().fit_columns({"z": z, "x": x, "y": y}, Estimand(("x",), "y", "adjustment", adjustment=("z",)))
    e, mu = np.empty(500), np.empty((2, 500))
    for stratum in range(4):
        own = z == stratum
        e[own] = x[own].mean()
        for arm in (0, 1):
            mu[arm, own] = y[own & (x == arm)].mean()
    score = mu[1] - mu[0] + x * (y - mu[1]) / e - (1 - x) * (y - mu[0]) / (1 - e)
    np.testing.assert_allclose(found.value_[0], score.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.influence_[:, 0], score - score.mean(), rtol=1e-6, atol=1e-8)


def test_influence_of_the_front_door_is_the_efficient_one():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, 800)
    m = (rng.random(800) < 0.3 + 0.4 * x).astype(int)
    y = rng.binomial(2, 0.2 + 0.5 * m * x)
    estimand = Estimand(("x",), "y", "frontdoor", mediators=("m",))
    found = PlugIn().fit_columns({"x": x, "m": m, "y": y}, estimand)
    cells = {(a, b): (x == a) & (m == b) for a in (0, 1) for b in (0, 1)}
    mu = {cell: y[own].mean() for cell, own in cells.items()}
    f = {(a, b): m[x == a].mean() if b else 1 - m[x == a].mean() for a, b in cells}
    share = [1 - x.mean(), x.mean()]
    xi = {b: sum(mu[a, b] * share[a] for a in (0, 1)) for b in (0, 1)}
    scores = []
    for arm in (0, 1):  # Fulcher, Shpitser, Marealle, Tchetgen Tchetgen (2020), without covariates
        mean = sum(xi[b] * f[arm, b] for b in (0, 1))
        first = np.array([(y[i] - mu[x[i], m[i]]) * f[arm, m[i]] / f[x[i], m[i]] for i in range(800)])
        second = (x == arm) / share[arm] * (np.where(m == 1, xi[1], xi[0]) - mean)
        third = np.array([sum(mu[x[i], b] * f[arm, b] for b in (0, 1)) for i in range(800)])
        scores.append(first + second + third)
    score = scores[1] - scores[0]
    np.testing.assert_allclose(found.value_[0], score.mean(), rtol=1e-10)
    np.testing.assert_allclose(found.influence_[:, 0], score - score.mean(), rtol=1e-6, atol=1e-8)


def test_a_design_gives_what_its_columns_give():
    rng = np.random.default_rng(2)
    x, z, m = rng.integers(0, 2, (3, 400)).astype(float)
    y = rng.integers(0, 3, 400) + x * z
    columns, empty = {"x": x, "y": y, "z": z, "m": m}, np.empty((400, 0))
    rows = Design(y, x[:, None], z[:, None], (), {"user": np.arange(400) // 4}, ("x",))
    by_columns = PlugIn().fit_columns(
        columns, Estimand(("x",), "y", "adjustment", adjustment=("z",)), clusters=rows.clusters
    )
    np.testing.assert_allclose(PlugIn().fit(rows).value_, by_columns.value_, rtol=1e-10)
    np.testing.assert_allclose(PlugIn().fit(rows).stderr_, by_columns.stderr_, rtol=1e-7)
    through = Design(y, x[:, None], empty, (), {}, ("x",), mediators=m[:, None])
    by_columns = PlugIn().fit_columns(columns, Estimand(("x",), "y", "frontdoor", mediators=("m",)))
    np.testing.assert_allclose(PlugIn().fit(through).value_, by_columns.value_, rtol=1e-10)


@pytest.mark.parametrize("error", ["influence", "bootstrap"])
def test_any_order_of_rows_and_any_names_of_levels(error):
    rows = sample(model_of("frontdoor"), 400, np.random.default_rng(0))
    weight = np.random.default_rng(1).integers(0, 3, 400).astype(float)
    estimand, order = identify(GRAPHS["frontdoor"], "x", "y"), np.random.default_rng(2).permutation(400)
    first = PlugIn(error).fit_columns(rows, estimand, weight=weight)
    words = {name: np.array(["no", "yes"])[c] if name != "y" else c * 8 + 3 for name, c in rows.items()}
    again = PlugIn(error).fit_columns({n: c[order] for n, c in words.items()}, estimand, weight=weight[order])
    np.testing.assert_allclose(again.value_, 8 * first.value_, rtol=1e-9)
    np.testing.assert_allclose(again.stderr_, 8 * first.stderr_, rtol=1e-7)
    repeated = {name: column.repeat(weight.astype(int)) for name, column in rows.items()}
    np.testing.assert_allclose(PlugIn().fit_columns(repeated, estimand).value_, first.value_, rtol=1e-9)


def test_several_treatments_and_several_levels():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 2, 600), rng.integers(0, 3, 600)
    y = a + 2 * (b == 2) + rng.integers(0, 2, 600)
    rows, estimand = {"a": a, "b": b, "y": y}, Estimand(("a", "b"), "y", "adjustment")
    with pytest.raises(EstimationError, match=r"'b' has the values.*contrast="):
        PlugIn().fit_columns(rows, estimand)
    found = PlugIn(contrast=((0, 0), (1, 2))).fit_columns(rows, estimand)
    both = y[(a == 1) & (b == 2)].mean() - y[(a == 0) & (b == 0)].mean()
    assert found.value_[0] == pytest.approx(both)
    assert len(found.means_) == 6
    with pytest.raises(DataError, match="contrast names"):
        PlugIn(contrast=((0, 0), (1, 7))).fit_columns(rows, estimand)


def test_refusals():
    estimand = Estimand(("x",), "y", "adjustment", adjustment=("z",))
    rows = {"x": [0, 1, 0, 0] * 9, "z": [0, 0, 1, 1] * 9, "y": [0, 1, 1, 0] * 9}
    with pytest.raises(EstimationError, match=r"no positivity.*x = 1, z = 1"):
        PlugIn().fit_columns(rows, estimand)
    good = {**rows, "x": [0, 1, 0, 1] * 9}
    with pytest.raises(MissingColumnsError, match="'z'"):
        PlugIn().fit_columns({"x": rows["x"], "y": rows["y"]}, estimand)
    with pytest.raises(EstimationError, match="an outcome is a number"):
        PlugIn().fit_columns({**good, "y": ["a", "b"] * 18}, estimand)
    with pytest.raises(EstimationError, match="nothing to compare"):
        PlugIn().fit_columns({**good, "x": [1] * 36}, estimand)
    with pytest.raises(EstimationError, match="misses 1 values"):
        PlugIn().fit_columns({**good, "y": [np.nan, *rows["y"][1:]]}, estimand)
    with pytest.raises(EstimationError, match="nothing repeats"):
        PlugIn().fit_columns({**good, "z": np.arange(36)}, estimand)
    with pytest.raises(EstimationError, match="two-stage least squares"):
        PlugIn().fit_columns(good, Estimand(("x",), "y", "instrument", instruments=("z",)))
    with pytest.raises(DataError, match="error is 'jackknife'"):
        PlugIn("jackknife").fit_columns(good, estimand)
    rng = np.random.default_rng(0)
    many = {"x": rng.integers(0, 2, 40_000), "y": rng.integers(0, 900, 40_000), "z": rng.integers(0, 60, 40_000)}
    with pytest.raises(EstimationError, match="too many"):
        PlugIn().fit_columns(many, estimand)

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork, counts
from causalrec.structural.bayesian_network.columns import codes_of
from tests.structural.bayesian_network.networks import (
    SHOP,
    SHOP_LEVELS,
    enumerated,
    random_network,
    rows_of,
    shop,
    with_gaps,
)

LINE = CausalGraph([("shown", "bought")])


def holed(network, n, seed, share=0.3):
    rng = np.random.default_rng(seed)
    rows = rows_of(network, n, seed)
    return Dataset.from_frames(
        {name: [None if rng.random() < share else value for value in values] for name, values in rows.items()}
    )


def levels_of(network):
    return {name: network.table(name).levels[-1] for name in network.graph.nodes}


@pytest.mark.parametrize("seed", range(6))
def test_log_likelihood_equals_enumeration(seed):
    network = random_network(seed)
    data = holed(network, 25, seed)
    chances, expected = enumerated(network), 0.0
    for row in zip(*data.tables["interactions"].to_pydict().values(), strict=True):
        fits = (
            chance
            for values, chance in chances.items()
            if all(seen is None or seen == value for seen, value in zip(row, values, strict=True))
        )
        expected += np.log(sum(fits))
    assert network.log_likelihood(data) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_no_step_lowers_the_objective(seed):
    network = random_network(seed)
    found = BayesianNetwork(network.graph, levels=levels_of(network), tol=1e-5, n_draws=100)
    steps = np.array(found.fit(holed(network, 300, seed)).objective_)
    assert len(steps) > 3
    assert (np.diff(steps) > -1e-9 * np.abs(steps[:-1])).all()


def test_with_hardly_a_prior_no_step_lowers_the_log_likelihood():
    network = BayesianNetwork(SHOP, levels=SHOP_LEVELS, prior=1e-12, tol=1e-5, n_draws=100)
    network.fit(with_gaps(rows_of(shop(), 500, 1), 1))
    assert (np.diff(network.objective_) > -1e-8).all()
    assert network.objective_[-1] == pytest.approx(network.log_likelihood_, abs=1e-6)


def test_the_limit_is_the_maximum_that_a_general_optimiser_finds():
    from scipy.optimize import minimize

    shown = [0, 0, 0, None, None, 1, 1, 1, 1, None, 0, 1]
    bought = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1, None, None]
    network = BayesianNetwork(LINE, prior=1.0, tol=1e-12).fit(Dataset.from_frames({"shown": shown, "bought": bought}))

    def loss(logits):
        p, rates = (1 / (1 + np.exp(-part)) for part in (logits[0], logits[1:]))
        marginal, table = np.array([1 - p, p]), np.column_stack([1 - rates, rates])
        total = np.log(marginal).sum() + np.log(table).sum()
        for a, b in zip(shown, bought, strict=True):
            rows = [0, 1] if a is None else [a]
            total += np.log(sum(marginal[k] * (1.0 if b is None else table[k, b]) for k in rows))
        return -total

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-10})
    p, *rates = 1 / (1 + np.exp(-best.x))
    assert network.tables_["shown"][1] == pytest.approx(p, abs=1e-6)
    np.testing.assert_allclose(network.tables_["bought"][:, 1], rates, atol=1e-6)
    assert network.objective_[-1] == pytest.approx(-best.fun, abs=1e-9)


def test_missing_values_without_observed_effects_change_nothing():
    rows = rows_of(shop(), 200, 4)
    lost = [None if k % 3 == 0 else value for k, value in enumerate(rows["purchase"])]
    network = BayesianNetwork(SHOP, levels=SHOP_LEVELS).fit(Dataset.from_frames({**rows, "purchase": lost}))
    full = BayesianNetwork(SHOP, levels=SHOP_LEVELS).fit(Dataset.from_frames(rows))
    kept = {name: [v for k, v in enumerate(values) if k % 3] for name, values in rows.items()}
    part = BayesianNetwork(SHOP, levels=SHOP_LEVELS).fit(Dataset.from_frames(kept))
    assert len(network.objective_) == 1
    np.testing.assert_allclose(network.tables_["attention"], full.tables_["attention"])
    np.testing.assert_allclose(network.tables_["purchase"], part.tables_["purchase"])


def test_missing_at_random_is_mended_where_complete_rows_mislead():
    data = with_gaps(rows_of(shop(), 30_000, 7), 7)
    rows = data.tables["interactions"].to_pylist()
    whole = [row for row in rows if None not in row.values()]
    complete = Dataset.from_frames({name: [row[name] for row in whole] for name in SHOP.nodes})
    truth = shop().query("purchase").probability({"purchase": 1})
    mended = BayesianNetwork(SHOP, levels=SHOP_LEVELS, n_draws=100, tol=1e-5).fit(data).query("purchase")
    naive = BayesianNetwork(SHOP, levels=SHOP_LEVELS, n_draws=100).fit(complete).query("purchase")
    assert abs(mended.probability({"purchase": 1}) - truth) < 4 * mended.stderr_of({"purchase": 1})
    assert abs(naive.probability({"purchase": 1}) - truth) > 20 * naive.stderr_of({"purchase": 1})


def test_the_posterior_with_gaps_equals_that_by_integration():
    shown = [0] * 6 + [1] * 5 + [None] * 8
    bought = [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1] + [1] * 6 + [0] * 2
    network = BayesianNetwork(LINE, prior=1.0, n_draws=20_000).fit(
        Dataset.from_frames({"shown": shown, "bought": bought})
    )
    grid = (np.arange(120) + 0.5) / 120
    p, low, high = np.meshgrid(grid, grid, grid, indexing="ij")
    weight = np.ones_like(p)
    for a, b in zip(shown, bought, strict=True):
        rates = (low, high) if b else (1 - low, 1 - high)
        weight *= {0: (1 - p) * rates[0], 1: p * rates[1], None: (1 - p) * rates[0] + p * rates[1]}[a]
    weight /= weight.sum()
    effect = network.effect("shown", "bought")
    mean = (weight * (high - low)).sum()
    assert effect.draws.mean() == pytest.approx(mean, abs=0.01)
    assert effect.stderr == pytest.approx(np.sqrt((weight * (high - low - mean) ** 2).sum()), rel=0.03)
    share = network.query("shown").stderr_of({"shown": 1})
    assert share == pytest.approx(np.sqrt((weight * p**2).sum() - (weight * p).sum() ** 2), rel=0.03)


def test_too_many_ways_to_fill_in_are_refused(monkeypatch):
    monkeypatch.setattr(counts, "MAX_COMPLETIONS", 5)
    with pytest.raises(DataError, match="miss season, attention together, which can be filled in in 6 ways"):
        BayesianNetwork(SHOP, levels=SHOP_LEVELS).fit(with_gaps(rows_of(shop(), 400, 1), 1))


def test_rows_a_few_at_a_time_give_the_same(monkeypatch):
    from causalrec.structural.bayesian_network import completion

    network = random_network(3)
    data = holed(network, 200, 3)
    codes, weights = codes_of(network._fitted, data), np.ones(200)
    whole = counts.observed_log_likelihood(counts.counted(network._fitted, codes, weights), network._tables)
    monkeypatch.setattr(completion, "CHUNK", 7)
    parts = counts.observed_log_likelihood(counts.counted(network._fitted, codes, weights), network._tables)
    assert whole == pytest.approx(parts, rel=1e-12)

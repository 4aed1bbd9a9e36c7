import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.structural.bayesian_network import BayesianNetwork
from tests.estimation.planted import exact_interval
from tests.structural.bayesian_network.networks import SHOP, SHOP_LEVELS, rows_of, shop, with_gaps

N_RUNS, N_ROWS = 200, 1_500


@pytest.mark.parametrize("gaps", [False, True])
def test_intervals_cover_the_truth(gaps):
    truth, within = shop(), np.zeros(3)
    expected = [truth.effect("display", "purchase").value]
    asked = [("purchase", {"season": "high"}, 1), ("season", {"attention": "look"}, 1)]
    expected += [truth.query(node, evidence=seen).probabilities[level] for node, seen, level in asked]
    for seed in range(N_RUNS):
        rows = rows_of(truth, N_ROWS, seed)
        data = with_gaps(rows, seed) if gaps else Dataset.from_frames(rows)
        network = BayesianNetwork(SHOP, levels=SHOP_LEVELS, n_draws=120, tol=1e-2, random_state=seed).fit(data)
        ends = [network.effect("display", "purchase").interval()]
        for node, seen, level in asked:
            lower, upper = network.query(node, evidence=seen).interval()
            ends.append((lower[level], upper[level]))
        within += [low <= value <= high for (low, high), value in zip(ends, expected, strict=True)]
    for hits in within:
        low, high = exact_interval(int(hits), N_RUNS)
        assert low <= 0.95 <= high

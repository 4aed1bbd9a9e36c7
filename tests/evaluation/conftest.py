import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, Ranking


def _log(n_users=40, n_items=12, n_contexts=15, n_visits=600, seed=0, effect=0.2):
    """Visits to stores; purchases with an effect of their own for each item, and one of the treatment."""
    rng = np.random.default_rng(seed)
    users, items = [f"u{i:02d}" for i in range(n_users)], [f"i{i:02d}" for i in range(n_items)]
    pairs = np.unique(np.stack([rng.integers(0, n_users, n_visits), rng.integers(0, n_contexts, n_visits)]), axis=1)
    share = np.concatenate([[0.0, 1.0], rng.uniform(0.2, 0.7, n_items - 2)])  # never and always treated: no candidates
    treated = rng.random((n_contexts, n_items)) < share
    base = rng.uniform(0.05, 0.5, n_items) + 0.3 * share  # what is promoted more sells more anyway
    bought = rng.random((pairs.shape[1], n_items)) < base + effect * treated[pairs[1]]
    visit, item = np.nonzero(bought)
    cell = np.nonzero(treated)
    return Dataset.from_visits(
        visits=pa.table({"user": np.array(users)[pairs[0]], "store": pairs[1]}),
        purchases=pa.table(
            {"user": np.array(users)[pairs[0][visit]], "item": np.array(items)[item], "store": pairs[1][visit]}
        ),
        treatments=pa.table({"item": np.array(items)[cell[1]], "store": cell[0], "display": np.ones(len(cell[0]))}),
        items=pa.table({"item": items}),
        users=pa.table({"user": users}),
    )


def _ranking(data, score, k):
    """The k items of the highest score for every user."""
    users, items = data.tables["users"]["user"].to_numpy(), data.tables["items"]["item"].to_numpy()
    order = np.argsort(-score, axis=1, kind="stable")[:, :k]
    return Ranking(
        user=np.repeat(users, k),
        item=items[order.ravel()],
        rank=np.tile(np.arange(1, k + 1), len(users)),
        score=np.take_along_axis(score, order, 1).ravel(),
    )


@pytest.fixture
def make_log():
    return _log


@pytest.fixture
def make_ranking():
    return _ranking


@pytest.fixture
def log():
    return _log()


@pytest.fixture
def scores():
    return np.random.default_rng(5).random((40, 12))

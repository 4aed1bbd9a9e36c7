"""Simulated shops whose display effect is known."""

from dataclasses import dataclass

import numpy as np
import pytest

from causalrec.data import Dataset, Grid


@dataclass(frozen=True)
class World:
    """A log of visits and what was planted in it.

    `effect` is the display's effect on the probability of purchase: a number, or one for each user and item.
    """

    data: Dataset
    effect: float | np.ndarray
    kind: np.ndarray


def _additive_world(
    seed=0, *, n_users=60, n_items=40, n_stores=6, n_weeks=8, visiting=0.3, effect=0.08, mailer_effect=0.04, early=0.0,
    by_item=None,
) -> World:  # fmt: skip
    """Item-week demand and item-store availability move display and purchases; taste moves purchases alone.

    `early` lets demand shocks of the coming week move today's purchases within the store: a hidden cause that
    the design does not hold fixed. `by_item` gives each item an effect of its own.
    """
    rng = np.random.default_rng(seed)
    demand = rng.normal(size=(n_weeks, 1, n_items))
    availability = rng.normal(size=(1, n_stores, n_items))
    hidden = rng.normal(size=(n_weeks + 1, n_stores, n_items))
    taste = rng.normal(0, 0.04, (n_users, n_items))
    chain = rng.random((n_weeks, 1, n_items)) < 0.25 + 0.1 * (demand > 0.5)
    mailer = chain & (rng.random((n_weeks, n_stores, 1)) < 0.9)  # a store leaves out a week's mailer now and then
    push = 0.12 * demand + 0.12 * availability + (0.2 * hidden[:-1] if early else 0)
    display = rng.random((n_weeks, n_stores, n_items)) < np.clip(0.35 + push, 0.05, 0.95)
    effects = effect if by_item is None else by_item
    chance = 0.4 + 0.06 * demand + 0.06 * availability + mailer_effect * mailer + effects * display
    chance = chance + early * (hidden[1:] + hidden[:-1])
    user, week, store = np.nonzero(rng.random((n_users, n_weeks, n_stores)) < visiting)
    bought = rng.random((len(user), n_items)) < chance[week, store] + taste[user]
    kind = np.array([f"kind {k}" for k in np.arange(n_items) % 2])
    data = _dataset(user, week, store, bought, display, mailer, kind, (n_users, n_items))
    return World(data, effects if by_item is None else np.broadcast_to(by_item, (n_users, n_items)), kind)


def _lifted_world(
    seed=0, *, n_users=150, n_items=40, n_stores=6, n_weeks=16, visiting=0.3, log_lift=(0.3, 0.9), by_history=(0, 0)
) -> World:
    """A display multiplies a pair's own rate: by exp(log_lift) of the item's kind, and by_history for regulars."""
    rng = np.random.default_rng(seed)
    rate = np.clip(rng.gamma(1.0, 0.06, (n_users, n_items)), 0.002, 0.25)
    demand = np.exp(rng.normal(0, 0.15, (n_weeks // 4, 1, n_items)))
    level = np.repeat(demand, 4, axis=0) * np.exp(rng.normal(0, 0.15, (1, n_stores, n_items)))
    display = rng.random((n_weeks, n_stores, n_items)) < np.clip(0.15 + 0.2 * level, 0, 0.9)
    mailer = rng.random((n_weeks, n_stores, n_items)) < 0.2
    code = np.arange(n_items) % 2
    user, week, store = np.nonzero(rng.random((n_users, n_weeks, n_stores)) < visiting)
    bought = np.zeros((len(user), n_items), dtype=bool)
    count = np.zeros((n_users, n_items))
    for period in range(n_weeks // 4):
        rows = np.flatnonzero(week // 4 == period)
        lifted = np.asarray(log_lift)[code] + np.asarray(by_history)[(count >= 1).astype(int)]
        lifted = lifted[user[rows]] * display[week[rows], store[rows]]
        chance = rate[user[rows]] * level[week[rows], store[rows]] * np.exp(lifted)
        bought[rows] = rng.random(chance.shape) < chance
        np.add.at(count, user[rows], bought[rows])
    lifted = np.asarray(log_lift)[code] + np.asarray(by_history)[(count >= 1).astype(int)]
    kind = np.array([f"kind {k}" for k in code])
    data = _dataset(user, week, store, bought, display, mailer, kind, (n_users, n_items))
    return World(data, rate * level.mean(axis=(0, 1)) * (np.exp(lifted) - 1), kind)


def _dataset(user, week, store, bought, display, mailer, kind, shape) -> Dataset:
    import pyarrow as pa

    from causalrec.data.complete_journey import COLUMNS

    def ids(letter, n):
        return np.array([f"{letter}{k:03d}" for k in range(n)])

    users, items, stores = ids("u", shape[0]), ids("i", shape[1]), ids("s", display.shape[1])
    visit, item = np.nonzero(bought)
    at = np.nonzero(display | mailer)

    def context(rows_week, rows_store):
        return {"store": stores[rows_store], "week": rows_week.astype(np.int16)}

    return Dataset.from_visits(
        visits=pa.table(
            {"user": users[user], **context(week, store), "four_weeks": (week // 4).astype(np.int16)}
        ),
        purchases=pa.table({"user": users[user[visit]], "item": items[item], **context(week[visit], store[visit])}),
        treatments=pa.table({
            "item": items[at[2]], **context(at[0], at[1]),
            "display": display[at].astype(np.uint8), "mailer": mailer[at].astype(np.uint8),
        }),
        items=pa.table({"item": items, "department": kind}),
        users=pa.table({"user": users}),
        columns=COLUMNS,
    )  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """One row a unit: what a grid stands for."""

    user: np.ndarray
    context: np.ndarray
    item: np.ndarray
    outcome: np.ndarray


def _expand(units: Grid) -> Rows:
    n_items = units.n_items
    context, user = np.repeat(units.visit_context, n_items), np.repeat(units.visit_user, n_items)
    item = np.tile(np.arange(n_items), len(units.visit_user))
    key = (user * units.n_contexts + context) * n_items + item
    bought = (units.bought_user * units.n_contexts + units.bought_context) * n_items + units.bought_item
    return Rows(user, context, item, np.isin(key, bought).astype(float))


@pytest.fixture(scope="session")
def make_world():
    return _additive_world


@pytest.fixture(scope="session")
def make_lifted_world():
    return _lifted_world


@pytest.fixture(scope="session")
def world():
    return _additive_world()


@pytest.fixture(scope="session")
def lifted_world():
    return _lifted_world()


@pytest.fixture(scope="session")
def expand():
    return _expand

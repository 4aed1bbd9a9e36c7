"""Logs of visits in which last weeks' displays still work."""

import numpy as np
import pyarrow as pa

from causalrec.data import Dataset, absorbed
from causalrec.identification import Estimand

EFFECTS = (0.15, -0.05)
ESTIMAND = Estimand(("display",), "purchased", "adjustment", ("demand", "availability", "mailer"))
COLUMNS = {
    "purchased": "purchases",
    "display": "display",
    "mailer": "mailer",
    "demand": absorbed("week"),
    "availability": absorbed("store"),
}


def data(seed=0, n_users=50, n_weeks=10, n_stores=8, n_items=30, effects=EFFECTS, lead_bias=0.0):
    """Displays and mailers go on for two weeks at times, are likelier where demand is, and add to today's purchases.

    `lead_bias` lets an item that will be on display next week sell more today.
    """
    rng = np.random.default_rng(seed)
    demand, stock = rng.normal(size=(n_weeks, 1, n_items)), rng.normal(size=(1, n_stores, n_items))
    push = rng.normal(size=(n_weeks, n_stores, n_items))
    push[1:] += push[:-1]
    display = push + 0.5 * demand + 0.5 * stock > 1.2
    mailer = rng.random(display.shape) < 0.2
    mailer[1:] |= display[:-1] & (rng.random(display[1:].shape) < 0.3)
    chance = 0.3 + 0.05 * demand + 0.05 * stock + 0.1 * mailer
    for lag, effect in enumerate(effects):
        chance[lag:] += effect * display[: n_weeks - lag]
    chance[1:] -= 0.04 * mailer[:-1]
    chance[:-1] += lead_bias * display[1:]
    user, week, store = np.nonzero(rng.random((n_users, n_weeks, n_stores)) < 0.25)
    bought = rng.random((len(user), n_items)) < chance[week, store] + 0.05 * rng.normal(size=(n_users, 1))[user]
    return _dataset(user, week, store, bought, display, mailer, n_users)


def _dataset(user, week, store, bought, display, mailer, n_users):
    def ids(letter, n):
        return np.array([f"{letter}{k:03d}" for k in range(n)])

    users, items, stores = ids("u", n_users), ids("i", bought.shape[1]), ids("s", display.shape[1])
    visit, item = np.nonzero(bought)
    at = np.nonzero(display | mailer)
    return Dataset.from_visits(
        visits=pa.table({"user": users[user], "store": stores[store], "week": week}),
        purchases=pa.table(
            {"user": users[user[visit]], "item": items[item], "store": stores[store[visit]], "week": week[visit]}
        ),
        treatments=pa.table({
            "item": items[at[2]], "store": stores[at[1]], "week": at[0],
            "display": display[at].astype(float), "mailer": mailer[at].astype(float),
        }),
        items=pa.table({"item": items, "kind": np.array(["a", "b", "c", "d", "e"])[np.arange(len(items)) % 5]}),
        users=pa.table({"user": users}),
        columns=COLUMNS,
    )  # fmt: skip

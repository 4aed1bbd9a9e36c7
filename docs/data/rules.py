"""What happens to the Complete Journey's units and effect without each rule; prints the table of the page beside."""

from unittest.mock import patch

import numpy as np

from causalrec.data import Dataset, complete_journey, grid
from causalrec.estimation import Absorbed, grid_regression

Q = complete_journey.TABLES
RULES: dict[str, dict[str, object]] = {  # rule left out -> what it replaces in the module
    "(all rules)": {},
    "stores without promotion rows are left out": {
        "COVERED": "create temp table covered as select distinct store_id, week from transactions "
        "where week between $first and $last and $min_rows > 0"
    },
    "store-weeks need displays and mailers": {
        "COVERED": complete_journey.COVERED.replace(
            "and bool_or(display_location <> '0') and bool_or(mailer_location <> '0')", ""
        )
    },
    "code 'A' is a promotion": {"TABLES": Q | {"treatments": Q["treatments"].replace("<> '0'", "not in ('0', 'A')")}},
    "lines of quantity 0 are no purchases": {
        "BASKETS": complete_journey.BASKETS.replace("where quantity > 0", "where quantity >= 0")
    },
    "fuel, coupons and the like are no items": {"NO_ITEMS": ("none",)},
    "items are chosen on weeks up to 44": {
        "ITEMS": complete_journey.ITEMS.replace("where week <= $item_weeks", "where week <= 53 + $item_weeks")
    },
}


def load(changes: dict[str, object]) -> Dataset:
    """The data set with some of the module's rules replaced."""
    with patch.multiple(complete_journey, **{"TABLES": Q, **changes}):
        return complete_journey.complete_journey()


def main() -> None:
    """Print one row a rule."""
    items = set(load({}).tables["items"]["item"].to_pylist())
    print("| without the rule that | visits | units, millions | bought, per thousand | other items | display | error |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for rule, changes in RULES.items():
        data = load(changes)
        units = grid(data)
        absorbed = Absorbed(by_item=(units.levels["week"], units.levels["store"]))
        found = grid_regression(units, ("display", "mailer"), absorbed)
        others = len(items - set(data.tables["items"]["item"].to_pylist()))
        share = len(units.bought_item) / units.n_units
        row = [
            f"{len(units.visit_user):,}", f"{units.n_units / 1e6:.1f}", f"{1e3 * share:.2f}", str(others),
            f"{1e3 * found.coef[0]:.2f}", f"{1e3 * found.stderr[0]:.2f}",
        ]  # fmt: skip
        print(f"| {rule} | {' | '.join(row)} |")
    units = grid(load({}))
    week, store = units.levels["week"], units.levels["store"]
    for name, absorbed in {"item x week alone": (week,), "item x week + item x store": (week, store)}.items():
        found = grid_regression(units, ("display", "mailer"), Absorbed(by_item=absorbed))
        print(f"\nDisplay with {name} absorbed: {1e3 * found.coef[0]:.2f} ({1e3 * found.stderr[0]:.2f}) per thousand.")
    never = np.zeros((int(store.max()) + 1, units.n_items))
    np.add.at(never, (store[units.bought_context], units.bought_item), 1)
    sold = never[store] > 0
    print(f"Units whose item the store never sold: {1 - (units.visits() @ sold).sum() / units.n_units:.1%}.")


if __name__ == "__main__":
    main()

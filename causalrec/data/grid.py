"""A complete grid of visits times items, held by its margins and its sparse cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from causalrec.data.columns import AbsorbedColumn
from causalrec.data.dataset import Dataset
from causalrec.data.ids import codes_of, crossed, places_of, sorted_levels
from causalrec.errors import DataError, MissingColumnsError

__all__ = ["Grid", "absorbed_codes", "grid"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """All visits times all items, as integers.

    A *context* is a store in a week: all that the treatment can vary by, besides the item. Treated
    and bought cells are sparse; what is untreated and not bought follows from the margins.

    Attributes
    ----------
    users, items : str, shape (n_users,), (n_items,)
    levels : mapping of str to int64, shape (n_contexts,)
        Codes of each context column (store, week, four_weeks).
    visit_user, visit_context : int64, shape (n_visits,)
    bought_user, bought_context, bought_item : int64, shape (n_bought,)
    cell_item, cell_context : int64, shape (n_cells,)
    cell_values : mapping of str to float64, shape (n_cells,)
        Treatments of the cells that have a row.
    item_weeks : mapping of str to float64, shape (n_weeks, n_items)
        Covariates of an item in a week, such as its mean discount.
    """

    users: np.ndarray
    items: np.ndarray
    levels: dict[str, np.ndarray]
    visit_user: np.ndarray
    visit_context: np.ndarray
    bought_user: np.ndarray
    bought_context: np.ndarray
    bought_item: np.ndarray
    cell_item: np.ndarray
    cell_context: np.ndarray
    cell_values: dict[str, np.ndarray]
    item_weeks: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def n_contexts(self) -> int:
        """Number of contexts with a visit."""
        return len(next(iter(self.levels.values())))

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def n_units(self) -> int:
        """Number of units: visits times items."""
        return len(self.visit_user) * self.n_items

    def visits(self) -> np.ndarray:
        """Number of visits of each context; float64, shape (n_contexts,)."""
        return np.bincount(self.visit_context, minlength=self.n_contexts).astype(float)

    def purchases(self) -> np.ndarray:
        """Number of visits in which the item was bought; float64, shape (n_contexts, n_items)."""
        cell = self.bought_context * self.n_items + self.bought_item
        counts = np.bincount(cell, minlength=self.n_contexts * self.n_items)
        return counts.reshape(self.n_contexts, self.n_items).astype(float)

    def treatment(self, name: str) -> np.ndarray:
        """Value of a treatment or covariate in each cell; float64, shape (n_contexts, n_items).

        Raises
        ------
        MissingColumnsError : no table has it.
        """
        if name in self.item_weeks:
            return self.item_weeks[name][self.levels["week"]]
        if name not in self.cell_values:
            raise MissingColumnsError([name], "treatments", [*self.cell_values, *self.item_weeks])
        cells = np.zeros((self.n_contexts, self.n_items))
        cells[self.cell_context, self.cell_item] = self.cell_values[name]
        return cells

    def only(self, contexts: np.ndarray) -> Grid:
        """The grid of those contexts, a boolean mask of shape (n_contexts,)."""
        place = np.cumsum(contexts) - 1
        visit, bought, cell = (contexts[c] for c in (self.visit_context, self.bought_context, self.cell_context))
        return replace(
            self,
            levels={name: np.unique(codes[contexts], return_inverse=True)[1] for name, codes in self.levels.items()},
            visit_user=self.visit_user[visit],
            visit_context=place[self.visit_context[visit]],
            bought_user=self.bought_user[bought],
            bought_context=place[self.bought_context[bought]],
            bought_item=self.bought_item[bought],
            cell_item=self.cell_item[cell],
            cell_context=place[self.cell_context[cell]],
            cell_values={name: values[cell] for name, values in self.cell_values.items()},
            item_weeks={
                name: values[np.unique(self.levels["week"][contexts])] for name, values in self.item_weeks.items()
            },
        )

    def of_items(self, items: np.ndarray) -> Grid:
        """The grid of those items, a boolean mask of shape (n_items,)."""
        place = np.cumsum(items) - 1
        bought, cell = items[self.bought_item], items[self.cell_item]
        return replace(
            self,
            items=self.items[items],
            bought_user=self.bought_user[bought],
            bought_context=self.bought_context[bought],
            bought_item=place[self.bought_item[bought]],
            cell_item=place[self.cell_item[cell]],
            cell_context=self.cell_context[cell],
            cell_values={name: values[cell] for name, values in self.cell_values.items()},
            item_weeks={name: values[:, items] for name, values in self.item_weeks.items()},
        )


def grid(data: Dataset) -> Grid:
    """The units of a log of visits.

    Raises
    ------
    DataError : a flat table; no visit or no context; a purchase without its item or visit, or a treatment
        without its item; two rows of one purchase or treatment; missing values in the visits.
    """
    if not data.is_grid:
        raise DataError(f"{data.name!r} is a flat table; a grid needs the tables visits, treatments and items.")
    tables, names = data.tables, data.context
    if not tables["visits"].num_rows or not names:
        missing = "has no visit" if names else "shares no context column between visits and treatments"
        raise DataError(f"{data.name!r} {missing}, so it has no unit.")
    users, items = tables["users"]["user"], tables["items"]["item"]
    values = {name: sorted_levels(tables["visits"][name], name) for name in names}
    visit_parts = [codes_of(tables["visits"][name], values[name], name) for name in names]
    visit_context, first = crossed(*visit_parts)
    keys = _keys([part[first] for part in visit_parts], values, names)
    bought_context, bought_known = _contexts_of(data, "purchases", values, keys)
    if not bought_known.all():
        raise DataError(f"{int((~bought_known).sum())} purchases lie in no visit's {' and '.join(names)}.")
    cell_context, cell_known = _contexts_of(data, "treatments", values, keys)
    treatments = tables["treatments"].filter(_mask(cell_known))
    treatment_names = [n for n in treatments.column_names if n not in ("item", *names)]
    n_items, n_contexts = len(items), len(first)
    visit_user = codes_of(tables["visits"]["user"], users, "users")
    bought_user = codes_of(tables["purchases"]["user"], users, "users")
    bought_item = codes_of(tables["purchases"]["item"], items, "items")
    cell_item, cell_context = codes_of(treatments["item"], items, "items"), cell_context[cell_known]
    bought_visit = bought_user * n_contexts + bought_context
    strange = ~np.isin(bought_visit, visit_user * n_contexts + visit_context)
    if strange.any():
        raise DataError(f"{int(strange.sum())} purchases lie in no visit of their user.")
    _refuse_repeated(bought_visit * n_items + bought_item, "purchases", ("user", "item", *names))
    _refuse_repeated(cell_context * n_items + cell_item, "treatments", ("item", *names))
    return Grid(
        users=users.to_numpy(),
        items=items.to_numpy(),
        levels=_context_levels(data, first),
        visit_user=visit_user,
        visit_context=visit_context,
        bought_user=bought_user,
        bought_context=bought_context,
        bought_item=bought_item,
        cell_item=cell_item,
        cell_context=cell_context,
        cell_values={name: treatments[name].to_numpy().astype(float) for name in treatment_names},
        item_weeks=_item_weeks(data, values.get("week")),
    )


def _refuse_repeated(keys: np.ndarray, table: str, names: tuple[str, ...]) -> None:
    """One row for each unit or cell: of two that differ, the order of the rows would decide."""
    ordered = np.sort(keys)
    repeated = int(np.count_nonzero(ordered[1:] == ordered[:-1]))
    if repeated:
        raise DataError(
            f"{repeated:,} rows of {table!r} repeat the {', '.join(names)} of another; keep one row of each."
        )


def absorbed_codes(cells: Grid, columns: Sequence[AbsorbedColumn]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Codes of the effects for each item and of the common ones, each of shape (n_contexts,).

    Raises
    ------
    MissingColumnsError : a context column that the visits lack.
    """
    by_item = [name for column in columns for name in column.by_item]
    common = [name for column in columns for name in column.common]
    missing = [name for name in (*by_item, *common) if name not in cells.levels]
    if missing:
        raise MissingColumnsError(missing, "visits", cells.levels)
    return [cells.levels[name] for name in by_item], [cells.levels[name] for name in common]


def _keys(parts: list[np.ndarray], values: dict, names: tuple[str, ...]) -> np.ndarray:
    """Sorted joint codes of the contexts, by mixed radix; `crossed` numbers contexts in this order."""
    joint = np.zeros(len(parts[0]), dtype=np.int64)
    for part, name in zip(parts, names, strict=True):
        joint = joint * len(values[name]) + part
    return joint


def _contexts_of(data: Dataset, table: str, values: dict, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Context of each row of a table, and whether any visit has that context."""
    rows = data.tables[table]
    parts = [places_of(rows[n], values[n], n) for n in values]
    joint = _keys(parts, values, tuple(values))
    place = np.minimum(np.searchsorted(keys, joint), len(keys) - 1)
    known = (keys[place] == joint) & np.all([part >= 0 for part in parts], axis=0)
    return place, known


def _context_levels(data: Dataset, first: np.ndarray) -> dict[str, np.ndarray]:
    """Codes of every column of the visits that tells contexts apart or groups them."""
    import pyarrow as pa

    visits = data.tables["visits"]
    names = [name for name in visits.column_names if name not in ("user", "days")]
    picked = visits.select(names).take(pa.array(first))
    return {name: codes_of(picked[name], sorted_levels(picked[name], name), name) for name in names}


def _item_weeks(data: Dataset, weeks) -> dict[str, np.ndarray]:
    """Covariates of the table `item_weeks`; a missing one is the item's mean, or 0 without any."""
    if "item_weeks" not in data.tables or weeks is None:
        return {}
    import pyarrow.compute as pc

    table = data.tables["item_weeks"]
    table = table.filter(pc.is_in(table["week"], value_set=weeks))
    week, item = codes_of(table["week"], weeks, "weeks"), codes_of(table["item"], data.tables["items"]["item"], "items")
    found = {}
    for name in (n for n in table.column_names if n not in ("item", "week")):
        cells = np.full((len(weeks), data.tables["items"].num_rows), np.nan)
        cells[week, item] = table[name].to_numpy()
        count = np.isfinite(cells).sum(0)
        mean = np.where(np.isfinite(cells), cells, 0).sum(0) / np.maximum(count, 1)
        found[name] = np.where(np.isfinite(cells), cells, mean)
    return found


def _mask(values: np.ndarray):
    import pyarrow as pa

    return pa.array(values)

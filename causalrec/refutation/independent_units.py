"""What an effect's rows are drawn by: clusters, groups that share the treatment, or single rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalrec.data import Design
from causalrec.data.ids import places_of, sorted_levels
from causalrec.data.shared_treatment import shared_treatment
from causalrec.estimation.row_order import row_order
from causalrec.refutation.attacked import Attacked

__all__ = ["Units", "column_codes", "known_codes", "ordered", "units_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Units that are drawn whole.

    Attributes
    ----------
    codes : int64, shape (n,)
        Unit of each row, 0 to n_units - 1.
    name : str
        Column that tells them apart; "rows" where each row is one.
    declared : bool
        Whether the reported error allows for them.
    """

    codes: np.ndarray
    name: str
    declared: bool

    @property
    def n(self) -> int:
        """How many there are."""
        return int(self.codes.max(initial=-1)) + 1

    @property
    def free(self) -> float:
        """Units whose sums decide how far the error is off; infinite where the error follows from those sums.

        The more rows a unit has, the less of its sum's square is in the rows' own squares, which decide the error.
        """
        shared = 1 - self.n / len(self.codes)
        return float("inf") if self.declared or shared <= 0 else self.n / shared

    def spent(self, n_parameters: int) -> float:
        """What takes a variance over the units' sums back to 1 after some parameters of theirs; 1 for declared ones."""
        return 1.0 if self.declared or self.n <= n_parameters else self.n / (self.n - n_parameters)


def ordered(design: Design) -> tuple[Design, np.ndarray]:
    """The rows in an order that follows what they hold, and their places; draws go by position."""
    order = row_order(design)
    return design.rows(order), order


def units_of(attacked: Attacked, design: Design, order: np.ndarray, *, look: bool = True) -> Units:
    """The clusters of the design; else, where one looks, groups that share the treatment; else the rows.

    Parameters
    ----------
    attacked : Attacked
    design : Design
        Rows of `attacked.design` in the order `order`.
    order : int64, shape (n,)
    look : bool
        Whether to look for groups that no cluster covers.
    """
    column = _shared_column(attacked) if look else ""
    if column:
        return Units(_dense(column_codes(attacked, column)[order]), column, False)
    if design.clusters:
        name = min(design.n_clusters, key=design.n_clusters.__getitem__)
        return Units(_dense(design.clusters[name]), name, True)
    return Units(np.arange(design.n), "rows", True)


def column_codes(attacked: Attacked, column: str) -> np.ndarray:
    """Codes of a column of the interactions, one for each row of the design; a missing value is a unit of its own."""
    codes = known_codes(attacked, column)
    missing = codes < 0
    codes[missing] = codes.max(initial=-1) + 1 + np.arange(int(missing.sum()))
    return codes


def known_codes(attacked: Attacked, column: str) -> np.ndarray:
    """The same in the order of the values, with -1 for a missing one."""
    values = attacked.data.tables["interactions"][column]
    if attacked.design.order is not None:
        values = values.take(attacked.design.order)
    return places_of(values, sorted_levels(values.drop_null(), column), column)


def _shared_column(attacked: Attacked) -> str:
    estimand, recipe = attacked.estimand, attacked.recipe
    for node in estimand.instruments or estimand.treatment:
        found = shared_treatment(estimand, attacked.data, node, recipe.clusters, recipe.weights)
        if found is not None:
            return found.column
    return ""


def _dense(codes: np.ndarray) -> np.ndarray:
    return np.unique(codes, return_inverse=True)[1]
